"""
Measured points as two prefills -> input of the points encoder and of the completion head.

Channels: 0 canonical log depth of the nearest point, 1 canonical log depth linear in 1/z,
2 spread of the interpolating triangle (log of its largest over its smallest depth),
3 log(1 + distance to the nearest point in px) / 3, and at a point itself -4 sigma of its log for
a completion head that reads sigma (the graph `complete_motion`), 0 for others.
Canonical log depth is log(d) - log_shift with log_shift = log(f_grid / f_canonical).

Laws: without any point the depth channels are 0 and the distance channel is its maximum; the
distance channel is <= 0 at points and > 0 elsewhere.

"""

from typing import Protocol

from eventdepth_core.preparation.grid import LayoutGrid, SensorGrid
from eventdepth_core.types import Float32
import numpy as np

NUM_CHANNELS = 4
MAX_DISTANCE_PX = 400.0
MAX_SPREAD = 3.0
SIGMA_SCALE = 4.0
MAX_SIGMA_LOG = 0.5


class Prefilled(Protocol):
    """Dense completions of sparse depth, each float32 (H, W), NaN without any point."""

    @property
    def nearest_m(self) -> Float32:
        """Depth of the nearest measured pixel."""

    @property
    def linear_m(self) -> Float32:
        """Depth linear in 1/z on the Delaunay triangulation."""

    @property
    def spread(self) -> Float32:
        """Log ratio of the triangle's largest and smallest depth."""

    @property
    def distance_px(self) -> Float32:
        """Distance to the nearest measured pixel."""


def point_channels(prefill: Prefilled, log_shift: float) -> Float32:
    """Return the channels of the module's docstring, float32 (4, H, W), all finite."""
    channels = np.zeros((NUM_CHANNELS, *prefill.nearest_m.shape), dtype=np.float32)
    distance = np.minimum(prefill.distance_px, MAX_DISTANCE_PX)
    channels[3] = np.log1p(distance) / 3.0
    measured = np.isfinite(prefill.nearest_m)
    if not measured.any():
        return channels
    channels[0] = np.log(prefill.nearest_m) - log_shift
    channels[1] = np.log(prefill.linear_m) - log_shift
    channels[2] = np.minimum(np.nan_to_num(prefill.spread), MAX_SPREAD)
    return channels


def with_sigma(channels: Float32, sigma_log: Float32) -> Float32:
    """Write the sigma of points, (H, W) with NaN elsewhere, into a copy of their `channels`."""
    measured = np.isfinite(sigma_log)
    marked = channels.copy()
    marked[3][measured] = -SIGMA_SCALE * np.minimum(sigma_log[measured], MAX_SIGMA_LOG)
    return marked


def reduced_sigma(
    sigma_log: Float32, sparse_depth_m: Float32, reduced_m: Float32, sensor: SensorGrid
) -> Float32:
    """
    Move the sigma of points onto the sensor grid's content, where `reduced_sparse` moved them.

    Parameters
    ----------
    sigma_log, sparse_depth_m : float32 (H, W)
        At the camera's size, NaN = no point.
    reduced_m : float32 (content_height, content_width)
        What `reduced_sparse` made of `sparse_depth_m`.
    sensor : SensorGrid

    """
    if sparse_depth_m.shape == reduced_m.shape:
        return sigma_log
    rows, columns = np.nonzero(np.isfinite(sparse_depth_m))
    row = np.minimum(rows * reduced_m.shape[0] // sensor.sensor_height, reduced_m.shape[0] - 1)
    column = np.minimum(
        columns * reduced_m.shape[1] // sensor.sensor_width, reduced_m.shape[1] - 1
    )
    stays = sparse_depth_m[rows, columns] == reduced_m[row, column]
    reduced = np.full(reduced_m.shape, np.nan, dtype=np.float32)
    reduced[row[stays], column[stays]] = sigma_log[rows[stays], columns[stays]]
    return reduced


def grid_points(channels: Float32, grid: LayoutGrid) -> Float32:
    """Resample `channels` (4, H, W) to (1, 4, grid.height, grid.width), edges repeated."""
    return np.stack([grid.fit(plane, pad=None) for plane in channels])[None]
