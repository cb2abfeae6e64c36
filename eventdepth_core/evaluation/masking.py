"""
The one masking rule: which pixels of an image are judged, and which of them are used.

A pixel is judged where its target is finite, > 0, inside the profile's range and inside its crops;
it is used where, besides, `allowed` says so and a prediction is there that the profile does not
drop. A prediction is there where it is finite and > 0 (>= 0 or any sign where the profile says
so). Law: no other module decides whether a pixel counts.

"""

from dataclasses import dataclass

from eventdepth_core.evaluation.alignment import aligned
from eventdepth_core.evaluation.crops import cropped_window
from eventdepth_core.evaluation.profile import Profile
from eventdepth_core.types import Bool, Float64
import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """One image as it came, (H, W) each: float64 metres, and where a pixel may be used."""

    predicted_m: Float64
    target_m: Float64
    std_m: Float64 | None
    allowed: Bool


@dataclass(frozen=True, slots=True, eq=False)
class JudgedImage:
    """
    One image under a profile, (H, W) each.

    `predicted_m` and `std_m` are aligned and clipped, `target_m` is prepared; `judged` and `used`
    as in the rule above; `num_unmeasured` counts the allowed pixels inside the crops without a
    target that is judged.

    """

    predicted_m: Float64
    target_m: Float64
    std_m: Float64 | None
    judged: Bool
    used: Bool
    num_unmeasured: int

    @property
    def coverage(self) -> float:
        """The share of judged pixels that is used; NaN without any."""
        num_judged = int(self.judged.sum())
        return int(self.used.sum()) / num_judged if num_judged else float('nan')


def judged_image(maps: Maps, rules: Profile) -> JudgedImage:
    """Apply the masking rule, the clips and the alignment of a profile to one image."""
    height, width = maps.target_m.shape
    inside = np.zeros((height, width), np.bool_)
    inside[cropped_window(rules.crops, (height, width))] = True
    target_m = np.where(inside & np.isfinite(maps.target_m), maps.target_m, np.nan)
    target_m, largest_m = _prepared_target(target_m, rules)
    judged = _in_range(target_m, rules)
    if rules.target_is_below_frame_max:
        judged &= target_m < largest_m
    predicted_m = _prepared_prediction(maps.predicted_m, rules)
    used = judged & maps.allowed & _is_predicted(predicted_m, largest_m, rules)
    std_m = np.ones_like(target_m) if maps.std_m is None else maps.std_m
    result = aligned(predicted_m, std_m, target_m, used, rules)
    return JudgedImage(
        predicted_m=result.predicted_m,
        target_m=target_m,
        std_m=None if maps.std_m is None else result.std_m,
        judged=judged,
        used=used,
        num_unmeasured=int((inside & maps.allowed & ~judged).sum()),
    )


def _prepared_target(target_m: Float64, rules: Profile) -> tuple[Float64, float]:
    """Return the target clipped and rescaled as the profile says, and its largest value."""
    if rules.target_clip_m is not None:
        target_m = np.clip(target_m, *rules.target_clip_m)
    largest_m = _largest(target_m)
    if rules.is_target_rescaled and rules.target_clip_m is not None and largest_m > 0:
        full_m = rules.target_clip_m[1]
        return target_m / largest_m * full_m, full_m
    return target_m, largest_m


def _largest(target_m: Float64) -> float:
    known = target_m[~np.isnan(target_m)]
    return float(known.max()) if known.size else float('nan')


def _in_range(target_m: Float64, rules: Profile) -> Bool:
    if rules.range_bound == 'inclusive':
        in_range = (target_m >= rules.min_depth_m) & (target_m <= rules.max_depth_m)
    else:
        in_range = (target_m > rules.min_depth_m) & (target_m < rules.max_depth_m)
    judged: Bool = in_range & (target_m > 0)
    return judged


def _prepared_prediction(predicted_m: Float64, rules: Profile) -> Float64:
    if rules.prediction_fill_m is not None:
        for_nan_m, for_infinite_m = rules.prediction_fill_m
        predicted_m = np.where(np.isnan(predicted_m), for_nan_m, predicted_m)
        predicted_m = np.where(np.isinf(predicted_m), for_infinite_m, predicted_m)
    if rules.prediction_clip_m is not None:
        predicted_m = np.clip(predicted_m, *rules.prediction_clip_m)
    return predicted_m


def _is_predicted(predicted_m: Float64, largest_m: float, rules: Profile) -> Bool:
    is_there: Bool = np.isfinite(predicted_m)
    if rules.alignment != 'least_squares':
        is_there &= predicted_m >= 0 if rules.is_zero_a_prediction else predicted_m > 0
    if rules.prediction_limit == 'below_frame_max':
        is_there &= predicted_m < largest_m
    elif rules.prediction_limit == 'up_to_frame_max':
        is_there &= predicted_m <= largest_m
    return is_there
