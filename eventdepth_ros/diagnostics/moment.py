"""
The time of a look: the node's clock, a steady clock, and whether simulated time stands still.

Law: a stopped /clock is a pause and no fault, so ages are counted by the node's clock, which
then stands still as well; only how long it has stood still is read from the steady clock.

"""

from dataclasses import dataclass
from typing import Final

PAUSED_AFTER_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Moment:
    """`now_us` of the node's clock, `now_s` of a steady one; what simulated time does."""

    now_us: int
    now_s: float
    is_sim_time: bool = False
    is_paused: bool = False

    @property
    def has_time(self) -> bool:
        """Whether the node's clock runs at all: simulated time is 0 before the first /clock."""
        return not self.is_sim_time or self.now_us > 0


class TimeKeeper:
    """Makes moments and notices when simulated time stands still."""

    def __init__(self, *, is_sim_time: bool) -> None:
        self._is_sim_time = is_sim_time
        self._last_us: int | None = None
        self._moved_s = 0.0

    def moment(self, now_us: int, now_s: float) -> Moment:
        """Return the moment of these two clocks."""
        if now_us != self._last_us:
            self._last_us, self._moved_s = now_us, now_s
        is_paused = self._is_sim_time and now_us > 0 and now_s - self._moved_s >= PAUSED_AFTER_S
        return Moment(now_us, now_s, self._is_sim_time, is_paused)
