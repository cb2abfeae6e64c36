"""
Time in parts short enough for one pose: slices on a fixed grid, cut where the camera moves fast.

Slices end at multiples of `SLICE_US` and where a result is asked for; a slice is cut into as many
parts as keep the motion of every pixel below `part_px`, at most `MAX_PARTS`. Law: the parts
depend on the trajectory and the ends alone, so not on how events were packed.

"""

from dataclasses import dataclass

from eventdepth_core.geometry.rigid_motion import inverse_transforms, twists_from_transforms
from eventdepth_core.geometry.timed_poses import TimedPoses
from eventdepth_core.geometry.trajectory import Trajectory
from eventdepth_core.types import Camera, Float64
import numpy as np
from numpy.typing import NDArray

SLICE_US = 1000
MAX_PARTS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """
    N parts of time, one after the other.

    `edges_us` int64 (N + 1,), `poses` at the middle of each part.

    """

    edges_us: NDArray[np.int64]
    poses: TimedPoses


def slice_edges(start_us: int, end_us: int) -> NDArray[np.int64]:
    """Return start, the multiples of `SLICE_US` between, and end, ascending, int64."""
    first = (start_us // SLICE_US + 1) * SLICE_US
    inner = np.arange(first, end_us, SLICE_US, dtype=np.int64)
    return np.concatenate([[np.int64(start_us)], inner, [np.int64(end_us)]])


def parts_of(
    edges_us: NDArray[np.int64],
    at_edges: TimedPoses,
    trajectory: Trajectory,
    flow: 'FlowBound',
) -> Parts:
    """Return the parts of the slices between edges (N + 1,)."""
    num_parts = flow.num_parts(at_edges)  # (N,)
    width_us = np.diff(edges_us)
    index = np.arange(num_parts.sum()) - np.repeat(np.cumsum(num_parts) - num_parts, num_parts)
    starts = np.repeat(edges_us[:-1], num_parts)
    starts = starts + index * np.repeat(width_us, num_parts) // np.repeat(num_parts, num_parts)
    edges = np.concatenate([starts, edges_us[-1:]])
    return Parts(edges, trajectory.poses_at((edges[:-1] + edges[1:]) // 2))


@dataclass(frozen=True, slots=True, eq=False)
class FlowBound:
    """How far the image can move at most: by a twist, at the nearest inverse depth of interest."""

    camera: Camera
    radius: float
    """Of the ray that is farthest from the axis, in units of z."""
    max_inverse_depth: float
    part_px: float

    def num_parts(self, at_edges: TimedPoses) -> NDArray[np.int64]:
        """Return into how many parts each slice between N + 1 poses is cut, int64 (N,)."""
        num_parts = np.ones(len(at_edges.stamps_us) - 1, np.int64)
        both = at_edges.known[:-1] & at_edges.known[1:]
        poses = at_edges.world_from_camera
        steps = inverse_transforms(poses[:-1][both]) @ poses[1:][both]
        flow_px = self.flow_px(twists_from_transforms(steps))
        num_parts[both] = np.clip(np.ceil(flow_px / self.part_px), 1, MAX_PARTS).astype(np.int64)
        return num_parts

    def flow_px(self, twists: Float64) -> Float64:
        """Return a bound on how far a twist (N, 6) moves any pixel, (N,)."""
        moved = np.hypot(twists[:, 0], twists[:, 1]) + self.radius * np.abs(twists[:, 2])
        turned = (1.0 + self.radius**2) * np.hypot(twists[:, 3], twists[:, 4])
        turned = turned + self.radius * np.abs(twists[:, 5])
        return np.asarray(self.camera.fx * (moved * self.max_inverse_depth + turned))


def flow_bound(camera: Camera, max_inverse_depth: float, part_px: float) -> FlowBound:
    """Return the bound of a camera without distortion."""
    reach_x = max(camera.cx, camera.width - 1 - camera.cx) / camera.fx
    reach_y = max(camera.cy, camera.height - 1 - camera.cy) / camera.fy
    return FlowBound(camera, float(np.hypot(reach_x, reach_y)), max_inverse_depth, part_px)
