"""
The plumb_bob model of Brown: radial and tangential distortion.

With r^2 = x^2 + y^2 and g = 1 + k1 r^2 + k2 r^4 + k3 r^6,
x_d = x g + 2 p1 x y + p2 (r^2 + 2 x^2) and y_d = y g + p1 (r^2 + 2 y^2) + 2 p2 x y.

Laws: the model ends at the radius where r g stops growing, or where its Jacobian does not keep
orientation; beyond, and where Newton finds no inverse, the result is NaN.

"""

import math
from typing import NamedTuple

from eventdepth_core.geometry.roots import (
    first_positive_root,
    LEAST_SLOPE,
    NUM_ITERATIONS,
    SOLVED,
)
from eventdepth_core.types import Float64
from numba import njit
import numpy as np


class _Lens(NamedTuple):
    k1: float
    k2: float
    p1: float
    p2: float
    k3: float
    limit: float  # first radius where r g stops growing


def distorted(plane: Float64, distortion: tuple[float, ...]) -> Float64:
    """Map ideal positions (N, 2) to distorted ones by (k1, k2, p1, p2[, k3])."""
    return _distort_all(plane, _lens(distortion))


def undistorted(positions: Float64, distortion: tuple[float, ...]) -> Float64:
    """Map distorted positions (N, 2) back to ideal ones."""
    return _undistort_all(positions, _lens(distortion))


def _lens(distortion: tuple[float, ...]) -> _Lens:
    k1, k2, p1, p2, k3 = (*distortion, 0.0)[:5]
    return _Lens(k1, k2, p1, p2, k3, first_positive_root((1.0, 3 * k1, 5 * k2, 7 * k3)))


@njit(nogil=True, cache=True)
def _distort_all(plane: Float64, lens: _Lens) -> Float64:
    positions = np.full_like(plane, np.nan)
    for i in range(plane.shape[0]):
        x, y = plane[i]
        if _is_one_to_one(x, y, lens):
            positions[i] = _distort(x, y, lens)
    return positions


@njit(nogil=True, cache=True)
def _undistort_all(positions: Float64, lens: _Lens) -> Float64:
    plane = np.full_like(positions, np.nan)
    for i in range(positions.shape[0]):
        x, y, is_solved = _undistort(positions[i, 0], positions[i, 1], lens)
        if is_solved and _is_one_to_one(x, y, lens):
            plane[i] = x, y
    return plane


@njit(nogil=True, cache=True)
def _distort(x: float, y: float, lens: _Lens) -> tuple[float, float]:
    square = x * x + y * y
    radial = 1.0 + square * (lens.k1 + square * (lens.k2 + square * lens.k3))
    return (
        x * radial + 2.0 * lens.p1 * x * y + lens.p2 * (square + 2.0 * x * x),
        y * radial + lens.p1 * (square + 2.0 * y * y) + 2.0 * lens.p2 * x * y,
    )


@njit(nogil=True, cache=True)
def _undistort(x_distorted: float, y_distorted: float, lens: _Lens) -> tuple[float, float, bool]:
    """Solve by Newton within the disc of radius `limit`; return x, y and whether it worked."""
    x, y = _inside(x_distorted, y_distorted, 0.9 * lens.limit)
    for _ in range(NUM_ITERATIONS):
        x_now, y_now = _distort(x, y, lens)
        error_x, error_y = x_now - x_distorted, y_now - y_distorted
        if abs(error_x) <= SOLVED and abs(error_y) <= SOLVED:
            return x, y, True
        xx, xy, yy = _jacobian(x, y, lens)
        determinant = xx * yy - xy * xy
        if not abs(determinant) > LEAST_SLOPE**2:
            break
        step_x = (yy * error_x - xy * error_y) / determinant
        step_y = (xx * error_y - xy * error_x) / determinant
        x, y = _inside(x - step_x, y - step_y, lens.limit)
    return x, y, False


@njit(nogil=True, cache=True)
def _jacobian(x: float, y: float, lens: _Lens) -> tuple[float, float, float]:
    """Return d(x_d, y_d) / d(x, y), which is symmetric: xx, xy, yy."""
    square = x * x + y * y
    radial = 1.0 + square * (lens.k1 + square * (lens.k2 + square * lens.k3))
    slope = 2.0 * (lens.k1 + square * (2.0 * lens.k2 + square * 3.0 * lens.k3))
    return (
        radial + x * x * slope + 2.0 * lens.p1 * y + 6.0 * lens.p2 * x,
        x * y * slope + 2.0 * lens.p1 * x + 2.0 * lens.p2 * y,
        radial + y * y * slope + 6.0 * lens.p1 * y + 2.0 * lens.p2 * x,
    )


@njit(nogil=True, cache=True)
def _is_one_to_one(x: float, y: float, lens: _Lens) -> bool:
    """Whether the model can be inverted around a position; not for NaN."""
    xx, xy, yy = _jacobian(x, y, lens)
    return math.hypot(x, y) <= lens.limit and xx * yy - xy * xy > LEAST_SLOPE


@njit(nogil=True, cache=True)
def _inside(x: float, y: float, limit: float) -> tuple[float, float]:
    """Pull a position back to the disc of radius `limit`: Newton must not leave its branch."""
    radius = math.hypot(x, y)
    if radius <= limit:
        return x, y
    return x * (limit / radius), y * (limit / radius)
