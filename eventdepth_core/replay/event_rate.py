"""
Played time and the event rate over it, in bounded memory.

Played time is sensor time without its jumps: a silence of more than `MAX_SILENCE_US` and a step
back of more than `MAX_BACKWARD_US` add nothing. Laws: each event is counted in exactly one
interval; the series does not depend on how the events are split, as long as no part holds a jump;
at most `MAX_INTERVALS` are held, the interval doubles instead.

"""

from eventdepth_core.events.intervals import MAX_BACKWARD_US, MAX_SILENCE_US
from eventdepth_core.report import RateSeries
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

INTERVAL_US = 10_000
MAX_INTERVALS = 2_000


def first_jump(times_us: NDArray[np.int64], newest_us: int | None) -> int | None:
    """
    Return the index of the first time that does not go on from those before, None without one.

    Parameters
    ----------
    times_us : int64 (n,)
        Sensor times in stream order.
    newest_us : int or None
        The newest sensor time before them, None at the start of a stream.

    """
    if times_us.size == 0:
        return None
    before_us = np.empty_like(times_us)
    before_us[0] = times_us[0] if newest_us is None else newest_us
    before_us[1:] = np.maximum(np.maximum.accumulate(times_us[:-1]), before_us[0])
    jumps = np.flatnonzero(_is_jump(times_us - before_us))
    return int(jumps[0]) if jumps.size else None


def _is_jump(step_us: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (step_us > MAX_SILENCE_US) | (step_us < -MAX_BACKWARD_US)


class EventRate:
    """Counts events by interval of played time; `newest_us` is the newest since a jump."""

    def __init__(self) -> None:
        self._interval_us = INTERVAL_US
        self._counts = np.zeros(MAX_INTERVALS, np.int64)
        self._origin_us: int | None = None  # sensor time at which played time is zero
        self.newest_us = 0

    @property
    def played_us(self) -> int:
        """Played time up to the newest event, µs; 0 before the first."""
        return 0 if self._origin_us is None else self.newest_us - self._origin_us

    def add(self, events: Events) -> bool:
        """
        Count events, EVENT_DTYPE[n > 0], and return whether they follow a jump.

        The first events of all do not.

        """
        first_us, last_us = int(events['t'][0]), int(events['t'].max())
        has_jumped = self._follow(first_us)
        self.newest_us = max(self.newest_us, last_us)
        self._count(events)
        return has_jumped

    def series(self) -> RateSeries:
        """Return the counts so far; the last interval is as long as the others."""
        used = 0 if self._origin_us is None else self.played_us // self._interval_us + 1
        return RateSeries(self._interval_us / 1e6, self._counts[:used].copy())

    def _follow(self, first_us: int) -> bool:
        """Move the origin of played time over a jump and return whether there was one."""
        if self._origin_us is None:
            self._origin_us = self.newest_us = first_us
            return False
        if not _is_jump(np.asarray(first_us - self.newest_us)):
            return False
        self._origin_us = first_us - self.played_us
        self.newest_us = first_us
        return True

    def _count(self, events: Events) -> None:
        while self.played_us // self._interval_us >= MAX_INTERVALS:
            pairs = self._counts.reshape(-1, 2).sum(axis=1)
            self._counts = np.concatenate([pairs, np.zeros_like(pairs)])
            self._interval_us *= 2
        elapsed_us = events['t'] - self._origin_us
        bins = np.clip(elapsed_us // self._interval_us, 0, MAX_INTERVALS - 1)
        self._counts += np.bincount(bins, minlength=MAX_INTERVALS)
