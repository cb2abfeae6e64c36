"""
What an evaluation protocol can differ in, each quirk as one switch with a plain default.

A profile is the list of all switches, so that a number is never printed without the rules that
made it. The defaults are the plain protocol: every measured pixel, nothing clipped or aligned.

"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
import math
from typing import get_args, get_type_hints, Literal, TypeAlias

from eventdepth_core.errors import ProfileError
from eventdepth_core.evaluation.crops import Crop
from eventdepth_core.evaluation.log_codec import LogCodec
import yaml

Quantity: TypeAlias = Literal['depth', 'disparity']
Bound: TypeAlias = Literal['strict', 'inclusive']
PredictionLimit: TypeAlias = Literal['none', 'below_frame_max', 'up_to_frame_max']
Alignment: TypeAlias = Literal['none', 'median', 'least_squares', 'least_squares_inverse']
SqRel: TypeAlias = Literal['linear', 'squared']
SILog: TypeAlias = Literal['root_100', 'variance', 'absolute']
Unmeasured: TypeAlias = Literal['left_out', 'fails_delta']
MissingFrame: TypeAlias = Literal['left_out', 'previous']
Averaging: TypeAlias = Literal['pixels', 'images']
Clip: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Profile:
    """
    The rules of one evaluation protocol; depths in metres, disparities in pixels.

    Parameters
    ----------
    name, summary : str
        How to ask for it, and what it does in one sentence.
    quantity : str
        `depth`, or `disparity` for maps in pixels.
    min_depth_m, max_depth_m, range_bound
        Targets that count; `strict` is min < y < max, `inclusive` min <= y <= max.
    target_clip_m : (float, float), optional
        Targets are clipped to this before they are judged.
    is_target_rescaled : bool
        Each target is divided by its own maximum and multiplied by `target_clip_m[1]`.
    target_is_below_frame_max : bool
        Targets equal to the maximum of their frame do not count.
    prediction_limit : str
        Predictions at (`below_frame_max`) or beyond (`up_to_frame_max`) the largest target of the
        frame are dropped from the statistics.
    crops : tuple of Crop
        One after the other.
    prediction_fill_m : (float, float), optional
        What NaN and infinite predictions become; without it they are missing.
    prediction_clip_m, aligned_clip_m : (float, float), optional
        Predictions are clipped to this before judging, or after the alignment.
    is_zero_a_prediction : bool
        Whether 0 counts as predicted; else only what is > 0. A least-squares fit takes any
        finite number.
    prediction_factor : float
        Known factor from predictions to metres.
    alignment : str
        `median` scale, or `least_squares` scale and shift of each image, also of `1/depth`.
    alignment_max_px : int, optional
        The fit sees both maps thinned to at most this many pixels a side.
    epsilon : float
        Added to every denominator and inside every logarithm.
    delta_bound, sq_rel, silog : str
        Whether delta is < or <=; `sq_rel` by y or by y^2; `silog` 100 sqrt(var d), var d, or
        mean d^2 - (mean |d|)^2.
    cut_offs_m, cut_off_bound
        Further figures over the judged targets nearer than each cut-off.
    unmeasured : str
        `fails_delta`: unmeasured pixels count as failures of delta and make rmse_log NaN.
    missing_frame : str
        `previous`: an image without any prediction takes that of the image before.
    averaging : str
        `pixels` is one heap of all images, `images` the mean of the images' figures.
    codec : LogCodec, optional
        What codes in the protocol's files mean.

    """

    name: str
    summary: str
    quantity: Quantity = 'depth'
    min_depth_m: float = 0.0
    max_depth_m: float = math.inf
    range_bound: Bound = 'strict'
    target_clip_m: Clip | None = None
    is_target_rescaled: bool = False
    target_is_below_frame_max: bool = False
    prediction_limit: PredictionLimit = 'none'
    crops: tuple[Crop, ...] = ()
    prediction_fill_m: Clip | None = None
    prediction_clip_m: Clip | None = None
    is_zero_a_prediction: bool = False
    prediction_factor: float = 1.0
    alignment: Alignment = 'none'
    alignment_max_px: int | None = None
    aligned_clip_m: Clip | None = None
    epsilon: float = 0.0
    delta_bound: Bound = 'strict'
    sq_rel: SqRel = 'linear'
    silog: SILog = 'root_100'
    cut_offs_m: tuple[float, ...] = ()
    cut_off_bound: Bound = 'strict'
    unmeasured: Unmeasured = 'left_out'
    missing_frame: MissingFrame = 'left_out'
    averaging: Averaging = 'pixels'
    codec: LogCodec | None = None

    def __post_init__(self) -> None:
        if self.is_target_rescaled and self.target_clip_m is None:
            raise ProfileError(
                f'Expected target_clip_m with is_target_rescaled in profile {self.name}, got none.'
            )

    def switches(self) -> dict[str, object]:
        """Return every switch that differs from the plain protocol, by name."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in ('name', 'summary') and getattr(self, field.name) != field.default
        }


def with_switches(profile: Profile, texts: Mapping[str, str]) -> Profile:
    """
    Return a profile with switches set from text, named after what was changed.

    Parameters
    ----------
    profile : Profile
        Where the other switches come from.
    texts : mapping
        YAML values by switch: `80`, `true`, `[0, 80]`, `null`; `codec` takes
        `[max_depth_m, alpha]`.

    Raises
    ------
    ProfileError
        For a switch that does not exist, cannot be set from text or does not take that value.

    """
    if not texts:
        return profile
    changes = {name: _value(name, text) for name, text in texts.items()}
    label = ','.join(f'{name}={text}' for name, text in texts.items())
    # Any: dataclasses.replace has no types for fields by name.
    return replace(profile, name=f'{profile.name}[{label}]', **changes)  # type: ignore[arg-type]


_EXPECTED_NUMBERS = {None: 'numbers', 1: 'a number', 2: 'two numbers'}


def _value(name: str, text: str) -> object:
    hints = get_type_hints(Profile)
    if name not in hints or name in ('name', 'summary', 'crops', 'quantity'):
        known = [key for key in hints if key not in ('name', 'summary', 'crops', 'quantity')]
        raise ProfileError(f'Expected a switch out of {", ".join(known)}, got {name!r}.')
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        value = text
    return _converted(name, hints[name], value)


def _converted(name: str, hint: object, value: object) -> object:
    """Return the value as the switch holds it."""
    choices = get_args(hint)
    if choices and all(isinstance(choice, str) for choice in choices):
        return _checked(name, value, is_right=value in choices, expected=', '.join(choices))
    if hint is bool:
        return _checked(name, value, is_right=isinstance(value, bool), expected='true or false')
    if value is None:
        return _checked(name, value, is_right=type(None) in choices, expected='a value')
    if name == 'alignment_max_px':
        return _checked(name, value, is_right=_is_count(value), expected='pixels > 0')
    return _numeric(name, hint, value)


def _numeric(name: str, hint: object, value: object) -> object:
    if hint is float:
        return _numbers(name, value, 1)[0]
    if name == 'cut_offs_m':
        return _numbers(name, value, None)
    pair = _numbers(name, value, 2)
    return LogCodec(*pair) if name == 'codec' else pair


def _numbers(name: str, value: object, num: int | None) -> tuple[float, ...]:
    """Return a number or a list as a tuple of `num` numbers, or of any number of them."""
    listed = value if isinstance(value, list) else [value]
    numbers = tuple(float(each) for each in listed if isinstance(each, (int, float)))
    has_others = any(isinstance(each, bool) for each in listed) or len(numbers) != len(listed)
    is_right = not has_others and num in (None, len(numbers))
    _checked(name, value, is_right=is_right, expected=_EXPECTED_NUMBERS[num])
    return numbers


def _checked(name: str, value: object, *, is_right: bool, expected: str) -> object:
    if not is_right:
        raise ProfileError(f'Expected {name} to be {expected}, got {value!r}.')
    return value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
