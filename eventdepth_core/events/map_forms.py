"""
Histograms, count images, latest times and time surfaces: one map each for OFF and ON events.

Laws: no events gives zeros (latest times: `NO_TIME_US`); a histogram summed over its bins is the
count image, up to its limit; a time surface is 1 at the window's end and falls with the age of
the latest event.

"""

from typing import Any, Final

from eventdepth_core.events import map_kernels, moment_kernels
from eventdepth_core.events.forms import Form
from eventdepth_core.events.intervals import Intervals, Window
import numpy as np
from numpy.typing import NDArray

NO_TIME_US: Final = int(np.iinfo(np.int64).min)
"""What an image of latest times holds where no event came."""

MAX_COUNT: Final = 255


class HistogramForm(Form[np.uint8]):
    """Counts per polarity and bin, uint8 (2, bins, H, W), that stop at `max_count`."""

    cell_dtype = np.uint8
    out_dtype = np.dtype(np.uint8)
    limit = MAX_COUNT

    def __init__(
        self, bins: int, max_count: int, window_us: int, interval_us: int | None = None
    ) -> None:
        super().__init__(window_us, interval_us, num_parts=bins, is_split=True)
        self._bins = bins
        self._max_count = max_count

    def shape(self, size: tuple[int, int]) -> tuple[int, ...]:
        """Return (2, bins, H, W) with OFF in front of ON."""
        return (2, self._bins, *size)

    def write(
        self,
        intervals: Intervals[np.uint8],
        window: Window,
        out: NDArray[Any],  # uint8
    ) -> None:
        """Write the histogram of `window`; the last bin takes what is left over."""
        slots = window.slots
        per_bin = slots.size // self._bins
        for i, planes in enumerate(out.reshape(2, self._bins, -1)):
            for k, plane in enumerate(planes):
                stop = None if k == self._bins - 1 else (k + 1) * per_bin
                map_kernels.sum_counts(
                    intervals.cells,
                    slots[k * per_bin : stop],
                    i * plane.size,
                    self._max_count,
                    plane,
                )


class CountForm(Form[np.int32]):
    """Events per polarity, int32 (2, H, W)."""

    cell_dtype = np.int32
    out_dtype = np.dtype(np.int32)
    limit = int(np.iinfo(np.int32).max)

    def __init__(self, window_us: int, interval_us: int | None = None) -> None:
        super().__init__(window_us, interval_us, num_parts=1, is_split=True)

    def shape(self, size: tuple[int, int]) -> tuple[int, ...]:
        """Return (2, H, W) with OFF in front of ON."""
        return (2, *size)

    def write(
        self,
        intervals: Intervals[np.int32],
        window: Window,
        out: NDArray[Any],  # int32
    ) -> None:
        """Write the counts of `window`."""
        for i, plane in enumerate(out.reshape(2, -1)):
            map_kernels.sum_counts(
                intervals.cells, window.slots, i * plane.size, self.limit, plane
            )


class LatestForm(Form[np.int32]):
    """Time of the latest event per polarity, int64 (2, H, W), µs, `NO_TIME_US` for none."""

    cell_dtype = np.int32
    # the time surface narrows it
    out_dtype: np.dtype[Any] = np.dtype(np.int64)
    limit = moment_kernels.LATEST

    def __init__(self, window_us: int, interval_us: int | None = None) -> None:
        super().__init__(window_us, interval_us, num_parts=1, is_split=True)

    def shape(self, size: tuple[int, int]) -> tuple[int, ...]:
        """Return (2, H, W) with OFF in front of ON."""
        return (2, *size)

    def write(
        self,
        intervals: Intervals[np.int32],
        window: Window,
        out: NDArray[Any],  # int64
    ) -> None:
        """Write the latest times of `window`."""
        out[...] = NO_TIME_US
        interval_us = intervals.interval_us
        for i, plane in enumerate(out.reshape(2, -1)):
            first_cell = i * plane.size
            map_kernels.latest_times(
                intervals.cells, window.slots, first_cell, window.start_us, interval_us, plane
            )


class TimeSurfaceForm(LatestForm):
    """Decay since the latest event per polarity, float32 (2, H, W): linear, or by `decay_us`."""

    out_dtype = np.dtype(np.float32)

    def __init__(
        self, decay_us: int | None, window_us: int, interval_us: int | None = None
    ) -> None:
        super().__init__(window_us, interval_us)
        self._decay_us = None if decay_us is None else float(decay_us)
        self._scratch = np.zeros(0, np.int64)

    def write(
        self,
        intervals: Intervals[np.int32],
        window: Window,
        out: NDArray[Any],  # float32
    ) -> None:
        """Write the time surface of `window`."""
        if self._scratch.shape != out.shape:
            self._scratch = np.zeros(out.shape, np.int64)
        super().write(intervals, window, self._scratch)
        start_us = window.start_us
        end_us = start_us + self.window_us
        map_kernels.decayed(
            self._scratch.reshape(-1), start_us, end_us, self._decay_us, out.reshape(-1)
        )
