"""
Representations as what they keep per interval of time and how a window comes out of it.

A form knows one representation; the accumulator and the batch function know none. Law: what a
form keeps is added up by integers or a maximum, so it depends neither on the order of the events
nor on how they were cut, and two windows side by side hold together what their union holds.

"""

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeAlias

from eventdepth_core.events import moment_kernels, voxel_kernels
from eventdepth_core.events.evt3_moment_kernels import add_evt3
from eventdepth_core.events.intervals import (
    Cell,
    fixed_intervals,
    interval_ring,
    Intervals,
    Window,
)
from eventdepth_core.events.normalisation import (
    fresh_sums,
    Normalisation,
    stage,
    stage_summed,
    Staged,
)
from eventdepth_core.events.voxel_spec import BinNodes, Polarities, VoxelSpec
from eventdepth_core.types import Events, Float32
import numpy as np
from numpy.typing import NDArray

Lookup: TypeAlias = NDArray[np.int32] | None


class Form(ABC, Generic[Cell]):
    """
    One representation of the events in windows of `window_us`.

    `interval_us` is the grid of windows in a stream; None for single windows of a batch. A window
    consists of `num_parts` of equal length; where they are no whole microseconds, time is counted
    in units of 1 / `scale` µs. `is_split` keeps OFF and ON events apart.

    """

    cell_dtype: type[Cell]
    # of maps, see the kernels; None for moments
    limit: int | None = None
    # the element type differs by representation: float32, uint8, int32 or int64
    out_dtype: np.dtype[Any]

    def __init__(
        self, window_us: int, interval_us: int | None, *, num_parts: int, is_split: bool
    ) -> None:
        self.window_us = window_us
        self.num_parts = num_parts
        self.is_split = is_split
        self.scale = 1 if window_us % num_parts == 0 else num_parts
        self.interval_us = window_us if interval_us is None else interval_us

    def ring(self, num_cells: int) -> Intervals[Cell]:
        """Return the intervals that follow a stream."""
        return interval_ring(
            window_us=self.window_us,
            interval_us=self.interval_us,
            row_size=self._row_size(num_cells),
            dtype=self.cell_dtype,
        )

    @property
    def part(self) -> int:
        """The length of a part of the window in units of 1 / `scale` µs."""
        return self.window_us * self.scale // self.num_parts

    def single_window(
        self, start_us: int, num_cells: int, *, with_end: bool = False
    ) -> tuple[Intervals[Cell], Window]:
        """
        Return the intervals of one window.

        `with_end` adds an interval for events at the window's very end.

        """
        num_intervals = self.num_parts + with_end
        intervals = fixed_intervals(
            start_us * self.scale,
            num_intervals=num_intervals,
            interval_us=self.part,
            row_size=self._row_size(num_cells),
            dtype=self.cell_dtype,
        )
        return intervals, Window(start_us, np.arange(num_intervals))

    def _row_size(self, num_cells: int) -> int:
        return (2 if self.is_split else 1) * num_cells + moment_kernels.PADDING

    @abstractmethod
    def shape(self, size: tuple[int, int]) -> tuple[int, ...]:
        """Return the shape of the tensor for cells of `size` = (height, width)."""

    def add_events(
        self,
        events: Events,
        size: tuple[int, int],
        lookup: Lookup,
        intervals: Intervals[Cell],
    ) -> int:
        """Add events; return how many until a break."""
        split = self._on_offset(intervals)
        clock, cells, counts = intervals.arrays
        return int(
            moment_kernels.add_events(
                events, size, self.scale, lookup, split, self.limit, clock, cells, counts
            )
        )

    def add_words(
        self,
        words: NDArray[np.uint16],
        size: tuple[int, int],
        lookup: Lookup,
        decoding: tuple[NDArray[np.int64], NDArray[np.int64]],
        intervals: Intervals[Cell],
    ) -> int:
        """Add EVT3 words, `decoding` = (state, tally); return how many until a break."""
        split = self._on_offset(intervals)
        state, tally = decoding
        clock, cells, counts = intervals.arrays
        return int(
            add_evt3(words, size, lookup, split, self.limit, state, tally, clock, cells, counts)
        )

    def _on_offset(self, intervals: Intervals[Cell]) -> int | None:
        """Return how far the cells of ON events lie behind those of OFF events."""
        if not self.is_split:
            return None
        return int(intervals.cells.shape[1] - moment_kernels.PADDING) // 2

    @abstractmethod
    def write(
        self,
        intervals: Intervals[Cell],
        window: Window,
        out: NDArray[Any],  # of `out_dtype`
    ) -> None:
        """Write the tensor of `window` into `out`."""

    def write_staged(
        self,
        intervals: Intervals[Cell],
        window: Window,
        normalisation: Normalisation,
        grid: Float32,
        out: Staged,
    ) -> None:
        """Write the tensor of `window` into `grid` and, normalised, into `out`, maybe the same."""
        self.write(intervals, window, grid)
        stage(grid, normalisation, out)


class VoxelForm(Form[np.int64]):
    """Voxel grids out of packed integer moments, float32 (bins, H, W) or (2, bins, H, W)."""

    cell_dtype = np.int64
    out_dtype = np.dtype(np.float32)

    def __init__(
        self,
        nodes: BinNodes,
        polarities: Polarities,
        window_us: int,
        interval_us: int | None = None,
    ) -> None:
        self._nodes = nodes
        is_split = polarities == 'split'
        super().__init__(window_us, interval_us, num_parts=nodes.num_parts, is_split=is_split)

    @classmethod
    def of(cls, spec: VoxelSpec) -> 'VoxelForm':
        """Return the form of `spec`."""
        return cls(spec.nodes, spec.polarities, spec.window_us, spec.interval_us)

    def shape(self, size: tuple[int, int]) -> tuple[int, ...]:
        """Return (bins, H, W), or (2, bins, H, W) with OFF in front of ON."""
        shape = (self._nodes.bins, *size)
        return (2, *shape) if self.is_split else shape

    def write(
        self,
        intervals: Intervals[np.int64],
        window: Window,
        out: NDArray[Any],  # float32
    ) -> None:
        """Write the voxel grid of `window` into `out`."""
        self._write(intervals, window, out, None)

    def write_staged(
        self,
        intervals: Intervals[np.int64],
        window: Window,
        normalisation: Normalisation,
        grid: Float32,
        out: Staged,
    ) -> None:
        """Do as every form does, with the sums made while the grid is written."""
        sums = fresh_sums(normalisation, self._nodes.bins * (2 if self.is_split else 1))
        self._write(intervals, window, grid, sums)
        stage_summed(grid, sums, normalisation, out)

    def _write(
        self,
        intervals: Intervals[np.int64],
        window: Window,
        out: Float32,
        sums: NDArray[np.float64] | None,
    ) -> None:
        interval_us = intervals.interval_us
        spacing_us = self.part * self._nodes.parts_per_node
        slots = window.slots
        bins = self._nodes.bins
        planes = out.reshape(2 if self.is_split else 1, bins, -1)
        first_node = self._nodes.first_node
        if first_node:
            in_front = np.full(spacing_us // 2 // interval_us, -1, np.int64)
            slots = np.concatenate([in_front, slots])
        for i, grid in enumerate(planes):
            moments = intervals.cells, slots, i * grid.shape[1]
            # one group of sums for all, or one a bin
            mine = sums if sums is None or len(sums) == 1 else sums[i * bins : (i + 1) * bins]
            if interval_us == spacing_us:
                voxel_kernels.voxel_from_whole_moments(*moments, spacing_us, grid, mine)
            else:
                voxel_kernels.voxel_from_moments(
                    *moments, first_node, interval_us, spacing_us, grid, mine
                )
