"""What the machine allows: the memory traffic of the tensor path without any decoding."""

import numba
import numpy as np


@numba.njit(nogil=True)
def read_words(words):
    """Read every word once."""
    total = np.int64(0)
    for i in range(words.size):
        total += words[i]
    return total


@numba.njit(nogil=True, boundscheck=False)
def scatter(cells, values, grid):
    """Add one value a cell, in the order of the events."""
    for i in range(cells.size):
        grid[np.uint64(cells[i])] += values[i]
