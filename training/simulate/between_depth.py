"""
Light between two images whose depth and poses are known.

At share s the camera stands between the two poses (rotation about one axis, position on a line).
Both depth maps are splatted into that view with a z-buffer; cracks are closed, holes take the
farther neighbour. Each pixel then looks up both images at its projection, where the image's own
depth does not show something nearer in front of it.

Laws: infinite depth moves by rotation only; a surface hidden in one image is taken from the
other; a camera that does not move changes nothing.

"""

import cv2
from eventdepth_core.errors import InputError
from eventdepth_core.geometry import distort_points, undistort_points
from eventdepth_core.geometry.cameras import pixel_grid
from eventdepth_core.geometry.distortion import is_pinhole
from eventdepth_core.types import Camera, Float32, Float64
import numpy as np
from training.simulate.between import mixed_light, MOTION_QUANTILE, View
from training.simulate.between_flow import sampled
from training.simulate.between_kernels import projected_rays, splatted_nearness
from training.simulate.solids import rotation_about

UNKNOWN = np.float32(-1.0)
_HIDDEN_SHARE = np.float32(1.05)
_HIDDEN_PER_M = np.float32(1e-3)
_MAX_FILLS = 64
# Nearer than anything; OpenCV puts its largest float32 around the image.
_HOLE = np.float32(1e30)


class Optics:
    """The rays of a camera's pixels, and where rays meet its image."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        rays_px = undistort_points(pixel_grid(camera), camera)
        plane = (rays_px - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
        self.rays = np.nan_to_num(plane).astype(np.float32)  # (H W, 2)
        self._is_pinhole = is_pinhole(camera)

    def project(self, nearness: Float32, target_from_source: Float64) -> tuple[Float32, Float32]:
        """
        Return positions (H, W, 2) px and nearness (H, W) in the target view.

        `nearness` is 1 / depth of the source's pixels, 0 at infinity, negative = unknown; what is
        unknown or behind the target stays at position -1e4.

        """
        matrix = np.asarray(target_from_source, np.float64)
        plane, moved = np.empty_like(self.rays), np.empty(nearness.size, np.float32)
        projected_rays(self.rays, nearness.ravel(), matrix, plane, moved)
        camera = self.camera
        where = plane * np.float32([camera.fx, camera.fy]) + np.float32([camera.cx, camera.cy])
        if not self._is_pinhole:
            where = np.nan_to_num(distort_points(where, camera), nan=-1e4).astype(np.float32)
        where[moved < 0] = -1e4
        return where.reshape(*camera.size, 2), moved.reshape(camera.size)


class DepthInterval:
    """Two views with depth and poses, seen through the same optics."""

    def __init__(self, optics: Optics, first: View, second: View) -> None:
        self._optics = optics
        self._views = (first, second)
        self._nearness = (nearness_of(first), nearness_of(second))
        self._poses = (_pose(first), _pose(second))
        where, _ = optics.project(self._nearness[0], _from(self._poses[1], self._poses[0]))
        grid = pixel_grid(optics.camera).reshape(where.shape).astype(np.float32)
        moved_px = np.linalg.norm(where - grid, axis=-1)[_is_inside(where)]
        self.motion_px = float(np.quantile(moved_px, MOTION_QUANTILE)) if moved_px.size else 0.0

    def light(self, share: float) -> Float32:
        """Return the light (H, W) at a share in (0, 1] of the interval."""
        if share == 1.0:
            return self._views[1].light
        pose = pose_between(*self._poses, share)
        nearness = self.nearness(share)
        lights, seen = [], []
        for view, own, other in zip(self._views, self._nearness, self._poses, strict=True):
            where, expected = self._optics.project(nearness, _from(other, pose))
            shown = sampled(own, where, cv2.INTER_NEAREST)
            is_hidden = shown > expected * _HIDDEN_SHARE + _HIDDEN_PER_M
            lights.append(sampled(view.light, where, cv2.INTER_CUBIC))
            seen.append((_is_inside(where) & ~is_hidden).astype(np.float32))
        return mixed_light((lights[0], lights[1]), (seen[0], seen[1]), share)

    def nearness(self, share: float) -> Float32:
        """Return 1 / depth (H, W) of the view at a share of the interval."""
        pose = pose_between(*self._poses, share)
        nearest = np.full(self._optics.camera.size, UNKNOWN, np.float32)
        for own, other in zip(self._nearness, self._poses, strict=True):
            where, moved = self._optics.project(own, _from(pose, other))
            splatted_nearness(where, moved, nearest)
        closed = cv2.morphologyEx(nearest, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        return filled_from_behind(closed)


def nearness_of(view: View) -> Float32:
    """Return 1 / depth (H, W) of a view, 0 = infinite, -1 = unknown."""
    if view.depth_m is None:
        raise InputError(f'Expected depth at {view.stamp_us} µs, got none.')
    depth_m = view.depth_m
    is_known = depth_m > 0  # NaN is not
    nearness: Float32 = np.where(is_known, 1.0 / np.where(is_known, depth_m, 1.0), UNKNOWN)
    return filled_from_behind(nearness.astype(np.float32))


def filled_from_behind(nearness: Float32) -> Float32:
    """Fill what is unknown (negative) with the farther of what lies around it."""
    filled = np.where(nearness < 0, _HOLE, nearness)
    kernel = np.ones((3, 3), np.uint8)
    for _ in range(_MAX_FILLS):
        is_hole = filled >= _HOLE
        if not is_hole.any():
            return filled
        filled = np.where(is_hole, cv2.erode(filled, kernel), filled)
    return np.where(filled >= _HOLE, np.float32(0.0), filled)


def pose_between(first: Float64, second: Float64, share: float) -> Float64:
    """Return the pose (4, 4) at a share of the way between two."""
    axis_angle, _ = cv2.Rodrigues(first[:3, :3].T @ second[:3, :3])
    pose = np.eye(4)
    pose[:3, :3] = first[:3, :3] @ rotation_about(share * axis_angle.ravel())
    pose[:3, 3] = (1.0 - share) * first[:3, 3] + share * second[:3, 3]
    return pose


def _pose(view: View) -> Float64:
    if view.world_from_camera is None:
        raise InputError(f'Expected a pose at {view.stamp_us} µs, got none.')
    return view.world_from_camera


def _from(world_from_target: Float64, world_from_source: Float64) -> Float64:
    return np.linalg.inv(world_from_target) @ world_from_source


def _is_inside(where: Float32) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    height, width = where.shape[:2]
    x, y = where[..., 0], where[..., 1]
    return (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
