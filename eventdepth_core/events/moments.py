"""
Sets of time intervals with their moments: a ring that follows a stream, or one fixed window.

Law: which intervals hold an event depends on its time alone, so sums do not depend on how a
stream was cut.

"""

from dataclasses import dataclass

from eventdepth_core.events import moment_kernels as kernels
from eventdepth_core.events.discontinuity import Discontinuity, DiscontinuityKind
from eventdepth_core.events.voxel_spec import VoxelSpec
from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray

MAX_BACKWARD_US = 50_000  # the EVT3 clock's noise is at most 45 ms
MAX_SILENCE_US = 2_000_000
_SPARE_INTERVALS = 2  # the one that fills up, and one for estimates that come late


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """
    Intervals of `interval_us` with their packed moments.

    `clock` int64 says where time is; `sums` int64 (slots, cells and spare ones); `counts` int64
    (slots,) events.

    """

    clock: NDArray[np.int64]
    sums: NDArray[np.int64]
    counts: NDArray[np.int64]

    @property
    def newest_us(self) -> int | None:
        """The newest time that came, µs; None before the first."""
        newest_us = int(self.clock[kernels.NEWEST])
        return None if newest_us == kernels.NEVER else newest_us

    @property
    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The arrays in the order in which the kernels take them."""
        return self.clock, self.sums, self.counts

    def forget(self) -> None:
        """Become as new."""
        self.clock[[kernels.LOW, kernels.HIGH, kernels.SLOT, kernels.IS_INSIDE]] = 0
        self.clock[[kernels.NEWEST_INTERVAL, kernels.NEWEST]] = kernels.NEVER
        self.clock[kernels.BREAK] = kernels.NO_BREAK

    def take_break(self, to_us: int) -> Discontinuity | None:
        """Return the break that stopped the last kernel at `to_us`, once."""
        kind = int(self.clock[kernels.BREAK])
        self.clock[kernels.BREAK] = kernels.NO_BREAK
        if kind == kernels.NO_BREAK:
            return None
        name: DiscontinuityKind = 'backward' if kind == kernels.BACKWARD else 'forward'
        return Discontinuity(name, int(self.clock[kernels.BREAK_FROM]), to_us)


def moment_ring(spec: VoxelSpec, num_cells: int) -> Moments:
    """Return a ring that holds one window and little more, because it should stay in the cache."""
    num_slots = spec.num_intervals + _SPARE_INTERVALS
    moments = _moments(num_slots, num_cells, interval_us=spec.interval_us, origin_us=0)
    moments.clock[kernels.IS_RING] = 1
    moments.clock[kernels.MAX_BACK] = -(-MAX_BACKWARD_US // spec.interval_us)
    moments.clock[kernels.MAX_GAP] = MAX_SILENCE_US // spec.interval_us
    return moments


def moment_window(
    start_us: int, *, num_intervals: int, interval_us: int, num_cells: int
) -> Moments:
    """Return the fixed intervals of one window; events elsewhere do not enter."""
    return _moments(num_intervals, num_cells, interval_us=interval_us, origin_us=start_us)


def voxel_of(
    moments: Moments, slots: NDArray[np.int64], *, spacing_us: int, out: Float32
) -> Float32:
    """Write the voxel grid of the window in `slots` into `out` (bins, H, W) and return it."""
    interval_us = int(moments.clock[kernels.INTERVAL])
    planes = out.reshape(out.shape[0], -1)
    sums = moments.sums, slots
    if interval_us == spacing_us:
        kernels.voxel_from_whole_moments(*sums, spacing_us, planes)
    else:
        kernels.voxel_from_moments(*sums, interval_us, spacing_us, planes)
    return out


def _moments(num_slots: int, num_cells: int, *, interval_us: int, origin_us: int) -> Moments:
    clock = np.zeros(kernels.NUM_CLOCK, np.int64)
    clock[kernels.ORIGIN] = origin_us
    clock[kernels.INTERVAL] = interval_us
    clock[kernels.NUM_SLOTS] = num_slots
    clock[[kernels.NEWEST_INTERVAL, kernels.NEWEST]] = kernels.NEVER
    sums = np.zeros((num_slots, num_cells + kernels.PADDING), np.int64)
    return Moments(clock, sums, np.zeros(num_slots, np.int64))
