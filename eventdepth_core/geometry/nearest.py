"""
Exact nearest measured pixel of every pixel: a Euclidean feature transform in two passes.

The first pass finds the nearest measured row within each column, the second the lower envelope
of the parabolas (x - i)^2 + g_i^2 within each row; all distances are squared integers.

Laws: the distance is exact; among equally near pixels the left-most, then the upper one wins;
without any measured pixel every index is -1.

"""

from numba import njit
import numpy as np
from numpy.typing import NDArray

from eventdepth_core.types import Bool, Float32

_NONE = -1


@njit(nogil=True, cache=True)
def nearest_measured(measured: Bool) -> tuple[NDArray[np.int32], Float32]:
    """
    Find the nearest measured pixel and its distance.

    Parameters
    ----------
    measured : bool (H, W)

    Returns
    -------
    index : int32 (H, W)
        Row-major index of the nearest measured pixel, -1 where there is none at all.
    distance_px : float32 (H, W)
        Distance to it in pixels, infinite where there is none.

    """
    height, width = measured.shape
    rows = _nearest_row_by_column(measured)
    index = np.empty((height, width), np.int32)
    distance_px = np.empty((height, width), np.float32)
    site = np.empty(width, np.int64)
    start = np.empty(width, np.int64)
    offset = np.empty(width, np.int64)
    for y in range(height):
        num_sites = _lower_envelope(rows, y, site, start, offset)
        _write_row(rows, y, num_sites, site, start, index, distance_px)
    return index, distance_px


@njit(nogil=True, cache=True)
def _nearest_row_by_column(measured: Bool) -> NDArray[np.int32]:
    """Return the row of the nearest measured pixel of the same column (H, W), the upper on ties."""
    height, width = measured.shape
    rows = np.empty((height, width), np.int32)
    for y in range(height):
        for x in range(width):
            if measured[y, x]:
                rows[y, x] = y
            else:
                rows[y, x] = rows[y - 1, x] if y > 0 else _NONE
    for y in range(height - 2, -1, -1):
        for x in range(width):
            below, above = rows[y + 1, x], rows[y, x]
            if below > y and (above == _NONE or below - y < y - above):
                rows[y, x] = below
    return rows


@njit(nogil=True, cache=True)
def _lower_envelope(
    rows: NDArray[np.int32],
    y: int,
    site: NDArray[np.int64],
    start: NDArray[np.int64],
    offset: NDArray[np.int64],
) -> int:
    """Fill the columns `site` whose parabolas form row y's envelope, each from column `start`."""
    width = rows.shape[1]
    last = -1
    for x in range(width):
        if rows[y, x] == _NONE:
            continue
        height_x = (rows[y, x] - y) * (rows[y, x] - y)
        begin = 0
        while last >= 0:
            i = site[last]
            crossing = (x * x - i * i + height_x - offset[last]) // (2 * (x - i))
            begin = crossing + 1
            if begin > start[last]:
                break
            last -= 1
            begin = 0
        if begin < width:
            last += 1
            site[last], start[last], offset[last] = x, begin, height_x
    return last + 1


@njit(nogil=True, cache=True)
def _write_row(
    rows: NDArray[np.int32],
    y: int,
    num_sites: int,
    site: NDArray[np.int64],
    start: NDArray[np.int64],
    index: NDArray[np.int32],
    distance_px: Float32,
) -> None:
    """Write row y of `index` and `distance_px` from its envelope."""
    width = rows.shape[1]
    if num_sites == 0:
        index[y, :] = _NONE
        distance_px[y, :] = np.inf
        return
    k = 0
    for x in range(width):
        while k + 1 < num_sites and start[k + 1] <= x:
            k += 1
        column = site[k]
        row = rows[y, column]
        index[y, x] = row * width + column
        distance_px[y, x] = np.sqrt(np.float64((x - column) ** 2 + (y - row) ** 2))
