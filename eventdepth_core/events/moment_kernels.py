"""
Packed integer moments: what the intervals of time hold, and how a voxel grid comes out of them.

One int64 per interval and cell holds (S0 << SHIFT) + S1 with S0 = sum p and S1 = sum p (t - t_k),
t_k the interval's start: one addition per event, exact whatever the order. With bins at distance D
and an interval starting a behind its bin, linear weights need nothing else:

    bin k      gets  sum p (1 - (t - node) / D) = ((D - a) S0 - S1) / D
    bin k + 1  gets  sum p (t - node) / D       = (a S0 + S1) / D

so the numerators are integers, the same for every choice of intervals. Exact up to 2^23 events and
2^39 / interval events per interval and cell.

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.types import Events, Float32
import numpy as np
from numpy.typing import NDArray

SHIFT: Final = 40
ONE: Final = 1 << SHIFT

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
NUM_CLOCK: Final = 16

NEVER: Final = -(1 << 62)
NO_BREAK: Final = 0
BACKWARD: Final = 1
FORWARD: Final = 2

PADDING: Final = 16  # spare cells behind the last, so that a vector of 12 may reach over it
_BLOCK: Final = 128  # cells that go through all bins together


@kernel
def seek(
    now_us: Integer,
    clock: NDArray[np.int64],
    moments: NDArray[np.int64],
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
            clear_from = max(newest + 1, interval - clock[NUM_SLOTS] + 1)
            for i in range(clear_from, interval + 1):
                slot = i % clock[NUM_SLOTS]
                moments[slot] = 0
                counts[slot] = 0
            clock[NEWEST_INTERVAL] = interval
        # older than the ring: the event is too late for its sums and only among what is kept
        clock[IS_INSIDE] = interval > clock[NEWEST_INTERVAL] - clock[NUM_SLOTS]
        clock[SLOT] = interval % clock[NUM_SLOTS]
    else:
        clock[IS_INSIDE] = 0 <= interval < clock[NUM_SLOTS]
        clock[SLOT] = interval if clock[IS_INSIDE] else 0
    clock[LOW] = clock[ORIGIN] + interval * clock[INTERVAL]
    clock[HIGH] = clock[LOW] + clock[INTERVAL]
    return bool(clock[BREAK] == NO_BREAK)


@kernel
def add_events(
    events: Events,
    size: tuple[int, int],
    scale: Integer,
    lookup: NDArray[np.int32] | None,
    clock: NDArray[np.int64],
    moments: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> Integer:
    """Add `events`, their times multiplied by `scale`; return how many went in until a break."""
    i: Integer = 0
    while i < events.size:
        now_us = events[i]['t'] * scale
        if now_us < clock[LOW] or now_us >= clock[HIGH]:
            if not seek(now_us, clock, moments, counts):
                return i
        slot = clock[SLOT]
        stop, n = add_events_inside(events, i, size, scale, lookup, clock, moments[slot])
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
    clock: NDArray[np.int64],
    cells: NDArray[np.int64],
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
            add_single(row * width + column, signed, lookup, clock, cells)
            n += 1
    clock[NEWEST] = newest_us
    return i, n


@kernel
def add_single(
    cell: Integer,
    signed: Integer,
    lookup: NDArray[np.int32] | None,
    clock: NDArray[np.int64],
    cells: NDArray[np.int64],
) -> None:
    """Add an event to its output cell, or count it if it has none."""
    if lookup is not None:
        cell = np.int64(lookup[np.uint64(cell)])
        if cell < 0:
            clock[NUM_UNMAPPED] += 1
            return
    cells[np.uint64(cell)] += signed


@kernel
def voxel_from_moments(
    moments: NDArray[np.int64],
    slots: NDArray[np.int64],
    interval_us: Integer,
    spacing_us: Integer,
    out: Float32,
) -> None:
    """Write the voxel grid `out` (bins, cells); `slots` (intervals,) of one window, -1 = empty."""
    bins, num_cells = out.shape
    per_bin = spacing_us // interval_us
    now = np.zeros(_BLOCK, np.float64)
    later = np.zeros(_BLOCK, np.float64)
    for first in range(0, num_cells, _BLOCK):
        stop = min(first + _BLOCK, num_cells)
        is_later_zero = True
        for k in range(bins):
            now, later = later, now
            is_now_zero = is_later_zero
            is_later_zero = True
            for j in range(per_bin if k < bins - 1 else 0):
                slot = slots[k * per_bin + j]
                if slot < 0:
                    continue
                if is_now_zero:
                    now[:] = 0.0
                if is_later_zero:
                    later[:] = 0.0
                is_now_zero = False
                is_later_zero = False
                add_interval(moments[slot, first:stop], j * interval_us, spacing_us, now, later)
            if is_now_zero:
                out[k, first:stop] = 0.0
            else:
                write_plane(now, 1.0 / spacing_us, out[k, first:stop])


@kernel
def voxel_from_whole_moments(
    moments: NDArray[np.int64],
    slots: NDArray[np.int64],
    spacing_us: Integer,
    out: Float32,
) -> None:
    """Do the same, faster, where every interval reaches from one bin to the next."""
    bins, num_cells = out.shape
    later = np.zeros(_BLOCK, np.float64)
    for first in range(0, num_cells, _BLOCK):
        stop = min(first + _BLOCK, num_cells)
        is_later_zero = True
        for k in range(bins):
            slot = slots[k] if k < bins - 1 else -1
            if slot >= 0:
                if is_later_zero:
                    later[:] = 0.0
                is_later_zero = False
                carry_interval(moments[slot, first:stop], spacing_us, later, out[k, first:stop])
            elif is_later_zero:
                out[k, first:stop] = 0.0
            else:
                is_later_zero = True
                write_plane(later, 1.0 / spacing_us, out[k, first:stop])


@kernel
def carry_interval(
    packed: NDArray[np.int64], spacing_us: Integer, later: NDArray[np.float64], plane: Float32
) -> None:
    """Write a bin from what the interval before it left and leave what is for the next bin."""
    scale = 1.0 / spacing_us
    distance = np.float64(spacing_us)
    for i in range(packed.size):
        s1 = (packed[i] << (64 - SHIFT)) >> (64 - SHIFT)
        s0 = (packed[i] - s1) >> SHIFT
        numerator = later[i] + distance * np.float64(s0) - np.float64(s1)
        plane[i] = np.float32(numerator * scale)
        later[i] = np.float64(s1)


@kernel
def add_interval(
    packed: NDArray[np.int64],
    behind_us: Integer,
    spacing_us: Integer,
    now: NDArray[np.float64],
    later: NDArray[np.float64],
) -> None:
    """Add an interval that starts `behind_us` behind its bin to the numerators of two bins."""
    a = np.float64(behind_us)
    b = np.float64(spacing_us - behind_us)
    for i in range(packed.size):
        s1 = (packed[i] << (64 - SHIFT)) >> (64 - SHIFT)
        s0 = (packed[i] - s1) >> SHIFT
        now[i] += b * np.float64(s0) - np.float64(s1)
        later[i] += a * np.float64(s0) + np.float64(s1)


@kernel
def write_plane(numerators: NDArray[np.float64], scale: float, plane: Float32) -> None:
    """Write numerators times `scale`, rounded once to float32."""
    for i in range(plane.size):
        plane[i] = np.float32(numerators[i] * scale)
