"""
Moments -> voxel grid: one pass over sums, for every place where bins may stand.

With nodes at distance D and an interval that starts a behind its node, linear weights need nothing
but the two moments of the interval:

    node k      gets  sum p (1 - (t - node) / D) = ((D - a) S0 - S1) / D
    node k + 1  gets  sum p (t - node) / D       = (a S0 + S1) / D

so the numerators are integers, the same for every choice of intervals. `slots` are the intervals
from node 0 on, -1 for an empty one; bin k is node k + `first_node`, and what falls on nodes in
front of the first bin or behind the last one is in no bin. Where `sums` (groups, NUM_SUMS) are
given, those for a normalisation are added up in them on the way, of each bin or of all together.

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.moment_kernels import SHIFT
from eventdepth_core.events.normalise_kernels import nonzero_sums
from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray

_BLOCK: Final = 128  # cells that go through all bins together


@kernel
def voxel_from_moments(
    moments: NDArray[np.int64],
    slots: NDArray[np.int64],
    first_cell: Integer,
    first_node: Integer,
    interval_us: Integer,
    spacing_us: Integer,
    out: Float32,
    sums: NDArray[np.float64] | None,
) -> None:
    """Write the voxel grid `out` (bins, cells) of the cells from `first_cell` on."""
    bins, num_cells = out.shape
    per_node = spacing_us // interval_us
    now = np.zeros(_BLOCK, np.float64)
    later = np.zeros(_BLOCK, np.float64)
    for first in range(0, num_cells, _BLOCK):
        stop = min(first + _BLOCK, num_cells)
        is_later_zero = True
        for k in range(first_node + bins):
            now, later = later, now
            is_now_zero = is_later_zero
            is_later_zero = True
            for j in range(min(per_node, slots.size - k * per_node)):
                slot = slots[k * per_node + j]
                if slot < 0:
                    continue
                if is_now_zero:
                    now[:] = 0.0
                if is_later_zero:
                    later[:] = 0.0
                is_now_zero = False
                is_later_zero = False
                packed = moments[slot, first_cell + first : first_cell + stop]
                add_interval(packed, j * interval_us, spacing_us, now, later)
            if k < first_node:
                continue
            if is_now_zero:
                out[k - first_node, first:stop] = 0.0
            else:
                write_plane(now, 1.0 / spacing_us, out[k - first_node, first:stop])
                add_plane(k - first_node, out[k - first_node, first:stop], sums)


@kernel
def voxel_from_whole_moments(
    moments: NDArray[np.int64],
    slots: NDArray[np.int64],
    first_cell: Integer,
    spacing_us: Integer,
    out: Float32,
    sums: NDArray[np.float64] | None,
) -> None:
    """Do the same, faster, where bins are nodes and intervals reach from one to the next."""
    bins, num_cells = out.shape
    later = np.zeros(_BLOCK, np.float64)
    for first in range(0, num_cells, _BLOCK):
        stop = min(first + _BLOCK, num_cells)
        is_later_zero = True
        for k in range(bins):
            slot = slots[k] if k < slots.size else -1
            if slot >= 0:
                if is_later_zero:
                    later[:] = 0.0
                is_later_zero = False
                packed = moments[slot, first_cell + first : first_cell + stop]
                carry_interval(packed, spacing_us, later, out[k, first:stop])
                add_plane(k, out[k, first:stop], sums)
            elif is_later_zero:
                out[k, first:stop] = 0.0
            else:
                is_later_zero = True
                write_plane(later, 1.0 / spacing_us, out[k, first:stop])
                add_plane(k, out[k, first:stop], sums)


@kernel
def carry_interval(
    packed: NDArray[np.int64], spacing_us: Integer, later: NDArray[np.float64], plane: Float32
) -> None:
    """Write a bin from what the interval before it left and leave what is for the next bin."""
    scale = 1.0 / spacing_us
    distance = np.float64(spacing_us)
    for i in range(packed.size):
        s1 = (packed[i] << (64 - SHIFT)) >> (64 - SHIFT)
        s0 = (packed[i] - s1) >> SHIFT
        numerator = later[i] + distance * np.float64(s0) - np.float64(s1)
        plane[i] = np.float32(numerator * scale)
        later[i] = np.float64(s1)


@kernel
def add_interval(
    packed: NDArray[np.int64],
    behind_us: Integer,
    spacing_us: Integer,
    now: NDArray[np.float64],
    later: NDArray[np.float64],
) -> None:
    """Add an interval that starts `behind_us` behind its bin to the numerators of two bins."""
    a = np.float64(behind_us)
    b = np.float64(spacing_us - behind_us)
    for i in range(packed.size):
        s1 = (packed[i] << (64 - SHIFT)) >> (64 - SHIFT)
        s0 = (packed[i] - s1) >> SHIFT
        now[i] += b * np.float64(s0) - np.float64(s1)
        later[i] += a * np.float64(s0) + np.float64(s1)


@kernel
def write_plane(numerators: NDArray[np.float64], scale: float, plane: Float32) -> None:
    """Write numerators times `scale`, rounded once to float32."""
    for i in range(plane.size):
        plane[i] = np.float32(numerators[i] * scale)


@kernel
def add_plane(k: Integer, plane: Float32, sums: NDArray[np.float64] | None) -> None:
    """Add the cells of bin `k`, fresh in the cache, to the sums of its group."""
    if sums is not None:
        nonzero_sums(plane, sums[min(k, sums.shape[0] - 1)])
