"""
The compiled loops of the filters.

Each writes the events that are left into `out` and returns how many there are. Events outside the
sensor are left out.

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.types import Bool, Events, Float32
import numpy as np
from numpy.typing import NDArray

NEVER_US: Final = -(1 << 62)
NO_EPOCH: Final = -(1 << 62)
MAX_BACK_EPOCHS: Final = 10
"""Times further back than this are a new stream, nearer ones belong to the current epoch."""


@kernel
def keep_rested(
    events: Events, period_us: Integer, last_us: NDArray[np.int64], out: Events
) -> Integer:
    """Leave out events less than `period_us` after the last one kept at their pixel."""
    height, width = last_us.shape
    n = 0
    for i in range(events.size):
        row, column = np.int64(events[i]['y']), np.int64(events[i]['x'])
        if row >= height or column >= width:
            continue
        passed_us = events[i]['t'] - last_us[row, column]
        if 0 <= passed_us < period_us:
            continue
        last_us[row, column] = events[i]['t']
        out[n] = events[i]
        n += 1
    return n


@kernel
def keep_supported(
    events: Events,
    support_us: Integer,
    min_neighbours: Integer,
    last_us: NDArray[np.int64],
    out: Events,
) -> Integer:
    """Keep events with enough neighbours at work; `last_us` has a margin of one pixel."""
    height, width = last_us.shape[0] - 2, last_us.shape[1] - 2
    n = 0
    for i in range(events.size):
        row, column = np.int64(events[i]['y']), np.int64(events[i]['x'])
        if row >= height or column >= width:
            continue
        time_us = events[i]['t']
        num = 0
        for y in range(row, row + 3):
            for x in range(column, column + 3):
                is_other = y != row + 1 or x != column + 1
                passed_us = time_us - last_us[y, x]
                num += is_other and 0 <= passed_us <= support_us
        last_us[row + 1, column + 1] = time_us
        if num >= min_neighbours:
            out[n] = events[i]
            n += 1
    return n


@kernel
def keep_calm(
    events: Events,
    start: Integer,
    epoch: tuple[Integer, Integer],
    counts: NDArray[np.int32],
    is_hot: Bool,
    out: Events,
    num_kept: Integer,
) -> tuple[Integer, Integer]:
    """
    Count the events of an epoch (its index, its length) and leave out those of hot pixels.

    Returns where the epoch ends and how many events are in `out`.

    """
    height, width = counts.shape
    end_us = (epoch[0] + 1) * epoch[1]
    begin_us = (epoch[0] - MAX_BACK_EPOCHS) * epoch[1]
    n = num_kept
    i = start
    while i < events.size and begin_us <= events[i]['t'] < end_us:
        row, column = np.int64(events[i]['y']), np.int64(events[i]['x'])
        if row < height and column < width:
            counts[row, column] += 1
            if not is_hot[row, column]:
                out[n] = events[i]
                n += 1
        i += 1
    return i, n


@kernel
def update_scores(counts: NDArray[np.int32], shares: tuple[float, float], scores: Float32) -> None:
    """
    Take the counts of an epoch over into the scores, which have a margin of one pixel.

    `shares` is what an epoch leaves of a score, and what the empty ones behind it do.

    """
    keep, fade = np.float32(shares[0]), np.float32(shares[1])
    height, width = counts.shape
    for y in range(height):
        for x in range(width):
            score = keep * scores[y + 1, x + 1] + np.float32(counts[y, x])
            scores[y + 1, x + 1] = fade * score
            counts[y, x] = 0


@kernel
def find_hot(scores: Float32, rule: tuple[float, float], is_hot: Bool) -> Integer:
    """Say anew which pixels are hot by the rule (least, contrast); return how many there are."""
    least, contrast = np.float32(rule[0]), np.float32(rule[1] / 8)
    height, width = is_hot.shape
    num_hot = 0
    for y in range(height):
        for x in range(width):
            score = scores[y + 1, x + 1]
            if score <= least * np.float32(0.5):
                is_hot[y, x] = False
                continue
            around = -score
            for j in range(y, y + 3):
                for k in range(x, x + 3):
                    around += scores[j, k]
            limit = least + contrast * around
            is_hot[y, x] = score > limit or (is_hot[y, x] and score > np.float32(0.5) * limit)
            num_hot += is_hot[y, x]
    return num_hot


@kernel
def place(
    events: Events,
    bounds: tuple[int, int, int, int],
    columns: tuple[int, int, int],
    rows: tuple[int, int, int],
    out: Events,
) -> Integer:
    """Keep the events within bounds (y, x, ends) and move them by two affine forms of (x, y)."""
    first_row, first_column, end_row, end_column = bounds
    n = 0
    for i in range(events.size):
        y, x = np.int64(events[i]['y']), np.int64(events[i]['x'])
        if first_row <= y < end_row and first_column <= x < end_column:
            out[n] = events[i]
            out[n]['x'] = columns[0] * x + columns[1] * y + columns[2]
            out[n]['y'] = rows[0] * x + rows[1] * y + rows[2]
            n += 1
    return n
