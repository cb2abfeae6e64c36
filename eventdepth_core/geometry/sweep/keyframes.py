"""
When a window of votes ends, and from where the next one looks.

A keyframe is a virtual view: where the camera will be about half a window ahead if it keeps its
twist, so that the window lies on both sides of it. Nothing of the future is used: a prediction
that fails costs symmetry, not truth. A window ends when the parallax at the median depth reaches
`max_parallax_px`, when that between two planes reaches `max_plane_step_px`, when too little of the
keyframe is still seen, or after `max_window_us`.

"""

from dataclasses import dataclass

from eventdepth_core.geometry.rigid_motion import (
    inverse_transforms,
    transforms_from_twists,
    twists_from_transforms,
)
from eventdepth_core.geometry.sweep.grid import SweepGrid
from eventdepth_core.geometry.sweep.options import SweepOptions
from eventdepth_core.geometry.sweep.parallax import displacement
from eventdepth_core.geometry.sweep.points import SweptPoints
from eventdepth_core.geometry.sweep.volume import Keyframe, KeyframeVolume
from eventdepth_core.geometry.timed_poses import TimedPoses
from eventdepth_core.geometry.trajectory import Trajectory
from eventdepth_core.types import Bool, Float64
import numpy as np

FIRST_HORIZON_US = 50_000
"""How far ahead the first keyframe looks, when no depth is known."""
TWIST_US = 10_000
"""Over which time a twist is measured."""
_RANGE_MARGIN = 2.0
_MAX_BEYOND = 0.05
_TYPICAL_SHARE, _LEAST_TYPICAL = 0.125, 0.05
_MIN_EDGES, _CERTAIN_SHARE, _LONGER = 50, 0.2, 0.7
_MARGIN = 0.15


@dataclass(frozen=True, slots=True)
class DepthRange:
    """What is known of a scene: its nearest (times a margin) and its median inverse depth, 1/m."""

    largest: float
    median: float
    is_measured: bool


def first_range(options: SweepOptions) -> DepthRange:
    """Return the range before anything was measured."""
    largest = 1.0 / options.min_depth_m
    return DepthRange(largest, _TYPICAL_SHARE * largest, is_measured=False)


def measured_range(points: SweptPoints, options: SweepOptions, before: DepthRange) -> DepthRange:
    """
    Return the range after a window; the one before where it showed few edges.

    The nearest comes from all clear edges, certain or not, so that far scenes are found from a
    coarse start. The median comes from certain points: where they are few the window was too
    short, and a farther median makes the next one longer.

    """
    edges = points.edges
    if edges.count < _MIN_EDGES:
        return before
    largest = _RANGE_MARGIN * edges.near
    if edges.beyond_share > _MAX_BEYOND:
        largest = _RANGE_MARGIN * before.largest
    largest = min(1.0 / options.min_depth_m, largest)
    median = _LONGER * before.median
    if len(points) >= max(_MIN_EDGES, _CERTAIN_SHARE * edges.count):
        median = float(np.median(points.inverse_depth))
    return DepthRange(largest, min(max(median, _LEAST_TYPICAL * largest), largest), True)


def window_ends(
    volume: KeyframeVolume, poses: TimedPoses, depth: DepthRange, options: SweepOptions
) -> Bool:
    """Return at which of N known poses the window of a volume has to end, bool (N,)."""
    world_from_camera = poses.world_from_camera
    camera, probes = volume.grid.camera, volume.grid.probes
    centres = volume.centres(world_from_camera)
    first = volume.centres(volume.key.world_from_start[None])
    whole_px_m = displacement(centres - first, probes, camera).mean(axis=1)
    late_px_m = displacement(centres, probes, camera).mean(axis=1)
    is_passed = poses.stamps_us >= volume.key.key_us
    step_px = late_px_m * volume.inverse_depths[1]
    scale = volume.grid.scale
    return np.asarray(
        (whole_px_m * depth.median >= options.max_parallax_px * scale)
        | (is_passed & (step_px >= options.max_plane_step_px))
        | (poses.stamps_us - volume.key.start_us >= options.max_window_us)
        | (_overlap(volume, world_from_camera, depth) < options.min_overlap)
    )


def next_keyframe(
    trajectory: Trajectory, at_us: int, depth: DepthRange, grid: SweepGrid, options: SweepOptions
) -> Keyframe:
    """Return the keyframe of a window that starts at `at_us`, where the pose is known."""
    here = trajectory.pose_at(at_us).world_from_camera
    twist = _twist(trajectory, at_us)
    flow_px_m = float(displacement(twist[None, :3], grid.probes, grid.camera).mean())
    half_px = 0.5 * options.max_parallax_px * grid.scale
    horizon_us = options.max_window_us / 2
    if flow_px_m * depth.median * horizon_us > half_px * TWIST_US:
        horizon_us = TWIST_US * half_px / (flow_px_m * depth.median)
    if not depth.is_measured:
        horizon_us = min(horizon_us, FIRST_HORIZON_US)
    ahead = transforms_from_twists(twist[None] * (horizon_us / TWIST_US))[0]
    return Keyframe(here @ ahead, at_us + round(horizon_us), here, at_us)


def _twist(trajectory: Trajectory, at_us: int) -> Float64:
    """Return the twist over `TWIST_US` before a time, or after it; none where neither is known."""
    for start_us in (at_us - TWIST_US, at_us):
        poses = trajectory.poses_at(np.array([start_us, start_us + TWIST_US], np.int64))
        if poses.known.all() and poses.epoch[0] == poses.epoch[1]:
            before, after = poses.world_from_camera
            steps = (inverse_transforms(before) @ after)[None]
            return np.asarray(twists_from_transforms(steps)[0])
    return np.zeros(6)


def _overlap(volume: KeyframeVolume, world_from_camera: Float64, depth: DepthRange) -> Float64:
    """Return which share of the keyframe's probes each of N poses sees at the median depth."""
    camera, probes = volume.grid.camera, volume.grid.probes
    camera_from_key = inverse_transforms(world_from_camera) @ volume.key.world_from_key
    ahead = np.c_[probes, np.ones(len(probes))]
    moved = np.einsum('nij,mj->nmi', camera_from_key[:, :3, :3], ahead)
    moved = moved + depth.median * camera_from_key[:, None, :3, 3]
    z = np.maximum(moved[..., 2], 1e-3)
    x = camera.fx * moved[..., 0] / z + camera.cx
    y = camera.fy * moved[..., 1] / z + camera.cy
    beyond_x, beyond_y = _MARGIN * camera.width, _MARGIN * camera.height
    inside = (x > -beyond_x) & (x < camera.width + beyond_x)
    inside &= (y > -beyond_y) & (y < camera.height + beyond_y)
    return np.asarray((inside & (moved[..., 2] > 1e-3)).mean(axis=1))
