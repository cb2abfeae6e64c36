"""
EVT3 words -> moments or maps in one loop: no event list ever exists.

The rules of the words are those of the EVT3 packet decoder, whose state and tally it shares. Words
that go well are added in a small, fast loop; at any other word (a new upper half of the time, the
end of the interval, an event outside the sensor, a trigger, ...) it stops, and that one word takes
the general way.

"""

from typing import Any

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.evt3_kernels import (
    ADDR_X,
    ADDR_Y,
    BASE,
    count_lost,
    count_reserved,
    EXT_TRIGGER,
    IS_TIMED,
    next_time,
    POLARITY,
    popcount,
    ROW,
    TIME,
    TIME_HIGH,
    TIME_LOW,
    VECT_8,
    VECT_12,
    VECT_BASE_X,
)
from eventdepth_core.events.interval_kernels import HIGH, IS_INSIDE, LOW, NEWEST, seek, SLOT
from eventdepth_core.events.moment_kernels import add_single, ONE
from eventdepth_core.events.tally_kernels import EVENTS, TRIGGERS
import numpy as np
from numpy.typing import NDArray


@kernel
def add_evt3(
    words: NDArray[np.uint16],
    size: tuple[int, int],
    lookup: NDArray[np.int32] | None,
    split: Integer | None,
    limit: Integer | None,
    state: NDArray[np.int64],
    tally: NDArray[np.int64],
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
    counts: NDArray[np.int64],
) -> Integer:
    """Add the events of `words`; return how many words went in until a break."""
    i: Integer = 0
    while True:
        if state[IS_TIMED]:
            now_us = state[TIME]
            if now_us < clock[LOW] or now_us >= clock[HIGH]:
                if not seek(now_us, clock, cells, counts):
                    return i
            slot = clock[SLOT]
            i, n = add_inside(words, i, size, lookup, split, limit, state, clock, cells[slot])
            counts[slot] += n * clock[IS_INSIDE]
            tally[EVENTS] += n
            clock[NEWEST] = max(clock[NEWEST], state[TIME])
        if i >= words.size:
            return i
        add_word(
            np.int64(words[i]), size, lookup, split, limit, state, tally, clock, cells, counts
        )
        i += 1


@kernel
def add_inside(
    words: NDArray[np.uint16],
    first: Integer,
    size: tuple[int, int],
    lookup: NDArray[np.int32] | None,
    split: Integer | None,
    limit: Integer | None,
    state: NDArray[np.int64],
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
) -> tuple[Integer, Integer]:
    """Add words from `first` on; return the first one not added and the number of events."""
    height, width = size
    now_us, row, base, polarity = state[TIME], state[ROW], state[BASE], state[POLARITY]
    low_us, high_us, is_inside = clock[LOW], clock[HIGH], clock[IS_INSIDE]
    # an event adds the value or takes it away; 0 where no interval holds the time
    value = (ONE + now_us - low_us) * is_inside
    n: Integer = 0
    i: Integer = first
    for i in range(first, words.size + 1):
        if i == words.size:
            break
        word = np.int64(words[np.uint64(i)])
        code = word >> 12
        low = word & 0xFFF
        if code == ADDR_X:
            column = low & 0x7FF
            if column >= width or row >= height:
                break
            signed = value if low >> 11 else -value
            add_single(row * width + column, signed, lookup, split, limit, clock, cells)
            n += 1
        elif code == ADDR_Y:
            row = low & 0x7FF
        elif code == TIME_LOW:
            later_us = (now_us & ~0xFFF) | low
            if later_us < now_us or later_us >= high_us:
                break
            now_us = later_us
            value = (ONE + now_us - low_us) * is_inside
        elif code == TIME_HIGH:
            if low != (now_us >> 12) & 0xFFF:
                break
        elif code == VECT_12 or code == VECT_8:
            num_columns = 12 if code == VECT_12 else 8
            if row >= height or base + num_columns > width:
                break
            mask = low if code == VECT_12 else low & 0xFF
            signed = value if polarity else -value
            add_vector(row * width + base, mask, signed, lookup, split, limit, clock, cells)
            n += popcount(mask)
            base += num_columns
        elif code == VECT_BASE_X:
            base = low & 0x7FF
            polarity = low >> 11
        else:
            break
    state[TIME] = now_us
    state[ROW] = row
    state[BASE] = base
    state[POLARITY] = polarity
    return i, n


@kernel
def add_vector(
    cell: Integer,
    mask: Integer,
    signed: Integer,
    lookup: NDArray[np.int32] | None,
    split: Integer | None,
    limit: Integer | None,
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
) -> None:
    """Add the events of a mask, the lowest bit at `cell`."""
    if lookup is None and limit is None:
        value: Integer = signed
        if split is not None:
            cell = np.int64(cell + (split if signed > 0 else 0))
            value = abs(np.int64(signed))
        # always 12 cells, so that it becomes vector code; what is not set adds 0
        for k in range(12):
            cells[np.uint64(cell + k)] += value & -((mask >> k) & 1)
    else:
        # from set bit to set bit: a branch per column would be guessed wrong too often
        rest = np.int64(mask)
        while rest:
            lowest = rest & -rest
            column = popcount(lowest - 1)
            add_single(cell + column, signed, lookup, split, limit, clock, cells)
            rest ^= lowest


@kernel
def add_word(
    word: Integer,
    size: tuple[int, int],
    lookup: NDArray[np.int32] | None,
    split: Integer | None,
    limit: Integer | None,
    state: NDArray[np.int64],
    tally: NDArray[np.int64],
    clock: NDArray[np.int64],
    cells: NDArray[np.integer[Any]],
    counts: NDArray[np.int64],
) -> None:
    """Add one word of any kind."""
    height, width = size
    code = word >> 12
    low = word & 0xFFF
    row = state[ROW]
    rows = height if state[IS_TIMED] else 0
    if code == ADDR_Y:
        state[ROW] = low & 0x7FF
    elif code == TIME_LOW or code == TIME_HIGH:
        next_time(code, low, state, tally)
    elif code == VECT_BASE_X:
        state[BASE] = low & 0x7FF
        state[POLARITY] = low >> 11
    elif code == ADDR_X:
        # the fast loop has left it because it has no place or no time
        count_lost(1, row, rows, low & 0x7FF, tally)
    elif code == VECT_12 or code == VECT_8:
        value = (ONE + state[TIME] - clock[LOW]) * clock[IS_INSIDE]
        num_columns = 12 if code == VECT_12 else 8
        base = state[BASE]
        for column in range(base, base + num_columns):
            if not low >> (column - base) & 1:
                continue
            if row < rows and column < width:
                tally[EVENTS] += 1
                counts[clock[SLOT]] += clock[IS_INSIDE]
                signed = value if state[POLARITY] else -value
                held = cells[clock[SLOT]]
                cell = row * width + column
                add_single(cell, signed, lookup, split, limit, clock, held)
            else:
                count_lost(1, row, rows, column, tally)
        state[BASE] = base + num_columns
    elif code == EXT_TRIGGER and rows:
        tally[TRIGGERS] += 1
    else:
        count_reserved(code, tally)
