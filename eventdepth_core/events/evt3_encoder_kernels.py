"""
Events -> EVT3 words: the compiled loop.

A vector is written where it costs no more words than its events one by one.

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.evt3_kernels import (
    ADDR_X,
    ADDR_Y,
    TIME_HIGH,
    TIME_LOW,
    VECT_8,
    VECT_12,
    VECT_BASE_X,
)
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

BLOCK: Final = 32
FILL_HIGHS: Final = 1 << 11  # half a turn of the upper 12 bits


@kernel
def encode_evt3(
    events: Events,
    width: Integer,
    high_period_us: Integer,
    last_us: Integer,
    words: NDArray[np.uint16],
) -> Integer:
    """Write `events` and return the number of words; `last_us` is the time before them."""
    n = write_silence(last_us, events[0]['t'], words)
    low_us = np.int64(-1)
    high_us = np.int64(-1)
    row = np.int64(-1)
    i: Integer = 0
    while i < events.size:
        now_us = np.int64(events[i]['t'])
        if high_us < 0 or now_us >> 12 != high_us >> 12 or now_us - high_us >= high_period_us:
            n += write_silence(low_us, now_us, words[n:]) if high_us >= 0 else 0
            words[n] = (TIME_HIGH << 12) | ((now_us >> 12) & 0xFFF)
            words[n + 1] = (TIME_LOW << 12) | (now_us & 0xFFF)
            n += 2
            high_us = now_us
            low_us = now_us
        elif now_us != low_us:
            words[n] = (TIME_LOW << 12) | (now_us & 0xFFF)
            n += 1
            low_us = now_us
        if events[i]['y'] != row:
            row = np.int64(events[i]['y'])
            words[n] = (ADDR_Y << 12) | row
            n += 1
        num_run, mask = run_from(events, i, width)
        num_vectors = 1 + (mask > 0xFFF) + (mask > 0xFFFFFF)
        if num_run > num_vectors:
            n += write_vector(events[i]['x'], events[i]['p'], mask, words[n:])
            i += num_run
        else:
            words[n] = (ADDR_X << 12) | ((events[i]['p'] > 0) << 11) | events[i]['x']
            n += 1
            i += 1
    return n


@kernel
def run_from(events: Events, start: Integer, width: Integer) -> tuple[Integer, Integer]:
    """Return how many events from `start` on fit one vector, and their mask from its base on."""
    base = np.int64(events[start]['x']) & ~(BLOCK - 1)
    mask = np.int64(1) << (np.int64(events[start]['x']) - base)
    i = start + 1
    if base + BLOCK > width:
        return 1, mask
    while (
        i < events.size
        and events[i]['x'] > events[i - 1]['x']
        and np.int64(events[i]['x']) < base + BLOCK
        and events[i]['y'] == events[start]['y']
        and events[i]['t'] == events[start]['t']
        and events[i]['p'] == events[start]['p']
    ):
        mask |= np.int64(1) << (np.int64(events[i]['x']) - base)
        i += 1
    return i - start, mask


@kernel
def write_vector(
    column: Integer, polarity: Integer, mask: Integer, words: NDArray[np.uint16]
) -> Integer:
    """Write a base and the masks up to the last event; return the number of words."""
    words[0] = (VECT_BASE_X << 12) | ((polarity > 0) << 11) | (column & ~(BLOCK - 1))
    words[1] = (VECT_12 << 12) | (mask & 0xFFF)
    if mask <= 0xFFF:
        return 2
    words[2] = (VECT_12 << 12) | ((mask >> 12) & 0xFFF)
    if mask <= 0xFFFFFF:
        return 3
    words[3] = (VECT_8 << 12) | ((mask >> 24) & 0xFF)
    return 4


@kernel
def write_silence(last_us: Integer, now_us: Integer, words: NDArray[np.uint16]) -> Integer:
    """Write upper time bits every half turn between two times; return the number of words."""
    n = 0
    high = (last_us >> 12) + FILL_HIGHS
    while high < now_us >> 12:
        words[n] = (TIME_HIGH << 12) | (high & 0xFFF)
        n += 1
        high += FILL_HIGHS
    return n
