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

from eventdepth_core.compilation import kernel
from eventdepth_core.events.packet_counts import OUT_OF_SENSOR
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
NUM_CLOCK: Final = 15

NEVER: Final = -(1 << 62)
NO_BREAK: Final = 0
BACKWARD: Final = 1
FORWARD: Final = 2

_BLOCK: Final = 1024  # cells that stay in the first-level cache through all bins


@kernel
def seek(
    now_us: int, clock: NDArray[np.int64], moments: NDArray[np.int64], counts: NDArray[np.int64]
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
        if interval > newest:
            clear_from = max(newest + 1, interval - clock[NUM_SLOTS] + 1)
            for i in range(clear_from, interval + 1):
                moments[i % clock[NUM_SLOTS]] = 0
                counts[i % clock[NUM_SLOTS]] = 0
            clock[NEWEST_INTERVAL] = interval
        clock[SLOT] = interval % clock[NUM_SLOTS]
        clock[IS_INSIDE] = 1
    else:
        clock[IS_INSIDE] = 0 <= interval < clock[NUM_SLOTS]
        clock[SLOT] = interval if clock[IS_INSIDE] else 0
    clock[LOW] = clock[ORIGIN] + interval * clock[INTERVAL]
    clock[HIGH] = clock[LOW] + clock[INTERVAL]
    return clock[BREAK] == NO_BREAK


@kernel
def add_events(
    events: Events,
    size: tuple[int, int],
    scale: int,
    lookup: NDArray[np.int32] | None,
    clock: NDArray[np.int64],
    moments: NDArray[np.int64],
    counts: NDArray[np.int64],
    tally: NDArray[np.int64],
) -> int:
    """Add `events`, their times multiplied by `scale`; return how many went in until a break."""
    height, width = size
    for i in range(events.size):
        event = events[i]
        now_us = event['t'] * scale
        if now_us < clock[LOW] or now_us >= clock[HIGH]:
            if not seek(now_us, clock, moments, counts):
                return i
        clock[NEWEST] = max(clock[NEWEST], now_us)
        row = np.int64(event['y'])
        column = np.int64(event['x'])
        if row >= height or column >= width:
            tally[OUT_OF_SENSOR] += 1
            continue
        cell = row * width + column
        if lookup is not None:
            cell = np.int64(lookup[cell])
            if cell < 0:
                clock[NUM_UNMAPPED] += 1
        if clock[IS_INSIDE]:
            counts[clock[SLOT]] += 1
            if cell >= 0:
                moments[clock[SLOT], cell] += event['p'] * (ONE + now_us - clock[LOW])
    return events.size


@kernel
def voxel_from_moments(
    moments: NDArray[np.int64],
    slots: NDArray[np.int64],
    interval_us: int,
    spacing_us: int,
    out: Float32,
) -> None:
    """Write the voxel grid `out` (bins, cells); `slots` (intervals,) of one window, -1 = empty."""
    bins, num_cells = out.shape
    per_bin = spacing_us // interval_us
    scale = 1.0 / spacing_us
    now = np.empty(_BLOCK, np.float64)
    later = np.empty(_BLOCK, np.float64)
    for first in range(0, num_cells, _BLOCK):
        num = min(_BLOCK, num_cells - first)
        later[:] = 0.0
        for k in range(bins):
            now, later = later, now
            later[:] = 0.0
            for j in range(per_bin if k < bins - 1 else 0):
                slot = slots[k * per_bin + j]
                if slot >= 0:
                    add_interval(
                        moments[slot, first : first + num], j * interval_us, spacing_us, now, later
                    )
            plane = out[k, first : first + num]
            for i in range(num):
                plane[i] = np.float32(now[i] * scale)


@kernel
def add_interval(
    packed: NDArray[np.int64],
    behind_us: int,
    spacing_us: int,
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
