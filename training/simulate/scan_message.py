"""
A LiDAR scan as PointCloud2 with the time of each point: fields x, y, z, t, ring.

As the drivers of Ouster write them: `t` is uint32 ns since the header's stamp, the scan's start.

"""

from eventdepth_core.recordings.messages import Header, PointField, RawPointCloud
import numpy as np
from training.simulate.lidar_scan import LidarScan

_UINT16, _UINT32, _FLOAT32 = 4, 6, 7
_POINT = np.dtype(
    [('x', '<f4'), ('y', '<f4'), ('z', '<f4'), ('t', '<u4'), ('ring', '<u2'), ('unused', '<u2')]
)
_FIELDS = (
    PointField('x', 0, _FLOAT32),
    PointField('y', 4, _FLOAT32),
    PointField('z', 8, _FLOAT32),
    PointField('t', 12, _UINT32),
    PointField('ring', 16, _UINT16),
)


def raw_scan(scan: LidarScan, header: Header) -> RawPointCloud:
    """Return the message of a scan whose start is the header's stamp."""
    points = np.zeros(len(scan.t_us), dtype=_POINT)
    for i, name in enumerate('xyz'):
        points[name] = scan.points_m[:, i]
    points['t'], points['ring'] = 1000 * scan.t_us, scan.ring
    return RawPointCloud(
        header=header,
        height=1,
        width=len(points),
        fields=_FIELDS,
        point_step=_POINT.itemsize,
        row_step=_POINT.itemsize * len(points),
        points=points.tobytes(),
    )
