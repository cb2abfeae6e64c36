"""
Colours for quantities in metres: one logarithmic scale with its ends stated.

position = log(value / low) / log(high / low), clipped to [0, 1]. Depth runs from red (near) to
blue (far) on the turbo map, a standard deviation from black (small) to white (large) on magma.

Laws: zero, negative, NaN and infinite pixels are grey; a scale always spans at least a factor
of `MIN_RATIO`, so that a flat map is not turned into a picture of its rounding; empty input
gives the default scale.

"""

from collections.abc import Iterable
from dataclasses import dataclass
import math
from typing import Literal, TypeAlias

import cv2
from eventdepth_core.errors import InputError
from eventdepth_core.types import Float32, UInt8
import numpy as np

Quantity: TypeAlias = Literal['depth', 'std']

INVALID_GREY = (128, 128, 128)
LOW_PERCENTILE = 2.0
HIGH_PERCENTILE = 98.0
MIN_RATIO = 1.5
DEFAULT_RANGE_M: dict[Quantity, tuple[float, float]] = {'depth': (1.0, 10.0), 'std': (0.01, 1.0)}
DECADE_RATIO = 12.0
MAX_TICKS = 8


@dataclass(frozen=True, slots=True)
class ColourScale:
    """
    A logarithmic colour scale from `low_m` to `high_m` metres for one quantity.

    `is_widened` says that the ends are wider than what is shown.

    Raises
    ------
    InputError
        Unless 0 < low_m < high_m and both are finite.

    """

    low_m: float
    high_m: float
    quantity: Quantity = 'depth'
    is_widened: bool = False

    def __post_init__(self) -> None:
        if not (0.0 < self.low_m < self.high_m < math.inf):
            raise InputError(f'Expected 0 < low_m < high_m, got {self.low_m} and {self.high_m}.')

    def colours(self, values_m: Float32) -> UInt8:
        """
        Return the picture of a map.

        Parameters
        ----------
        values_m : float (H, W)
            Metres; anything but a positive finite number is not valid.

        Returns
        -------
        uint8 (H, W, 3)
            RGB, `INVALID_GREY` where not valid.

        """
        valid = np.isfinite(values_m) & (values_m > 0)
        logs = np.log(np.where(valid, values_m, self.low_m) / self.low_m)
        position = np.clip(logs / math.log(self.high_m / self.low_m), 0.0, 1.0)  # (H, W)
        picture = _look_up_table(self.quantity)[np.rint(255 * position).astype(np.uint8)]
        picture[~valid] = INVALID_GREY
        return picture

    def ticks_m(self) -> tuple[float, ...]:
        """Return three to nine round metre values inside the scale."""
        if self.high_m > DECADE_RATIO * self.low_m:
            return _decade_ticks(self.low_m, self.high_m)
        return _linear_ticks(self.low_m, self.high_m)

    def bar(self, *, length: int) -> UInt8:
        """Return the colours of the scale from low to high, uint8 (1, length, 3)."""
        values = np.geomspace(self.low_m, self.high_m, length, dtype=np.float32)
        return self.colours(values[None, :])


def robust_scale(maps_m: Iterable[Float32], *, quantity: Quantity = 'depth') -> ColourScale:
    """
    Return the scale between the 2nd and the 98th percentile of all valid pixels together.

    Parameters
    ----------
    maps_m : iterable of float (H, W)
        Maps in metres that are to be compared by eye; sizes may differ.
    quantity : 'depth' or 'std'
        What the metres mean.

    """
    valid = [m[np.isfinite(m) & (m > 0)].ravel() for m in maps_m]
    pooled = np.concatenate(valid) if valid else np.empty(0)
    if pooled.size == 0:
        return ColourScale(*DEFAULT_RANGE_M[quantity], quantity)
    low_m, high_m = (float(v) for v in np.percentile(pooled, (LOW_PERCENTILE, HIGH_PERCENTILE)))
    return _widened(low_m, high_m, quantity)


class RunningScale:
    """
    A scale that follows a stream slowly, so that a preview film does not flicker.

    Each end moves by `rate` of the way to the robust scale of the newest map, in log metres;
    the first map with a valid pixel sets it. Depends on the maps alone, never on a clock.

    """

    def __init__(self, *, quantity: Quantity = 'depth', rate: float = 0.1) -> None:
        self._quantity = quantity
        self._rate = rate
        self._scale: ColourScale | None = None

    def update(self, values_m: Float32) -> ColourScale:
        """Take in one map, float (H, W) metres, and return the scale to draw it with."""
        newest = robust_scale([values_m], quantity=self._quantity)
        if not np.any(np.isfinite(values_m) & (values_m > 0)):
            return newest if self._scale is None else self._scale
        if self._scale is not None:
            newest = ColourScale(
                _moved(self._scale.low_m, newest.low_m, self._rate),
                _moved(self._scale.high_m, newest.high_m, self._rate),
                self._quantity,
            )
        self._scale = newest
        return newest


def _moved(old_m: float, new_m: float, rate: float) -> float:
    return math.exp(math.log(old_m) + rate * math.log(new_m / old_m))


def _widened(low_m: float, high_m: float, quantity: Quantity) -> ColourScale:
    if high_m >= MIN_RATIO * low_m:
        return ColourScale(low_m, high_m, quantity)
    middle_m, half = math.sqrt(low_m * high_m), math.sqrt(MIN_RATIO)
    return ColourScale(middle_m / half, middle_m * half, quantity, is_widened=True)


def _decade_ticks(low_m: float, high_m: float) -> tuple[float, ...]:
    """Return 1, 2, 5 times powers of ten, thinned where there are many."""
    decades = range(math.floor(math.log10(low_m)), math.ceil(math.log10(high_m)) + 1)
    values = [float(f'{step}e{decade}') for decade in decades for step in (1, 2, 5)]
    ticks = [value for value in values if low_m <= value <= high_m]
    return tuple(ticks[:: math.ceil(len(ticks) / MAX_TICKS)])


def _linear_ticks(low_m: float, high_m: float) -> tuple[float, ...]:
    """Return multiples of the smallest round step that gives few enough."""
    decade = math.floor(math.log10((high_m - low_m) / MAX_TICKS))
    for step in (1, 2, 2.5, 5, 10):
        step_m = step * 10.0**decade
        first, last = math.ceil(low_m / step_m), math.floor(high_m / step_m)
        if last - first < MAX_TICKS:
            break
    return tuple(float(f'{k * step_m:.6g}') for k in range(first, last + 1))


def _look_up_table(quantity: Quantity) -> UInt8:
    """Return uint8 (256, 3) RGB; depth is turned round so that near is warm."""
    ramp = np.arange(256, dtype=np.uint8)[:, None]
    chosen = cv2.COLORMAP_TURBO if quantity == 'depth' else cv2.COLORMAP_MAGMA
    table = np.asarray(cv2.applyColorMap(ramp, chosen), dtype=np.uint8)[:, 0, ::-1]
    return np.ascontiguousarray(table[::-1] if quantity == 'depth' else table)
