"""
Rays of a camera, and their light over the area of pixels.

Laws: a pixel whose neighbours show the same face keeps the light of its centre; at the border of
faces it is the mean of four rays on a rotated grid, so that an edge along rows or columns passes a
pixel in four steps, not two. Borders of less than 3 % contrast give no events and are left.

"""

from eventdepth_core.geometry.distortion import is_pinhole
from eventdepth_core.types import Camera, Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.lenses import rays_in_pixels
from training.simulate.stage import Stage
from training.simulate.tiles import TILE_PX
from training.simulate.trace_kernels import (
    edge_pixels,
    empty_seen,
    LUMA,
    RANGE,
    Rays,
    Seen,
    trace_rays,
)

EDGE_PLACES = np.array([[-3, 1], [-1, -3], [1, 3], [3, -1]]) / 8.0
EVENT_CONTRAST = 0.03


class PixelTracer:
    """Traces pictures of one camera; what it returns is overwritten by the next picture."""

    def __init__(self, stage: Stage, camera: Camera) -> None:
        self._stage = stage
        self._camera = camera
        count = camera.width * camera.height
        self._centres = self._rays(np.arange(count), np.zeros((1, 2)))
        self._seen = empty_seen(count)
        self._found = np.empty(count, dtype=np.int64)

    def _rays(self, pixel: NDArray[np.int64], offsets: Float64) -> Rays:
        y, x = np.divmod(pixel, self._camera.width)
        tile = (y // TILE_PX) * self._stage.tiles.columns + x // TILE_PX
        direction = pixel_rays(self._camera, pixel, offsets).reshape(-1, 3)
        return Rays(direction, np.repeat(tile, len(offsets)), np.zeros(len(direction), np.int64))

    def trace(self, k: int, detail: int, *, covers_area: bool) -> Seen:
        """Return what the pixels see from pose k; their light over their area, if asked for."""
        seen, angle = self._seen, 1.0 / self._camera.fx
        self._centres.pose[:] = k
        trace_rays(self._stage, self._centres, angle, detail, seen)
        if covers_area:
            contrast = EVENT_CONTRAST if detail == LUMA else 0.0
            pixel = self._found[: edge_pixels(seen, self._camera.size, contrast, self._found)]
            more = empty_seen(len(EDGE_PLACES) * len(pixel))
            rays = self._rays(pixel, EDGE_PLACES)
            rays.pose[:] = k
            trace_rays(self._stage, rays, angle, detail, more)
            seen.light[pixel] = more.light.reshape(-1, len(EDGE_PLACES), 3).mean(axis=1)
        return seen


def pixel_rays(camera: Camera, pixel: NDArray[np.int64], offsets: Float64) -> Float64:
    """Return the rays (N, M, 3) through M places of pixels (N,), `offsets` from their centres."""
    y, x = np.divmod(pixel, camera.width)
    direction = np.ones((len(pixel), len(offsets), 3))
    if not is_pinhole(camera):
        direction[..., :2] = rays_in_pixels(camera, pixel, offsets)
        return direction
    direction[..., 0] = (x[:, None] + offsets[:, 0] - camera.cx) / camera.fx
    direction[..., 1] = (y[:, None] + offsets[:, 1] - camera.cy) / camera.fy
    return direction


def cast_directions(stage: Stage, k: int, directions: Float64, range_m: Float64) -> None:
    """Fill the distance along each unit direction (N, 3), FAR_M where nothing is hit."""
    count = len(directions)
    rays = Rays(directions, np.zeros(count, np.int64), np.full(count, k, np.int64))
    seen = empty_seen(count)
    trace_rays(stage, rays, 0.0, RANGE, seen)
    range_m[:] = seen.t
