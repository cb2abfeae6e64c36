"""A scene known exactly: a square at 2 m before a wall at 4 m, seen while moving along x."""

from eventdepth_core.types import Camera
import numpy as np
from training.simulate.between import View

CAMERA = Camera(width=97, height=65, fx=80.0, fy=80.0, cx=47.5, cy=32.0)
NEAR_M, FAR_M, HALF_M = 2.0, 4.0, 0.45


def depth_at(x_m):
    rays_x, rays_y = _rays()
    on_square = (np.abs(rays_x * NEAR_M + x_m) < HALF_M) & (np.abs(rays_y * NEAR_M) < HALF_M)
    return np.where(on_square, NEAR_M, FAR_M).astype(np.float32)


def light_at(x_m):
    rays_x, rays_y = _rays()
    depth = depth_at(x_m)
    x, y = rays_x * depth + x_m, rays_y * depth
    wall = 0.45 + 0.2 * np.sin(9 * x + 2 * y) + 0.15 * np.sin(7 * y - 4 * x)
    square = 0.35 + 0.2 * np.sin(17 * x - 3 * y)
    return np.where(depth == NEAR_M, square, wall).astype(np.float32)


def pose_at(x_m):
    pose = np.eye(4)
    pose[0, 3] = x_m
    return pose


def view_at(x_m, stamp_us=0, *, has_depth=True):
    light = light_at(x_m)
    grey = np.round(255 * light).astype(np.uint8)
    if not has_depth:
        return View(stamp_us, light, grey, grey)
    return View(stamp_us, light, grey, grey, depth_at(x_m), pose_at(x_m))


def _rays():
    rows, columns = np.indices(CAMERA.size)
    return (columns - CAMERA.cx) / CAMERA.fx, (rows - CAMERA.cy) / CAMERA.fy
