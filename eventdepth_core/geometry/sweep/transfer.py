"""
Points of keyframes as the reference camera sees them at another time.

With rho the third component of the turned ray (x, y, 1) and t the shift, q' = q / (rho + q t_z),
so sigma' = sigma rho / (rho + q t_z)^2; a pose that is uncertain along the axis adds q'^2 sigma_m.

Laws: without motion a point stays in its pixel with its inverse depth and sigma; where points
meet in a pixel, those of two keyframes that agree within three sigmas are joined by precision; of
others the nearer hides the farther. Neighbours of one keyframe share events: the surer one stays.

"""

from eventdepth_core.compilation import kernel
from eventdepth_core.geometry.rigid_motion import inverse_transforms
from eventdepth_core.geometry.sweep.points import SweptPoints
from eventdepth_core.types import Camera, Float32, Float64
import numpy as np
from numpy.typing import NDArray

_AGREE_SIGMAS = 3.0
_LEAST_RHO = 1e-3


def transferred(
    points: list[SweptPoints],
    world_from_camera: Float64,
    camera: Camera,
    *,
    pose_sigma_m: float = 0.0,
) -> tuple[Float32, Float32]:
    """
    Return inverse depth and sigma maps (H, W) float32 in 1/m, NaN = none.

    Parameters
    ----------
    points : list of SweptPoints
        Of one world.
    world_from_camera : float64 (4, 4)
        Where the reference camera is.
    camera : Camera
        The rectified reference camera.
    pose_sigma_m : float
        Standard deviation of the camera's place on each axis.

    """
    parts = [_seen(each, world_from_camera, camera) for each in points if len(each) > 0]
    inverse_depth = np.full(camera.size, np.nan, np.float32)
    sigma = np.full(camera.size, np.nan, np.float32)
    if not parts:
        return inverse_depth, sigma
    cells = np.concatenate([each[0] for each in parts])
    values = np.concatenate([each[1] for each in parts])  # (n, 2)
    sources = np.repeat(np.arange(len(parts)), [len(each[0]) for each in parts])
    order = np.lexsort((-values[:, 0], cells))
    join(
        cells[order],
        sources[order],
        values[order],
        inverse_depth.reshape(-1),
        sigma.reshape(-1),
    )
    along = np.square(inverse_depth) * np.float32(pose_sigma_m)
    return inverse_depth, np.sqrt(np.square(sigma) + np.square(along))


def _seen(
    points: SweptPoints, world_from_camera: Float64, camera: Camera
) -> tuple[NDArray[np.int64], Float64]:
    """Return pixel index (n,), inverse depth and sigma (n, 2) of the points inside the image."""
    motion = inverse_transforms(world_from_camera) @ points.world_from_key
    turned = np.c_[points.rays, np.ones(len(points))] @ motion[:3, :3].T
    q = points.inverse_depth
    moved = turned + q[:, None] * motion[:3, 3]  # the point over its depth in the keyframe
    ahead = moved[:, 2] > _LEAST_RHO
    z = np.where(ahead, moved[:, 2], 1.0)
    column = np.rint(camera.fx * moved[:, 0] / z + camera.cx)
    row = np.rint(camera.fy * moved[:, 1] / z + camera.cy)
    inside = ahead & (column >= 0) & (column < camera.width) & (row >= 0) & (row < camera.height)
    cells = (row[inside] * camera.width + column[inside]).astype(np.int64)
    sigma = points.sigma * np.abs(turned[:, 2]) / z**2
    return cells, np.stack([q[inside] / z[inside], sigma[inside]], axis=1)


@kernel
def join(
    cells: NDArray[np.int64],
    sources: NDArray[np.int64],
    values: Float64,
    inverse_depth: Float32,
    sigma: Float32,
) -> None:
    """Write points sorted by cell, the nearest first, into the maps (H * W,)."""
    i = 0
    while i < cells.size:
        cell, source = cells[i], sources[i]
        q, s = values[i, 0], values[i, 1]
        i += 1
        while i < cells.size and cells[i] == cell:
            other_q, other_s, other_source = values[i, 0], values[i, 1], sources[i]
            i += 1
            if q - other_q > _AGREE_SIGMAS * np.sqrt(s * s + other_s * other_s):
                continue
            if other_source == source:
                if other_s < s:
                    q, s = other_q, other_s
                continue
            weight, other = 1.0 / (s * s), 1.0 / (other_s * other_s)
            q = (weight * q + other * other_q) / (weight + other)
            s = np.sqrt(1.0 / (weight + other))
        inverse_depth[cell] = q
        sigma[cell] = s
