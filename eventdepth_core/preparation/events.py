"""
Voxel grid of one window -> input of the event encoder and guide of the completion head.

Laws: an empty grid gives zeros; the encoder's input does not depend on the contrast threshold's
scale (it is divided by the standard deviation of its non-zero cells).

"""

from eventdepth_core.preparation.grid import LayoutGrid
from eventdepth_core.types import Float32
import numpy as np

MIN_ACTIVE_CELLS = 20
STD_FLOOR = 1e-3


def grid_events(voxel: Float32, grid: LayoutGrid) -> Float32:
    """
    Sum a voxel grid into the layout grid and divide it by the spread of its non-zero cells.

    Parameters
    ----------
    voxel : Float32
        (T, H, W), signed polarity mass; H, W the sensor's size.
    grid : LayoutGrid
        The layout grid for (H, W).

    Returns
    -------
    Float32
        (1, T, grid.height, grid.width), no unit.

    """
    cells_per_pixel = (grid.sensor_height * grid.sensor_width) / (
        grid.content_height * grid.content_width
    )
    summed = np.stack([grid.fit(plane) for plane in voxel]) * np.float32(cells_per_pixel)
    active = summed[summed != 0]
    if active.size >= MIN_ACTIVE_CELLS:
        summed = summed / (active.std() + np.float32(STD_FLOOR))
    return np.ascontiguousarray(summed[None], dtype=np.float32)


def event_guide(voxel: Float32) -> Float32:
    """
    Return where events fired: (2, H, W) = [log(1 + sum |v|), asinh(sum v)] over the T bins.

    `voxel` is float32 (T, H, W), signed polarity mass.

    """
    return np.stack([np.log1p(np.abs(voxel).sum(axis=0)), np.arcsinh(voxel.sum(axis=0))]).astype(
        np.float32
    )
