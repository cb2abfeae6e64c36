"""
libcaer_cmp words -> events: the compiled loop.

A word has 16 bits, the code in the upper four: 0 and 1 the upper and lower 12 bits of the time
in µs since the packet's time base, 2 column, 3 row + polarity (an event), 4 vector base (row and
polarity), 5 a mask of 8 rows from the base on; others are reserved.

Laws: the lower time bits are stale as soon as the upper ones change; upper bits that fall by more
than half their range have wrapped; an event before the first time word has the time base's time.

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.tally_kernels import (
    BACKWARD_STEPS,
    BEFORE_ADDRESS,
    OUT_OF_SENSOR,
    RESERVED,
    UNKNOWN,
    WRAPS,
)
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

TIME_HIGH: Final = 0
TIME_LOW: Final = 1
ADDR_X: Final = 2
ADDR_Y: Final = 3
VECT_BASE_Y: Final = 4
VECT_8: Final = 5

# Places in the state.
TIME_BASE_US: Final = 0
TIME: Final = 1
COLUMN: Final = 2
BASE: Final = 3
POLARITY: Final = 4
NUM_STATE: Final = 5


@kernel
def decode_libcaer_cmp(
    words: NDArray[np.uint16],
    size: tuple[int, int],
    state: NDArray[np.int64],
    tally: NDArray[np.int64],
    events: Events,
) -> Integer:
    """Write the events of `words` and return how many there are."""
    column, base, polarity = state[COLUMN], state[BASE], state[POLARITY]
    time_us: Integer = state[TIME_BASE_US] + state[TIME]
    n: Integer = 0
    for i in range(words.size):
        word = np.int64(words[i])
        code = word >> 12
        low = word & 0xFFF
        if code == ADDR_Y:
            n += put(events, n, time_us, column, low & 0x7FF, low >> 11, size, tally)
        elif code == ADDR_X:
            column = low & 0x7FF
        elif code <= TIME_LOW:
            time_us = state[TIME_BASE_US] + next_time(code, low, state, tally)
        elif code == VECT_BASE_Y:
            base = low & 0x7FF
            polarity = low >> 11
        elif code == VECT_8:
            for k in range(8):
                if low >> k & 1:
                    n += put(events, n, time_us, column, base + k, polarity, size, tally)
            base += 8
        else:
            tally[RESERVED] += 1
    state[COLUMN] = column
    state[BASE] = base
    state[POLARITY] = polarity
    return n


@kernel
def put(
    events: Events,
    n: Integer,
    time_us: Integer,
    column: Integer,
    row: Integer,
    polarity: Integer,
    size: tuple[int, int],
    tally: NDArray[np.int64],
) -> Integer:
    """Write event `n` and return 1, or count why there is none and return 0."""
    if row < size[0] and column < size[1]:
        events[np.uint64(n)]['t'] = time_us
        events[np.uint64(n)]['x'] = column
        events[np.uint64(n)]['y'] = row
        events[np.uint64(n)]['p'] = 2 * polarity - 1
        return 1
    if column >= UNKNOWN or row >= UNKNOWN:
        tally[BEFORE_ADDRESS] += 1
    else:
        tally[OUT_OF_SENSOR] += 1
    return 0


@kernel
def next_time(
    code: Integer, low: Integer, state: NDArray[np.int64], tally: NDArray[np.int64]
) -> Integer:
    """Take over a time word and return the time since the time base in µs."""
    time_us: Integer = state[TIME]
    now_us: Integer
    if code == TIME_LOW:
        now_us = (time_us & ~0xFFF) | low
        tally[BACKWARD_STEPS] += now_us < time_us
    else:
        step_back = ((time_us >> 12) & 0xFFF) - low
        if step_back == 0:
            return time_us
        now_us = ((time_us >> 24) << 24) | (low << 12)
        if step_back > 1 << 11:
            now_us += 1 << 24
            tally[WRAPS] += 1
        elif step_back > 0:
            tally[BACKWARD_STEPS] += 1
    state[TIME] = now_us
    return now_us
