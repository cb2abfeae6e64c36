"""
Counts and latest times per interval, cell and polarity, and the maps that come out of them.

The cells of OFF events stand in front of those of ON events. A count stops at its limit instead
of wrapping; the least of the limit and a sum of counts that stopped there is the least of the
limit and the true sum, so saturation does not depend on how intervals are cut. A latest time is
kept as its distance from the interval's start plus one, 0 for none, and grows only.

"""

from typing import Any

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
from eventdepth_core.types import Events, Float32
import numpy as np
from numpy.typing import NDArray


@kernel
def add_to_maps(
    events: Events,
    size: tuple[int, int],
    scale: Integer,
    lookup: NDArray[np.int32] | None,
    split: Integer,
    limit: Integer | None,
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
    counts: NDArray[np.int64],
) -> Integer:
    """Count `events` up to `limit`, or keep their latest times for None; see `add_events`."""
    i: Integer = 0
    while i < events.size:
        now_us = events[i]['t'] * scale
        if now_us < clock[LOW] or now_us >= clock[HIGH]:
            if not seek(now_us, clock, cells, counts):
                return i
        slot = clock[SLOT]
        row = cells[slot]
        stop, n = add_to_maps_inside(events, i, size, scale, lookup, split, limit, clock, row)
        counts[slot] += n * clock[IS_INSIDE]
        if stop == i:
            return i
        i = stop
    return i


@kernel
def add_to_maps_inside(
    events: Events,
    first: Integer,
    size: tuple[int, int],
    scale: Integer,
    lookup: NDArray[np.int32] | None,
    split: Integer,
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
        event = events[np.uint64(i)]
        now_us = event['t'] * scale
        if now_us < low_us or now_us >= high_us:
            break
        newest_us = max(newest_us, now_us)
        row = np.int64(event['y'])
        column = np.int64(event['x'])
        if row >= height or column >= width:
            continue
        n += 1
        cell = row * width + column
        if lookup is not None:
            cell = np.int64(lookup[np.uint64(cell)])
            if cell < 0:
                clock[NUM_UNMAPPED] += 1
                continue
        place = np.uint64(cell + (split if event['p'] > 0 else 0))
        held = np.int64(cells[place])
        if limit is None:
            cells[place] = max(held, (now_us - low_us + 1) * is_inside)
        else:
            cells[place] = held + (is_inside if held < limit else 0)
    clock[NEWEST] = newest_us
    return i, n


@kernel
def sum_counts(
    cells: NDArray[np.integer[Any]],
    slots: NDArray[np.int64],
    first_cell: Integer,
    limit: Integer,
    out: NDArray[np.integer[Any]],
) -> None:
    """Write the sum over `slots` (-1 is empty), at most `limit`, into `out` (cells,)."""
    out[:] = 0
    for slot in slots:
        if slot < 0:
            continue
        add_saturating(cells[slot, first_cell : first_cell + out.size], limit, out)


@kernel
def add_saturating(
    counts: NDArray[np.integer[Any]], limit: Integer, out: NDArray[np.integer[Any]]
) -> None:
    """Add `counts` to `out` up to `limit`."""
    most = np.int32(limit)
    for i in range(out.size):
        out[i] = min(np.int32(out[i]) + np.int32(counts[i]), most)


@kernel
def latest_times(
    cells: NDArray[np.int32],
    slots: NDArray[np.int64],
    first_cell: Integer,
    start_us: Integer,
    interval_us: Integer,
    out: NDArray[np.int64],
) -> None:
    """Write the latest time of each cell into `out` (cells,), what is there where none came."""
    for k in range(slots.size):
        if slots[k] < 0:
            continue
        before_us = start_us + k * interval_us - 1
        stamps = cells[slots[k], first_cell : first_cell + out.size]
        for i in range(out.size):
            stamp = np.int64(stamps[i])
            out[i] = before_us + stamp if stamp > 0 else out[i]


@kernel
def decayed(
    times_us: NDArray[np.int64],
    start_us: Integer,
    end_us: Integer,
    decay_us: float | None,
    out: Float32,
) -> None:
    """
    Write 1 at `end_us`, falling to 0 with age, into `out` (cells,).

    Linear over the window, or exponential with `decay_us`; times in front of the window stand
    for none.

    """
    for i in range(out.size):
        if times_us[i] < start_us:
            out[i] = 0.0
        elif decay_us is None:
            out[i] = np.float32((times_us[i] - start_us) / (end_us - start_us))
        else:
            out[i] = np.float32(np.exp((times_us[i] - end_us) / decay_us))
