"""
Points that a displaced LiDAR measures but the camera sees through a nearer surface.

A LiDAR that stands beside the camera looks behind near objects; its returns from there project
in between the object's own. A point is removed when clearly nearer points surround it: within a
window of WINDOW_RAD, in at least three of the four quadrants. Ground at a grazing angle has nearer
points on one side only, and depth edges have them on two, so both stay.

Laws: depth that remains is unchanged; a single surface loses nothing that is not in a hole of it;
the result does not depend on the order of the points.

"""

from eventdepth_core.types import Camera, Float32
from numba import njit
import numpy as np

WINDOW_RAD = 0.012
"""Half the window as an angle: about three times the step of a 64-line LiDAR."""
NEARER_RATIO = 1.15
"""How much farther than its surroundings a hidden point must be."""
_LARGEST_WINDOW_PX = 16


def without_occluded(sparse_depth_m: Float32, camera: Camera) -> Float32:
    """
    Return sparse depth (H, W) without the points that are seen through nearer ones.

    Parameters
    ----------
    sparse_depth_m : float32 (H, W)
        Metres, NaN = no point.
    camera : Camera
        Its focal length turns the angle of the window into pixels.

    """
    half_px = min(max(round(WINDOW_RAD * camera.fx), 1), _LARGEST_WINDOW_PX)
    return _filter(sparse_depth_m, half_px, NEARER_RATIO)


@njit(nogil=True, cache=True)
def _filter(depth_m: Float32, half_px: int, nearer_ratio: float) -> Float32:
    height, width = depth_m.shape
    kept = depth_m.copy()
    for y in range(height):
        for x in range(width):
            if np.isnan(depth_m[y, x]):
                continue
            if _num_nearer_quadrants(depth_m, y, x, half_px, nearer_ratio) >= 3:
                kept[y, x] = np.nan
    return kept


@njit(nogil=True, cache=True)
def _num_nearer_quadrants(
    depth_m: Float32, y: int, x: int, half_px: int, nearer_ratio: float
) -> int:
    """Count the quadrants of the window that hold a point nearer than depth / ratio."""
    height, width = depth_m.shape
    limit_m = depth_m[y, x] / nearer_ratio
    quadrants = np.zeros(4, np.bool_)
    for v in range(max(y - half_px, 0), min(y + half_px + 1, height)):
        for u in range(max(x - half_px, 0), min(x + half_px + 1, width)):
            if depth_m[v, u] < limit_m:
                quadrants[_quadrant(u - x, v - y)] = True
    return int(quadrants.sum())


@njit(nogil=True, cache=True)
def _quadrant(dx: int, dy: int) -> int:
    """Return the quadrant, 0 ... 3 in turn, each with one of its two axes."""
    if dx > 0 and dy >= 0:
        return 0
    if dy > 0:
        return 1
    return 2 if dx < 0 else 3
