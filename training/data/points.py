"""
Sparse points out of dense depth: scan patterns, range noise, outliers.

Laws: no pattern is empty; a point keeps its pixel; with noise and outliers off the sparse depth
equals the dense depth at its pixels.

"""

from dataclasses import dataclass

from eventdepth_core.types import Bool, Float32
import numpy as np

RING_SHARE = 0.4
HOLE_SHARE = 0.15
MIN_POINTS = 5
FALLBACK_POINTS = 20


@dataclass(frozen=True, slots=True)
class PointNoise:
    """Noise of a simulated LiDAR: standard deviation of log range and share of outliers."""

    log_sigma: float
    outlier_share: float
    outlier_log_sigma: float = 0.5


CLEAN = PointNoise(log_sigma=0.0, outlier_share=0.0)


def random_noise(rng: np.random.Generator) -> PointNoise:
    """Draw the noise of one training sample: mostly clean, at most 10 % outliers."""
    return PointNoise(
        log_sigma=float(rng.choice([0.0, 0.003, 0.01, 0.02])),
        outlier_share=float(rng.choice([0.0, 0.0, 0.0, 0.005, 0.02, 0.1])),
    )


def random_pattern(rng: np.random.Generator, size: tuple[int, int]) -> Bool:
    """Draw a mask of measured pixels (H, W): uniform at 0.03-20 % density, or scan rings."""
    if rng.random() < RING_SHARE:
        mask = ring_pattern(rng, size)
    else:
        mask = rng.random(size) < np.exp(rng.uniform(np.log(3e-4), np.log(0.2)))
    height, width = size
    if rng.random() < HOLE_SHARE:
        top, left = rng.integers(height), rng.integers(width)
        mask[top : top + height // 3, left : left + width // 3] = False
    if mask.sum() < MIN_POINTS:
        mask[rng.integers(0, height, FALLBACK_POINTS), rng.integers(0, width, FALLBACK_POINTS)] = (
            True
        )
    return mask


def ring_pattern(rng: np.random.Generator, size: tuple[int, int]) -> Bool:
    """Draw 4-64 slightly tilted, curved scan lines over a part of the image."""
    height, width = size
    num_rings = int(np.exp(rng.uniform(np.log(4), np.log(64))))
    top = rng.uniform(0, 0.4) * height if rng.random() < 0.6 else 0.0
    bottom = height if rng.random() < 0.7 else rng.uniform(0.6, 1.0) * height
    slope, curve, keep = rng.normal() * 0.05, rng.normal() * 1e-3, rng.uniform(0.15, 1.0)
    column = np.arange(width)
    offset = slope * (column - width / 2) + curve * (column - width / 2) ** 2
    mask = np.zeros(size, dtype=np.bool_)
    for ring_row in np.linspace(top, bottom - 1, num_rings):
        row = np.round(ring_row + offset).astype(np.int64)
        hit = (row >= 0) & (row < height) & (rng.random(width) < keep)
        mask[row[hit], column[hit]] = True
    return mask


def sparse_depth(
    rng: np.random.Generator,
    log_depth: Float32,
    mask: Bool,
    noise: PointNoise,
) -> Float32:
    """
    Measure `log_depth` (H, W, NaN = none) at `mask`: metres float32 (H, W), NaN elsewhere.

    Outliers are log-normal around the true depth with `outlier_log_sigma`.

    """
    sparse = np.full(log_depth.shape, np.nan, dtype=np.float32)
    hit = mask & np.isfinite(log_depth)
    values = log_depth[hit]
    values = values + rng.normal(size=values.shape) * noise.log_sigma
    outlier = rng.random(values.shape) < noise.outlier_share
    values = np.where(
        outlier,
        values + rng.normal(size=values.shape) * noise.outlier_log_sigma,
        values,
    )
    sparse[hit] = np.exp(values)
    return sparse
