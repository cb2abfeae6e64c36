"""
Depth, inverse depth and disparity: the one place where they are turned into each other.

inverse_depth = 1 / z; disparity = f b / z - doffs, with doffs the difference of the two cameras'
principal points (0 in a rig whose rectified cameras share theirs).

Laws: each pair is inverse to each other; what is not finite, not positive, or at infinity becomes
NaN, without a warning.

"""

from eventdepth_core.errors import InputError
from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import ArrayLike


def inverse_depth_from_depth(depth_m: ArrayLike) -> Float32:
    """Return 1 / depth in 1/m, float32, NaN where it is not finite and > 0."""
    return _quotient(1.0, depth_m)


def depth_from_inverse_depth(inverse_depth: ArrayLike) -> Float32:
    """Return depth in metres from 1/m, float32, NaN where it is not finite and > 0."""
    return _quotient(1.0, inverse_depth)


def disparity_from_depth(
    depth_m: ArrayLike, *, focal_px: float, baseline_m: float, offset_px: float = 0.0
) -> Float32:
    """
    Return disparity in pixels.

    Parameters
    ----------
    depth_m : any shape
        Metres along the optical axis.
    focal_px, baseline_m : float
        Of the rectified stereo rig, > 0.
    offset_px : float
        Right minus left principal point, doffs.

    Returns
    -------
    float32
        Pixels, NaN where depth is not finite and > 0.

    """
    return _quotient(_checked_product(focal_px, baseline_m), depth_m) - np.float32(offset_px)


def depth_from_disparity(
    disparity_px: ArrayLike, *, focal_px: float, baseline_m: float, offset_px: float = 0.0
) -> Float32:
    """
    Return depth in metres, the inverse of `disparity_from_depth`.

    NaN where disparity + offset is not finite and > 0: 0 means not measured.

    """
    shifted_px = np.asarray(disparity_px, dtype=np.float64) + offset_px
    return _quotient(_checked_product(focal_px, baseline_m), shifted_px)


def _quotient(numerator: float, denominator: ArrayLike) -> Float32:
    values = np.asarray(denominator, dtype=np.float64)
    result = np.full(values.shape, np.nan)
    usable = np.isfinite(values) & (values > 0)
    np.divide(numerator, values, out=result, where=usable)
    return result.astype(np.float32)


def _checked_product(focal_px: float, baseline_m: float) -> float:
    if not (focal_px > 0 and baseline_m > 0):
        raise InputError(
            f'Expected focal length and baseline > 0, got {focal_px} px and {baseline_m} m.'
        )
    return focal_px * baseline_m
