"""
Sets of time intervals with their cells: a ring that follows a stream, or one fixed window.

Law: which interval holds an event depends on its time alone, so what the cells hold does not
depend on how a stream was cut.

"""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from eventdepth_core.events import interval_kernels as kernels
from eventdepth_core.events.discontinuity import Discontinuity, DiscontinuityKind
import numpy as np
from numpy.typing import NDArray

MAX_BACKWARD_US = 50_000  # the EVT3 clock's noise is at most 45 ms
MAX_SILENCE_US = 2_000_000
_SPARE_INTERVALS = 3  # the one that fills up, the next one, and one for estimates that come late

# the number type of a cell is that of a kernel's sums or counts
Cell = TypeVar('Cell', bound=np.integer[Any])


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The intervals of one window: it starts at `start_us`; `slots` int64, -1 for the future."""

    start_us: int
    slots: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Intervals(Generic[Cell]):
    """
    Intervals of one length with what they hold of each cell.

    `clock` int64 says where time is; `cells` (slots, cells and spare ones); `counts` int64
    (slots,) events.

    """

    clock: NDArray[np.int64]
    cells: NDArray[Cell]
    counts: NDArray[np.int64]

    @property
    def newest_us(self) -> int | None:
        """The newest time that came, µs; None before the first."""
        newest_us = int(self.clock[kernels.NEWEST])
        return None if newest_us == kernels.NEVER else newest_us

    @property
    def interval_us(self) -> int:
        """The length of an interval, µs."""
        return int(self.clock[kernels.INTERVAL])

    @property
    def arrays(self) -> tuple[NDArray[np.int64], NDArray[Cell], NDArray[np.int64]]:
        """The arrays in the order in which the kernels take them."""
        return self.clock, self.cells, self.counts

    def window(self, start_us: int, end_us: int) -> Window | None:
        """Return where [start_us, end_us) lies; None if it is off the grid or already gone."""
        interval_us = self.interval_us
        first, last = start_us // interval_us, end_us // interval_us
        newest = int(self.clock[kernels.NEWEST_INTERVAL])
        num_slots = self.cells.shape[0]
        is_gone = first <= int(self.clock[kernels.CLEARED]) - num_slots
        if start_us % interval_us or end_us % interval_us or is_gone:
            return None
        intervals = np.arange(first, last)
        return Window(start_us, np.where(intervals <= newest, intervals % num_slots, -1))

    def forget(self) -> None:
        """Become as new."""
        self.clock[[kernels.LOW, kernels.HIGH, kernels.SLOT, kernels.IS_INSIDE]] = 0
        self.clock[[kernels.NEWEST_INTERVAL, kernels.NEWEST, kernels.CLEARED]] = kernels.NEVER
        self.clock[kernels.BREAK] = kernels.NO_BREAK

    def clear_next(self, *, within_us: int) -> None:
        """Clear for the next interval if it begins `within_us`, while nothing waits for it."""
        kernels.clear_next(within_us, *self.arrays)

    def take_break(self, to_us: int) -> Discontinuity | None:
        """Return the break that stopped the last kernel at `to_us`, once."""
        kind = int(self.clock[kernels.BREAK])
        if kind == kernels.NO_BREAK:
            return None
        self.clock[kernels.BREAK] = kernels.NO_BREAK
        name: DiscontinuityKind = 'backward' if kind == kernels.BACKWARD else 'forward'
        return Discontinuity(name, int(self.clock[kernels.BREAK_FROM]), to_us)


def interval_ring(
    *, window_us: int, interval_us: int, row_size: int, dtype: type[Cell]
) -> Intervals[Cell]:
    """Return a ring that holds one window and little more, because it should stay in the cache."""
    num_slots = window_us // interval_us + _SPARE_INTERVALS
    ring = fixed_intervals(
        0, num_intervals=num_slots, interval_us=interval_us, row_size=row_size, dtype=dtype
    )
    ring.clock[kernels.IS_RING] = 1
    ring.clock[kernels.MAX_BACK] = -(-MAX_BACKWARD_US // interval_us)
    ring.clock[kernels.MAX_GAP] = MAX_SILENCE_US // interval_us
    return ring


def fixed_intervals(
    start_us: int, *, num_intervals: int, interval_us: int, row_size: int, dtype: type[Cell]
) -> Intervals[Cell]:
    """Return the intervals from `start_us` on; events elsewhere do not enter."""
    clock = np.zeros(kernels.NUM_CLOCK, np.int64)
    clock[kernels.ORIGIN] = start_us
    clock[kernels.INTERVAL] = interval_us
    clock[kernels.NUM_SLOTS] = num_intervals
    clock[[kernels.NEWEST_INTERVAL, kernels.NEWEST, kernels.CLEARED]] = kernels.NEVER
    cells = np.zeros((num_intervals, row_size), dtype)
    return Intervals(clock, cells, np.zeros(num_intervals, np.int64))
