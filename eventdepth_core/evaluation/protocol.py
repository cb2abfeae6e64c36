"""
Evaluation of depth maps under a named profile: mask, align, clamp, measure, average.

One masking rule: a pixel is judged where the target is finite and inside the profile's range and
crop, and used where `valid` allows it and the prediction is finite and > 0. A prediction that is
missing where a target is judged is left out of every error and lowers `coverage`, so errors of
a sparse prediction are to be read beside it.

Laws: empty is normal, NaN errors with n = 0; arguments are never changed; images without a used
pixel take no part in a mean over images, those without a standard deviation none in its figures.

"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
import math

from eventdepth_core.errors import InputError
from eventdepth_core.evaluation.calibration import calibration
from eventdepth_core.evaluation.metrics import depth_errors, DepthErrors, NO_ERRORS
from eventdepth_core.evaluation.profiles import Crop, Profile, profile_named
from eventdepth_core.types import Bool, Float64, real_array
import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class _Images:
    """Arrays of one shape (B, H, W): float64 metres, and where a pixel may be used."""

    predicted_m: Float64
    target_m: Float64
    std_m: Float64
    allowed: Bool


@dataclass(frozen=True, slots=True, eq=False)
class _Pixels:
    """Used pixels of one image or of a heap of them, float64 (N,) metres."""

    predicted_m: Float64
    target_m: Float64
    std_m: Float64


def evaluate(
    predicted_m: ArrayLike,
    target_m: ArrayLike,
    profile: str = 'plain',
    std_m: ArrayLike | None = None,
    valid: ArrayLike | None = None,
) -> dict[str, float]:
    """
    Measure predicted depth against a target under a named profile.

    Parameters
    ----------
    predicted_m : (H, W) or (B, H, W)
        Metres along the optical axis; NaN, infinite or not positive means no prediction.
    target_m : same shape
        Metres; NaN, infinite or not positive means not measured.
    profile : str
        One of `list_profiles()`.
    std_m : same shape, optional
        One standard deviation in metres; scaled with the prediction where the profile aligns;
        NaN, infinite or not positive means none: the pixel takes no part in `ause` and
        `coverage_1sigma`.
    valid : bool, same shape, optional
        Pixels that may be used.

    Returns
    -------
    dict
        `abs_rel sq_rel rmse rmse_log silog delta1 delta2 delta3 mae`, NaN over no pixels; `n`, the
        number of used pixels; `coverage`, their share of the target pixels that the profile
        judges (NaN without any); `num_images`, images with a used pixel; with `std_m` also `ause`
        (of the absolute relative error, 20 steps) and `coverage_1sigma`, NaN where no used pixel
        has a standard deviation.

    Raises
    ------
    InputError
        If the shapes differ or are not (H, W) or (B, H, W), or for anything but real numbers.
    ProfileError
        If there is no such profile.

    """
    rules = profile_named(profile)
    images = _checked_images(predicted_m, target_m, std_m, valid)
    judged = _judged(images.target_m, rules)
    used = judged & images.allowed & np.isfinite(images.predicted_m) & (images.predicted_m > 0)
    pixels = [_aligned(images, i, used[i], rules) for i in range(len(used)) if used[i].any()]
    groups = [_joined(pixels)] if rules.averaging == 'pixels' and pixels else pixels
    metrics = _mean_errors(groups)
    if std_m is not None:
        metrics |= _mean_calibration(groups)
    num_judged, num_used = int(judged.sum()), int(used.sum())
    return metrics | {
        'n': num_used,
        'coverage': num_used / num_judged if num_judged else math.nan,
        'num_images': len(pixels),
    }


def _checked_images(
    predicted_m: ArrayLike,
    target_m: ArrayLike,
    std_m: ArrayLike | None,
    valid: ArrayLike | None,
) -> _Images:
    target = real_array(target_m, name='target_m')
    if target.ndim not in (2, 3):
        raise InputError(f'Expected target_m of shape (H, W) or (B, H, W), got {target.shape}.')
    predicted = real_array(predicted_m, name='predicted_m')
    std = np.ones_like(target) if std_m is None else real_array(std_m, name='std_m')
    allowed = (
        np.ones(target.shape, np.bool_)
        if valid is None
        else real_array(valid, name='valid').astype(np.bool_)
    )
    for name, array in (('predicted_m', predicted), ('std_m', std), ('valid', allowed)):
        if array.shape != target.shape:
            raise InputError(
                f'Expected {name} of the shape of target_m {target.shape}, got {array.shape}.'
            )
    shape = target.shape if target.ndim == 3 else (1, *target.shape)
    return _Images(
        predicted.reshape(shape), target.reshape(shape), std.reshape(shape), allowed.reshape(shape)
    )


def _judged(target_m: Float64, rules: Profile) -> Bool:
    """Whether the profile counts a pixel, (B, H, W)."""
    rows, columns = _crop_slices(rules.crop, target_m.shape[1:])
    inside = np.zeros(target_m.shape, np.bool_)
    inside[:, rows, columns] = True
    in_range = (target_m > rules.min_depth_m) & (target_m < rules.max_depth_m)
    judged: Bool = inside & in_range & np.isfinite(target_m)
    return judged


def _crop_slices(crop: Crop, size: tuple[int, ...]) -> tuple[slice, slice]:
    height, width = size
    return (
        slice(int(crop.top * height), int(crop.bottom * height)),
        slice(int(crop.left * width), int(crop.right * width)),
    )


def _aligned(images: _Images, i: int, used: Bool, rules: Profile) -> _Pixels:
    """Take the used pixels of image i, aligned and clamped as the profile says."""
    predicted, target = images.predicted_m[i][used], images.target_m[i][used]
    scale = np.median(target) / np.median(predicted) if rules.alignment == 'median' else 1.0
    predicted = predicted * scale
    if rules.is_clamped:
        predicted = np.clip(predicted, rules.min_depth_m, rules.max_depth_m)
    return _Pixels(predicted, target, images.std_m[i][used] * scale)


def _joined(pixels: Sequence[_Pixels]) -> _Pixels:
    return _Pixels(
        np.concatenate([image.predicted_m for image in pixels]),
        np.concatenate([image.target_m for image in pixels]),
        np.concatenate([image.std_m for image in pixels]),
    )


def _mean_errors(groups: Sequence[_Pixels]) -> dict[str, float]:
    if not groups:
        return asdict(NO_ERRORS)
    errors = [depth_errors(group.predicted_m, group.target_m) for group in groups]
    return {
        field.name: float(np.mean([getattr(error, field.name) for error in errors]))
        for field in fields(DepthErrors)
    }


def _mean_calibration(groups: Sequence[_Pixels]) -> dict[str, float]:
    judged = [calibration(group.predicted_m, group.target_m, group.std_m) for group in groups]
    judged = [one for one in judged if not math.isnan(one.ause)]  # images without any std
    if not judged:
        return {'ause': math.nan, 'coverage_1sigma': math.nan}
    return {
        'ause': float(np.mean([one.ause for one in judged])),
        'coverage_1sigma': float(np.mean([one.coverage_1sigma for one in judged])),
    }
