"""Bilinear shares of planes: every cell is divided between the four cells around its position."""

from eventdepth_core.compilation import kernel
from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray


@kernel
def splat_plane(
    plane: Float32,
    corners: NDArray[np.int32],
    shares: Float32,
    row_size: int,
    out: NDArray[np.float64],
) -> None:
    """
    Add `plane` (n,) to `out` (cells,), whose rows have `row_size` cells.

    `corners` (n,) is the upper left one of the four cells, -1 for none; `shares` (n, 2) how far
    the position lies to the right of it and below, 0 to 1.

    """
    out[:] = 0.0
    for i in range(plane.size):
        corner = corners[i]
        if plane[i] == 0 or corner < 0:
            continue
        value = np.float64(plane[i])
        right = np.float64(shares[i, 0])
        below = np.float64(shares[i, 1])
        cell = np.uint64(corner)
        under = np.uint64(corner + row_size)
        one = np.uint64(1)
        out[cell] += value * (1 - right) * (1 - below)
        out[cell + one] += value * right * (1 - below)
        out[under] += value * (1 - right) * below
        out[under + one] += value * right * below
