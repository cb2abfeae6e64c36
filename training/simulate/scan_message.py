"""
A LiDAR scan as PointCloud2 with the time of each point.

Stamped at its start as by the drivers of Ouster: `t`, uint32 ns since the header's stamp. Stamped
at its end as by the driver of Velodyne: `time`, float32 seconds, negative. Then `ring`, uint16.

"""

from eventdepth_core.recordings.messages import Header, PointField, RawPointCloud
import numpy as np
from training.simulate.lidar_scan import LidarScan

_UINT16, _UINT32, _FLOAT32 = 4, 6, 7


def raw_scan(scan: LidarScan, header: Header) -> RawPointCloud:
    """Return the message of a scan; the header's stamp is that of the scan."""
    is_stamped_at_start = scan.stamp_us == scan.start_us
    time_field = ('t', '<u4') if is_stamped_at_start else ('time', '<f4')
    point = np.dtype(
        [('x', '<f4'), ('y', '<f4'), ('z', '<f4'), time_field, ('ring', '<u2'), ('unused', '<u2')]
    )
    points = np.zeros(len(scan.t_us), dtype=point)
    for i, name in enumerate('xyz'):
        points[name] = scan.points_m[:, i]
    if is_stamped_at_start:
        points['t'] = 1000 * scan.t_us
    else:
        points['time'] = 1e-6 * (scan.start_us + scan.t_us - scan.stamp_us)
    points['ring'] = scan.ring
    return RawPointCloud(
        header=header,
        height=1,
        width=len(points),
        fields=(
            *(PointField(name, 4 * i, _FLOAT32) for i, name in enumerate('xyz')),
            PointField(time_field[0], 12, _UINT32 if is_stamped_at_start else _FLOAT32),
            PointField('ring', 16, _UINT16),
        ),
        point_step=point.itemsize,
        row_step=point.itemsize * len(points),
        points=points.tobytes(),
    )
