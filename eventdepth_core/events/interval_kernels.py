"""
Which interval of time an event falls into: the clock of a set of intervals.

A ring follows a stream and takes its oldest intervals over for newer times; a fixed set holds one
window. What an interval holds per cell is the business of those who add events.

"""

from typing import Any, Final

from eventdepth_core.compilation import Integer, kernel
import numpy as np
from numpy.typing import NDArray

# Places in the clock of a set of intervals. Where time is now:
LOW: Final = 0  # the current interval [LOW, HIGH), µs
HIGH: Final = 1
SLOT: Final = 2
IS_INSIDE: Final = 3  # 0 for a time that no interval holds
NEWEST_INTERVAL: Final = 4
NEWEST: Final = 5  # newest time, µs
# What it is made of:
ORIGIN: Final = 6
INTERVAL: Final = 7
NUM_SLOTS: Final = 8
IS_RING: Final = 9
MAX_BACK: Final = 10  # intervals
MAX_GAP: Final = 11  # intervals
# What happened:
BREAK: Final = 12
BREAK_FROM: Final = 13
NUM_UNMAPPED: Final = 14
FIRST: Final = 15  # the time that came first, µs
CLEARED: Final = 16  # the newest interval of a ring whose cells are ready for it
NUM_CLOCK: Final = 17

NEVER: Final = -(1 << 62)
NO_BREAK: Final = 0
BACKWARD: Final = 1
FORWARD: Final = 2


@kernel
def seek(
    now_us: Integer,
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
    counts: NDArray[np.int64],
) -> bool:
    """
    Go to the interval of `now_us`, clearing those that the ring takes over for newer times.

    Returns False, with the break written down, if the time is further back than noise (the
    interval stays as it was) or further ahead than any silence (the interval has changed).

    """
    interval = (now_us - clock[ORIGIN]) // clock[INTERVAL]
    if clock[IS_RING]:
        newest = clock[NEWEST_INTERVAL]
        if newest != NEVER and interval < newest - clock[MAX_BACK]:
            clock[BREAK] = BACKWARD
            clock[BREAK_FROM] = clock[NEWEST]
            return False
        if newest != NEVER and interval > newest + clock[MAX_GAP]:
            clock[BREAK] = FORWARD
            clock[BREAK_FROM] = clock[NEWEST]
            clock[NEWEST] = now_us
        if newest == NEVER:
            clock[FIRST] = now_us
        if interval > newest:
            clear(max(newest + 1, interval - clock[NUM_SLOTS] + 1), interval, clock, cells, counts)
            clock[NEWEST_INTERVAL] = interval
        # older than the ring: the event is too late for its sums and only among what is kept
        clock[IS_INSIDE] = interval > clock[CLEARED] - clock[NUM_SLOTS]
        clock[SLOT] = interval % clock[NUM_SLOTS]
    else:
        clock[IS_INSIDE] = 0 <= interval < clock[NUM_SLOTS]
        clock[SLOT] = interval if clock[IS_INSIDE] else 0
    clock[LOW] = clock[ORIGIN] + interval * clock[INTERVAL]
    clock[HIGH] = clock[LOW] + clock[INTERVAL]
    return bool(clock[BREAK] == NO_BREAK)


@kernel
def follow(
    now_us: Integer,
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
    counts: NDArray[np.int64],
) -> None:
    """Let time go on to `now_us` without an event."""
    if seek(now_us, clock, cells, counts):
        clock[NEWEST] = max(clock[NEWEST], now_us)


@kernel
def clear(
    first: Integer,
    last: Integer,
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
    counts: NDArray[np.int64],
) -> None:
    """Clear the slots of the intervals `first` to `last` that are not ready yet."""
    for i in range(max(first, clock[CLEARED] + 1), last + 1):
        slot = i % clock[NUM_SLOTS]
        cells[slot] = 0
        counts[slot] = 0
    clock[CLEARED] = max(clock[CLEARED], last)


@kernel
def clear_next(
    within_us: Integer,
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
    counts: NDArray[np.int64],
) -> None:
    """Make the slot of the interval after the newest ready if it begins `within_us`."""
    newest = clock[NEWEST_INTERVAL]
    if newest != NEVER:
        begin_us = clock[ORIGIN] + (newest + 1) * clock[INTERVAL]
        if clock[NEWEST] >= begin_us - within_us:
            clear(newest + 1, newest + 1, clock, cells, counts)
