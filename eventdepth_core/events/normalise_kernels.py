"""
Normalisation of non-zero cells in two passes: one for the sums, one that writes the result.

The sums run over all cells, because a zero adds nothing to them, in whatever order the compiler's
vector code takes them; they are float64, so the order does not show. The second pass rounds once,
to float32 or to half precision.

"""

from typing import Final

from eventdepth_core.compilation import Integer, kernel, summing_kernel
from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray

_BLOCK: Final = 128  # cells side by side
MOST_HALF: Final = 65504.0  # the greatest number of half precision

# places of the moments of non-zero cells
NUM: Final = 0
SUM: Final = 1
SQUARES: Final = 2
NUM_SUMS: Final = 3


@summing_kernel
def nonzero_sums(cells: Float32, sums: NDArray[np.float64]) -> None:
    """Add number, sum and sum of squares of the non-zero `cells` (n,) to `sums`."""
    num = np.int32(0)
    total = 0.0
    squares = 0.0
    for i in range(cells.size):
        value = np.float64(cells[i])
        num += np.int32(cells[i] != 0)
        total += value
        squares += value * value
    sums[NUM] += num
    sums[SUM] += total
    sums[SQUARES] += squares


@kernel
def write_scaled(cells: Float32, shift: float, scale: float, out: Float32) -> None:
    """Write (cell - shift) * scale where a cell is not zero, zero elsewhere."""
    for i in range(cells.size):
        value = (np.float64(cells[i]) - shift) * scale
        out[i] = np.float32(value) if cells[i] != 0 else np.float32(0)


@kernel
def scale_in_place(cells: Float32, shift: float, scale: float) -> None:
    """Do the same where it stands, because two names of one array stop vector code."""
    for i in range(cells.size):
        value = (np.float64(cells[i]) - shift) * scale
        cells[i] = np.float32(value) if cells[i] != 0 else np.float32(0)


@kernel
def write_scaled_half(cells: Float32, shift: float, scale: float, out: NDArray[np.uint16]) -> None:
    """Do the same in half precision, the bits of float16; what is too great becomes the most."""
    values = np.zeros(_BLOCK, np.float32)
    raised = np.zeros(_BLOCK, np.float32)
    for first in range(0, cells.size, _BLOCK):
        stop = min(first + _BLOCK, cells.size)
        write_scaled(cells[first:stop], shift, scale, values)
        write_half(values, raised, stop - first, out[first:stop])


@kernel
def write_half(values: Float32, raised: Float32, num: Integer, out: NDArray[np.uint16]) -> None:
    """Round `num` of `values` to the nearest number of half precision, ties to even."""
    bits = values.view(np.uint32)
    raised_bits = raised.view(np.uint32)
    for i in range(num):
        # below 2^-14 halves are multiples of 2^-24, the last place of a float32 next to 1/2
        raised[i] = min(abs(values[i]), np.float32(MOST_HALF)) + np.float32(0.5)
    for i in range(num):
        sign = bits[i] >> np.uint32(16) & np.uint32(0x8000)
        size = bits[i] & np.uint32(0x7FFFFFFF)
        # rebias the exponent from 127 to 15 and round away the 13 last places
        odd = size >> np.uint32(13) & np.uint32(1)
        normal = (size - np.uint32(0x38000000) + np.uint32(0xFFF) + odd) >> np.uint32(13)
        small = raised_bits[i] - np.uint32(0x3F000000)
        half = normal if size >= np.uint32(0x38800000) else small
        half = half if size < np.uint32(0x477FE000) else np.uint32(0x7BFF)
        out[i] = np.uint16(sign | half)
