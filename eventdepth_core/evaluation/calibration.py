"""
Whether a standard deviation tells the truth: coverage, and the area of sparsification errors.

Sparsification removes the most uncertain pixels first, in `num_steps` equal steps, and follows the
error of those left. AUSE is the mean gap between that curve and the one that removes the worst
pixels first, divided by the error over all pixels. `ause` is that of abs_rel, NUM_STEPS steps,
with pixels ranked by the relative standard deviation std / p, which belongs to that error.

Laws: a standard deviation that is not finite or not positive is none, and its pixel takes no
part; no pixels give NaN; a ranking equal to the error's gives AUSE 0; neither figure changes when
prediction, target and std are scaled together.

"""

from dataclasses import dataclass
import math
from typing import Literal, TypeAlias

from eventdepth_core.types import Bool, Float64
import numpy as np

NUM_STEPS = 20
AUSE_ERROR = 'abs_rel'
ROUNDING = 1e-12  # what a fit leaves of a perfect prediction is no error to rank

Reduction: TypeAlias = Literal['mean', 'root_mean_square']


@dataclass(frozen=True, slots=True)
class Calibration:
    """`ause` of the relative error, share of targets within one standard deviation, pixels."""

    ause: float
    coverage_1sigma: float
    num_pixels: int


@dataclass(frozen=True, slots=True, eq=False)
class Sparsification:
    """
    Error of what is left when `removed` is gone, as shares of the error over all pixels.

    `by_std` removes the most uncertain pixels first, `by_error` the worst; float64 (num_steps,).

    """

    removed: Float64
    by_std: Float64
    by_error: Float64

    @property
    def ause(self) -> float:
        """Mean gap between the curves."""
        return float(np.mean(self.by_std - self.by_error))


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
    given = has_std(predicted_m, std_m)
    predicted_m, target_m, std_m = predicted_m[given], target_m[given], std_m[given]
    if target_m.size == 0:
        return Calibration(math.nan, math.nan, 0)
    error_m = np.abs(predicted_m - target_m)
    return Calibration(
        ause=sparsification(error_m / target_m, std_m / predicted_m).ause,
        coverage_1sigma=float(np.mean(error_m <= std_m)),
        num_pixels=int(target_m.size),
    )


def has_std(predicted_m: Float64, std_m: Float64) -> Bool:
    """Return where a prediction > 0 has a standard deviation that is finite and > 0."""
    given: Bool = np.isfinite(std_m) & (std_m > 0) & (predicted_m > 0)
    return given


def sparsification(
    error: Float64,
    uncertainty: Float64,
    *,
    num_steps: int = NUM_STEPS,
    reduction: Reduction = 'mean',
) -> Sparsification:
    """
    Return the sparsification curves of one image.

    Parameters
    ----------
    error, uncertainty : float64 (N,), N > 0
        What is averaged, >= 0, and what pixels are ranked by.
    num_steps : int
        Steps of equal size, the first with all pixels.
    reduction : str
        `mean` of the error, or `root_mean_square`.

    """
    removed = np.arange(num_steps) / num_steps
    costs = error if reduction == 'mean' else error**2
    if not (error > ROUNDING).any():
        return Sparsification(removed, np.zeros(num_steps), np.zeros(num_steps))
    curves = [_curve(costs, ranking, num_steps) for ranking in (uncertainty, error)]
    whole = float(np.mean(costs))
    by_std, by_error = (curve / whole for curve in curves)
    if reduction == 'root_mean_square':
        by_std, by_error = np.sqrt(by_std), np.sqrt(by_error)
    return Sparsification(removed, by_std, by_error)


def _curve(costs: Float64, ranking: Float64, num_steps: int) -> Float64:
    """Mean cost of what is left when the highest ranked are removed, (num_steps,)."""
    order = np.argsort(ranking, kind='stable')
    mean_of_lowest = np.cumsum(costs[order]) / np.arange(1, costs.size + 1)
    num_left = costs.size - np.arange(num_steps) * costs.size // num_steps
    kept: Float64 = mean_of_lowest[num_left - 1]
    return kept
