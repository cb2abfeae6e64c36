"""
PointCloud2 to (N, 3) float32 metres and back.

Laws: any offsets, point and row steps and both byte orders read alike; points with a
non-finite coordinate are left out; no points is (0, 3).

"""

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.messages import Header, PointField, RawPointCloud
from eventdepth_core.types import Float32
import numpy as np

_ELEMENTS = {1: 'i1', 2: 'u1', 3: 'i2', 4: 'u2', 5: 'i4', 6: 'u4', 7: 'f4', 8: 'f8'}
_FLOAT32 = 7


def points_from_raw(cloud: RawPointCloud) -> Float32:
    """
    Return the finite points, float32 (N, 3) metres, in the cloud's order.

    Raises
    ------
    DecodeError
        Without fields x, y, z of a known type inside the point, or with fewer bytes than the
        steps ask for.

    """
    order = '>' if cloud.is_bigendian else '<'
    fields = {field.name: field for field in cloud.fields}
    formats = [f'{order}{_element(fields, name, cloud)}' for name in 'xyz']
    if cloud.width == 0 or cloud.height == 0:
        return np.empty((0, 3), np.float32)
    _check_size(cloud)
    point = np.dtype(
        {
            'names': ['x', 'y', 'z'],
            'formats': formats,
            'offsets': [fields[name].offset for name in 'xyz'],
            'itemsize': cloud.point_step,
        }
    )
    grid = np.ndarray(
        (cloud.height, cloud.width),
        point,
        buffer=cloud.points,
        strides=(cloud.row_step, cloud.point_step),
    )
    points_m = np.empty((cloud.height * cloud.width, 3), np.float32)
    for i, name in enumerate('xyz'):
        points_m[:, i] = grid[name].reshape(-1)
    return points_m[np.isfinite(points_m).all(axis=1)]


def raw_points(points_m: Float32, header: Header | None = None) -> RawPointCloud:
    """
    Return the message of points (N, 3), or organised points (H, W, 3), in metres.

    A cloud with NaN (no point at that pixel) is marked as not dense.

    """
    points = np.ascontiguousarray(points_m, '<f4')
    if points.ndim not in (2, 3) or points.shape[-1] != 3:
        raise DecodeError(f'Expected points of shape (N, 3) or (H, W, 3), got {points.shape}.')
    height, width = (1, len(points)) if points.ndim == 2 else points.shape[:2]
    return RawPointCloud(
        header=header or Header(),
        height=height,
        width=width,
        fields=tuple(PointField(name, 4 * i, _FLOAT32) for i, name in enumerate('xyz')),
        point_step=12,
        row_step=12 * width,
        points=points.tobytes(),
        is_dense=bool(np.isfinite(points).all()),
    )


def _element(fields: dict[str, PointField], name: str, cloud: RawPointCloud) -> str:
    """Return the element type of a coordinate, checked to lie inside the point."""
    field = fields.get(name)
    element = None if field is None else _ELEMENTS.get(field.datatype)
    if field is None or element is None:
        raise DecodeError(
            f'Expected fields x, y, z with a datatype of 1 to 8, got '
            f'{[(each.name, each.datatype) for each in cloud.fields]}.'
        )
    if field.offset + int(element[1]) > cloud.point_step:
        raise DecodeError(
            f'Expected field {name} inside a point of {cloud.point_step} bytes, '
            f'got offset {field.offset}.'
        )
    return element


def _check_size(cloud: RawPointCloud) -> None:
    """Raise unless the bytes hold all rows."""
    row_bytes = cloud.width * cloud.point_step
    needed = (cloud.height - 1) * cloud.row_step + row_bytes
    if (cloud.height > 1 and cloud.row_step < row_bytes) or len(cloud.points) < needed:
        raise DecodeError(
            f'Expected {needed} bytes in rows of at least {row_bytes}, '
            f'got {len(cloud.points)} bytes in rows of {cloud.row_step}.'
        )
