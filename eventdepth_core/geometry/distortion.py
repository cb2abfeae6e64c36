"""
Lens distortion on the normalised image plane, (x, y) = (X / Z, Y / Z), both ways, in float64.

plumb_bob (Brown): with r^2 = x^2 + y^2 and g = 1 + k1 r^2 + k2 r^4 + k3 r^6,
x_d = x g + 2 p1 x y + p2 (r^2 + 2 x^2) and y_d = y g + p1 (r^2 + 2 y^2) + 2 p2 x y.
equidistant (Kannala-Brandt): theta = atan r, r_d = theta (1 + k1 theta^2 + ... + k4 theta^8).

Laws: the two directions are inverse where the model is one to one, which ends at the first radius
where the radial part stops growing; beyond it, and where no solution is found, the result is NaN;
NaN in, NaN out.

"""

from eventdepth_core.types import Camera, Float64
import numpy as np

_NUM_ITERATIONS = 50
_TOLERANCE = 1e-10
"""Largest accepted error of an inverse on the normalised plane, far below a pixel."""


def is_pinhole(camera: Camera) -> bool:
    """Whether K alone maps rays to pixels; zeros make an equidistant lens, not a pinhole."""
    if camera.distortion_model == 'equidistant':
        return not camera.distortion
    return not any(camera.distortion)


def distort_normalised(plane: Float64, camera: Camera) -> Float64:
    """
    Map ideal to distorted positions.

    Parameters
    ----------
    plane : float64 (N, 2)
        Ideal X / Z, Y / Z.
    camera : Camera
        Whose distortion is applied.

    Returns
    -------
    float64 (N, 2)
        Distorted positions on the normalised plane, NaN outside the model's range.

    """
    if is_pinhole(camera):
        return plane.copy()
    if camera.distortion_model == 'equidistant':
        return _distort_equidistant(plane, camera)
    distorted = _distort_brown(plane, camera.distortion)
    outside = np.hypot(plane[:, 0], plane[:, 1]) > _largest_radius(camera)
    return np.where(outside[:, None], np.nan, distorted)


def undistort_normalised(distorted: Float64, camera: Camera) -> Float64:
    """
    Map distorted to ideal positions: the inverse of `distort_normalised`, by Newton's method.

    Parameters
    ----------
    distorted : float64 (N, 2)
        Distorted positions on the normalised plane.
    camera : Camera
        Whose distortion is removed.

    Returns
    -------
    float64 (N, 2)
        Ideal X / Z, Y / Z, NaN where the model has no inverse.

    """
    if is_pinhole(camera):
        return distorted.copy()
    if camera.distortion_model == 'equidistant':
        return _undistort_equidistant(distorted, camera)
    return _undistort_brown(distorted, camera)


def _largest_radius(camera: Camera) -> float:
    """First ideal radius (plumb_bob) or angle (equidistant) where the radial part turns back."""
    k = camera.distortion
    if camera.distortion_model == 'equidistant':
        derivative = [1.0, 3 * k[0], 5 * k[1], 7 * k[2], 9 * k[3]]
    else:
        k1, k2, _, _, k3 = _brown_coefficients(k)
        derivative = [1.0, 3 * k1, 5 * k2, 7 * k3]
    squares = np.polynomial.Polynomial(derivative).roots()
    real = squares.real[(np.abs(squares.imag) < 1e-12) & (squares.real > 0)]
    return float(np.sqrt(real.min())) if real.size else np.inf


def _brown_coefficients(distortion: tuple[float, ...]) -> tuple[float, ...]:
    """Return k1, k2, p1, p2, k3."""
    return (*distortion, 0.0)[:5]


def _distort_brown(plane: Float64, distortion: tuple[float, ...]) -> Float64:
    k1, k2, p1, p2, k3 = _brown_coefficients(distortion)
    x, y = plane.T
    r2 = x * x + y * y
    radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
    return np.stack(
        [
            x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
            y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
        ],
        axis=1,
    )


def _brown_jacobian(plane: Float64, distortion: tuple[float, ...]) -> Float64:
    """Return d(x_d, y_d) / d(x, y), which is symmetric, as (N, 3): xx, xy, yy."""
    k1, k2, p1, p2, k3 = _brown_coefficients(distortion)
    x, y = plane.T
    r2 = x * x + y * y
    radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
    slope = 2.0 * (k1 + r2 * (2.0 * k2 + r2 * 3.0 * k3))  # d radial / d r2, twice
    return np.stack(
        [
            radial + x * x * slope + 2.0 * p1 * y + 6.0 * p2 * x,
            x * y * slope + 2.0 * p1 * x + 2.0 * p2 * y,
            radial + y * y * slope + 6.0 * p1 * y + 2.0 * p2 * x,
        ],
        axis=1,
    )


def _undistort_brown(distorted: Float64, camera: Camera) -> Float64:
    limit = _largest_radius(camera)
    plane = _inside(distorted.copy(), limit)
    for _ in range(_NUM_ITERATIONS):
        residual = _distort_brown(plane, camera.distortion) - distorted
        if not (np.abs(residual) > 1e-15).any():
            break
        xx, xy, yy = _brown_jacobian(plane, camera.distortion).T
        with np.errstate(divide='ignore', invalid='ignore'):
            determinant = xx * yy - xy * xy
            step_x = (yy * residual[:, 0] - xy * residual[:, 1]) / determinant
            step_y = (xx * residual[:, 1] - xy * residual[:, 0]) / determinant
        plane = _inside(plane - np.stack([step_x, step_y], axis=1), limit)
    error = np.abs(_distort_brown(plane, camera.distortion) - distorted).max(axis=1)
    return np.where((error <= _TOLERANCE)[:, None], plane, np.nan)


def _inside(plane: Float64, limit: float) -> Float64:
    """Pull positions back to the disc of radius `limit`: Newton must not leave its branch."""
    radius = np.hypot(plane[:, 0], plane[:, 1])
    factor = np.where(radius > limit, limit / np.maximum(radius, 1e-300), 1.0)
    return plane * factor[:, None]


def _equidistant_radius(theta: Float64, k: tuple[float, ...]) -> Float64:
    square = theta * theta
    radius: Float64 = theta * (
        1.0 + square * (k[0] + square * (k[1] + square * (k[2] + square * k[3])))
    )
    return radius


def _distort_equidistant(plane: Float64, camera: Camera) -> Float64:
    radius = np.hypot(plane[:, 0], plane[:, 1])
    theta = np.arctan(radius)
    distorted = _equidistant_radius(theta, camera.distortion)
    factor = np.where(theta > _largest_radius(camera), np.nan, _ratio(distorted, radius))
    return plane * factor[:, None]


def _undistort_equidistant(distorted: Float64, camera: Camera) -> Float64:
    k = camera.distortion
    limit = min(_largest_radius(camera), np.pi / 2)
    radius = np.hypot(distorted[:, 0], distorted[:, 1])
    theta = np.minimum(radius, limit)
    for _ in range(_NUM_ITERATIONS):
        residual = _equidistant_radius(theta, k) - radius
        if not (np.abs(residual) > 1e-15).any():
            break
        square = theta * theta
        slope = 1.0 + square * (
            3 * k[0] + square * (5 * k[1] + square * (7 * k[2] + square * 9 * k[3]))
        )
        with np.errstate(divide='ignore', invalid='ignore'):
            theta = np.clip(theta - residual / slope, 0.0, limit)
    is_solved = np.abs(_equidistant_radius(theta, k) - radius) <= _TOLERANCE
    factor = np.where(is_solved & (theta < np.pi / 2), _ratio(np.tan(theta), radius), np.nan)
    return distorted * factor[:, None]


def _ratio(numerator: Float64, denominator: Float64) -> Float64:
    """Return the quotient of two radii, 1 in the centre."""
    return np.divide(numerator, denominator, out=np.ones_like(numerator), where=denominator != 0.0)
