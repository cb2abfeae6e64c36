"""
Rays of a camera, and their light over the area of pixels.

Laws: a pixel whose neighbours show the same face keeps the light of its centre; at the border of
faces it is the mean of four rays on a rotated grid, so that an edge along rows or columns passes a
pixel in four steps, not two. Borders of less than 3 % contrast give no events and are left.

"""

from eventdepth_core.types import Camera, Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.stage import Stage
from training.simulate.tiles import TILE_PX
from training.simulate.trace_kernels import (
    edge_pixels,
    empty_seen,
    LUMA,
    RANGE_ONLY,
    Rays,
    Seen,
    trace_rays,
)

_AROUND = np.array([[-3, 1], [-1, -3], [1, 3], [3, -1]]) / 8.0
_EVENT_CONTRAST = 0.03


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
        camera = self._camera
        y, x = np.divmod(pixel, camera.width)
        direction = np.ones((len(pixel), len(offsets), 3))
        direction[..., 0] = (x[:, None] + offsets[:, 0] - camera.cx) / camera.fx
        direction[..., 1] = (y[:, None] + offsets[:, 1] - camera.cy) / camera.fy
        tile = (y // TILE_PX) * self._stage.tiles.columns + x // TILE_PX
        return Rays(direction.reshape(-1, 3), np.repeat(tile, len(offsets)))

    def trace(self, k: int, detail: int, *, covers_area: bool) -> Seen:
        """Return what the pixels see from pose k; their light over their area, if asked for."""
        seen, angle = self._seen, 1.0 / self._camera.fx
        trace_rays(self._stage, k, self._centres, angle, detail, seen)
        if covers_area:
            contrast = _EVENT_CONTRAST if detail == LUMA else 0.0
            pixel = self._found[: edge_pixels(seen, self._camera.size, contrast, self._found)]
            more = empty_seen(len(_AROUND) * len(pixel))
            trace_rays(self._stage, k, self._rays(pixel, _AROUND), angle, detail, more)
            seen.light[pixel] = more.light.reshape(-1, len(_AROUND), 3).mean(axis=1)
        return seen


def cast_directions(stage: Stage, k: int, directions: Float64, range_m: Float64) -> None:
    """Fill the distance along each unit direction (N, 3), FAR_M where nothing is hit."""
    rays = Rays(directions, np.zeros(len(directions), dtype=np.int64))
    seen = empty_seen(len(directions))
    trace_rays(stage, k, rays, 0.0, RANGE_ONLY, seen)
    range_m[:] = seen.t
