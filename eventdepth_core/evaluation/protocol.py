"""
Evaluation of depth maps under a named profile: mask, align, clamp, measure, average.

`masking` holds the one masking rule, `profile` the switches, `running` the averaging. A prediction
that is missing where a target is judged is left out of every error and lowers `coverage`, so
errors of a sparse prediction are to be read beside it.

Laws: empty is normal, NaN errors with n = 0; arguments are never changed; images without a used
pixel take no part in a mean over images, those without a standard deviation none in its figures.

"""

from collections.abc import Iterator

from eventdepth_core.errors import InputError
from eventdepth_core.evaluation.masking import Maps
from eventdepth_core.evaluation.profile import Profile
from eventdepth_core.evaluation.running import RunningEvaluation
from eventdepth_core.types import real_array
import numpy as np
from numpy.typing import ArrayLike


def evaluate(
    predicted_m: ArrayLike,
    target_m: ArrayLike,
    profile: str | Profile = 'plain',
    std_m: ArrayLike | None = None,
    valid: ArrayLike | None = None,
) -> dict[str, float]:
    """
    Measure predicted depth against a target under a named profile.

    Parameters
    ----------
    predicted_m : (H, W) or (B, H, W)
        Metres along the optical axis; NaN, infinite or not positive means no prediction. Pixels
        of disparity for `dsec_disparity`; any finite number where the profile fits scale and
        shift.
    target_m : same shape
        Metres (pixels); NaN, infinite or not positive means not measured.
    profile : str or Profile
        One of `list_profiles()`, or rules of one's own.
    std_m : same shape, optional
        One standard deviation in metres; scaled with the prediction where the profile aligns;
        NaN, infinite or not positive means none: the pixel takes no part in `ause` and
        `coverage_1sigma`.
    valid : bool, same shape, optional
        Pixels that may be used, for example those where events fired.

    Returns
    -------
    dict
        `abs_rel sq_rel rmse rmse_log silog delta1 delta2 delta3 mae`, NaN over no pixels; `n`, the
        number of used pixels; `coverage`, their share of the target pixels that the profile
        judges (NaN without any); `num_images`, images with a used pixel; further measures and
        every form of `sq_rel` and `silog` by its own name, and those over cut-offs, as
        `evaluation.metrics` defines them; with `std_m` also `ause` (of the absolute relative
        error, 20 steps, mean over images) and `coverage_1sigma`, NaN where no used pixel has a
        standard deviation.

    Raises
    ------
    InputError
        If the shapes differ or are not (H, W) or (B, H, W), or for anything but real numbers.
    ProfileError
        If there is no such profile.

    """
    evaluation = RunningEvaluation(profile)
    for maps in images_of(predicted_m, target_m, std_m, valid):
        evaluation.add(evaluation.judge(maps))
    metrics = evaluation.metrics()
    if std_m is not None:
        metrics = {'ause': float('nan'), 'coverage_1sigma': float('nan')} | metrics
    return metrics


def images_of(
    predicted_m: ArrayLike,
    target_m: ArrayLike,
    std_m: ArrayLike | None = None,
    valid: ArrayLike | None = None,
) -> Iterator[Maps]:
    """
    Return the images of maps (H, W) or (B, H, W), checked, one after the other.

    Raises
    ------
    InputError
        If the shapes differ or are not (H, W) or (B, H, W), or for anything but real numbers.

    """
    target = real_array(target_m, name='target_m')
    if target.ndim not in (2, 3):
        raise InputError(f'Expected target_m of shape (H, W) or (B, H, W), got {target.shape}.')
    predicted = real_array(predicted_m, name='predicted_m')
    std = None if std_m is None else real_array(std_m, name='std_m')
    allowed = (
        np.ones(target.shape, np.bool_)
        if valid is None
        else real_array(valid, name='valid').astype(np.bool_)
    )
    for name, array in (('predicted_m', predicted), ('std_m', std), ('valid', allowed)):
        if array is not None and array.shape != target.shape:
            raise InputError(
                f'Expected {name} of the shape of target_m {target.shape}, got {array.shape}.'
            )
    shape = target.shape if target.ndim == 3 else (1, *target.shape)
    deviations = [None] * shape[0] if std is None else std.reshape(shape)
    maps = zip(
        predicted.reshape(shape),
        target.reshape(shape),
        deviations,
        allowed.reshape(shape),
        strict=True,
    )
    return (Maps(*each) for each in maps)
