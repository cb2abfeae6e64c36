"""
A window that will be asked for, written bin by bin while its intervals close.

At the tick only the last interval is left, so the tensor costs half of what a pass over all of
them costs, and less where the cache has forgotten the early ones. Laws: the numbers are those of
the pass at the tick, bit for bit; an event that comes late into a closed interval makes its bins
be written again.

"""

from eventdepth_core.events import interval_kernels
from eventdepth_core.events.intervals import Intervals, Window
from eventdepth_core.events.window_ahead_kernels import last_voxel_planes, voxel_plane
from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray

NO_SLOT = -1


class WindowAhead:
    """
    The voxel grid of [start_us, end_us), whose bins stand where its intervals meet.

    Parameters
    ----------
    start_us, end_us : int
        The window, on the grid of intervals.
    spacing_us : int
        Length of an interval and distance of the bins, µs.
    out : Float32
        (bins, cells), to be written.

    """

    def __init__(self, start_us: int, end_us: int, *, spacing_us: int, out: Float32) -> None:
        self.end_us = end_us
        self._start_us = start_us
        self._first = start_us // spacing_us
        self._spacing_us = spacing_us
        self._out = out
        self._num_events: list[int] = []  # of each closed interval when its bin was written
        self._is_last_written = False

    def advance(self, ring: Intervals[np.int64]) -> None:
        """Write the bins in front of which an interval has closed since the last call."""
        num_closed = int(ring.clock[interval_kernels.NEWEST_INTERVAL]) - self._first
        if len(self._num_events) >= min(num_closed, self._out.shape[0] - 1):
            return
        window = ring.window(self._start_us, self.end_us)
        if window is None:
            return
        for k in range(len(self._num_events), min(num_closed, self._out.shape[0] - 1)):
            if 0 < k == self._out.shape[0] - 2:
                self._write_last(ring, window.slots)
            else:
                self._write(ring, window.slots, k)
            self._num_events.append(int(ring.counts[window.slots[k]]))

    def finished(self, ring: Intervals[np.int64], window: Window) -> Float32:
        """Write what is left, and anew what late events have changed; return (bins, cells)."""
        slots = window.slots
        written = self._num_events
        is_same = [ring.counts[slots[k]] == written[k] for k in range(len(written))]
        is_same += [False] * (self._out.shape[0] - 1 - len(written)) + [self._is_last_written]
        for k in range(self._out.shape[0]):
            if not is_same[k] or (k > 0 and not is_same[k - 1]):
                self._write(ring, slots, k)
        return self._out

    def _write_last(self, ring: Intervals[np.int64], slots: NDArray[np.int64]) -> None:
        before, own = int(slots[-2]), int(slots[-1])
        last_voxel_planes(ring.cells, before, own, self._spacing_us, self._out[-2], self._out[-1])
        self._is_last_written = True

    def _write(self, ring: Intervals[np.int64], slots: NDArray[np.int64], k: int) -> None:
        before = int(slots[k - 1]) if k > 0 else NO_SLOT
        own = int(slots[k]) if k < slots.size else NO_SLOT
        voxel_plane(ring.cells, before, own, self._spacing_us, self._out[k])
