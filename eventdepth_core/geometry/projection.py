"""
LiDAR points into a camera, and depth maps back into points.

u = fx X / Z + cx, v = fy Y / Z + cy, rounded to the nearest pixel; depth is Z.

Laws: the nearest point of a pixel wins; points behind the camera, outside the image or not finite
take no part; no points give NaN everywhere; `organised_points` put back through `project_points`
give the same depth.

"""

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.cameras import checked_pinhole
from eventdepth_core.geometry.occlusion import without_occluded
from eventdepth_core.types import Camera, Float32, Float64, real_array, rigid_transform
from numba import njit
import numpy as np
from numpy.typing import ArrayLike


def transform_points(a_from_b: ArrayLike, points_m: ArrayLike) -> Float64:
    """
    Map points of b into a.

    Parameters
    ----------
    a_from_b : (4, 4)
        Rigid transform, metres.
    points_m : (N, 3)
        Metres in b.

    Returns
    -------
    float64 (N, 3)
        Metres in a; NaN for a point that is not finite.

    Raises
    ------
    InputError
        For points of another shape or of anything but real numbers, or a transform that is not
        rigid.

    """
    transform = rigid_transform(a_from_b, name='a_from_b')
    points = _checked_points(points_m)
    is_finite = np.asarray(np.isfinite(points).all(axis=1))
    if not is_finite.all():
        points = np.where(is_finite[:, None], points, np.nan)
    moved: Float64 = points @ transform[:3, :3].T + transform[:3, 3]
    return moved


def project_points(points_m: ArrayLike, camera: Camera, *, occlusion: bool = True) -> Float32:
    """
    Project points into a camera without distortion as sparse depth.

    Parameters
    ----------
    points_m : (N, 3)
        Metres in the camera's frame: x right, y down, z ahead.
    camera : Camera
        Without distortion: a rectified camera.
    occlusion : bool
        Whether to remove points that are seen through a nearer surface.

    Returns
    -------
    float32 (H, W)
        Metres along the optical axis, NaN = no point.

    Raises
    ------
    InputError
        For points of another shape or of anything but real numbers, or a distorted camera.

    """
    checked_pinhole(camera, 'the camera of projected points')
    depth_m = np.full(camera.size, np.inf, np.float32)
    intrinsics = np.array([camera.fx, camera.fy, camera.cx, camera.cy])
    _splat_nearest(_checked_points(points_m), intrinsics, depth_m)
    depth_m[np.isinf(depth_m)] = np.nan
    return without_occluded(depth_m, camera) if occlusion else depth_m


def organised_points(depth_m: Float32, camera: Camera) -> Float32:
    """
    Return the point of every pixel.

    Parameters
    ----------
    depth_m : float32 (H, W)
        Metres along the optical axis, NaN = none.
    camera : Camera
        Without distortion, of the same size.

    Returns
    -------
    float32 (H, W, 3)
        x right, y down, z ahead in metres, NaN where depth is.

    """
    checked_pinhole(camera, 'the camera of organised points')
    if depth_m.shape != camera.size:
        raise InputError(f'Expected depth_m of the size {camera.size}, got {depth_m.shape}.')
    x = (np.arange(camera.width) - camera.cx) / camera.fx
    y = (np.arange(camera.height) - camera.cy) / camera.fy
    points = np.empty((*depth_m.shape, 3), np.float32)
    points[..., 0] = depth_m * x
    points[..., 1] = depth_m * y[:, None]
    points[..., 2] = depth_m
    return points


@njit(nogil=True, cache=True)
def _splat_nearest(points_m: Float64, intrinsics: Float64, depth_m: Float32) -> None:
    """Lower `depth_m` (H, W), infinite at first, to the nearest point of each pixel."""
    height, width = depth_m.shape
    fx, fy, cx, cy = intrinsics
    for i in range(points_m.shape[0]):
        z = points_m[i, 2]
        if not 0.0 < z < np.inf:
            continue
        u = np.floor(points_m[i, 0] / z * fx + cx + 0.5)
        v = np.floor(points_m[i, 1] / z * fy + cy + 0.5)
        # The comparison also drops NaN.
        if 0 <= u < width and 0 <= v < height and z < depth_m[int(v), int(u)]:
            depth_m[int(v), int(u)] = z


def _checked_points(points_m: ArrayLike) -> Float64:
    points = real_array(points_m, name='points_m')
    if points.ndim != 2 or points.shape[1] != 3:
        raise InputError(f'Expected points_m of shape (N, 3), got {points.shape}.')
    return points
