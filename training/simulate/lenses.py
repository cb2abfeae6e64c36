"""
Where the pixels of a camera look: rays through the runtime's own undistortion.

Laws: the runtime projects the ray of a pixel back onto it; a camera without distortion has no map
of rays, its kernels compute them; each pixel must look ahead, into less than a half sphere.

"""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.cameras import pixel_grid
from eventdepth_core.geometry.distortion import is_pinhole, undistort_normalised
from eventdepth_core.types import Camera, Float64
import numpy as np
from numpy.typing import NDArray

_NO_RAYS = np.empty((0, 0, 2))


class Lens(NamedTuple):
    """
    The intrinsics of a camera, pixels, and where its pixels look.

    `rays` float64 (H, W, 2) are X / Z and Y / Z of each pixel centre, (0, 0, 2) for a pinhole.

    """

    fx: float
    fy: float
    cx: float
    cy: float
    rays: Float64


def lens_of(camera: Camera) -> Lens:
    """
    Return what the kernels know of a camera.

    Raises
    ------
    InputError
        For a distortion that some pixels have no ray for.

    """
    rays = _NO_RAYS if is_pinhole(camera) else ray_map(camera)
    return Lens(camera.fx, camera.fy, camera.cx, camera.cy, rays)


@lru_cache(maxsize=16)
def ray_map(camera: Camera) -> Float64:
    """Return X / Z and Y / Z of each pixel centre, float64 (H, W, 2), read-only."""
    pixels = pixel_grid(camera).astype(np.float64)
    distorted = (pixels - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    rays = undistort_normalised(distorted, camera)
    num_blind = int((~np.isfinite(rays).all(axis=1)).sum())
    if num_blind > 0:
        raise InputError(
            f'Expected a camera whose pixels all look ahead, got {num_blind} of {len(rays)} '
            f'without a ray: {camera.distortion_model} {camera.distortion} '
            f'at {camera.fx:.1f} px.'
        )
    rays = np.ascontiguousarray(rays.reshape(*camera.size, 2))
    rays.flags.writeable = False
    return rays


@lru_cache(maxsize=16)
def _ray_slopes(camera: Camera) -> tuple[Float64, Float64]:
    """Return how rays change from column to column and from row to row, float64 (H, W, 2) each."""
    rays = ray_map(camera)
    flat = np.zeros_like(rays)
    return (
        np.gradient(rays, axis=1) if camera.width > 1 else flat,
        np.gradient(rays, axis=0) if camera.height > 1 else flat,
    )


def rays_in_pixels(camera: Camera, pixel: NDArray[np.int64], offsets: Float64) -> Float64:
    """
    Return X / Z and Y / Z through M places of pixels (N,), float64 (N, M, 2).

    `offsets` (M, 2) from the centre, at most half a pixel; rays are linear inside a pixel.

    """
    across, down = (slope.reshape(-1, 2)[pixel][:, None] for slope in _ray_slopes(camera))
    centre = ray_map(camera).reshape(-1, 2)[pixel][:, None]
    rays: Float64 = centre + offsets[:, :1] * across + offsets[:, 1:] * down
    return rays


def coarse_camera(camera: Camera, scale: int) -> Camera:
    """Return a camera with the same view and `scale` times fewer rows and columns."""
    return replace(
        camera,
        width=max(camera.width // scale, 1),
        height=max(camera.height // scale, 1),
        fx=camera.fx / scale,
        fy=camera.fy / scale,
        cx=(camera.cx + 0.5) / scale - 0.5,
        cy=(camera.cy + 0.5) / scale - 0.5,
    )


@lru_cache(maxsize=16)
def tile_boxes(camera: Camera, tile_px: int) -> Float64:
    """
    Return which part of the ideal picture each tile sees, float64 (tiles, 4).

    Left, top, right, bottom in pixels of the camera without its distortion, one pixel wider than
    the tile's pixel centres on each side.

    """
    rows, columns = -(-camera.height // tile_px), -(-camera.width // tile_px)
    left, top = np.meshgrid(np.arange(columns) * tile_px, np.arange(rows) * tile_px)
    if is_pinhole(camera):
        start = np.stack([left.ravel(), top.ravel()], axis=1)
        return np.concatenate([start - 1, start + tile_px], axis=1).astype(np.float64)
    ideal = ray_map(camera) * (camera.fx, camera.fy) + (camera.cx, camera.cy)
    step = np.max([np.abs(np.diff(ideal, axis=axis)).max() for axis in (0, 1)], initial=1.0)
    boxes = np.empty((rows * columns, 4))
    for tile, (x, y) in enumerate(zip(left.ravel(), top.ravel(), strict=True)):
        seen = ideal[y : y + tile_px, x : x + tile_px].reshape(-1, 2)
        boxes[tile] = *(seen.min(axis=0) - step), *(seen.max(axis=0) + step)
    return boxes
