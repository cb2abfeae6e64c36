"""
Ways from the bytes of a window to its normalised voxel grid, ours and those of others.

Each has `window(i, watch)` and leaves the grid before and after normalisation in `raw` and `out`;
normalised means (v - mean) / std of the cells that are not zero, for all of them.

"""

import ctypes

from eventdepth_core.events import stage, VoxelAccumulator, VoxelSpec
import limits
import numpy as np
import plain_forms
import torch_forms
from windows import START_US, WINDOW_US

NORMALISATION = 'nonzero_mean_std'


def spec_of(bins):
    """Return the voxel grid that all ways build."""
    return VoxelSpec(bins=bins, window_us=WINDOW_US, interval_us=WINDOW_US // (bins - 1))


class Incremental:
    """The accumulator as the node runs it: work on arrival, the rest at the tick."""

    def __init__(self, windows, bins):
        self.windows = windows
        height, width = windows.size
        self.accumulator = VoxelAccumulator(spec_of(bins), width=width, height=height)
        self.out = np.zeros((bins, height, width), np.float32)
        self.end_us = 0

    @property
    def raw(self):
        """The grid of the last window before normalisation."""
        return self.accumulator.tensor(self.end_us)

    def window(self, i, watch):
        """Laps: 'arrival' and 'tick'."""
        if i == 0:
            self.accumulator.reset()
        watch.start()
        for packet in self.windows.packets[i]:
            self.accumulator.push_packet('evt3', packet)
        watch.lap('arrival')
        self.end_us = self.windows.end_us(i)
        self.accumulator.staged(self.end_us, NORMALISATION, out=self.out)
        watch.lap('tick')


class Ahead(Incremental):
    """The accumulator that is told the next window before it comes, as the live node does."""

    @property
    def raw(self):
        """The grid of the last window before normalisation."""
        return self.grid

    def window(self, i, watch):
        """Laps: 'arrival' and 'tick'."""
        if i == 0:
            self.accumulator.reset()
        end_us = self.windows.end_us(i)
        watch.start()
        self.accumulator.expect(end_us)
        for packet in self.windows.packets[i]:
            self.accumulator.push_packet('evt3', packet)
        watch.lap('arrival')
        self.grid = self.accumulator.tensor(end_us)
        stage(self.grid, NORMALISATION, self.out)
        watch.lap('tick')


class AtTick(Incremental):
    """The same kernels, all at the tick: the packets of the window have only been collected."""

    def window(self, i, watch):
        """Add the window's bytes in one piece."""
        if i == 0:
            self.accumulator.reset()
        watch.start()
        self.accumulator.push_packet('evt3', b''.join(self.windows.packets[i]))
        self.end_us = self.windows.end_us(i)
        self.accumulator.staged(self.end_us, NORMALISATION, out=self.out)
        watch.lap()


class Chain:
    """Decode, build the grid in torch or numpy, normalise: what a Python node does otherwise."""

    def __init__(self, windows, bins, decoder, *, form=torch_forms, normalised=None, folder=None):
        self.windows, self.bins, self.decoder = windows, bins, decoder
        self.voxel = form if callable(form) else form.voxel
        self.normalised = normalised or form.normalised
        self.sources = windows.packets if folder is None else windows.files(folder)

    def window(self, i, watch):
        """Laps: 'decode', 'voxel' and 'normalise'."""
        if i == 0:
            self.decoder.start()
        watch.start()
        events = self.decoder.decode(self.sources[i])
        watch.lap('decode')
        columns = self.decoder.columns(events, self.windows.start_us[i])
        grid = self.voxel(*columns, self.bins, self.windows.size)
        watch.lap('voxel')
        out = self.normalised(grid)
        watch.lap('normalise')
        self.raw, self.out = grid, out


class KeptRaw(Chain):
    """A chain that normalises in place: the grid is copied for the check, not in its time."""

    def window(self, i, watch):
        """Run the chain."""
        if i == 0:
            self.decoder.start()
        watch.start()
        columns = self.decoder.columns(
            self.decoder.decode(self.sources[i]), self.windows.start_us[i]
        )
        grid = self.voxel(*columns, self.bins, self.windows.size)
        watch.lap('voxel')
        self.raw = grid.clone()
        watch.go_on()
        self.out = self.normalised(grid)
        watch.lap('normalise')


class PlainNumpy:
    """Bytes to the normalised grid in numpy alone."""

    is_slow = True

    def __init__(self, windows, bins, voxel=plain_forms.voxel):
        self.windows, self.bins, self.voxel = windows, bins, voxel

    def window(self, i, watch):
        """Decode, add, normalise."""
        if i == 0:
            self.decoder = plain_forms.PlainDecoder()
        watch.start()
        words = np.frombuffer(b''.join(self.windows.packets[i]), '<u2')
        t, x, y, p = self.decoder.decode(words)
        watch.lap('decode')
        columns = t - self.windows.start_us[i], x, y, p
        self.raw = self.voxel(*columns, self.bins, self.windows.size)
        watch.lap('voxel')
        self.out = plain_forms.normalised(self.raw)
        watch.lap('normalise')


class TorchAccumulator:
    """Our torch path, the one for the GPU, on CPU tensors."""

    is_slow = True

    def __init__(self, windows, bins, device='cpu'):
        from eventdepth_core.events.gpu import TorchVoxelAccumulator

        self.windows = windows
        height, width = windows.size
        self.accumulator = TorchVoxelAccumulator(
            spec_of(bins), width=width, height=height, device=device
        )

    def window(self, i, watch):
        """Push, build, normalise."""
        if i == 0:
            self.accumulator.reset()
        watch.start()
        for packet in self.windows.packets[i]:
            self.accumulator.push_packet('evt3', packet)
        self.raw = self.accumulator.tensor(self.windows.end_us(i))
        self.out = torch_forms.normalised(self.raw)
        watch.lap()


class Floor:
    """Read the words, clear the grid, add one number an event, normalise: no decoding."""

    def __init__(self, windows, bins):
        num_cells = windows.size[0] * windows.size[1]
        spacing_us = WINDOW_US // (bins - 1)
        self.words = windows.words
        self.cells, self.values = [], []
        for start_us, events in zip(windows.start_us, windows.events, strict=True):
            cells = (events['t'] - start_us) // spacing_us * num_cells
            cells += events['y'].astype(np.int64) * windows.size[1] + events['x']
            self.cells.append(cells)
            self.values.append(events['p'].astype(np.int64))
        self.sums = np.zeros((bins - 1) * num_cells, np.int64)
        self.grid = np.random.default_rng(0).normal(size=bins * num_cells).astype(np.float32)
        self.out = np.zeros_like(self.grid)

    def window(self, i, watch):
        """Laps: 'read', 'clear', 'scatter' and 'normalise'."""
        limits.read_words(self.words[i])
        watch.lap('read')
        self.out.fill(0)
        watch.lap('clear')
        limits.scatter(self.cells[i], self.values[i], self.sums)
        watch.lap('scatter')
        limits.three_passes(self.grid, self.out)
        watch.lap('normalise')


class FusedSketch:
    """The sketch's fused float32 kernel: clear, two additions an event, normalise."""

    def __init__(self, windows, bins, sketches):
        self.windows, self.bins = windows, bins
        self.kernel, self.finish = sketches['dec'].fused_voxel, sketches['dec2'].finalize_norm
        self.state = np.zeros(10, np.int64)
        num_cells = windows.size[0] * windows.size[1]
        self.grid = np.zeros((bins + 1) * num_cells, np.float32)
        self.raw = self.grid[: bins * num_cells]
        self.out = np.zeros(bins * num_cells, np.float32)

    def window(self, i, watch):
        """Run the sketch on packets of a millisecond."""
        if i == 0:
            self.state[:] = 0
        (height, width), start_us = self.windows.size, self.windows.start_us[i]
        scale = (self.bins - 1) / WINDOW_US
        words = [np.frombuffer(packet, '<u2') for packet in self.windows.packets[i]]
        watch.start()
        self.grid.fill(0)
        for each in words:
            self.kernel(each, self.state, self.grid, start_us, scale, self.bins, width, height)
        watch.lap('arrival')
        self.finish(self.raw, self.out)
        watch.lap('tick')


class MomentSketch:
    """The sketch's packed moments, in numba or (`is_c`) in C: clear, add, write, normalise."""

    def __init__(self, windows, bins, sketches, *, is_c=False):
        self.windows, self.bins, self.is_c = windows, bins, is_c
        self.sketches = sketches
        self.state = np.zeros(10, np.int64)
        self.num_cells = windows.size[0] * windows.size[1]
        self.moments = np.zeros((bins - 1) * self.num_cells + 64, np.int64)
        self.raw = np.zeros(bins * self.num_cells, np.float32)
        self.out = np.zeros_like(self.raw)

    def window(self, i, watch):
        """Run the sketch on packets of a millisecond."""
        spacing_us = WINDOW_US // (self.bins - 1)
        edges = self.windows.start_us[i] + np.arange(self.bins) * spacing_us
        if i == 0:
            self.state[:] = 0
            self.state[7] = START_US
        words = [np.frombuffer(packet, '<u2') for packet in self.windows.packets[i]]
        add = self._add_in_c if self.is_c else self._add
        watch.start()
        self.moments.fill(0)
        for each in words:
            add(each, edges)
        watch.lap('arrival')
        module = self.sketches['dec3']
        module.moments_to_voxel(self.moments, self.raw, edges, self.bins, self.num_cells)
        self.sketches['dec2'].finalize_norm(self.raw, self.out)
        watch.lap('tick')

    def _add(self, words, edges):
        height, width = self.windows.size
        self.sketches['dec3'].moments_branchy(
            words, self.state, self.moments, edges, self.bins, width, height
        )

    def _add_in_c(self, words, edges):
        height, width = self.windows.size
        arrays = [a.ctypes.data_as(ctypes.c_void_p) for a in (self.state, self.moments, edges)]
        self.sketches['c'].mom_bl(
            words.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(words.size), *arrays,
            self.bins, width, height,
        )  # fmt: skip
