"""
How events leave the sensor: one after the other over a bus, or at the ticks of a clock.

An asynchronous arbiter serves events in their order, one every `event_ns`: s_i = max(t_i, s_(i-1)
+ event_ns), so bursts are spread and delayed (the bottleneck arbiter of IEBCS). A clocked readout
stamps an event with the next tick of `clock_us` (the synchronous arbiter of IEBCS, of all rows at
once).

Laws: no event is lost, none comes earlier than it happened, order is kept; cutting time in pieces
changes nothing; events leave in [.., end), later ones wait.

"""

from dataclasses import dataclass

from eventdepth_core.errors import InputError
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np

_EVER_US = 2**53


@dataclass(frozen=True, slots=True)
class ReadoutModel:
    """`event_ns` that one event occupies the bus and `clock_us` between ticks; 0 = none."""

    event_ns: int = 0
    clock_us: int = 0

    def __post_init__(self) -> None:
        if min(self.event_ns, self.clock_us) < 0:
            raise InputError(
                f'Expected event_ns and clock_us >= 0, got {self.event_ns} and {self.clock_us}.'
            )


class Readout:
    """Keeps the events that wait for the bus or the clock."""

    def __init__(self, model: ReadoutModel) -> None:
        self.model = model
        self._waiting = np.empty(0, EVENT_DTYPE)
        self._free_ns = -(2**62)

    def read(self, events: Events, end_us: int) -> Events:
        """
        Return what leaves the sensor before `end_us`.

        Parameters
        ----------
        events : EVENT_DTYPE[n]
            Sorted by t, none earlier than those of the calls before.
        end_us : int
            No later call brings an event before it.

        """
        if self.model == ReadoutModel():
            return events
        queue = np.concatenate([self._waiting, events])
        served_ns = self._served_ns(queue)
        stamp_us = served_ns // 1000
        if self.model.clock_us > 0:
            stamp_us = -(-stamp_us // self.model.clock_us) * self.model.clock_us
        count = int(np.searchsorted(stamp_us, end_us))
        self._waiting = queue[count:]
        if count > 0:
            self._free_ns = int(served_ns[count - 1]) + self.model.event_ns
        left = queue[:count].copy()
        left['t'] = stamp_us[:count]
        return left

    def flush(self) -> Events:
        """Return what still waits, with the times at which it would leave."""
        return self.read(np.empty(0, EVENT_DTYPE), _EVER_US)

    def _served_ns(self, queue: Events) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        turn_ns = self.model.event_ns * np.arange(len(queue), dtype=np.int64)
        ready_ns = 1000 * queue['t'].astype(np.int64) - turn_ns
        if len(ready_ns) > 0:
            ready_ns[0] = max(int(ready_ns[0]), self._free_ns)
        served: np.ndarray[tuple[int], np.dtype[np.int64]] = (
            np.maximum.accumulate(ready_ns) + turn_ns
        )
        return served
