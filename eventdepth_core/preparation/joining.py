"""
Depth of a LiDAR and depth swept from motion -> one sparse depth with a sigma for each pixel.

Laws: where only one of them measured, its numbers stay as they are; where both agree within three
combined sigma their logs are averaged by precision, and sigma falls; where they do not, the LiDAR
is believed, because nothing moves for it. Close to points of a LiDAR motion is left out, where
interpolating them is surer.

"""

from dataclasses import dataclass

from eventdepth_core.types import Float32
import numpy as np

AGREEING_SIGMA = 3.0
SIGMA_PER_PX = 0.002
"""How fast the log depth between points grows uncertain, for each pixel to the nearest."""

MIN_DISTANCE_PX = 12.0
"""Closer to a point the fill between points is as right as the sweep, and has fewer outliers."""


MIN_SWEPT_PER_POINT = 0.3
"""Chosen on validation samples: with fewer, a head for swept points is worse by a tenth."""


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredDepth:
    """`depth_m` metres and `sigma_log` of its log, float32 (H, W), NaN = not measured."""

    depth_m: Float32
    sigma_log: Float32


def helpful_depth(motion: MeasuredDepth, distance_px: Float32) -> MeasuredDepth:
    """
    Leave out what motion measured less surely than the points around it tell.

    Parameters
    ----------
    motion : MeasuredDepth
    distance_px : float32 (H, W)
        Distance to the nearest point of the LiDAR.

    """
    is_helpful = motion.sigma_log < SIGMA_PER_PX * distance_px  # NaN: False
    is_helpful &= distance_px >= MIN_DISTANCE_PX
    nothing = np.float32(np.nan)
    return MeasuredDepth(
        np.where(is_helpful, motion.depth_m, nothing),
        np.where(is_helpful, motion.sigma_log, nothing),
    )


def is_mostly_swept(points_m: Float32, motion_m: Float32) -> bool:
    """Whether a head for swept points does better with both than one for points of a LiDAR."""
    num_points = int(np.isfinite(points_m).sum())
    return int(np.isfinite(motion_m).sum()) >= MIN_SWEPT_PER_POINT * num_points


def joined_depth(points: MeasuredDepth, motion: MeasuredDepth) -> MeasuredDepth:
    """Join what a LiDAR and what motion measured, at the same size."""
    has_points, has_motion = np.isfinite(points.depth_m), np.isfinite(motion.depth_m)
    depth_m = np.where(has_points, points.depth_m, motion.depth_m).astype(np.float32)
    sigma_log = np.where(has_points, points.sigma_log, motion.sigma_log).astype(np.float32)
    both = has_points & has_motion
    if both.any():
        log_points, log_motion = np.log(points.depth_m[both]), np.log(motion.depth_m[both])
        precision = 1.0 / np.square(points.sigma_log[both])
        other = 1.0 / np.square(motion.sigma_log[both])
        total = precision + other
        limit = AGREEING_SIGMA * np.hypot(points.sigma_log[both], motion.sigma_log[both])
        agree = np.abs(log_points - log_motion) <= limit
        mean = np.exp((precision * log_points + other * log_motion) / total)
        depth_m[both] = np.where(agree, mean, points.depth_m[both])
        sigma_log[both] = np.where(agree, 1.0 / np.sqrt(total), points.sigma_log[both])
    return MeasuredDepth(depth_m, sigma_log)
