"""
The voxel grid of a batch of events, the same numbers bit for bit as the accumulator's.

Laws: no events gives zero; the sum over all bins is the sum of polarities; an event on a bin's
time belongs to that bin alone; the order of the events does not matter.

"""

from eventdepth_core.errors import InputError
from eventdepth_core.events import moment_kernels
from eventdepth_core.events.moments import moment_window, voxel_of
from eventdepth_core.types import EVENT_DTYPE, Events, Float32
import numpy as np


def voxel_grid(
    events: Events, *, start_us: int, end_us: int, bins: int, size: tuple[int, int]
) -> Float32:
    """
    Return the voxel grid of [start_us, end_us): float32 (bins, H, W).

    Parameters
    ----------
    events
        EVENT_DTYPE[n], µs, in any order; those outside the window or `size` do not enter.
    start_us, end_us
        The window; the first bin stands at its start, the last at its end.
    bins
        Number of bins, at least 2.
    size
        (height, width) in pixels.

    Raises
    ------
    InputError
        For an empty window, fewer than 2 bins, a size that is not positive or another dtype.

    """
    height, width = size
    if end_us <= start_us or bins < 2 or min(size) <= 0:
        raise InputError(
            f'Expected start_us < end_us, bins >= 2 and a positive size, '
            f'got {start_us}, {end_us}, {bins} and {size}.'
        )
    if events.dtype != EVENT_DTYPE:
        raise InputError(f'Expected events of EVENT_DTYPE, got {events.dtype}.')
    window_us = end_us - start_us
    # where the bins do not stand on whole µs, time is counted in parts of bins - 1 a µs
    scale = 1 if window_us % (bins - 1) == 0 else bins - 1
    spacing = window_us * scale // (bins - 1)
    window = moment_window(
        start_us * scale, num_intervals=bins - 1, interval_us=spacing, num_cells=height * width
    )
    plain = np.require(events, requirements=['C', 'W'])  # the array type the kernel is for
    moment_kernels.add_events(plain, size, scale, None, *window.arrays)
    out = np.empty((bins, height, width), np.float32)
    return voxel_of(window, np.arange(bins - 1), spacing_us=spacing, out=out)
