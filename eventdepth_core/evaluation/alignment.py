"""
Scale, or scale and shift, that bring a prediction to its target before it is judged.

Laws: alignment sees used pixels only; standard deviations are scaled with the prediction; pixels
that leave no scale (all equal, or one alone) take the shift alone.

"""

from dataclasses import dataclass

from eventdepth_core.evaluation.profile import Profile
from eventdepth_core.types import Bool, Float64
import numpy as np

MIN_INVERSE_DEPTH = 1e-3  # 1/m: what a fit of 1/depth may not fall below


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """A prediction (H, W) after alignment and clipping, with its standard deviation."""

    predicted_m: Float64
    std_m: Float64


def aligned(
    predicted_m: Float64, std_m: Float64, target_m: Float64, used: Bool, rules: Profile
) -> Aligned:
    """Return a prediction (H, W) as the profile aligns and clips it; `used` pixels are fitted."""
    predicted_m, std_m = predicted_m * rules.prediction_factor, std_m * rules.prediction_factor
    if used.any() and rules.alignment != 'none':
        fit = {
            'median': _by_median,
            'least_squares': _by_least_squares,
            'least_squares_inverse': _by_inverse_depth,
        }[rules.alignment]
        predicted_m, std_m = fit(predicted_m, std_m, target_m, _thinned(used, rules))
    if rules.aligned_clip_m is not None:
        predicted_m = np.clip(predicted_m, *rules.aligned_clip_m)
    return Aligned(predicted_m, std_m)


def _thinned(used: Bool, rules: Profile) -> Bool:
    """Return the used pixels on a grid of at most the profile's pixels a side."""
    if rules.alignment_max_px is None or max(used.shape) <= rules.alignment_max_px:
        return used
    step = max(used.shape) / rules.alignment_max_px
    rows, columns = (
        np.unique((np.arange(round(side / step)) * step).astype(np.intp)) for side in used.shape
    )
    thin = np.zeros(used.shape, np.bool_)
    thin[np.ix_(rows, columns)] = True
    kept: Bool = used & thin
    return kept if kept.any() else used


def _by_median(
    predicted_m: Float64, std_m: Float64, target_m: Float64, used: Bool
) -> tuple[Float64, Float64]:
    scale = np.median(target_m[used]) / np.median(predicted_m[used])
    return predicted_m * scale, std_m * scale


def _by_least_squares(
    predicted_m: Float64, std_m: Float64, target_m: Float64, used: Bool
) -> tuple[Float64, Float64]:
    scale, shift = _fit(predicted_m[used], target_m[used])
    return predicted_m * scale + shift, std_m * abs(scale)


def _by_inverse_depth(
    predicted_m: Float64, std_m: Float64, target_m: Float64, used: Bool
) -> tuple[Float64, Float64]:
    """Fit 1/depth, where the outputs of relative networks live; std by its first derivative."""
    inverse = _reciprocal(predicted_m)
    scale, shift = _fit(inverse[used], 1.0 / target_m[used])
    depth_m = 1.0 / np.maximum(inverse * scale + shift, MIN_INVERSE_DEPTH)
    return depth_m, std_m * inverse**2 * abs(scale) * depth_m**2


def _reciprocal(values: Float64) -> Float64:
    known = np.isfinite(values) & (values != 0)
    inverse: Float64 = np.divide(1.0, values, out=np.full(values.shape, np.nan), where=known)
    return inverse


def _fit(predicted: Float64, target: Float64) -> tuple[float, float]:
    """Return scale and shift that minimise the squared error, both (N,), N > 0."""
    centred = predicted - predicted.mean()
    spread = float(centred @ centred)
    if spread <= 0.0:
        return 1.0, float(target.mean() - predicted.mean())
    scale = float(centred @ (target - target.mean())) / spread
    return scale, float(target.mean() - scale * predicted.mean())
