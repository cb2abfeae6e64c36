"""
Points like those of the space sweep: made of dense depth, or really swept and then varied.

The made ones lie where events or image edges are, in patches with empty interiors. At an occlusion
edge a part of them stands a pixel beyond it, over the background, with the depth of what is near.
Noise is that of inverse depth, sigma(1/z)^2 = floor^2 + (share / z)^2, so relative noise grows
with depth; points whose stated sigma is above 25 % are none. 0-15 % are outliers: single ones,
and patches that moved by themselves, which agree with each other.

Laws: no set is empty where depth is known; a point has a sigma exactly where it has a depth;
without noise, outliers and spill the depth is that of its pixel.

"""

from dataclasses import dataclass

import cv2
from eventdepth_core.geometry.prefill import prefill
from eventdepth_core.preparation import helpful_depth, joined_depth, MeasuredDepth
from eventdepth_core.types import Bool, Float32
import numpy as np
from training.data.augment import Example
from training.data.batches import Measurement
from training.data.points import MIN_POINTS, random_noise, random_pattern, sparse_depth

RANGE_SIGMA_LOG = 0.01
MAX_SIGMA_LOG = 0.25
STATED_SPREAD = 0.3
"""Standard deviation of the log of a stated sigma around the true one."""
JUMP_LOG = 0.1
OUTLIER_LOG_SIGMA = 0.5
MAX_MOVED_LOG = 0.6
NUM_PATCHES = 3
THINNED_SHARE, WILD_SHARE, JOINED_SHARE = 0.3, 0.3, 0.2


@dataclass(frozen=True, slots=True)
class SweepNoise:
    """
    Noise of made points: `floor` of sigma(1/z) in units of the median 1/z, `share` of 1/z.

    `spill` is the share of points at occlusion edges that stand beyond them; `wild` and `moved`
    are the shares of outliers, single ones and in patches.

    """

    floor: float
    share: float
    spill: float
    wild: float
    moved: float


NOISELESS = SweepNoise(floor=0.0, share=0.0, spill=0.0, wild=0.0, moved=0.0)


def random_sweep_noise(rng: np.random.Generator) -> SweepNoise:
    """Draw the noise of one sample: its parallax decides the floor, 0.6 to 12 % at the median."""
    outliers, moved = rng.uniform(0.0, 0.15), rng.random()
    return SweepNoise(
        floor=float(np.exp(rng.uniform(np.log(0.006), np.log(0.12)))),
        share=float(rng.uniform(0.005, 0.02)),
        spill=float(rng.uniform(0.3, 1.0)),
        wild=float(outliers * (1.0 - moved)),
        moved=float(outliers * moved),
    )


def edge_pattern(rng: np.random.Generator, example: Example) -> Bool:
    """
    Draw a mask (H, W) of points at events, or at image edges where there are few events.

    Occlusion edges are preferred: textures cancel in the votes of a sweep more often.

    """
    strength = np.abs(example.voxel).sum(axis=0)
    if (strength > 0).mean() < 0.02:
        grey = example.image.astype(np.float32).mean(axis=2)
        strength = cv2.magnitude(
            cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
        )
    around = cv2.GaussianBlur(strength, (0, 0), 5.0)
    contrast = cv2.GaussianBlur(strength, (0, 0), 0.7) - around
    known = np.isfinite(example.log_depth)
    usable = known & (contrast > 0) & (_blotches(rng, strength.shape) > rng.uniform(-1.0, 1.0))
    share = np.exp(rng.uniform(np.log(0.01), np.log(0.15)))
    count = int(np.clip(share * strength.size, MIN_POINTS, max(usable.sum(), MIN_POINTS)))
    mask = np.zeros(strength.shape, dtype=np.bool_)
    jumps = example.log_depth - _nearest_around(example.log_depth) > JUMP_LOG
    weight = np.exp(0.5 * rng.standard_normal(strength.shape) + rng.uniform(0.0, 3.0) * jumps)
    score = np.where(usable, contrast * weight, -np.inf)
    chosen = np.argpartition(-score, count, axis=None)[:count]
    mask.ravel()[chosen] = np.isfinite(score.ravel()[chosen])
    if mask.sum() < MIN_POINTS:
        mask |= known & (rng.random(strength.shape) < 0.01)
    return mask


def made_points(
    rng: np.random.Generator, log_depth: Float32, mask: Bool, noise: SweepNoise
) -> MeasuredDepth:
    """Measure `log_depth` (H, W, NaN = none) at `mask` as a sweep does."""
    nearest = _nearest_around(log_depth)
    spills = (log_depth - nearest > JUMP_LOG) & (rng.random(log_depth.shape) < noise.spill)
    true_log = np.where(spills, nearest, log_depth)
    inverse = np.exp(-true_log)
    at = mask & np.isfinite(true_log)
    middle = float(np.median(inverse[at])) if at.any() else 1.0
    sigma = np.hypot(noise.floor * middle, noise.share * inverse)
    drawn = inverse + sigma * rng.standard_normal(inverse.shape).astype(np.float32)
    stated = sigma * np.exp(STATED_SPREAD * rng.standard_normal(inverse.shape)) * (noise.floor > 0)
    with np.errstate(invalid='ignore', divide='ignore'):
        sigma_log = (stated / drawn).astype(np.float32)
        kept = at & (drawn > 0) & (sigma_log <= MAX_SIGMA_LOG)
        log_measured = -np.log(drawn)
    if not kept.any():
        kept, log_measured, sigma_log = at, true_log, np.full_like(sigma_log, MAX_SIGMA_LOG)
    log_measured = _with_outliers(rng, log_measured, kept, noise)
    nothing = np.float32(np.nan)
    return MeasuredDepth(
        np.where(kept, np.exp(log_measured), nothing).astype(np.float32),
        np.where(kept, sigma_log, nothing).astype(np.float32),
    )


def varied(rng: np.random.Generator, swept: MeasuredDepth, log_depth: Float32) -> MeasuredDepth:
    """Thin swept points, add outliers, or join them with points of a LiDAR, now and then."""
    has, log_swept = np.isfinite(swept.depth_m), np.log(swept.depth_m)
    if rng.random() < THINNED_SHARE:
        kept = has & (rng.random(has.shape) < rng.uniform(0.1, 1.0))
        has = kept if kept.sum() >= MIN_POINTS else has
    if rng.random() < WILD_SHARE:
        noise = SweepNoise(0.0, 0.0, 0.0, rng.uniform(0.0, 0.08), rng.uniform(0.0, 0.1))
        log_swept = _with_outliers(rng, log_swept, has, noise)
    nothing = np.float32(np.nan)
    points = MeasuredDepth(
        np.where(has, np.exp(log_swept), nothing).astype(np.float32),
        np.where(has, swept.sigma_log, nothing),
    )
    if rng.random() < JOINED_SHARE:
        mask = random_pattern(rng, has.shape)
        lidar = sparse_depth(rng, log_depth, mask, random_noise(rng))
        return joined_with_lidar(lidar, points)
    return points


def sweep_measurement(rng: np.random.Generator, example: Example) -> Measurement:
    """Return swept points for a training example: its own, varied, or else made ones."""
    if example.sparse_m is not None and example.sigma_log is not None:
        swept = MeasuredDepth(example.sparse_m, example.sigma_log)
    else:
        mask = edge_pattern(rng, example)
        swept = made_points(rng, example.log_depth, mask, random_sweep_noise(rng))
    points = varied(rng, swept, example.log_depth)
    return Measurement(
        np.isfinite(points.depth_m), sparse_m=points.depth_m, sigma_log=points.sigma_log
    )


def joined_with_lidar(lidar_m: Float32, motion: MeasuredDepth) -> MeasuredDepth:
    """Join points of a LiDAR (H, W) with swept ones, as the pipeline does."""
    if np.isfinite(lidar_m).any():
        motion = helpful_depth(motion, prefill(lidar_m).distance_px)
    return joined_depth(MeasuredDepth(lidar_m, np.full_like(lidar_m, RANGE_SIGMA_LOG)), motion)


def _with_outliers(
    rng: np.random.Generator, log_depth: Float32, has: Bool, noise: SweepNoise
) -> Float32:
    """Add single outliers, and patches of which together a share `moved` of all points lies."""
    size = log_depth.shape
    is_wild = rng.random(size) < noise.wild
    changed = log_depth + is_wild * OUTLIER_LOG_SIGMA * rng.standard_normal(size)
    rows, columns = np.nonzero(has)
    if noise.moved > 0 and len(rows) > 0:
        per_patch = max(1, round(noise.moved * len(rows) / NUM_PATCHES))
        for centre in rng.integers(len(rows), size=NUM_PATCHES):
            away = (rows - rows[centre]) ** 2 + (columns - columns[centre]) ** 2
            chosen = np.argsort(away, kind='stable')[:per_patch]
            moved = rng.choice([-1.0, 1.0]) * rng.uniform(0.15, MAX_MOVED_LOG)
            changed[rows[chosen], columns[chosen]] += moved
    return changed.astype(np.float32)


def _nearest_around(log_depth: Float32) -> Float32:
    """Return the least log depth of 3x3 pixels, NaN where the pixel itself is unknown."""
    known = np.isfinite(log_depth)
    least = cv2.erode(np.where(known, log_depth, np.float32(99)), np.ones((3, 3), np.uint8))
    return np.where(known, least, np.float32(np.nan))


def _blotches(rng: np.random.Generator, size: tuple[int, int]) -> Float32:
    """Draw a smooth field of unit deviation: a sweep sees some parts better than others."""
    coarse = rng.standard_normal((4, 5)).astype(np.float32)
    field = cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(field / max(float(field.std()), 1e-6), dtype=np.float32)
