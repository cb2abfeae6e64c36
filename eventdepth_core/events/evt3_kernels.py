"""
EVT3 words -> events: the compiled loop and the rules of its clock.

A word has 16 bits, the code in the upper four: 0 row, 2 column + polarity (an event), 3 vector
base, 4 and 5 a mask of 12 or 8 columns from the base on, 6 and 8 the lower and upper 12 bits of
the 24-bit time in µs, 10 a trigger, 14, 7 and 15 vendor words without events; others are reserved.

Laws: the lower time bits are stale as soon as the upper ones change; a step back of the upper
bits by at most `NOISE_HIGHS` is noise, a larger one a wrap; without both halves of the time, a
row and (for vectors) a base there is no event.

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.tally_kernels import (
    BACKWARD_STEPS,
    BEFORE_ADDRESS,
    BEFORE_TIME,
    OUT_OF_SENSOR,
    RESERVED,
    UNKNOWN,
    WRAPS,
)
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

ADDR_Y: Final = 0
ADDR_X: Final = 2
VECT_BASE_X: Final = 3
VECT_12: Final = 4
VECT_8: Final = 5
TIME_LOW: Final = 6
CONTINUED_4: Final = 7
TIME_HIGH: Final = 8
EXT_TRIGGER: Final = 10
OTHERS: Final = 14
CONTINUED_12: Final = 15

# Places in the state.
LOOPS: Final = 0
HIGH: Final = 1
TIME: Final = 2
IS_TIMED: Final = 3
ROW: Final = 4
BASE: Final = 5
POLARITY: Final = 6
NUM_STATE: Final = 7

NOISE_HIGHS: Final = 10  # 41 ms
NUM_HIGHS: Final = 1 << 12
NO_TIME: Final = -(1 << 63)


@kernel
def count_evt3(words: NDArray[np.uint16]) -> tuple[Integer, Integer]:
    """Return upper bounds of the events and triggers in `words`."""
    num_events = 0
    num_triggers = 0
    for i in range(words.size):
        word = np.int64(words[i])
        code = word >> 12
        is_vector = code >> 1 == VECT_12 >> 1
        # without branches, so that it becomes vector code
        num_events += (code == ADDR_X) + is_vector * popcount(word & 0xFFF)
        num_triggers += code == EXT_TRIGGER
    return num_events, num_triggers


@kernel
def first_evt3_time(
    words: NDArray[np.uint16], state: NDArray[np.int64], tally: NDArray[np.int64]
) -> Integer:
    """Return the time of the first event in `words`, `NO_TIME` without one; changes the state."""
    for i in range(words.size):
        word = np.int64(words[i])
        code = word >> 12
        if code == TIME_LOW or code == TIME_HIGH:
            state[TIME] = next_time(code, word & 0xFFF, state, tally)
        elif state[IS_TIMED] and (code == ADDR_X or code >> 1 == VECT_12 >> 1):
            return np.int64(state[TIME])
    return NO_TIME


@kernel
def decode_evt3(
    words: NDArray[np.uint16],
    size: tuple[int, int],
    state: NDArray[np.int64],
    tally: NDArray[np.int64],
    events: Events,
    triggers: NDArray[np.void],
) -> tuple[Integer, Integer]:
    """Write the events and triggers of `words` and return how many there are of each."""
    height, width = size
    time_us, row, base, polarity = state[TIME], state[ROW], state[BASE], state[POLARITY]
    rows = height if state[IS_TIMED] else 0
    n: Integer = 0
    m = 0
    for i in range(words.size):
        word = np.int64(words[np.uint64(i)])
        code = word >> 12
        low = word & 0xFFF
        if code == ADDR_X:
            column = low & 0x7FF
            if column < width and row < rows:
                write_event(events, n, time_us, row, column, low >> 11)
                n += 1
            else:
                count_lost(1, row, rows, column, tally)
        elif code == ADDR_Y:
            row = low & 0x7FF
        elif code == TIME_LOW and rows:
            before_us = time_us
            time_us = (before_us & ~0xFFF) | low
            tally[BACKWARD_STEPS] += time_us < before_us
        elif code == TIME_LOW or code == TIME_HIGH:
            state[TIME] = time_us
            time_us = next_time(code, low, state, tally)
            rows = height if state[IS_TIMED] else 0
        elif code == VECT_BASE_X:
            base = low & 0x7FF
            polarity = low >> 11
        elif code == VECT_12 or code == VECT_8:
            num_columns = 12 if code == VECT_12 else 8
            rest = low if code == VECT_12 else low & 0xFF
            while rest:  # from set bit to set bit
                lowest = rest & -rest
                column = base + popcount(lowest - 1)
                rest ^= lowest
                if column < width and row < rows:
                    write_event(events, n, time_us, row, column, polarity)
                    n += 1
                else:
                    count_lost(1, row, rows, column, tally)
            base += num_columns
        elif code == EXT_TRIGGER and rows:
            write_trigger(triggers, m, time_us, low)
            m += 1
        else:
            count_reserved(code, tally)
    state[TIME] = time_us
    state[ROW] = row
    state[BASE] = base
    state[POLARITY] = polarity
    return n, m


@kernel
def write_event(
    events: Events,
    n: Integer,
    time_us: Integer,
    row: Integer,
    column: Integer,
    polarity: Integer,
) -> None:
    """Write event `n`; `polarity` is 0 or 1."""
    place = np.uint64(n)  # unsigned indexes spare numba the case of negative ones
    events[place]['t'] = time_us
    events[place]['x'] = column
    events[place]['y'] = row
    events[place]['p'] = 2 * polarity - 1


@kernel
def write_trigger(triggers: NDArray[np.void], m: Integer, time_us: Integer, low: Integer) -> None:
    """Write trigger `m`: the channel in the upper bits, the edge in the lowest."""
    triggers[m]['t'] = time_us
    triggers[m]['id'] = low >> 8
    triggers[m]['p'] = 2 * (low & 1) - 1


@kernel
def count_reserved(code: Integer, tally: NDArray[np.int64]) -> None:
    """Count a word that the format does not define; others here are a vendor's."""
    is_vendor = code == OTHERS or code == CONTINUED_4 or code == CONTINUED_12
    if not is_vendor and code != EXT_TRIGGER:
        tally[RESERVED] += 1


@kernel
def next_time(
    code: Integer, low: Integer, state: NDArray[np.int64], tally: NDArray[np.int64]
) -> Integer:
    """Take over a time word and return the unwrapped sensor time in µs."""
    time_us: Integer = state[TIME]
    high = state[HIGH]
    now_us: Integer
    if code == TIME_LOW:
        if high < 0:
            return time_us
        state[IS_TIMED] = 1
        now_us = (time_us & ~0xFFF) | low
        tally[BACKWARD_STEPS] += now_us < time_us
        state[TIME] = now_us
        return now_us
    if low == high:
        return time_us
    step = low - high if high >= 0 else 1
    if step < -NOISE_HIGHS:
        state[LOOPS] += 1
        tally[WRAPS] += 1
    elif step > NUM_HIGHS - NOISE_HIGHS and state[LOOPS] > 0:
        state[LOOPS] -= 1
        tally[BACKWARD_STEPS] += 1
    elif step < 0:
        tally[BACKWARD_STEPS] += 1
    now_us = (state[LOOPS] << 24) | (low << 12)
    state[HIGH] = low
    state[TIME] = now_us
    return now_us


@kernel
def count_lost(
    num_events: Integer, row: Integer, rows: Integer, column: Integer, tally: NDArray[np.int64]
) -> None:
    """Count events that have no time, no address or lie outside the sensor."""
    if rows == 0:
        tally[BEFORE_TIME] += num_events
    elif row == UNKNOWN or column >= UNKNOWN:
        tally[BEFORE_ADDRESS] += num_events
    else:
        tally[OUT_OF_SENSOR] += num_events


@kernel
def popcount(mask: Integer) -> Integer:
    """Return the number of set bits of a mask of at most 12 bits."""
    pairs = mask - ((mask >> 1) & 0x555)
    quads = (pairs & 0x333) + ((pairs >> 2) & 0x333)
    return (quads & 0xF) + ((quads >> 4) & 0xF) + ((quads >> 8) & 0xF)
