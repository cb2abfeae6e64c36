"""
Whether a standard deviation tells the truth: coverage, and the area of sparsification errors.

Sparsification removes the most uncertain pixels first, in NUM_STEPS equal steps, and follows the
mean of |p - y| / y over those left. AUSE is the mean gap between that curve and the one that
removes the worst pixels first, divided by the error over all pixels; pixels are ranked by the
relative standard deviation std / p, which belongs to that error.

Laws: a standard deviation that is not finite or not positive is none, and its pixel takes no
part; no pixels give NaN; a ranking equal to the error's gives AUSE 0; neither figure changes when
prediction, target and std are scaled together.

"""

from dataclasses import dataclass
import math

from eventdepth_core.types import Float64
import numpy as np

NUM_STEPS = 20


@dataclass(frozen=True, slots=True)
class Calibration:
    """`ause` of the relative error, and the share of targets within one standard deviation."""

    ause: float
    coverage_1sigma: float


def calibration(predicted_m: Float64, target_m: Float64, std_m: Float64) -> Calibration:
    """
    Judge standard deviations by the errors made.

    Parameters
    ----------
    predicted_m, target_m : float64 (N,)
        Metres, finite and > 0.
    std_m : float64 (N,)
        One standard deviation of the prediction, metres; NaN, infinite or not positive is none.

    """
    given = np.isfinite(std_m) & (std_m > 0)
    predicted_m, target_m, std_m = predicted_m[given], target_m[given], std_m[given]
    if target_m.size == 0:
        return Calibration(math.nan, math.nan)
    error_m = np.abs(predicted_m - target_m)
    return Calibration(
        ause=_ause(error_m / target_m, std_m / predicted_m),
        coverage_1sigma=float(np.mean(error_m <= std_m)),
    )


def _ause(error: Float64, uncertainty: Float64) -> float:
    """Return the normalised area between the two sparsification curves, both (N,)."""
    if not error.any():
        return 0.0
    gap = _sparsification(error, uncertainty) - _sparsification(error, error)
    return float(np.mean(gap) / np.mean(error))


def _sparsification(error: Float64, ranking: Float64) -> Float64:
    """Mean error of what is left when the highest ranked are removed, (NUM_STEPS,)."""
    order = np.argsort(ranking, kind='stable')
    mean_of_lowest = np.cumsum(error[order]) / np.arange(1, error.size + 1)
    num_left = error.size - np.arange(NUM_STEPS) * error.size // NUM_STEPS
    kept: Float64 = mean_of_lowest[num_left - 1]
    return kept
