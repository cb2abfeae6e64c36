"""
EVT2.1 words -> events: the compiled loops.

A word has 64 bits, the kind in the upper four: 0 and 1 a vector of OFF or ON events (6 lower time
bits, 11 bits of base column and row, then a mask of 32 columns from the base on), 8 the upper 28
bits of the 34-bit time in µs in bits 32 to 59, 10 a trigger (channel from bit 40 on, edge in bit
32), 14 and 15 vendor words; others are reserved. The clock is that of EVT2.

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.evt2_kernels import (
    CD_ON,
    EXT_TRIGGER,
    HIGH,
    HIGH_BITS,
    LOOPS,
    LOW_BITS,
    next_high_us,
    OTHERS,
    TIME_HIGH,
)
from eventdepth_core.events.tally_kernels import BEFORE_TIME, OUT_OF_SENSOR, RESERVED
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

VECTOR: Final = 32


@kernel
def count_evt21(words: NDArray[np.int64]) -> tuple[Integer, Integer]:
    """Return upper bounds of the events and triggers in `words`."""
    num_events = 0
    num_triggers = 0
    for i in range(words.size):
        word = words[i]
        code = (word >> 60) & 0xF
        num_events += (code <= CD_ON) * num_set(word & 0xFFFFFFFF)
        num_triggers += code == EXT_TRIGGER
    return num_events, num_triggers


@kernel
def decode_evt21(
    words: NDArray[np.int64],
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
        word = words[i]
        code = (word >> 60) & 0xF
        time_us = high_us | ((word >> 54) & 0x3F)
        if code <= CD_ON:
            mask = word & 0xFFFFFFFF
            base = (word >> 43) & 0x7FF
            row = (word >> 32) & 0x7FF
            if state[HIGH] < 0:
                tally[BEFORE_TIME] += num_set(mask)
            elif row >= height:
                tally[OUT_OF_SENSOR] += num_set(mask)
            else:
                # bit by bit from the lowest set one on: most masks have few
                while mask:
                    lowest = mask & -mask
                    column = base + num_set(lowest - 1)
                    mask ^= lowest
                    if column < width:
                        events[np.uint64(n)]['t'] = time_us
                        events[np.uint64(n)]['x'] = column
                        events[np.uint64(n)]['y'] = row
                        events[np.uint64(n)]['p'] = 2 * code - 1
                        n += 1
                    else:
                        tally[OUT_OF_SENSOR] += 1
        elif code == TIME_HIGH:
            high_us = next_high_us((word >> 32) & 0xFFFFFFF, state, tally)
        elif code == EXT_TRIGGER:
            if state[HIGH] >= 0:
                triggers[m]['t'] = time_us
                triggers[m]['id'] = (word >> 40) & 0x1F
                triggers[m]['p'] = 2 * ((word >> 32) & 1) - 1
                m += 1
        elif code < OTHERS:
            tally[RESERVED] += 1
    return n, m


@kernel
def num_set(mask: Integer) -> Integer:
    """Return the number of set bits of a mask of at most 32 bits."""
    pairs = mask - ((mask >> 1) & 0x55555555)
    quads = (pairs & 0x33333333) + ((pairs >> 2) & 0x33333333)
    eights = (quads + (quads >> 4)) & 0x0F0F0F0F
    return ((eights * 0x01010101) & 0xFFFFFFFF) >> 24
