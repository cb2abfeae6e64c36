"""
Maps out of the counts and latest times that intervals hold.

The least of a limit and a sum of counts that stopped there is the least of the limit and the true
sum, so saturation does not depend on how intervals are cut.

"""

from typing import Any

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray


@kernel
def sum_counts(
    cells: NDArray[np.integer[Any]],
    slots: NDArray[np.int64],
    first_cell: Integer,
    limit: Integer,
    out: NDArray[np.integer[Any]],
) -> None:
    """Write the sum over `slots` (-1 is empty), at most `limit`, into `out` (cells,)."""
    out[:] = 0
    for slot in slots:
        if slot < 0:
            continue
        add_saturating(cells[slot, first_cell : first_cell + out.size], limit, out)


@kernel
def add_saturating(
    counts: NDArray[np.integer[Any]], limit: Integer, out: NDArray[np.integer[Any]]
) -> None:
    """Add `counts` to `out` up to `limit`."""
    most = np.int32(limit)
    for i in range(out.size):
        out[i] = min(np.int32(out[i]) + np.int32(counts[i]), most)


@kernel
def latest_times(
    cells: NDArray[np.int32],
    slots: NDArray[np.int64],
    first_cell: Integer,
    start_us: Integer,
    interval_us: Integer,
    out: NDArray[np.int64],
) -> None:
    """Write the latest time of each cell into `out` (cells,), what is there where none came."""
    for k in range(slots.size):
        if slots[k] < 0:
            continue
        before_us = start_us + k * interval_us - 1
        stamps = cells[slots[k], first_cell : first_cell + out.size]
        for i in range(out.size):
            stamp = np.int64(stamps[i])
            out[i] = before_us + stamp if stamp > 0 else out[i]


@kernel
def decayed(
    times_us: NDArray[np.int64],
    start_us: Integer,
    end_us: Integer,
    decay_us: float | None,
    out: Float32,
) -> None:
    """
    Write 1 at `end_us`, falling to 0 with age, into `out` (cells,).

    Linear over the window, or exponential with `decay_us`; times in front of the window stand
    for none.

    """
    for i in range(out.size):
        if times_us[i] < start_us:
            out[i] = 0.0
        elif decay_us is None:
            out[i] = np.float32((times_us[i] - start_us) / (end_us - start_us))
        else:
            out[i] = np.float32(np.exp((times_us[i] - end_us) / decay_us))
