"""
Rasterisation of triangles, linear in inverse depth, on the pixel grid.

A pixel belongs to a triangle when its centre lies inside or on the border, decided in integers;
its inverse depth is the barycentric mean of the corners'.

Laws: a value lies between the least and the greatest depth of its triangle; a pixel on a shared
border takes the triangle of smaller spread, whatever the order.

"""

from eventdepth_core.types import Float32
from numba import njit
import numpy as np
from numpy.typing import NDArray

_UNSET = np.float32(np.inf)


@njit(nogil=True, cache=True)
def rasterise_inverse_depth(
    xy: NDArray[np.int64],
    triangles: NDArray[np.int32],
    depth_m: Float32,
    linear_m: Float32,
    spread: Float32,
) -> None:
    """
    Write depth and spread of every pixel that a triangle covers.

    Parameters
    ----------
    xy : int64 (N, 2)
        Columns x, y of the corners in pixels.
    triangles : int32 (num_triangles, 3)
        Indices into `xy`, all of positive turn (x to y).
    depth_m : float32 (N,)
        Depth at the corners, metres, > 0.
    linear_m, spread : float32 (H, W)
        Written in place: metres, and log(greatest / least depth) of the triangle.

    """
    best = np.full(spread.shape, _UNSET, np.float32)
    for i in range(triangles.shape[0]):
        _rasterise_one(xy, triangles[i], depth_m, linear_m, best)
    for y in range(spread.shape[0]):
        for x in range(spread.shape[1]):
            if best[y, x] != _UNSET:
                spread[y, x] = best[y, x]


@njit(nogil=True, cache=True)
def _rasterise_one(
    xy: NDArray[np.int64],
    corners: NDArray[np.int32],
    depth_m: Float32,
    linear_m: Float32,
    best: Float32,
) -> None:
    """Write one triangle wherever its spread is smaller than what was written before."""
    a, b, c = corners[0], corners[1], corners[2]
    least = min(depth_m[a], depth_m[b], depth_m[c])
    greatest = max(depth_m[a], depth_m[b], depth_m[c])
    ratio = np.float32(np.log(np.float64(greatest) / np.float64(least)))
    inverse_a, step_x, step_y = _inverse_depth_plane(xy, a, b, c, depth_m)
    for y in range(min(xy[a, 1], xy[b, 1], xy[c, 1]), max(xy[a, 1], xy[b, 1], xy[c, 1]) + 1):
        begin, end = _row_span(xy, a, b, c, y)
        inverse_row = inverse_a + step_y * (y - xy[a, 1])
        for x in range(begin, end):
            if ratio < best[y, x]:
                depth = np.float32(1.0 / (inverse_row + step_x * (x - xy[a, 0])))
                best[y, x] = ratio
                linear_m[y, x] = min(max(depth, least), greatest)


@njit(nogil=True, cache=True)
def _inverse_depth_plane(
    xy: NDArray[np.int64], a: int, b: int, c: int, depth_m: Float32
) -> tuple[float, float, float]:
    """Inverse depth at a and its slopes along x and y, 1/m and 1/(m px), float64."""
    inverse_a = 1.0 / np.float64(depth_m[a])
    to_b, to_c = 1.0 / np.float64(depth_m[b]) - inverse_a, 1.0 / np.float64(depth_m[c]) - inverse_a
    bx, by = xy[b, 0] - xy[a, 0], xy[b, 1] - xy[a, 1]
    cx, cy = xy[c, 0] - xy[a, 0], xy[c, 1] - xy[a, 1]
    area = np.float64(bx * cy - by * cx)
    return inverse_a, (to_b * cy - to_c * by) / area, (to_c * bx - to_b * cx) / area


@njit(nogil=True, cache=True)
def _row_span(xy: NDArray[np.int64], a: int, b: int, c: int, y: int) -> tuple[int, int]:
    """Half-open range of the columns of row y inside or on the triangle (positive turn)."""
    begin = min(xy[a, 0], xy[b, 0], xy[c, 0])
    end = max(xy[a, 0], xy[b, 0], xy[c, 0]) + 1
    for start, stop in ((a, b), (b, c), (c, a)):
        dx, dy = xy[stop, 0] - xy[start, 0], xy[stop, 1] - xy[start, 1]
        along = dx * (y - xy[start, 1])
        # Inside means along - dy * (x - x_start) >= 0.
        if dy > 0:
            end = min(end, xy[start, 0] + along // dy + 1)
        elif dy < 0:
            begin = max(begin, xy[start, 0] - along // -dy)
    return begin, end
