"""
Error measures of depth, with y the target, p the prediction, d = ln p - ln y, all in float64.

abs_rel mean |p - y| / y; sq_rel mean (p - y)^2 / y; rmse sqrt(mean (p - y)^2); rmse_log
sqrt(mean d^2); silog 100 sqrt(mean d^2 - (mean d)^2); delta_k share of max(p / y, y / p) < 1.25^k;
mae mean |p - y|.

Laws: no pixels give NaN everywhere and n = 0, without a warning; a perfect prediction gives 0 and
delta 1; silog does not change when the prediction is scaled.

"""

from dataclasses import dataclass
import math

from eventdepth_core.types import Float64
import numpy as np

DELTA_BASE = 1.25


@dataclass(frozen=True, slots=True)
class DepthErrors:
    """Errors over `n` pixels: m for rmse and mae, m for sq_rel, the others without a unit."""

    abs_rel: float
    sq_rel: float
    rmse: float
    rmse_log: float
    silog: float
    delta1: float
    delta2: float
    delta3: float
    mae: float
    n: int


NO_ERRORS = DepthErrors(
    abs_rel=math.nan,
    sq_rel=math.nan,
    rmse=math.nan,
    rmse_log=math.nan,
    silog=math.nan,
    delta1=math.nan,
    delta2=math.nan,
    delta3=math.nan,
    mae=math.nan,
    n=0,
)
"""The errors over no pixels at all."""


def depth_errors(predicted_m: Float64, target_m: Float64) -> DepthErrors:
    """
    Measure the errors of paired depths.

    Parameters
    ----------
    predicted_m, target_m : float64 (N,)
        Metres, finite and > 0.

    """
    if target_m.size == 0:
        return NO_ERRORS
    difference = predicted_m - target_m
    log_difference = np.log(predicted_m) - np.log(target_m)
    ratio = np.maximum(predicted_m / target_m, target_m / predicted_m)
    return DepthErrors(
        abs_rel=float(np.mean(np.abs(difference) / target_m)),
        sq_rel=float(np.mean(difference**2 / target_m)),
        rmse=float(np.sqrt(np.mean(difference**2))),
        rmse_log=float(np.sqrt(np.mean(log_difference**2))),
        silog=float(100.0 * np.std(log_difference)),
        delta1=float(np.mean(ratio < DELTA_BASE)),
        delta2=float(np.mean(ratio < DELTA_BASE**2)),
        delta3=float(np.mean(ratio < DELTA_BASE**3)),
        mae=float(np.mean(np.abs(difference))),
        n=int(target_m.size),
    )
