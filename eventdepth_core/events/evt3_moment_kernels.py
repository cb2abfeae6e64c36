"""
EVT3 words -> moments in one loop: no event list ever exists.

The rules of the words are those of the EVT3 packet decoder, whose state and tally it shares.

"""

from eventdepth_core.compilation import kernel
from eventdepth_core.events.evt3_kernels import (
    ADDR_X,
    ADDR_Y,
    BASE,
    CONTINUED_4,
    CONTINUED_12,
    count_lost,
    EXT_TRIGGER,
    IS_TIMED,
    next_time,
    OTHERS,
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
from eventdepth_core.events.moment_kernels import (
    HIGH,
    IS_INSIDE,
    LOW,
    NEWEST,
    NUM_UNMAPPED,
    ONE,
    seek,
    SLOT,
)
from eventdepth_core.events.packet_counts import EVENTS, RESERVED, TRIGGERS
import numpy as np
from numpy.typing import NDArray


@kernel
def add_evt3(
    words: NDArray[np.uint16],
    size: tuple[int, int],
    lookup: NDArray[np.int32] | None,
    state: NDArray[np.int64],
    tally: NDArray[np.int64],
    clock: NDArray[np.int64],
    moments: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> int:
    """Add the events of `words`; return how many words went in until a break."""
    height, width = size
    now_us, row, base, polarity = state[TIME], state[ROW], state[BASE], state[POLARITY]
    rows = height if state[IS_TIMED] else 0
    low_us, high_us, newest_us = clock[LOW], clock[HIGH], clock[NEWEST]
    n = 0  # events since the last change of interval
    num_events = 0
    num_unmapped = 0
    consumed = words.size
    if rows and (now_us < low_us or now_us >= high_us):
        if not seek(now_us, clock, moments, counts):
            return 0
        low_us, high_us = clock[LOW], clock[HIGH]
        newest_us = max(newest_us, now_us)
    cells = moments[clock[SLOT]]
    # an event adds this or takes it away; 0 where no interval holds the time
    value = (ONE + now_us - low_us) * clock[IS_INSIDE]
    for i in range(words.size):
        word = np.int64(words[i])
        code = word >> 12
        low = word & 0xFFF
        if code == ADDR_X:
            column = low & 0x7FF
            if column < width and row < rows:
                n += 1
                cell = row * width + column
                if lookup is not None:
                    cell = np.int64(lookup[cell])
                    if cell < 0:
                        num_unmapped += 1
                        continue
                cells[cell] += value if low & 0x800 else -value
            else:
                count_lost(1, row, rows, column, tally)
        elif code == ADDR_Y:
            row = low & 0x7FF
        elif code in (TIME_LOW, TIME_HIGH):
            now_us = next_time(code, low, state, tally)
            rows = height if state[IS_TIMED] else 0
            if rows:
                if now_us < low_us or now_us >= high_us:
                    counts[clock[SLOT]] += n * clock[IS_INSIDE]
                    num_events += n
                    n = 0
                    clock[NEWEST] = newest_us
                    if not seek(now_us, clock, moments, counts):
                        newest_us = clock[NEWEST]
                        consumed = i + 1
                        break
                    low_us, high_us = clock[LOW], clock[HIGH]
                    cells = moments[clock[SLOT]]
                newest_us = max(newest_us, now_us)
                value = (ONE + now_us - low_us) * clock[IS_INSIDE]
        elif code == VECT_BASE_X:
            base = low & 0x7FF
            polarity = low >> 11
        elif code in (VECT_12, VECT_8):
            mask = low if code == VECT_12 else low & 0xFF
            if base + 12 <= width and row < rows:
                n += popcount(mask)
                signed = value if polarity else -value
                cell = row * width + base
                while mask:
                    if mask & 1:
                        if lookup is None:
                            cells[cell] += signed
                        elif lookup[cell] >= 0:
                            cells[lookup[cell]] += signed
                        else:
                            num_unmapped += 1
                    mask >>= 1
                    cell += 1
            else:
                column = base
                while mask:
                    if mask & 1:
                        if column < width and row < rows:
                            n += 1
                            cell = row * width + column
                            if lookup is not None:
                                cell = np.int64(lookup[cell])
                            if cell >= 0:
                                cells[cell] += value if polarity else -value
                            else:
                                num_unmapped += 1
                        else:
                            count_lost(1, row, rows, column, tally)
                    mask >>= 1
                    column += 1
            base += 12 if code == VECT_12 else 8
        elif code == EXT_TRIGGER:
            tally[TRIGGERS] += rows > 0
        elif code not in (OTHERS, CONTINUED_4, CONTINUED_12):
            tally[RESERVED] += 1
    counts[clock[SLOT]] += n * clock[IS_INSIDE]
    tally[EVENTS] += num_events + n
    clock[NEWEST] = newest_us
    clock[NUM_UNMAPPED] += num_unmapped
    state[ROW] = row
    state[BASE] = base
    state[POLARITY] = polarity
    return consumed
