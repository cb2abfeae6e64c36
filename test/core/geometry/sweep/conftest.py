"""A world of bright and dark strokes, a camera that moves through it, and the events it sees."""

from dataclasses import dataclass

from eventdepth_core.geometry import Trajectory
from eventdepth_core.types import Camera, EVENT_DTYPE, Events, Float64
import numpy as np
import pytest

CAMERA = Camera(146, 107, 180.0, 181.0, 71.3, 54.2)
STEP_US = 500
POINTS_OF_STROKE = 12
DEPTHS_M = (0.9, 1.4, 2.2)


@dataclass(frozen=True, slots=True, eq=False)
class Ride:
    """What a camera saw on its way: `points_m` (N, 3) lie on strokes."""

    camera: Camera
    points_m: Float64
    events: Events
    trajectory: Trajectory
    end_us: int

    def nearest_truth(self, stamp_us: int) -> Float64:
        """Return inverse depth (H, W) of the points at a time, NaN elsewhere; 3x3 wide."""
        pose = self.trajectory.pose_at(stamp_us).world_from_camera
        camera = self.camera
        local = (self.points_m - pose[:3, 3]) @ pose[:3, :3]
        truth = np.full(camera.size, np.nan)
        for x, y, z in local[np.argsort(-local[:, 2])]:
            column = round(camera.fx * x / z + camera.cx)
            row = round(camera.fy * y / z + camera.cy)
            if row < -1 or column < -1:
                continue
            truth[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = 1.0 / z
        return truth


def ride(
    *,
    velocity=(0.3, 0.0, 0.0),
    turn=(0.0, 0.0, 0.0),
    seconds=0.2,
    num_strokes=60,
    camera=CAMERA,
    seed=0,
    way=None,
):
    """Simulate a ride at constant velocity (m/s) and turn (rad/s), or on a `way` (s -> pose)."""
    rng = np.random.default_rng(seed)
    middles = rng.uniform([-20, 0], [camera.width + 20, camera.height], (num_strokes, 2))
    along = np.linspace(-4.0, 4.0, POINTS_OF_STROKE)[None, :, None]
    slant = np.stack([rng.uniform(-0.7, 0.7, num_strokes), np.ones(num_strokes)], axis=1)
    pixels = (middles[:, None] + along * slant[:, None]).reshape(-1, 2)
    rays = (pixels - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    band = np.clip(middles[:, 1] * len(DEPTHS_M) / camera.height, 0, len(DEPTHS_M) - 1)
    depth_m = np.repeat(np.array(DEPTHS_M)[band.astype(np.int64)], POINTS_OF_STROKE)
    points_m = np.c_[rays, np.ones(len(rays))] * depth_m[:, None]
    signs = np.repeat(rng.choice([-1, 1], num_strokes), POINTS_OF_STROKE)
    trajectory = Trajectory()
    times_us = np.arange(0, round(seconds * 1e6) + 1, STEP_US)
    seen, before = [], None
    for t_us in times_us:
        pose = pose_at(t_us * 1e-6, velocity, turn) if way is None else way(t_us * 1e-6)
        if t_us % 5000 == 0:
            trajectory.push(pose, int(t_us))
        cells = _cells(points_m, pose, camera)
        if before is not None:
            moved = (cells != before).any(axis=1) & (cells >= 0).all(axis=1)
            moved &= (cells < (camera.width, camera.height)).all(axis=1)
            events = np.zeros(int(moved.sum()), EVENT_DTYPE)
            events['t'], events['p'] = t_us - STEP_US // 2, signs[moved]
            events['x'], events['y'] = cells[moved].T
            seen.append(events)
        before = cells
    return Ride(camera, points_m, np.concatenate(seen), trajectory, int(times_us[-1]))


def pose_at(t_s, velocity, turn):
    """Return world_from_camera after `t_s` seconds."""
    pose = np.eye(4)
    vector = np.asarray(turn) * t_s
    angle = np.linalg.norm(vector)
    if angle > 0:
        x, y, z = vector / angle
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        pose[:3, :3] += np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    pose[:3, 3] = np.asarray(velocity) * t_s
    return pose


def _cells(points_m, pose, camera):
    local = (points_m - pose[:3, 3]) @ pose[:3, :3]
    x = camera.fx * local[:, 0] / local[:, 2] + camera.cx
    y = camera.fy * local[:, 1] / local[:, 2] + camera.cy
    return np.rint(np.stack([x, y], axis=1)).astype(np.int64)


@pytest.fixture(scope='session')
def sideways() -> Ride:
    return ride()
