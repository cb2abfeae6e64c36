"""
When each message is due on a steady clock: an absolute schedule, so that nothing drifts.

    due(stamp) = origin + (stamp - first stamp) / rate

Laws: a pause moves the origin by its length; a player that is later than `max_late_ns` moves the
origin instead of bursting to catch up, and counts it; without pauses and slips the rate achieved
over n messages does not depend on how long each took.

"""

from collections.abc import Callable
from dataclasses import dataclass
import time

from eventdepth_core.errors import InputError

MAX_LATE_NS = 500_000_000
LATE_NS = 10_000_000


@dataclass(frozen=True, slots=True)
class PaceReport:
    """
    How a pass was kept: messages in all, late ones (> 10 ms), the worst lateness, slips.

    `achieved_rate` is recording time over wall time without pauses, 0.0 before two messages.

    """

    num_messages: int
    num_late: int
    max_late_ms: float
    num_slips: int
    achieved_rate: float


class Pacer:
    """The schedule of one pass over a recording; `rate` 2.0 plays twice as fast."""

    def __init__(
        self,
        rate: float = 1.0,
        *,
        now_ns: Callable[[], int] = time.monotonic_ns,
        max_late_ns: int = MAX_LATE_NS,
    ) -> None:
        if rate <= 0:
            raise InputError(f'Expected a rate > 0, got {rate}.')
        self._rate = rate
        self._now_ns = now_ns
        self._max_late_ns = max_late_ns
        self._first_stamp_ns: int | None = None
        self._origin_ns = 0
        self._started_ns = 0
        self._paused_ns = 0
        self._last_stamp_ns = 0
        self._last_played_ns = 0
        self._num_messages = 0
        self._num_late = 0
        self._max_late = 0
        self._num_slips = 0

    @property
    def is_started(self) -> bool:
        """Whether the schedule has a first message."""
        return self._first_stamp_ns is not None

    def start(self, stamp_ns: int) -> None:
        """Make now the moment of `stamp_ns`."""
        self._first_stamp_ns = self._last_stamp_ns = stamp_ns
        self._origin_ns = self._started_ns = self._last_played_ns = self._now_ns()

    def due_ns(self, stamp_ns: int) -> int:
        """Return the steady time at which `stamp_ns` is due; the first call starts it."""
        if self._first_stamp_ns is None:
            self.start(stamp_ns)
        first_ns = stamp_ns if self._first_stamp_ns is None else self._first_stamp_ns
        return self._origin_ns + round((stamp_ns - first_ns) / self._rate)

    def stamp_at(self, steady_ns: int) -> int:
        """Return the recording's time at a steady time."""
        first_ns = self._first_stamp_ns or 0
        return first_ns + round((steady_ns - self._origin_ns) * self._rate)

    def pause(self, paused_ns: int) -> None:
        """Take in that playing stood still for `paused_ns`."""
        self._origin_ns += paused_ns
        self._paused_ns += paused_ns

    def played(self, stamp_ns: int) -> None:
        """Take in that a message was published now."""
        now_ns = self._now_ns()
        late_ns = now_ns - self.due_ns(stamp_ns)
        self._num_messages += 1
        self._num_late += late_ns > LATE_NS
        self._max_late = max(self._max_late, late_ns)
        if late_ns > self._max_late_ns:
            self._origin_ns += late_ns
            self._num_slips += 1
        self._last_stamp_ns = max(self._last_stamp_ns, stamp_ns)
        self._last_played_ns = now_ns

    def report(self) -> PaceReport:
        """Return how the schedule was kept so far."""
        first_ns = self._first_stamp_ns or 0
        wall_ns = self._last_played_ns - self._started_ns - self._paused_ns
        played_ns = self._last_stamp_ns - first_ns
        return PaceReport(
            num_messages=self._num_messages,
            num_late=self._num_late,
            max_late_ms=self._max_late / 1e6,
            num_slips=self._num_slips,
            achieved_rate=played_ns / wall_ns if wall_ns > 0 else 0.0,
        )
