"""
Evaluation profiles: which pixels of a protocol count, how predictions are aligned and averaged.

One registry of frozen rules, so that a number is never printed without the rules that made it.

Laws: bounds on the target are strict, min < y < max; the crop is rows and columns as fractions of
the image, truncated to whole pixels; median scaling is computed after masking, per image, and a
clamp comes after the scaling.

"""

from dataclasses import dataclass
import math
from typing import Literal, TypeAlias

from eventdepth_core.errors import ProfileError

Alignment: TypeAlias = Literal['none', 'median']
Averaging: TypeAlias = Literal['pixels', 'images']


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of an image that counts, as fractions of its height and width."""

    top: float = 0.0
    bottom: float = 1.0
    left: float = 0.0
    right: float = 1.0


@dataclass(frozen=True, slots=True)
class Profile:
    """
    The rules of one evaluation protocol.

    Target depths count strictly between `min_depth_m` and `max_depth_m`; `is_clamped` puts
    predictions into that range after the alignment; `averaging` says whether a batch is one heap
    of pixels or a mean over images.

    """

    name: str
    summary: str
    min_depth_m: float = 0.0
    max_depth_m: float = math.inf
    crop: Crop = Crop()
    alignment: Alignment = 'none'
    is_clamped: bool = False
    averaging: Averaging = 'pixels'


_GARG_CROP = Crop(top=0.40810811, bottom=0.99189189, left=0.03594771, right=0.96405229)

_PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            name='plain',
            summary='every measured pixel of all images in one heap, no crop, no alignment',
        ),
        Profile(
            name='aligned_median',
            summary='plain, each prediction scaled to the target by medians, mean over images',
            alignment='median',
            averaging='images',
        ),
        Profile(
            name='kitti_eigen',
            summary='Eigen split, monocular: 1e-3 < y < 80 m, Garg crop, median scaling, '
            'clamp to the range, mean over images',
            min_depth_m=1e-3,
            max_depth_m=80.0,
            crop=_GARG_CROP,
            alignment='median',
            is_clamped=True,
            averaging='images',
        ),
        Profile(
            name='kitti_eigen_metric',
            summary='kitti_eigen without median scaling, for predictions in metres',
            min_depth_m=1e-3,
            max_depth_m=80.0,
            crop=_GARG_CROP,
            is_clamped=True,
            averaging='images',
        ),
    )
}


def list_profiles() -> tuple[str, ...]:
    """Return the names of all profiles."""
    return tuple(_PROFILES)


def profile_named(name: str) -> Profile:
    """
    Return the profile of that name.

    Raises
    ------
    ProfileError
        If there is none.

    """
    if not isinstance(name, str) or name not in _PROFILES:
        raise ProfileError(
            f'Expected an evaluation profile out of {", ".join(_PROFILES)}, got {name!r}.'
        )
    return _PROFILES[name]
