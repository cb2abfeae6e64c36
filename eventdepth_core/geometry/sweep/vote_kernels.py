"""
Votes of events for the cells of a plane sweep.

An event is a ray; turned into the keyframe it meets the plane at infinity at (u, v), pixels from
the principal point, and the plane at inverse depth q at (Gallup et al. 2007; Rebecq et al. 2018)

    x = a u + b,  y = a v + c,    a = 1 - t_z q,  b = c_x + f_x t_x q,  c = c_y + f_y t_y q

with t the camera's centre in the keyframe. Events of one part of time share turn and t. Planes
go outermost, so that one plane at a time is in the cache; the index pass has no branch.

Cells have a border of one that nobody reads: what falls outside is clamped into it. Laws: all
arithmetic is float64 in the order written here, so that the cells are those of any other float64
form; what a cell counts is a sum, whatever the order of events.

"""

from typing import Any, Final

from eventdepth_core.compilation import Integer, kernel
from eventdepth_core.types import Float64
import numpy as np
from numpy.typing import NDArray

NEAREST_A: Final = 0.05  # planes nearer to the event's camera than this share of their depth
NOWHERE: Final = 1e12
LEAST_Z: Final = 1e-3


@kernel
def vote(
    pixels: NDArray[np.integer[Any]],
    signs: NDArray[np.int16],
    part_starts: NDArray[np.int64],
    rays: Float64,
    turns: Float64,
    lines: Float64,
    counts: NDArray[np.int16],
    stride: Integer,
) -> None:
    """
    Add one vote of each event to each plane.

    `pixels` (n,) are indices into `rays` (sensor pixels, 2), NaN = no ray; part j of events is
    part_starts[j] ... part_starts[j + 1], has `turns[j]` (3, 3) with the focal lengths in its
    first two rows and `lines[j]` (planes, 3) of a, b, c; `counts` (planes, cells).

    """
    num_planes, num_cells = counts.shape
    num_events, num_parts = pixels.size, part_starts.size - 1
    u = np.empty(num_events, np.float64)
    v = np.empty(num_events, np.float64)
    cells = np.empty(num_events, np.uint32)  # unsigned: no index counts from the end
    for j in range(num_parts):
        start, stop = part_starts[j], part_starts[j + 1]
        at_infinity(pixels[start:stop], rays, turns[j], u[start:stop], v[start:stop])
    last_x = float(stride - 1)
    last_y = float(num_cells // stride - 1)
    for k in range(num_planes):
        for j in range(num_parts):
            a, b, c = lines[j, k, 0], lines[j, k, 1], lines[j, k, 2]
            if a < NEAREST_A:
                continue
            start, stop = part_starts[j], part_starts[j + 1]
            there = cells[start:stop]
            place(u[start:stop], v[start:stop], (a, b, c), (last_x, last_y), there)
            add(there, signs[start:stop], counts[k])


@kernel
def place(
    u: Float64,
    v: Float64,
    line: tuple[float, float, float],
    last: tuple[float, float],
    cells: NDArray[np.uint32],
) -> None:
    """Write the cell of each event on one plane."""
    a, b, c = line
    last_x, last_y = last
    stride = np.int32(last_x) + np.int32(1)
    for i in range(u.size):
        x = np.int32(min(max(a * u[i] + b, 0.0), last_x))
        y = np.int32(min(max(a * v[i] + c, 0.0), last_y))
        cells[i] = np.uint32(y * stride + x)


@kernel
def add(cells: NDArray[np.uint32], signs: NDArray[np.int16], plane: NDArray[np.int16]) -> None:
    """Add the signs to their cells."""
    for i in range(cells.size):
        plane[cells[i]] += signs[i]


@kernel
def at_infinity(
    pixels: NDArray[np.integer[Any]], rays: Float64, turn: Float64, u: Float64, v: Float64
) -> None:
    """Write where the plane at infinity is met, far outside for what has no ray ahead."""
    for i in range(pixels.size):
        x, y = rays[pixels[i], 0], rays[pixels[i], 1]
        z = turn[2, 0] * x + turn[2, 1] * y + turn[2, 2]
        if z > LEAST_Z:  # False for NaN as well
            u[i] = (turn[0, 0] * x + turn[0, 1] * y + turn[0, 2]) / z
            v[i] = (turn[1, 0] * x + turn[1, 1] * y + turn[1, 2]) / z
        else:
            u[i] = NOWHERE
            v[i] = NOWHERE


@kernel
def largest_count(counts: NDArray[np.int16]) -> int:
    """Return the largest absolute count of the cells (planes, H, W)."""
    largest, smallest = np.int16(0), np.int16(0)
    for k in range(counts.shape[0]):
        for y in range(counts.shape[1]):
            row = counts[k, y]
            for x in range(row.size):
                largest = max(largest, row[x])
                smallest = min(smallest, row[x])
    return max(int(largest), -int(smallest))
