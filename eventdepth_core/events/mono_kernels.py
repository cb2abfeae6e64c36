"""
mono records -> events: the compiled loop.

A record has 64 bits: polarity in bit 63, 15 bits of row from bit 48 on, 16 bits of column from
bit 32 on, and 32 bits of ns since the packet's time base. Sensor time is their sum in whole µs.

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.tally_kernels import OUT_OF_SENSOR
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

# Places in the state: the time base in whole µs and what is left of it in ns.
TIME_BASE_US: Final = 0
REMAINDER_NS: Final = 1
NUM_STATE: Final = 2


@kernel
def decode_mono(
    records: NDArray[np.int64],
    size: tuple[int, int],
    state: NDArray[np.int64],
    tally: NDArray[np.int64],
    events: Events,
) -> Integer:
    """Write the events of `records` and return how many there are."""
    height, width = size
    n = 0
    for i in range(records.size):
        record = records[i]
        column = (record >> 32) & 0xFFFF
        row = (record >> 48) & 0x7FFF
        if column < width and row < height:
            offset_ns = state[REMAINDER_NS] + (record & 0xFFFFFFFF)
            events[np.uint64(n)]['t'] = state[TIME_BASE_US] + offset_ns // 1000
            events[np.uint64(n)]['x'] = column
            events[np.uint64(n)]['y'] = row
            events[np.uint64(n)]['p'] = 1 if record < 0 else -1
            n += 1
        else:
            tally[OUT_OF_SENSOR] += 1
    return n
