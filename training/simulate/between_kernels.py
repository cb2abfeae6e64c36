"""Compiled loops of the interpolation with depth: project all pixels, splat with a z-buffer."""

import math

from eventdepth_core.types import Float32, Float64
from training.simulate.compilation import kernel

_AHEAD = 1e-3


@kernel
def projected_rays(
    rays: Float32, nearness: Float32, target_from_source: Float64, plane: Float32, moved: Float32
) -> None:
    """
    Write where points lie on the target's normalised plane, and their nearness there.

    With nearness n = 1 / z the point (x, y, 1) / n turns into R (x, y, 1) + n t, up to scale.

    """
    m = target_from_source
    for i in range(nearness.shape[0]):
        n, x, y = nearness[i], rays[i, 0], rays[i, 1]
        depth = m[2, 0] * x + m[2, 1] * y + m[2, 2] + n * m[2, 3]
        if n < 0.0 or depth < _AHEAD:
            plane[i, 0], plane[i, 1], moved[i] = 0.0, 0.0, -1.0
            continue
        plane[i, 0] = (m[0, 0] * x + m[0, 1] * y + m[0, 2] + n * m[0, 3]) / depth
        plane[i, 1] = (m[1, 0] * x + m[1, 1] * y + m[1, 2] + n * m[1, 3]) / depth
        moved[i] = n / depth


@kernel
def splatted_nearness(where: Float32, moved: Float32, nearest: Float32) -> None:
    """Keep at each pixel (H, W) the nearest of what lands on it."""
    height, width = nearest.shape
    for row in range(height):
        for column in range(width):
            if moved[row, column] < 0.0:
                continue
            x = math.floor(where[row, column, 0] + 0.5)
            y = math.floor(where[row, column, 1] + 0.5)
            if 0 <= x < width and 0 <= y < height:
                nearest[int(y), int(x)] = max(nearest[int(y), int(x)], moved[row, column])
