"""
What the intervals of time hold, added event by event: packed integer moments, or maps.

Moments are one int64 per interval and cell, (S0 << SHIFT) + S1 with S0 = sum p and
S1 = sum p (t - t_k), t_k the interval's start: one addition per event, exact whatever the order,
up to 2^23 events and 2^39 / interval events per interval and cell.

Where polarities are split, `split` is the number of cells: the cells of OFF events stand in front
of those of ON events, and both grow upwards. With a `limit` (and always split) the cells are maps:
counts that stop at the limit instead of wrapping, or for `LATEST` the distance of the latest event
from the interval's start plus one, 0 for none. The kernels compile for each kind by itself.

"""

from typing import Any, Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.interval_kernels import (
    HIGH,
    IS_INSIDE,
    LOW,
    NEWEST,
    NUM_UNMAPPED,
    seek,
    SLOT,
)
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

SHIFT: Final = 40
ONE: Final = 1 << SHIFT
LATEST: Final = -1  # the limit of maps that keep times
PADDING: Final = 16  # spare cells behind the last, so that a vector of 12 may reach over it


@kernel
def add_events(
    events: Events,
    size: tuple[int, int],
    scale: Integer,
    lookup: NDArray[np.int32] | None,
    split: Integer | None,
    limit: Integer | None,
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
    counts: NDArray[np.int64],
) -> Integer:
    """Add `events`, their times multiplied by `scale`; return how many went in until a break."""
    i: Integer = 0
    while i < events.size:
        now_us = events[i]['t'] * scale
        if now_us < clock[LOW] or now_us >= clock[HIGH]:
            if not seek(now_us, clock, cells, counts):
                return i
        slot = clock[SLOT]
        stop, n = add_events_inside(
            events, i, size, scale, lookup, split, limit, clock, cells[slot]
        )
        counts[slot] += n * clock[IS_INSIDE]
        if stop == i:
            return i  # a time so near the ends of int64 that no interval holds it
        i = stop
    return i


@kernel
def add_events_inside(
    events: Events,
    first: Integer,
    size: tuple[int, int],
    scale: Integer,
    lookup: NDArray[np.int32] | None,
    split: Integer | None,
    limit: Integer | None,
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
) -> tuple[Integer, Integer]:
    """Add events of one interval from `first` on; return the first after it and their number."""
    height, width = size
    low_us, high_us, is_inside = clock[LOW], clock[HIGH], clock[IS_INSIDE]
    newest_us = clock[NEWEST]
    n = 0
    i: Integer = first
    for i in range(first, events.size + 1):
        if i == events.size:
            break
        # unsigned indexes spare numba the case of negative ones
        event = events[np.uint64(i)]
        now_us = event['t'] * scale
        if now_us < low_us or now_us >= high_us:
            break
        newest_us = max(newest_us, now_us)
        row = np.int64(event['y'])
        column = np.int64(event['x'])
        if row < height and column < width:
            signed = event['p'] * (ONE + now_us - low_us) * is_inside
            add_single(row * width + column, signed, lookup, split, limit, clock, cells)
            n += 1
    clock[NEWEST] = newest_us
    return i, n


@kernel
def add_single(
    cell: Integer,
    signed: Integer,
    lookup: NDArray[np.int32] | None,
    split: Integer | None,
    limit: Integer | None,
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
) -> None:
    """Add an event to its output cell, or count it if it has none."""
    if lookup is not None:
        cell = np.int64(lookup[np.uint64(cell)])
        if cell < 0:
            clock[NUM_UNMAPPED] += 1
            return
    add_signed(cell, signed, split, limit, cells)


@kernel
def add_signed(
    cell: Integer,
    signed: Integer,
    split: Integer | None,
    limit: Integer | None,
    cells: NDArray[np.integer[Any]],
) -> None:
    """Add to an output cell, or to the cell of its polarity."""
    if split is None:
        cells[np.uint64(cell)] += signed
    elif limit is not None:
        add_to_map(cell, signed, split, limit, cells)
    elif signed > 0:
        cells[np.uint64(cell + split)] += signed
    else:
        cells[np.uint64(cell)] -= signed


@kernel
def add_to_map(
    cell: Integer,
    signed: Integer,
    split: Integer,
    limit: Integer,
    cells: NDArray[np.integer[Any]],
) -> None:
    """Count up to `limit`, or keep the latest time; nothing where no interval holds the time."""
    if signed == 0:
        return
    place = np.uint64(cell + (split if signed > 0 else 0))
    held = np.int64(cells[place])
    if limit == LATEST:
        cells[place] = max(held, abs(np.int64(signed)) - ONE + 1)
    elif held < limit:
        cells[place] = held + 1
