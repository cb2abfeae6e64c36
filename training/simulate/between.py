"""
Light between two images of a sequence, and how many sub-frames that takes.

An interval knows how far pixels move in it (`motion_px`, which 1 in 1000 pixels exceeds) and the
light at any share of it. Sub-frames are taken so often that between two of them motion stays below
the limit: adaptive sampling as in ESIM (Rebecq et al., CoRL 2018).

Laws: the light at share 1 is the second image itself; stamps ascend and end at the interval's.

"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from eventdepth_core.errors import InputError
from eventdepth_core.types import Float32, Float64, UInt8
import numpy as np

MOTION_QUANTILE = 0.999
_LEAST_LIGHT = np.float32(1e-3)
_LEAST_WEIGHT = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """
    One image: `light` float32 (H, W) linear, full scale 1; `grey` and `image` uint8.

    `depth_m` float32 (H, W), +inf = sky, NaN = unknown; `world_from_camera` (4, 4); None where
    there is none.

    """

    stamp_us: int
    light: Float32
    grey: UInt8
    image: UInt8
    depth_m: Float32 | None = None
    world_from_camera: Float64 | None = None


class Interval(Protocol):
    """Light between two views."""

    @property
    def motion_px(self) -> float:
        """How far pixels move in the interval, px."""

    def light(self, share: float) -> Float32:
        """Return the light (H, W) at a share in (0, 1] of the interval."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Limits of sub-frames: motion and time between two, and their number in an interval."""

    max_motion_px: float = 0.5
    max_step_us: int = 5000
    max_steps: int = 400

    def __post_init__(self) -> None:
        if min(self.max_motion_px, self.max_step_us, self.max_steps) <= 0:
            raise InputError(
                'Expected max_motion_px, max_step_us and max_steps > 0, got '
                f'{self.max_motion_px}, {self.max_step_us} and {self.max_steps}.'
            )


class SubFrame(NamedTuple):
    """Light (H, W) at `stamp_us`."""

    stamp_us: int
    light: Float32


class CrossFade:
    """Fades one image into the other in log intensity: right for images without motion only."""

    motion_px = 0.0

    def __init__(self, first: View, second: View) -> None:
        self._first, self._second = first.light, second.light

    def light(self, share: float) -> Float32:
        """Return the geometric mean with weights 1 - share and share."""
        if share == 1.0:
            return self._second
        first, second = (np.log(light + _LEAST_LIGHT) for light in (self._first, self._second))
        faded: Float32 = np.exp(first + np.float32(share) * (second - first)) - _LEAST_LIGHT
        return np.maximum(faded, np.float32(0.0))


def num_sub_frames(interval: Interval, duration_us: int, sampling: Sampling) -> int:
    """Return how many steps keep motion and time between sub-frames below their limits."""
    steps = max(
        np.ceil(interval.motion_px / sampling.max_motion_px),
        np.ceil(duration_us / sampling.max_step_us),
        1,
    )
    return int(min(steps, sampling.max_steps, duration_us))


def sub_frames(
    interval: Interval, start_us: int, end_us: int, sampling: Sampling
) -> Iterator[SubFrame]:
    """Yield the sub-frames of (start, end]."""
    duration_us = end_us - start_us
    num_steps = num_sub_frames(interval, duration_us, sampling)
    for k in range(1, num_steps + 1):
        yield SubFrame(start_us + duration_us * k // num_steps, interval.light(k / num_steps))


def mixed_light(
    lights: tuple[Float32, Float32], seen: tuple[Float32, Float32], share: float
) -> Float32:
    """
    Mix what two views show of the same pixels.

    `seen` float32 (H, W) in [0, 1] says where each view sees them; where neither does, both
    count. Weights fall evenly with the distance in time.

    """
    near, far = np.float32(1.0 - share), np.float32(share)
    first, second = near * seen[0], far * seen[1]
    is_seen = first + second > _LEAST_WEIGHT
    first, second = np.where(is_seen, first, near), np.where(is_seen, second, far)
    mixed: Float32 = (first * lights[0] + second * lights[1]) / (first + second)
    return np.maximum(mixed, np.float32(0.0))
