"""
Prefills: dense depth maps made of sparse depth without any learning.

`nearest` copies the nearest measured pixel; `linear` is linear in inverse depth over the Delaunay
triangles of the measured pixels, 1/z = sum_i b_i / z_i with barycentric b_i, exact on planes.

Laws: a pixel counts as measured where its depth is finite and > 0; both prefills equal the
measured depth there; outside the convex hull, and with fewer than three measured pixels or all on
one line, linear = nearest and spread = 0; without any, depths are NaN, the distance infinite and
the spread 0; where triangles meet, the one with the smaller spread is taken. A measured pixel
whose eight neighbours are measured interpolates nothing: it is no corner of a triangle and has
spread 0, so that dense depth images stay cheap.

"""

from dataclasses import dataclass
import math

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.delaunay import delaunay_triangles, MAX_COORDINATE_PX
from eventdepth_core.geometry.nearest import nearest_measured
from eventdepth_core.geometry.triangles import rasterise_inverse_depth
from eventdepth_core.types import Bool, Float32
import numpy as np

SWITCH_RATIO = 1.6
"""Ratio of a triangle's greatest to its least depth above which it bridges a depth edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Prefill:
    """
    Dense maps made of sparse depth, all float32 (H, W).

    `nearest_m` and `linear_m` in metres; `spread` = log(greatest / least depth) of the triangle
    that interpolates the pixel, 0 outside the hull; `distance_px` to the nearest measured pixel.

    """

    nearest_m: Float32
    linear_m: Float32
    spread: Float32
    distance_px: Float32


def prefill(sparse_depth_m: Float32) -> Prefill:
    """
    Fill sparse depth by nearest pixel and linearly in inverse depth.

    Parameters
    ----------
    sparse_depth_m : floating (H, W)
        Metres along the optical axis; NaN, infinite or not positive means not measured.

    Raises
    ------
    InputError
        For anything but a floating two-dimensional array of at most 16384 pixels a side.

    """
    sparse = _checked(sparse_depth_m)
    measured = np.isfinite(sparse) & (sparse > 0)
    index, distance_px = nearest_measured(measured)
    if not measured.any():
        nothing = np.full(sparse.shape, np.nan, np.float32)
        return Prefill(nothing, nothing.copy(), np.zeros(sparse.shape, np.float32), distance_px)
    nearest_m = sparse.ravel()[index]
    linear_m = nearest_m.copy()
    spread = np.zeros(sparse.shape, np.float32)
    corners = measured & ~_is_enclosed(measured)
    rows, columns = np.nonzero(corners)
    xy = np.stack([columns, rows], axis=1)  # (N, 2)
    rasterise_inverse_depth(xy, delaunay_triangles(xy), sparse[corners], linear_m, spread)
    linear_m[measured] = sparse[measured]
    spread[measured & ~corners] = 0.0
    return Prefill(nearest_m, linear_m, spread, distance_px)


def spread_switch(filled: Prefill, threshold: float = SWITCH_RATIO) -> Float32:
    """
    Take nearest where the interpolating triangle bridges a depth edge, linear elsewhere.

    Parameters
    ----------
    filled : Prefill
    threshold : float
        Ratio of greatest to least depth of a triangle, at least 1.

    Returns
    -------
    float32 (H, W)
        Metres, NaN where nothing was measured at all.

    """
    if not threshold >= 1.0:
        raise InputError(f'Expected a ratio threshold >= 1, got {threshold}.')
    bridges = filled.spread > math.log(threshold)
    return np.where(bridges, filled.nearest_m, filled.linear_m)


def _is_enclosed(measured: Bool) -> Bool:
    """Whether a pixel and its eight neighbours, all inside the image, are measured, (H, W)."""
    enclosed = np.zeros_like(measured)
    across = measured[:, :-2] & measured[:, 1:-1] & measured[:, 2:]  # (H, W - 2)
    enclosed[1:-1, 1:-1] = across[:-2] & across[1:-1] & across[2:]
    return enclosed


def _checked(sparse_depth_m: Float32) -> Float32:
    sparse = np.asarray(sparse_depth_m)
    if sparse.ndim != 2 or not np.issubdtype(sparse.dtype, np.floating):
        raise InputError(
            'Expected sparse_depth_m as a floating (H, W) array, '
            f'got {sparse.dtype} {sparse.shape}.'
        )
    if max(sparse.shape) > MAX_COORDINATE_PX + 1:
        raise InputError(
            f'Expected sparse_depth_m of at most {MAX_COORDINATE_PX + 1} pixels a side, '
            f'got {sparse.shape}.'
        )
    return np.ascontiguousarray(sparse, dtype=np.float32)
