"""
Compiled rays of pixels, (X / Z, Y / Z, 1) in camera axes.

Laws: the ray of a centre is exact; inside a pixel of a distorted camera rays are linear between
neighbouring centres.

"""

from training.simulate.compilation import inlined
from training.simulate.stage import Lens, Ray


@inlined
def centre_ray(lens: Lens, x: int, y: int) -> Ray:
    """Return the ray through the centre of a pixel."""
    if lens.rays.shape[0] == 0:
        return (x - lens.cx) / lens.fx, (y - lens.cy) / lens.fy, 1.0
    return lens.rays[y, x, 0], lens.rays[y, x, 1], 1.0


@inlined
def inner_ray(lens: Lens, x: int, y: int, column: float, row: float) -> Ray:
    """Return the ray through a place in pixel (x, y), at most half a pixel from its centre."""
    if lens.rays.shape[0] == 0:
        return (column - lens.cx) / lens.fx, (row - lens.cy) / lens.fy, 1.0
    rays, right, below = lens.rays, column - x, row - y
    left_x, right_x = max(x - 1, 0), min(x + 1, rays.shape[1] - 1)
    top_y, bottom_y = max(y - 1, 0), min(y + 1, rays.shape[0] - 1)
    across, down = right / max(right_x - left_x, 1), below / max(bottom_y - top_y, 1)
    dx, dy = rays[y, x, 0], rays[y, x, 1]
    dx += across * (rays[y, right_x, 0] - rays[y, left_x, 0])
    dx += down * (rays[bottom_y, x, 0] - rays[top_y, x, 0])
    dy += across * (rays[y, right_x, 1] - rays[y, left_x, 1])
    dy += down * (rays[bottom_y, x, 1] - rays[top_y, x, 1])
    return dx, dy, 1.0
