"""
What the machine allows: its memory, and the traffic of the tensor path without any decoding.

The memory figures are those of STREAM (copy, read, fill of arrays far larger than the caches, and
a read out of the cache) on one thread. The floor of a path is made of the same parts: read the
words, clear the grid, add one number an event, normalise the grid in three passes.

"""

from dataclasses import dataclass
import time

import numba
import numpy as np

STREAM_BYTES = 128 << 20
CACHED_BYTES = 4 << 20
PASSES = 5


@dataclass(frozen=True)
class MemoryLimits:
    """Bytes moved in a second by one thread, GB/s; best of `PASSES` passes."""

    copy_gb_s: float
    read_gb_s: float
    fill_gb_s: float
    cached_read_gb_s: float


def memory_limits():
    """Measure the memory of this machine in about a second."""
    source, target = np.ones(STREAM_BYTES // 8, np.int64), np.zeros(STREAM_BYTES // 8, np.int64)
    cached = np.ones(CACHED_BYTES // 8, np.int64)
    read_words(cached)
    return MemoryLimits(
        copy_gb_s=2e-9 * STREAM_BYTES / _best_s(lambda: np.copyto(target, source)),
        read_gb_s=1e-9 * STREAM_BYTES / _best_s(lambda: read_words(source)),
        fill_gb_s=1e-9 * STREAM_BYTES / _best_s(lambda: target.fill(0)),
        cached_read_gb_s=1e-9 * CACHED_BYTES / _best_s(lambda: read_words(cached)),
    )


def _best_s(work):
    elapsed = []
    for _ in range(PASSES):
        start = time.perf_counter()
        work()
        elapsed.append(time.perf_counter() - start)
    return min(elapsed)


@numba.njit(nogil=True)
def read_words(words):
    """Read every word once."""
    total = np.int64(0)
    for i in range(words.size):
        total += words[i]
    return total


@numba.njit(nogil=True)
def count_evt3_events(words):
    """Count the events of EVT3 words without keeping any state."""
    total = np.int64(0)
    for i in range(words.size):
        word = np.int64(words[i])
        code = word >> 12
        mask = word & (0xFFF if code == 4 else 0xFF)
        mask -= (mask >> 1) & 0x555
        mask = (mask & 0x333) + ((mask >> 2) & 0x333)
        bits = (mask & 0xF) + ((mask >> 4) & 0xF) + ((mask >> 8) & 0xF)
        total += (code == 2) + (code >> 1 == 2) * bits
    return total


@numba.njit(nogil=True, boundscheck=False)
def scatter(cells, values, grid):
    """Add one value a cell, in the order of the events."""
    for i in range(cells.size):
        grid[np.uint64(cells[i])] += values[i]


@numba.njit(nogil=True, boundscheck=False, fastmath=True)
def three_passes(grid, out):
    """Read `grid` twice and write `out` once: what a normalisation of non-zero cells must move."""
    total = np.float32(0)
    squares = np.float32(0)
    for i in range(grid.size):
        total += grid[i]
        squares += grid[i] * grid[i]
    scale = np.float32(1) / np.sqrt(squares / np.float32(grid.size) + np.float32(1e-9))
    mean = total / np.float32(grid.size)
    for i in range(grid.size):
        out[i] = (grid[i] - mean) * scale if grid[i] != 0 else np.float32(0)
