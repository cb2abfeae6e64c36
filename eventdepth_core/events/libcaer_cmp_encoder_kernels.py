"""
Events -> libcaer_cmp words: the compiled loop.

A vector is written where it costs fewer words than its events one by one.

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.libcaer_cmp_kernels import (
    ADDR_X,
    ADDR_Y,
    TIME_HIGH,
    TIME_LOW,
    VECT_8,
    VECT_BASE_Y,
)
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

ROWS: Final = 8


@kernel
def encode_libcaer_cmp(
    events: Events, height: Integer, time_base_us: Integer, words: NDArray[np.uint16]
) -> Integer:
    """Write `events` and return the number of words."""
    n = 0
    last_us = np.int64(-1)
    column = np.int64(-1)
    i: Integer = 0
    while i < events.size:
        now_us = np.int64(events[i]['t']) - time_base_us
        if last_us < 0 or now_us >> 12 != last_us >> 12:
            words[n] = (TIME_HIGH << 12) | (now_us >> 12)
            words[n + 1] = (TIME_LOW << 12) | (now_us & 0xFFF)
            n += 2
        elif now_us != last_us:
            words[n] = (TIME_LOW << 12) | (now_us & 0xFFF)
            n += 1
        last_us = now_us
        if events[i]['x'] != column:
            column = np.int64(events[i]['x'])
            words[n] = (ADDR_X << 12) | column
            n += 1
        num_run, mask = column_run(events, i, height)
        on = np.int64(events[i]['p'] > 0) << 11
        row = np.int64(events[i]['y'])
        if num_run > 2:
            words[n] = (VECT_BASE_Y << 12) | on | row
            words[n + 1] = (VECT_8 << 12) | mask
            n += 2
            i += num_run
        else:
            words[n] = (ADDR_Y << 12) | on | row
            n += 1
            i += 1
    return n


@kernel
def column_run(events: Events, start: Integer, height: Integer) -> tuple[Integer, Integer]:
    """Return how many events from `start` on fit one vector, and their mask."""
    base = np.int64(events[start]['y'])
    mask = np.int64(1)
    i = start + 1
    if base + ROWS > height:
        return 1, mask
    while (
        i < events.size
        and events[i]['y'] > events[i - 1]['y']
        and np.int64(events[i]['y']) < base + ROWS
        and events[i]['x'] == events[start]['x']
        and events[i]['t'] == events[start]['t']
        and events[i]['p'] == events[start]['p']
    ):
        mask |= np.int64(1) << (np.int64(events[i]['y']) - base)
        i += 1
    return i - start, mask
