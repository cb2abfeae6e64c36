"""
The tensor path as peers write it in torch: scatter_add_ in float32, one thread.

`normalised` is the fastest form found here, so that no peer loses by it; `normalised_published` is
the form of the E2VID code. `dsec_voxel` follows the published form of DSEC: eight masked puts.

"""

import numpy as np
from peers import module
from windows import WINDOW_US

torch = module('torch')
if torch is not None:
    torch.set_num_threads(1)


def voxel(t, x, y, p, bins, size):
    """Return the voxel grid, float32 (bins, H, W), of times from the window's start on."""
    num_cells = size[0] * size[1]
    place = torch.from_numpy(t.astype(np.float32)) * ((bins - 1) / WINDOW_US)
    k = place.long()
    share = place - k
    signed = torch.from_numpy(p.astype(np.float32) * 2 - 1)
    cells = k * num_cells + torch.from_numpy(y.astype(np.int64) * size[1] + x)
    grid = torch.zeros((bins + 1) * num_cells)
    grid.scatter_add_(0, cells, signed * (1 - share))
    grid.scatter_add_(0, cells + num_cells, signed * share)
    return grid[: bins * num_cells].view(bins, *size)


def normalised(grid):
    """Return (grid - mean) / std of the non-zero cells with as few passes as torch allows."""
    flat = grid.reshape(-1)
    num = torch.count_nonzero(flat)
    mean = flat.sum() / num
    std = torch.sqrt(torch.dot(flat, flat) / num - mean * mean)
    return torch.where(grid != 0, (grid - mean) / std, 0.0)


def normalised_published(grid):
    """Return the same in the form of the E2VID code."""
    is_active = grid != 0
    num = is_active.sum()
    mean = grid.sum() / num
    std = torch.sqrt((grid**2).sum() / num - mean**2)
    return is_active.float() * (grid - mean) / std


def dsec_voxel(t, x, y, p, bins, size):
    """Return the grid, trilinear with eight masked puts, as DSEC's training code builds it."""
    height, width = size
    grid = torch.zeros(bins, height, width)
    time = torch.from_numpy(t.astype(np.float32)) * ((bins - 1) / WINDOW_US)
    column, row = (torch.from_numpy(each.astype(np.float32)) for each in (x, y))
    value = torch.from_numpy(p.astype(np.float32) * 2 - 1)
    t0, x0, y0 = time.int(), column.int(), row.int()
    for x_at in (x0, x0 + 1):
        for y_at in (y0, y0 + 1):
            for t_at in (t0, t0 + 1):
                is_inside = (x_at < width) & (x_at >= 0) & (y_at < height) & (y_at >= 0)
                is_inside &= (t_at >= 0) & (t_at < bins)
                weight = value * (1 - (x_at - column).abs()) * (1 - (y_at - row).abs())
                weight = weight * (1 - (t_at - time).abs())
                cell = height * width * t_at.long() + width * y_at.long() + x_at.long()
                grid.put_(cell[is_inside], weight[is_inside], accumulate=True)
    return grid


def dsec_normalised(grid):
    """Return the grid normalised in place over gathered cells, as DSEC does it."""
    active = torch.nonzero(grid, as_tuple=True)
    if active[0].numel():
        mean, std = grid[active].mean(), grid[active].std()
        grid[active] = (grid[active] - mean) / std
    return grid
