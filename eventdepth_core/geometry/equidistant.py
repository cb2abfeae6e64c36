"""
The equidistant (fisheye) model of Kannala and Brandt.

With theta = atan r, r_d = theta (1 + k1 theta^2 + k2 theta^4 + k3 theta^6 + k4 theta^8).

Laws: the model ends at the angle where r_d stops growing, and the plane at a right angle; beyond,
and where Newton finds no inverse, the result is NaN.

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

_RIGHT_ANGLE = math.pi / 2


class _Lens(NamedTuple):
    k1: float
    k2: float
    k3: float
    k4: float
    limit: float  # first angle where r_d stops growing, at most a right one


def distorted(plane: Float64, distortion: tuple[float, ...]) -> Float64:
    """Map ideal positions (N, 2) to distorted ones by (k1, k2, k3, k4)."""
    return _distort_all(plane, _lens(distortion))


def undistorted(positions: Float64, distortion: tuple[float, ...]) -> Float64:
    """Map distorted positions (N, 2) back to ideal ones."""
    return _undistort_all(positions, _lens(distortion))


def _lens(distortion: tuple[float, ...]) -> _Lens:
    k1, k2, k3, k4 = distortion
    turn = first_positive_root((1.0, 3 * k1, 5 * k2, 7 * k3, 9 * k4))
    return _Lens(k1, k2, k3, k4, min(turn, _RIGHT_ANGLE))


@njit(nogil=True, cache=True)
def _distort_all(plane: Float64, lens: _Lens) -> Float64:
    positions = np.full_like(plane, np.nan)
    for i in range(plane.shape[0]):
        radius = math.hypot(plane[i, 0], plane[i, 1])
        theta = math.atan(radius)
        if _is_one_to_one(theta, lens):
            positions[i] = plane[i] * (_distort(theta, lens) / radius if radius > 0 else 1.0)
    return positions


@njit(nogil=True, cache=True)
def _undistort_all(positions: Float64, lens: _Lens) -> Float64:
    plane = np.full_like(positions, np.nan)
    for i in range(positions.shape[0]):
        radius = math.hypot(positions[i, 0], positions[i, 1])
        theta, is_solved = _undistort(radius, lens)
        if is_solved and _is_one_to_one(theta, lens):
            plane[i] = positions[i] * (math.tan(theta) / radius if radius > 0 else 1.0)
    return plane


@njit(nogil=True, cache=True)
def _distort(theta: float, lens: _Lens) -> float:
    square = theta * theta
    return theta * (
        1.0 + square * (lens.k1 + square * (lens.k2 + square * (lens.k3 + square * lens.k4)))
    )


@njit(nogil=True, cache=True)
def _slope(theta: float, lens: _Lens) -> float:
    """Return d r_d / d theta."""
    square = theta * theta
    return 1.0 + square * (
        3 * lens.k1 + square * (5 * lens.k2 + square * (7 * lens.k3 + square * 9 * lens.k4))
    )


@njit(nogil=True, cache=True)
def _undistort(radius: float, lens: _Lens) -> tuple[float, bool]:
    """Solve by Newton within [0, limit]; return the angle and whether it worked."""
    theta = min(radius, 0.9 * lens.limit)
    for _ in range(NUM_ITERATIONS):
        error = _distort(theta, lens) - radius
        if abs(error) <= SOLVED:
            return theta, True
        slope = _slope(theta, lens)
        if not slope > LEAST_SLOPE**2:
            break
        theta = min(max(theta - error / slope, 0.0), lens.limit)
    return theta, False


@njit(nogil=True, cache=True)
def _is_one_to_one(theta: float, lens: _Lens) -> bool:
    """Whether the model can be inverted around an angle; not for NaN."""
    return theta <= lens.limit and theta < _RIGHT_ANGLE and _slope(theta, lens) > LEAST_SLOPE
