"""
Exact nearest measured pixel of every pixel: a Euclidean feature transform in two passes.

The first pass finds the nearest measured row within each column, the second the lower envelope
of the parabolas (x - i)^2 + g_i^2 within each row; all distances are squared integers.

Laws: the distance is exact; among equally near pixels the left-most, then the upper one wins;
without any measured pixel every index is -1.

"""

import math
from typing import NamedTuple

from eventdepth_core.types import Bool, Float32
from numba import njit
import numpy as np
from numpy.typing import NDArray

_NONE = -1


class _Envelope(NamedTuple):
    """One row's parabolas: their columns, the columns they begin at, their least values."""

    site: NDArray[np.int64]  # (W,)
    start: NDArray[np.int64]  # (W,)
    least: NDArray[np.int64]  # (W,)


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
    envelope = _Envelope(
        np.empty(width, np.int64),
        np.empty(width, np.int64),
        np.empty(width, np.int64),
    )
    for y in range(height):
        num_sites = _fill_envelope(rows[y], y, envelope)
        _write_row(rows[y], num_sites, envelope, index[y], distance_px[y])
    return index, distance_px


@njit(nogil=True, cache=True)
def _nearest_row_by_column(measured: Bool) -> NDArray[np.int32]:
    """Row of the nearest measured pixel of the same column (H, W), the upper on ties."""
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
def _fill_envelope(rows: NDArray[np.int32], y: int, envelope: _Envelope) -> int:
    """Find the parabolas that are lowest somewhere in row y; return how many."""
    site, start, least = envelope
    width = rows.size
    last = -1
    for x in range(width):
        if rows[x] == _NONE:
            continue
        value = np.int64(rows[x] - y) ** 2
        begin = 0
        while last >= 0:
            i = site[last]
            begin = (x * x - i * i + value - least[last]) // (2 * (x - i)) + 1
            if begin > start[last]:
                break
            last -= 1
            begin = 0
        if begin < width:
            last += 1
            site[last], start[last], least[last] = x, begin, value
    return last + 1


@njit(nogil=True, cache=True)
def _write_row(
    rows: NDArray[np.int32],
    num_sites: int,
    envelope: _Envelope,
    index: NDArray[np.int32],
    distance_px: Float32,
) -> None:
    """Write one row of the nearest measured pixel's index and distance."""
    width = rows.size
    if num_sites == 0:
        index[:] = _NONE
        distance_px[:] = np.inf
        return
    k = 0
    for x in range(width):
        while k + 1 < num_sites and envelope.start[k + 1] <= x:
            k += 1
        column = envelope.site[k]
        index[x] = rows[column] * width + column
        distance_px[x] = math.sqrt((x - column) * (x - column) + envelope.least[k])
