"""
What the points around a point say: their median, and how far they are from it.

The depth of a point comes from a patch, so points of one surface vary slowly; where they do not,
patches of two surfaces or of none have met.

"""

from dataclasses import dataclass

from eventdepth_core.compilation import kernel
from eventdepth_core.types import Float64
import numpy as np
from numpy.typing import NDArray

REACH_PX = 3
"""Points up to so many rows and columns away are around a point."""
_MOST = (2 * REACH_PX + 1) ** 2


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """
    Of n points: `median` and `spread` (median distance from it) of inverse depth, float64 (n,).

    The point itself is among those around it.

    """

    median: Float64
    spread: Float64


def surroundings(
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    inverse_depth: Float64,
    size: tuple[int, int],
) -> Surroundings:
    """Return what lies around each of n points, at most one in a pixel of (height, width)."""
    height, width = size
    padded = np.full((height + 2 * REACH_PX, width + 2 * REACH_PX), np.nan)
    padded[rows + REACH_PX, columns + REACH_PX] = inverse_depth
    found = np.empty((2, len(rows)))
    look_around(padded, rows, columns, found)
    return Surroundings(found[0], found[1])


@kernel
def look_around(
    padded: Float64,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    found: Float64,
) -> None:
    """Write median and spread (2, n) around each point; `padded` has `REACH_PX` more each way."""
    near = np.empty(_MOST, np.float64)
    for i in range(rows.size):
        count = 0
        for y in range(rows[i], rows[i] + 2 * REACH_PX + 1):
            for x in range(columns[i], columns[i] + 2 * REACH_PX + 1):
                if not np.isnan(padded[y, x]):
                    near[count] = padded[y, x]
                    count += 1
        median = middle(near[:count])
        for k in range(count):
            near[k] = abs(near[k] - median)
        found[0, i] = median
        found[1, i] = middle(near[:count])


@kernel
def middle(values: Float64) -> float:
    """Return the median of a few values, which are put in order; the mean of two in the middle."""
    for i in range(1, values.size):
        value, k = values[i], i
        while k > 0 and values[k - 1] > value:
            values[k] = values[k - 1]
            k -= 1
        values[k] = value
    half = values.size // 2
    return float(values[half] if values.size % 2 else 0.5 * (values[half - 1] + values[half]))
