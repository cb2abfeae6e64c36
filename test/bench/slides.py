"""
Events of a camera that slides along points at known depths: exact, without noise.

The upper half of the view is far, the lower near. Times count from `start_us`.

"""

from pathlib import Path

from eventdepth_core import EVENT_DTYPE
from eventdepth_core.types import Camera
import numpy as np

SPEED_M_S = 0.8
DURATION_US = 200_000
POSE_US = 8_000
FAR_M, NEAR_M = 2.4, 1.2


def pose_at(stamp_us, speed_m_s=SPEED_M_S):
    """Return world_from_camera of the slide along x."""
    pose = np.eye(4)
    pose[0, 3] = speed_m_s * stamp_us * 1e-6
    return pose


def poses(duration_us=DURATION_US, period_us=POSE_US, speed_m_s=SPEED_M_S):
    """Return (stamp, world_from_camera) from 0 on."""
    return [(t, pose_at(t, speed_m_s)) for t in range(0, duration_us + 1, period_us)]


def points(camera, count=260, seed=3):
    """Return points (N, 3) in the world: the upper half of the view far, the lower near."""
    random = np.random.default_rng(seed)
    width, height = camera.width, camera.height
    x_px, y_px = random.uniform(0, 1.6 * width, count), random.uniform(2, height - 3, count)
    depth_m = np.where(y_px < 0.5 * height, FAR_M, NEAR_M)
    rays = np.stack(
        [(x_px - camera.cx) / camera.fx, (y_px - camera.cy) / camera.fy, np.ones(count)], axis=1
    )
    return rays * depth_m[:, None]


def slide_events(camera, duration_us=DURATION_US, speed_m_s=SPEED_M_S, seed=3):
    """Return an event wherever a point enters another pixel, in order of time."""
    found = []
    times_us = np.arange(0, duration_us, 100)
    for x_m, y_m, z_m in points(camera, seed=seed):
        x_px = camera.fx * (x_m - speed_m_s * times_us * 1e-6) / z_m + camera.cx
        column, row = np.rint(x_px).astype(int), round(camera.fy * y_m / z_m + camera.cy)
        is_new = np.r_[False, column[1:] != column[:-1]]
        is_inside = (column >= 0) & (column < camera.width)
        found += [(t, x, row, 1) for t, x in zip(
            times_us[is_new & is_inside], column[is_new & is_inside], strict=True
        )]  # fmt: skip
    events = np.array(found, EVENT_DTYPE)
    return events[np.argsort(events['t'], kind='stable')]


def expected_depth(camera):
    """Return the depth of each row, (H, W)."""
    rows = np.arange(camera.height)[:, None]
    depth = np.where(rows < 0.5 * camera.height, FAR_M, NEAR_M)
    return np.broadcast_to(depth, camera.size)


def write_slide(folder: Path, camera: Camera, duration_us: int, start_us: int) -> Path:
    """Write a slide as a folder of text: events.txt, groundtruth.txt, calib.txt."""
    folder.mkdir(parents=True)
    corner = np.array([(0, camera.width - 1, camera.height - 1, 1)], EVENT_DTYPE)  # says the size
    events = np.concatenate([corner, slide_events(camera, duration_us)])
    lines = [
        f'{(int(t) + start_us) * 1e-6:.6f} {x} {y} {int(p > 0)}' for t, x, y, p in events.tolist()
    ]
    (folder / 'events.txt').write_text('\n'.join(lines) + '\n')
    moved = [
        f'{(t + start_us) * 1e-6:.6f} {pose[0, 3]:.9f} 0 0 0 0 0 1'
        for t, pose in poses(duration_us)
    ]
    (folder / 'groundtruth.txt').write_text('\n'.join(moved) + '\n')
    (folder / 'calib.txt').write_text(
        f'{camera.fx} {camera.fy} {camera.cx} {camera.cy} 0 0 0 0 0\n'
    )
    return folder
