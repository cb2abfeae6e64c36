"""
EVT2 words -> events: the compiled loop.

A word has 32 bits, the kind in the upper four: 0 and 1 an OFF or ON event (6 lower time bits,
11 bits of column and row), 8 the upper 28 bits of the 34-bit time in µs, 10 a trigger, 14 and 15
vendor words; others are reserved.

Law: a step of the upper bits by at most half their range is a step of time in that direction, a
larger one a step the other way over a turn of the clock (4.8 hours).

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.tally_kernels import (
    BACKWARD_STEPS,
    BEFORE_TIME,
    OUT_OF_SENSOR,
    RESERVED,
    WRAPS,
)
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

CD_ON: Final = 1
TIME_HIGH: Final = 8
EXT_TRIGGER: Final = 10
OTHERS: Final = 14

# Places in the state.
HIGH: Final = 0
LOOPS: Final = 1
NUM_STATE: Final = 2

HIGH_BITS: Final = 28
LOW_BITS: Final = 6


@kernel
def decode_evt2(
    words: NDArray[np.uint32],
    size: tuple[int, int],
    state: NDArray[np.int64],
    tally: NDArray[np.int64],
    events: Events,
    triggers: NDArray[np.void],
) -> tuple[Integer, Integer]:
    """Write the events and triggers of `words` and return how many there are of each."""
    height, width = size
    n = 0
    m = 0
    high_us: Integer = ((state[LOOPS] << HIGH_BITS) | state[HIGH]) << LOW_BITS
    for i in range(words.size):
        word = np.int64(words[i])
        code = word >> HIGH_BITS
        if code <= CD_ON:
            column = (word >> 11) & 0x7FF
            row = word & 0x7FF
            if state[HIGH] < 0:
                tally[BEFORE_TIME] += 1
            elif column < width and row < height:
                events[np.uint64(n)]['t'] = high_us | ((word >> 22) & 0x3F)
                events[np.uint64(n)]['x'] = column
                events[np.uint64(n)]['y'] = row
                events[np.uint64(n)]['p'] = 2 * code - 1
                n += 1
            else:
                tally[OUT_OF_SENSOR] += 1
        elif code == TIME_HIGH:
            high_us = next_high_us(word & 0xFFFFFFF, state, tally)
        elif code == EXT_TRIGGER:
            if state[HIGH] >= 0:
                triggers[m]['t'] = high_us | ((word >> 22) & 0x3F)
                triggers[m]['id'] = (word >> 8) & 0x1F
                triggers[m]['p'] = 2 * (word & 1) - 1
                m += 1
        elif code < OTHERS:
            tally[RESERVED] += 1
    return n, m


@kernel
def next_high_us(high: Integer, state: NDArray[np.int64], tally: NDArray[np.int64]) -> Integer:
    """Take over upper time bits and return the unwrapped time that they stand for in µs."""
    half: Integer = 1 << (HIGH_BITS - 1)
    step_back: Integer = state[HIGH] - high
    if step_back > half:
        state[LOOPS] += 1
        tally[WRAPS] += 1
    elif step_back > 0:
        tally[BACKWARD_STEPS] += 1
    elif state[HIGH] >= 0 and -step_back > half and state[LOOPS] > 0:
        state[LOOPS] -= 1
        tally[BACKWARD_STEPS] += 1
    state[HIGH] = high
    high_us: Integer = ((state[LOOPS] << HIGH_BITS) | high) << LOW_BITS
    return high_us
