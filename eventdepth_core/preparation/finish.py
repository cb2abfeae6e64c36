"""
Outputs of a bundle's graphs -> log depth with sigma at the sensor's own size, and metres.

Without points the variance is that of the pixel plus that of the global scale; with points the
completion head's output is fused with each measured pixel as a Gaussian measurement. All logs of
the graphs are canonical; `log_shift` turns them back: log d = canonical + log_shift.

Laws: sigma is positive and finite wherever depth is; a measurement that contradicts the network
by more than three combined sigma is not believed; fusing never widens sigma.

"""

from dataclasses import dataclass

from eventdepth_core.bundle import CalibrationFactors
from eventdepth_core.preparation.grid import LayoutGrid, SensorGrid
from eventdepth_core.types import Bool, Float32
import numpy as np

BELIEVED_SIGMA = 3.0
MAX_LOG_SIGMA = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class LayoutOutput:
    """
    What `fuse_decode` gave: `log_depth` and `log_variance` float32 (h, w) on the layout grid.

    `log_scale` and `log_scale_variance` (a log of a variance) are scalars.

    """

    log_depth: Float32
    log_variance: Float32
    log_scale: float
    log_scale_variance: float


@dataclass(frozen=True, slots=True, eq=False)
class LogDepth:
    """`log_depth_m` log metres and its `sigma`, float32 (H, W) at the sensor's size."""

    log_depth_m: Float32
    sigma: Float32


@dataclass(frozen=True, slots=True, eq=False)
class Metres:
    """`depth_m`, `std_m` float32 (H, W) with NaN where not `valid` bool (H, W)."""

    depth_m: Float32
    std_m: Float32
    valid: Bool


def layout_log_depth(
    layout: LayoutOutput,
    grid: LayoutGrid,
    log_shift: float,
    factors: CalibrationFactors,
) -> LogDepth:
    """Turn a layout into log depth at the sensor's size: scale is a prior, not a measurement."""
    log_depth = grid.crop(layout.log_depth) + np.float32(layout.log_scale + log_shift)
    pixel = factors.pixel**2 * np.exp(grid.crop(layout.log_variance))
    scale = factors.scale**2 * np.exp(layout.log_scale_variance)
    return LogDepth(log_depth, np.sqrt(pixel + np.float32(scale)).astype(np.float32))


def layout_planes(layout: LayoutOutput, grid: LayoutGrid, sensor: SensorGrid) -> Float32:
    """Return the completion head's `layout` input (1, 2, sensor.height, sensor.width)."""
    metric = grid.crop(layout.log_depth + np.float32(layout.log_scale))
    planes = (sensor.fit(metric, pad=None), sensor.fit(grid.crop(layout.log_variance), pad=None))
    return np.stack(planes)[None]


def completed_log_depth(
    log_depth: Float32,
    log_variance: Float32,
    sensor: SensorGrid,
    log_shift: float,
    factors: CalibrationFactors,
) -> LogDepth:
    """Turn `complete`'s planes (sensor.height, sensor.width) into log depth at sensor size."""
    sigma = factors.pixel * np.exp(0.5 * sensor.crop(log_variance))
    return LogDepth(sensor.crop(log_depth) + np.float32(log_shift), sigma.astype(np.float32))


def with_measurements(
    predicted: LogDepth,
    sparse_depth_m: Float32,
    range_sigma_log: float | Float32,
) -> LogDepth:
    """
    Fuse measured pixels, `sparse_depth_m` (H, W) with NaN elsewhere, as Gaussian measurements.

    `range_sigma_log` is one number for all of them, or (H, W). Precisions add; contradicted
    measurements (beyond three combined sigma) are left out.

    """
    measured = np.isfinite(sparse_depth_m) & (sparse_depth_m > 0)
    if not measured.any():
        return predicted
    log_depth, sigma = predicted.log_depth_m.copy(), predicted.sigma.copy()
    measurement = np.log(sparse_depth_m[measured])
    mean, variance = log_depth[measured], sigma[measured] ** 2
    noise = np.asarray(range_sigma_log**2, np.float32)
    noise = np.broadcast_to(noise, measured.shape)[measured]
    limit = BELIEVED_SIGMA * np.sqrt(variance + noise)
    believed = np.abs(measurement - mean) <= limit
    gain = np.where(believed, variance / (variance + noise), 0.0)
    log_depth[measured] = mean + gain * (measurement - mean)
    sigma[measured] = np.sqrt(variance * (1.0 - gain))
    return LogDepth(log_depth, sigma)


def metres(predicted: LogDepth, min_depth_m: float, max_depth_m: float) -> Metres:
    """Return depth (the median of the log-normal) and std = depth * sigma inside the range."""
    depth_m = np.exp(np.clip(predicted.log_depth_m, -30.0, 30.0))
    std_m = depth_m * np.minimum(predicted.sigma, MAX_LOG_SIGMA)
    valid = np.isfinite(depth_m) & (depth_m >= min_depth_m) & (depth_m <= max_depth_m)
    nothing = np.float32(np.nan)
    return Metres(
        depth_m=np.where(valid, depth_m, nothing).astype(np.float32),
        std_m=np.where(valid, std_m, nothing).astype(np.float32),
        valid=valid,
    )


def reduced_sparse(sparse_depth_m: Float32, sensor: SensorGrid) -> Float32:
    """
    Move sparse depth (H, W) onto the sensor grid's content; of several points the nearest stays.

    Returns float32 (content_height, content_width), NaN where nothing was measured; the argument
    itself where the grid is not reduced.

    """
    size = (sensor.content_height, sensor.content_width)
    if sparse_depth_m.shape == size:
        return sparse_depth_m
    rows, columns = np.nonzero(np.isfinite(sparse_depth_m))
    row = np.minimum(rows * size[0] // sensor.sensor_height, size[0] - 1)
    column = np.minimum(columns * size[1] // sensor.sensor_width, size[1] - 1)
    nearest = np.full(size, np.inf, dtype=np.float32)
    np.minimum.at(nearest, (row, column), sparse_depth_m[rows, columns])
    return np.where(np.isfinite(nearest), nearest, np.float32(np.nan))
