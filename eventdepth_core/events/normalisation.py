"""
Normalisation of the non-zero cells, written straight into a staging buffer.

With mean and std of the cells that are not zero, zero stays zero and the others become

    nonzero_std        v / (std + 0.001), as it is where fewer than 20 cells are not zero
    nonzero_mean_std   (v - mean) / std, as E2VID does it; v - mean where std is 0

over the whole tensor, or over each bin with the ending _per_bin. Laws: no events gives zeros; the
order of the cells does not matter; a factor on all cells does not matter to nonzero_mean_std.

"""

import math
from typing import Final, get_args, Literal, TypeAlias

from eventdepth_core.errors import InputError
from eventdepth_core.events import normalise_kernels as kernels
from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray

Normalisation: TypeAlias = Literal[
    'none',
    'nonzero_std',
    'nonzero_mean_std',
    'nonzero_std_per_bin',
    'nonzero_mean_std_per_bin',
]
Staged: TypeAlias = NDArray[np.float32] | NDArray[np.float16]

NORMALISATIONS: tuple[Normalisation, ...] = get_args(Normalisation)
MIN_ACTIVE_CELLS: Final = 20
STD_FLOOR: Final = 1e-3
_PER_BIN: Final = '_per_bin'


def is_per_bin(normalisation: Normalisation) -> bool:
    """Return whether each bin is normalised by itself."""
    return normalisation.endswith(_PER_BIN)


def check_normalisation(normalisation: object) -> None:
    """
    Check the name of a normalisation.

    Raises
    ------
    InputError
        For an unknown one.

    """
    if normalisation not in NORMALISATIONS:
        raise InputError(
            f'Expected normalisation out of {", ".join(NORMALISATIONS)}, got {normalisation!r}.'
        )


def stage(grid: Float32, normalisation: Normalisation, out: Staged) -> None:
    """
    Write `grid`, normalised, into `out`: one pass for the sums, one that writes.

    Parameters
    ----------
    grid
        float32 (..., H, W); each plane (H, W) is a bin.
    normalisation
        One of `NORMALISATIONS`.
    out
        float32 or float16 of the same shape, contiguous, such as a view of pinned memory.

    Raises
    ------
    InputError
        For another type or shape, or an unknown normalisation.

    """
    check_normalisation(normalisation)
    _check_staging(grid, out)
    if grid.size == 0:
        return
    planes = np.ascontiguousarray(grid).reshape(math.prod(grid.shape[:-2]), -1)
    groups = planes if is_per_bin(normalisation) else planes.reshape(1, -1)
    for i, cells in enumerate(groups):
        shift, scale = _shift_and_scale(_sums(cells, normalisation), normalisation)
        _write(cells, shift, scale, out.reshape(groups.shape)[i])


def fresh_sums(normalisation: Normalisation, num_bins: int) -> NDArray[np.float64] | None:
    """Return zeros for the sums of `num_bins` bins, None where the normalisation needs none."""
    if normalisation == 'none':
        return None
    num_groups = num_bins if is_per_bin(normalisation) else 1
    return np.zeros((num_groups, kernels.NUM_SUMS))


def stage_summed(
    grid: Float32,
    sums: NDArray[np.float64] | None,
    normalisation: Normalisation,
    out: Staged,
) -> None:
    """
    Do what `stage` does with the sums known: one pass, in place where `out` is `grid`.

    `grid` float32 (..., H, W) is contiguous; `sums` are those of `fresh_sums`, added up.

    """
    num_groups = 1 if sums is None else sums.shape[0]
    cells, staged = grid.reshape(num_groups, -1), out.reshape(num_groups, -1)
    for i in range(num_groups):
        mine = np.zeros(kernels.NUM_SUMS) if sums is None else sums[i]
        shift, scale = _shift_and_scale(mine, normalisation)
        if out is not grid:
            _write(cells[i], shift, scale, staged[i])
        elif (shift, scale) != (0.0, 1.0):
            kernels.scale_in_place(cells[i], shift, scale)


def _write(cells: Float32, shift: float, scale: float, out: Staged) -> None:
    if out.dtype == np.float16:
        kernels.write_scaled_half(cells, shift, scale, out.view(np.uint16))
    else:
        kernels.write_scaled(cells, shift, scale, out.view(np.float32))


def _sums(cells: Float32, normalisation: Normalisation) -> NDArray[np.float64]:
    sums = np.zeros(kernels.NUM_SUMS, np.float64)
    if normalisation != 'none':
        kernels.nonzero_sums(cells, sums)
    return sums


def _shift_and_scale(
    sums: NDArray[np.float64], normalisation: Normalisation
) -> tuple[float, float]:
    num, total, squares = sums.tolist()
    if num == 0 or normalisation == 'none':
        return 0.0, 1.0
    mean = total / num
    std = math.sqrt(max(squares / num - mean * mean, 0.0))
    if normalisation.startswith('nonzero_mean_std'):
        return mean, 1.0 / std if std > 0 else 1.0
    return 0.0, 1.0 / (std + STD_FLOOR) if num >= MIN_ACTIVE_CELLS else 1.0


def _check_staging(grid: Float32, out: Staged) -> None:
    if grid.dtype != np.float32 or grid.ndim < 2:
        raise InputError(
            f'Expected a grid float32 (..., H, W), got {grid.dtype} of shape {grid.shape}.'
        )
    is_staging = out.dtype in (np.float32, np.float16) and out.flags.c_contiguous
    if not is_staging or out.shape != grid.shape or not out.flags.writeable:
        raise InputError(
            f'Expected out as contiguous float32 or float16 {grid.shape}, '
            f'got {out.dtype} {out.shape}.'
        )
