"""
The votes of a space sweep in torch: the cells of the numba form, on any device.

Law: float64 operations in the order of `sweep.vote_kernels`, none of them fused, so that the
counts are equal cell for cell.

"""

from dataclasses import dataclass

from eventdepth_core.geometry.sweep.vote_kernels import LEAST_Z, NEAREST_A, NOWHERE
import torch
from torch import Tensor

PLANES_AT_ONCE = 16
"""Bounds the memory to so many cells an event."""


@dataclass(frozen=True, slots=True, eq=False)
class TensorEvents:
    """
    Events on a device, n of them.

    `pixels` int64 (n,) row-major sensor pixels, `signs` int32 (n,), `parts` int64 (n,): whose pose
    each has.

    """

    pixels: Tensor
    signs: Tensor
    parts: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class TensorViews:
    """
    From where the events of each part were seen.

    `rays` float64 (sensor pixels, 2), NaN = none, `turns` (parts, 3, 3) and `lines`
    (parts, planes, 3) of `SweepGrid`, `stride` cells of a row.

    """

    rays: Tensor
    turns: Tensor
    lines: Tensor
    stride: int


def votes(events: TensorEvents, views: TensorViews, num_cells: int) -> Tensor:
    """
    Return the votes of events, int32 (planes, cells) on their device.

    Parameters
    ----------
    events : TensorEvents
    views : TensorViews
        On the same device.
    num_cells : int
        Cells of one plane, borders included: `SweepGrid.num_cells`.

    """
    num_planes = views.lines.shape[1]
    u, v = _at_infinity(events, views)  # (n,)
    counts = torch.zeros(num_planes, num_cells, dtype=torch.int32, device=u.device)
    last_x, last_y = float(views.stride - 1), float(num_cells // views.stride - 1)
    for first in range(0, num_planes, PLANES_AT_ONCE):
        lines = views.lines[events.parts, first : first + PLANES_AT_ONCE]  # (n, k, 3)
        a, b, c = lines.unbind(-1)
        x = (a * u[:, None] + b).clamp(0.0, last_x).to(torch.int64)
        y = (a * v[:, None] + c).clamp(0.0, last_y).to(torch.int64)
        cells = y * views.stride + x  # (n, k)
        signs = torch.where(a >= NEAREST_A, events.signs[:, None], 0)
        counts[first : first + PLANES_AT_ONCE].scatter_add_(1, cells.T, signs.T)
    return counts


def _at_infinity(events: TensorEvents, views: TensorViews) -> tuple[Tensor, Tensor]:
    """Return where the plane at infinity is met, far outside for what has no ray ahead."""
    x, y = views.rays[events.pixels].unbind(-1)
    turns = views.turns[events.parts]  # (n, 3, 3)
    p, q, z = (turns[:, i, 0] * x + turns[:, i, 1] * y + turns[:, i, 2] for i in range(3))
    is_ahead = z > LEAST_Z  # False for NaN as well
    return torch.where(is_ahead, p / z, NOWHERE), torch.where(is_ahead, q / z, NOWHERE)
