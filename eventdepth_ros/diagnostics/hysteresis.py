"""
Levels that do not flicker: a value has to stay beyond a threshold before the level changes.

A level is raised when the value has been above its `raise` threshold for `raise_s`, and cleared
when it has been at or below its `clear` threshold for `clear_s`; between the two it stays.

Laws: the start is OK; one value beyond a threshold never changes the level (unless its duration
is 0); NaN is no sign of trouble and counts as cleared; a clock that goes back starts the waiting
anew and keeps the level.

"""

from dataclasses import dataclass
from enum import IntEnum

from eventdepth_core.errors import InputError


class Level(IntEnum):
    """Levels of diagnostic_msgs/DiagnosticStatus."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


@dataclass(frozen=True, slots=True)
class Thresholds:
    """
    When a level is raised and when it is cleared again.

    Raises
    ------
    InputError
        Unless warn_clear <= warn_raise <= error_raise and warn_clear <= error_clear <=
        error_raise, with durations of 0 or more.

    """

    warn_raise: float
    warn_clear: float
    error_raise: float
    error_clear: float
    raise_s: float = 1.0
    clear_s: float = 3.0

    def __post_init__(self) -> None:
        is_ordered = (
            self.warn_clear <= self.warn_raise <= self.error_raise
            and self.warn_clear <= self.error_clear <= self.error_raise
        )
        if not is_ordered or min(self.raise_s, self.clear_s) < 0:
            raise InputError(
                'Expected warn_clear <= warn_raise <= error_raise, warn_clear <= error_clear <= '
                f'error_raise and durations >= 0, got {self}.'
            )


class Hysteresis:
    """Follows one value; `update` returns the level."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._level = Level.OK
        self._wanted = Level.OK
        self._since_s = 0.0

    @property
    def level(self) -> Level:
        """The level after the last update."""
        return self._level

    def update(self, value: float, now_s: float) -> Level:
        """Take in the value at time `now_s` of a steady clock and return the level."""
        wanted = self._wanted_level(value)
        if wanted == self._level:
            self._wanted = wanted
            return self._level
        if wanted != self._wanted or now_s < self._since_s:
            self._wanted, self._since_s = wanted, now_s
        limits = self._thresholds
        wait_s = limits.raise_s if wanted > self._level else limits.clear_s
        if now_s - self._since_s >= wait_s:
            self._level = wanted
        return self._level

    def reset(self) -> None:
        """Return to OK at once."""
        self._level = self._wanted = Level.OK

    def _wanted_level(self, value: float) -> Level:
        limits = self._thresholds
        error_at = limits.error_clear if self._level == Level.ERROR else limits.error_raise
        if value > error_at:
            return Level.ERROR
        warn_at = limits.warn_raise if self._level == Level.OK else limits.warn_clear
        return Level.WARN if value > warn_at else Level.OK
