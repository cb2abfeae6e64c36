"""
Moments -> voxel grid: one pass over sums, for every place where bins may stand.

With nodes at distance D and an interval that starts a behind its node, linear weights need nothing
but the two moments of the interval:

    node k      gets  sum p (1 - (t - node) / D) = ((D - a) S0 - S1) / D
    node k + 1  gets  sum p (t - node) / D       = (a S0 + S1) / D

so the numerators are integers, the same for every choice of intervals. `slots` are the intervals
from node 0 on, -1 for an empty one; bin k is node k + `first_node`, and what falls on nodes in
front of the first bin or behind the last one is in no bin. Where `lanes` (groups, NUM_SUMS, BLOCK)
are given, the sums for a normalisation are added up in them on the way, of each bin or of all.

"""

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.events.moment_kernels import SHIFT
from eventdepth_core.events.normalise_kernels import BLOCK, NUM, SQUARES, SUM
from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray


@kernel
def voxel_from_moments(
    moments: NDArray[np.int64],
    slots: NDArray[np.int64],
    first_cell: Integer,
    first_node: Integer,
    interval_us: Integer,
    spacing_us: Integer,
    out: Float32,
    lanes: NDArray[np.float64] | None,
) -> None:
    """Write the voxel grid `out` (bins, cells) of the cells from `first_cell` on."""
    bins, num_cells = out.shape
    per_node = spacing_us // interval_us
    now = np.zeros(BLOCK, np.float64)
    later = np.zeros(BLOCK, np.float64)
    for first in range(0, num_cells, BLOCK):
        stop = min(first + BLOCK, num_cells)
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
                sums = lanes_of(k - first_node, lanes)
                write_plane(now, 1.0 / spacing_us, out[k - first_node, first:stop], sums)


@kernel
def voxel_from_whole_moments(
    moments: NDArray[np.int64],
    slots: NDArray[np.int64],
    first_cell: Integer,
    spacing_us: Integer,
    out: Float32,
    lanes: NDArray[np.float64] | None,
) -> None:
    """Do the same, faster, where bins are nodes and intervals reach from one to the next."""
    bins, num_cells = out.shape
    later = np.zeros(BLOCK, np.float64)
    for first in range(0, num_cells, BLOCK):
        stop = min(first + BLOCK, num_cells)
        is_later_zero = True
        for k in range(bins):
            slot = slots[k] if k < slots.size else -1
            if slot >= 0:
                if is_later_zero:
                    later[:] = 0.0
                is_later_zero = False
                packed = moments[slot, first_cell + first : first_cell + stop]
                sums = lanes_of(k, lanes)
                carry_interval(packed, spacing_us, later, out[k, first:stop], sums)
            elif is_later_zero:
                out[k, first:stop] = 0.0
            else:
                is_later_zero = True
                sums = lanes_of(k, lanes)
                write_plane(later, 1.0 / spacing_us, out[k, first:stop], sums)


@kernel
def carry_interval(
    packed: NDArray[np.int64],
    spacing_us: Integer,
    later: NDArray[np.float64],
    plane: Float32,
    lanes: NDArray[np.float64] | None,
) -> None:
    """Write a bin from what the interval before it left and leave what is for the next bin."""
    scale = 1.0 / spacing_us
    distance = np.float64(spacing_us)
    for i in range(packed.size):
        s1 = (packed[i] << (64 - SHIFT)) >> (64 - SHIFT)
        s0 = (packed[i] - s1) >> SHIFT
        numerator = later[i] + distance * np.float64(s0) - np.float64(s1)
        value = np.float32(numerator * scale)
        plane[i] = value
        later[i] = np.float64(s1)
        add_lane(value, i, lanes)


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
def write_plane(
    numerators: NDArray[np.float64],
    scale: float,
    plane: Float32,
    lanes: NDArray[np.float64] | None,
) -> None:
    """Write numerators times `scale`, rounded once to float32."""
    for i in range(plane.size):
        value = np.float32(numerators[i] * scale)
        plane[i] = value
        add_lane(value, i, lanes)


@kernel
def lanes_of(k: Integer, lanes: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """Return the lanes that bin `k` belongs to."""
    if lanes is None:
        return None
    group: NDArray[np.float64] = lanes[min(k, lanes.shape[0] - 1)]
    return group


@kernel
def add_lane(value: np.float32, i: Integer, lanes: NDArray[np.float64] | None) -> None:
    """Add a cell to lane `i` of the sums of its group."""
    if lanes is not None:
        wide = np.float64(value)
        lanes[NUM, i] += np.float64(value != 0)
        lanes[SUM, i] += wide
        lanes[SQUARES, i] += wide * wide


@kernel
def voxel_plane(
    moments: NDArray[np.int64],
    before: Integer,
    own: Integer,
    spacing_us: Integer,
    plane: Float32,
) -> None:
    """Write one bin from the whole interval `before` it and its `own`, -1 for an empty one."""
    scale = 1.0 / spacing_us
    distance = np.float64(spacing_us)
    if own < 0 and before < 0:
        plane[:] = 0.0
    elif own < 0:
        for i in range(plane.size):
            late = moments[before, i]
            plane[i] = np.float32(np.float64((late << (64 - SHIFT)) >> (64 - SHIFT)) * scale)
    elif before < 0:
        for i in range(plane.size):
            packed = moments[own, i]
            s1 = (packed << (64 - SHIFT)) >> (64 - SHIFT)
            s0 = (packed - s1) >> SHIFT
            plane[i] = np.float32((distance * np.float64(s0) - np.float64(s1)) * scale)
    else:
        for i in range(plane.size):
            late = moments[before, i]
            later = np.float64((late << (64 - SHIFT)) >> (64 - SHIFT))
            packed = moments[own, i]
            s1 = (packed << (64 - SHIFT)) >> (64 - SHIFT)
            s0 = (packed - s1) >> SHIFT
            plane[i] = np.float32((later + distance * np.float64(s0) - np.float64(s1)) * scale)
