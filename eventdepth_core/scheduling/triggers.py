"""
When estimates are made, in pipeline time.

The rate grid is the set of stamps floor(k * 10^9 / rate in mHz), k = 0, 1, 2, ...: multiples of
50 ms at 20 Hz, wherever the recording begins. Laws: stamps are strictly increasing between
restarts; a restart of the grid emits nothing for the time in between.

"""

from bisect import insort
from typing import Protocol, TypeAlias

from eventdepth_core.types import DepthSample, ImageSample, PointsSample, PoseSample

StampedSample: TypeAlias = ImageSample | PointsSample | PoseSample | DepthSample

MILLIHERTZ_US = 1_000_000_000
MAX_LEAD_US = 1_000_000


class Triggers(Protocol):
    """A source of stamps at which estimates are made."""

    def start(self, at_us: int) -> None:
        """Begin at `at_us`."""

    def jump(self, from_us: int, to_us: int) -> None:
        """Go on at `to_us` after a jump in time."""

    def peek(self) -> int | None:
        """Return the next stamp, None while none is known."""

    def pop(self) -> None:
        """Take the next stamp away."""


class RateTriggers:
    """Stamps on the grid of `rate_hz`, aligned to pipeline time zero."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_mhz = round(1000 * rate_hz)
        self._next: int | None = None

    def start(self, at_us: int) -> None:
        """Go on with the first stamp of the grid after `at_us`."""
        self._next = at_us * self._rate_mhz // MILLIHERTZ_US
        while self._stamp(self._next) <= at_us:
            self._next += 1

    def jump(self, from_us: int, to_us: int) -> None:
        """Go on with the first stamp of the grid after `to_us`; `from_us` does not matter."""
        del from_us
        self.start(to_us)

    def peek(self) -> int | None:
        """Return the next stamp of the grid, None before a start."""
        return None if self._next is None else self._stamp(self._next)

    def pop(self) -> None:
        """Move on by one step of the grid."""
        if self._next is not None:
            self._next += 1

    def _stamp(self, k: int) -> int:
        return k * MILLIHERTZ_US // self._rate_mhz


class StampTriggers:
    """
    The stamps of one kind of sample, in order, each once.

    Late and repeated ones are left out.

    """

    def __init__(self, kind: type[StampedSample]) -> None:
        self._kind = kind
        self._pending: list[int] = []
        self._last: int | None = None

    def add(self, sample: StampedSample) -> None:
        """Take in the stamp of a sample if it is of the kind."""
        stamp_us = sample.stamp_us
        is_late = self._last is not None and stamp_us <= self._last
        if isinstance(sample, self._kind) and not is_late and stamp_us not in self._pending:
            insort(self._pending, stamp_us)

    def start(self, at_us: int) -> None:
        """Do nothing: stamps count from the first on, also those before `at_us`."""

    def jump(self, from_us: int, to_us: int) -> None:
        """After a jump back accept earlier stamps again and drop those that it has left ahead."""
        if to_us < from_us:
            self._pending = [s for s in self._pending if s <= to_us + MAX_LEAD_US]
            self._last = None

    def peek(self) -> int | None:
        """Return the earliest stamp, None without any."""
        return self._pending[0] if self._pending else None

    def pop(self) -> None:
        """Take the earliest stamp away."""
        if self._pending:
            self._last = self._pending.pop(0)
