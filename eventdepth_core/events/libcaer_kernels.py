"""
libcaer polarity records -> events: the compiled loop.

A record has a 32-bit address word (bit 0 valid, bit 1 polarity, 15 bits of row from bit 2 on,
15 bits of column from bit 17 on) and an int32 time in µs, which rolls over at 2^31. Records that
are marked invalid or carry a negative time are reserved.

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.tally_kernels import BACKWARD_STEPS, OUT_OF_SENSOR, RESERVED, WRAPS
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

# Places in the state.
TIME_BASE_US: Final = 0
LAST: Final = 1
LOOPS: Final = 2
NUM_STATE: Final = 3

TIME_BITS: Final = 31


@kernel
def decode_libcaer(
    records: NDArray[np.int32],
    size: tuple[int, int],
    state: NDArray[np.int64],
    tally: NDArray[np.int64],
    events: Events,
) -> Integer:
    """Write the events of `records` (n, 2) and return how many there are."""
    height, width = size
    n = 0
    for i in range(records.shape[0]):
        address = np.int64(records[i, 0])
        low_us = np.int64(records[i, 1])
        if low_us < 0 or not address & 1:
            tally[RESERVED] += 1
            continue
        step_back = state[LAST] - low_us
        if step_back > 1 << (TIME_BITS - 1):
            state[LOOPS] += 1
            tally[WRAPS] += 1
        elif step_back > 0:
            tally[BACKWARD_STEPS] += 1
        state[LAST] = low_us
        column = (address >> 17) & 0x7FFF
        row = (address >> 2) & 0x7FFF
        if column < width and row < height:
            events[np.uint64(n)]['t'] = state[TIME_BASE_US] + (
                (state[LOOPS] << TIME_BITS) | low_us
            )
            events[np.uint64(n)]['x'] = column
            events[np.uint64(n)]['y'] = row
            events[np.uint64(n)]['p'] = (address & 2) - 1
            n += 1
        else:
            tally[OUT_OF_SENSOR] += 1
    return n
