"""
The tensor path as one writes it in numpy, and the float64 grid that all others are held against.

The decoder is the vectorised one: what holds from an earlier word is a running maximum of
positions. The voxel grid is that of E2VID: np.add.at twice, then mean and std of what is not zero;
`voxel_published` keeps the float64 shares of the published code, which numpy adds to a float32
grid the slow way, `voxel` spares it that.

"""

import numpy as np
from windows import WINDOW_US

RAW_TOLERANCE = 1e-4
NORMALISED_TOLERANCE = 2e-2  # residues of float sums change the number of non-zero cells


class PlainDecoder:
    """EVT3 words of a stream, window by window; what holds is put in front of the next."""

    def __init__(self):
        self.before = np.zeros(0, np.uint16)
        self.loops, self.high = 0, None

    def decode(self, words):
        """Return t, x, y and p as 0 or 1 of the events of `words`."""
        num_before = self.before.size
        words = np.concatenate([self.before, words])
        code, low = words >> 12, words & 0xFFF
        time_us = self._times(code, low)
        row, base = _last(code == 0), _last(code == 3)
        single = np.flatnonzero(code == 2)
        vector = np.flatnonzero(code >> 1 == 2)
        width = np.where(code == 4, 12, np.where(code == 5, 8, 0))
        behind = np.cumsum(width) - width
        bits = (low[vector, np.newaxis] >> np.arange(12, dtype=np.uint16)) & 1
        bits[code[vector] == 5, 8:] = 0
        which, bit = np.nonzero(bits)
        word = vector[which]
        x_vector = (low[base[word]] & 0x7FF) + behind[word] - behind[base[word]] + bit
        at = np.concatenate([single, word])
        x = np.concatenate([low[single] & 0x7FF, x_vector])
        p = np.concatenate([low[single], low[base[word]]]) >> 11
        order = np.argsort(at, kind='stable')
        at, x, p = at[order], x[order], p[order]
        keep = at >= num_before
        at, x, p = at[keep], x[keep], p[keep]
        self._remember(words, code, base)
        return time_us[at], x, low[row[at]] & 0x7FF, p

    def _times(self, code, low):
        is_high = np.flatnonzero(code == 8)
        high = low[is_high].astype(np.int64)
        first = high[0] if self.high is None and high.size else (self.high or 0)
        steps = np.diff(high, prepend=first)
        loops = self.loops + np.cumsum(steps < -10)
        upper = np.full(code.size, (self.loops << 24) | (int(first) << 12))
        upper[is_high] = (loops << 24) | (high << 12)
        last_high, last_low = _last(code == 8), _last(code == 6)
        if high.size:
            self.loops, self.high = int(loops[-1]), int(high[-1])
        # the lower bits are stale from a change of the upper ones on
        changes = np.zeros(code.size, bool)
        changes[is_high] = steps != 0
        fresh = last_low >= _last(changes)
        return upper[last_high] + np.where(fresh, low[last_low], 0)

    def _remember(self, words, code, base):
        last = [np.flatnonzero(code == kind)[-1:] for kind in (8, 6, 0)]
        since_base = words[base[-1] :] if (code == 3).any() else words[:0]
        group = since_base[np.isin(since_base >> 12, (3, 4, 5))]
        self.before = np.concatenate([words[np.sort(np.concatenate(last))], group])


def _last(is_kind):
    """Return for each word the position of the last one of a kind up to it, 0 before one."""
    return np.maximum.accumulate(np.where(is_kind, np.arange(is_kind.size), 0))


def voxel(t, x, y, p, bins, size):
    """Return the voxel grid, float32 (bins, H, W), of times from the window's start on."""
    place = t * ((bins - 1) / WINDOW_US)
    k = place.astype(np.int64)
    share = (place - k).astype(np.float32)
    signed = 2 * p.astype(np.float32) - 1
    cells = k * (size[0] * size[1]) + y.astype(np.int64) * size[1] + x
    grid = np.zeros((bins + 1) * size[0] * size[1], np.float32)
    np.add.at(grid, cells, signed * (1 - share))
    np.add.at(grid, cells + size[0] * size[1], signed * share)
    return grid.reshape(bins + 1, *size)[:bins]


def voxel_published(t, x, y, p, bins, size):
    """Return the same grid in the form of the E2VID code."""
    place = t.astype(np.float64) * ((bins - 1) / WINDOW_US)
    columns, rows, signed = x.astype(np.int64), y.astype(np.int64), p.astype(np.int64)
    signed[signed == 0] = -1
    k = place.astype(np.int64)
    share = place - k
    left, right = signed * (1.0 - share), signed * share
    height, width = size
    grid = np.zeros((bins, height, width), np.float32).ravel()
    valid = k < bins
    cells = columns[valid] + rows[valid] * width + k[valid] * width * height
    np.add.at(grid, cells, left[valid])
    valid = k + 1 < bins
    cells = columns[valid] + rows[valid] * width + (k[valid] + 1) * width * height
    np.add.at(grid, cells, right[valid])
    return grid.reshape(bins, height, width)


def normalised(grid):
    """Return (grid - mean) / std of the non-zero cells, zeros elsewhere."""
    active = grid[grid != 0]
    if active.size == 0:
        return np.zeros_like(grid)
    return np.where(grid != 0, (grid - active.mean()) / active.std(), grid.dtype.type(0))


def exact_voxel(events, start_us, bins, size):
    """Return the voxel grid in float64 from integer numerators, so that zero is exactly zero."""
    num_cells = size[0] * size[1]
    ticks = (events['t'] - start_us) * (bins - 1)
    k, behind = ticks // WINDOW_US, ticks % WINDOW_US
    cells = k * num_cells + events['y'].astype(np.int64) * size[1] + events['x']
    numerators = np.zeros((bins + 1) * num_cells, np.int64)
    np.add.at(numerators, cells, events['p'].astype(np.int64) * (WINDOW_US - behind))
    np.add.at(numerators, cells + num_cells, events['p'].astype(np.int64) * behind)
    return numerators.reshape(bins + 1, *size)[:bins] / WINDOW_US


def grid_verdict(raw, out, exact):
    """
    Return 'exact' or what is wrong with a grid before and after normalisation.

    A cell whose sum is zero may hold the rounding residue of a float32 sum, which normalisation
    then lifts to -mean / std; how many do is said.

    """
    raw = np.asarray(raw, np.float64).reshape(exact.shape)
    error = float(np.abs(raw - exact).max())
    if not error <= RAW_TOLERANCE:
        return f'wrong by {error:.2g}'
    active = exact != 0
    error = float(
        np.abs(np.asarray(out, np.float64).reshape(exact.shape) - normalised(exact))[active].max()
    )
    if not error <= NORMALISED_TOLERANCE:
        return f'wrong by {error:.2g} when normalised'
    num_residues = int(np.count_nonzero(raw[~active]))
    return f'{num_residues} residues' if num_residues else 'exact'
