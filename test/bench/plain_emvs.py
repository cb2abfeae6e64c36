"""
Multi-view stereo of events in its plain published form, to be compared with.

Rays of all events of a window vote bilinearly in a volume at the middle of the window; depth is
the plane with the most votes where those exceed a Gaussian mean by `MIN_VOTES`, then a median
filter (Rebecq et al., EMVS, 2018). It is told the true range of depths, which the sweep is not.

"""

import cv2
from eventdepth_core.geometry.rigid_motion import inverse_transforms
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

WINDOW_US = 200_000
NUM_PLANES, SLICE_US = 100, 1000
MIN_VOTES, SURROUNDINGS_PX, MEDIAN_PX = 2.0, 5.0, 9


def plain_emvs(camera, events, trajectory, stamp_us, depths_m):
    """Return depth (H, W) at a stamp from the events before it, NaN = none; range (near, far)."""
    start_us = max(stamp_us - WINDOW_US, trajectory.oldest_us)
    chosen = events[(events['t'] >= start_us) & (events['t'] < stamp_us)]
    world_from_key = trajectory.pose_at((start_us + stamp_us) // 2).world_from_camera
    inverse_depths = np.linspace(1 / depths_m[1], 1 / depths_m[0], NUM_PLANES)
    counts = _votes(camera, chosen, trajectory, world_from_key, inverse_depths)
    most = counts.max(axis=0)
    edges = most > cv2.GaussianBlur(most, (0, 0), SURROUNDINGS_PX) + MIN_VOTES
    depth_m = np.where(edges, 1 / inverse_depths[counts.argmax(axis=0)], np.nan)
    depth_m = np.where(edges, _median(depth_m), np.nan)
    pose = trajectory.pose_at(stamp_us).world_from_camera
    return _seen(camera, depth_m, inverse_transforms(pose) @ world_from_key)


def _votes(camera, events, trajectory, world_from_key, inverse_depths):
    height, width = camera.size
    far, centres = np.empty((2, len(events))), np.empty((3, len(events)))
    key_from_world = inverse_transforms(world_from_key)
    starts = np.flatnonzero(np.diff(events['t'] // SLICE_US, prepend=-1))
    for first, last in zip(starts, [*starts[1:], len(events)], strict=True):
        part = events[first:last]
        stamp_us = int(part['t'][0]) // SLICE_US * SLICE_US + SLICE_US // 2
        motion = key_from_world @ trajectory.pose_at(stamp_us).world_from_camera
        x, y = (part['x'] - camera.cx) / camera.fx, (part['y'] - camera.cy) / camera.fy
        turned = motion[:3, :3] @ np.stack([x, y, np.ones(len(part))])
        far[:, first:last] = turned[:2] / turned[2]
        centres[:, first:last] = motion[:3, 3:]
    counts = np.zeros((len(inverse_depths), height * width), np.float32)
    for plane, q in zip(counts, inverse_depths, strict=True):
        place = far * (1 - centres[2] * q) + centres[:2] * q
        x, y = camera.fx * place[0] + camera.cx, camera.fy * place[1] + camera.cy
        inside = (x >= 0) & (x < width - 1.01) & (y >= 0) & (y < height - 1.01)
        _splat(plane, x[inside], y[inside], width)
    return counts.reshape(-1, height, width)


def _splat(plane, x, y, width):
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    a, b = x - column, y - row
    for u, v, weight in (
        (0, 0, (1 - a) * (1 - b)),
        (1, 0, a * (1 - b)),
        (0, 1, (1 - a) * b),
        (1, 1, a * b),
    ):
        plane += np.bincount((row + v) * width + column + u, weight, plane.size)


def _median(depth_m):
    reach = MEDIAN_PX // 2
    windows = sliding_window_view(
        np.pad(depth_m, reach, constant_values=np.nan), (MEDIAN_PX, MEDIAN_PX)
    )
    some = np.isfinite(depth_m)
    median = np.full(depth_m.shape, np.nan)
    median[some] = np.nanmedian(windows[some].reshape(-1, MEDIAN_PX**2), axis=1)
    return median


def _seen(camera, depth_m, stamp_from_key):
    rows, columns = np.nonzero(np.isfinite(depth_m))
    z = depth_m[rows, columns]
    points = np.stack(
        [(columns - camera.cx) / camera.fx * z, (rows - camera.cy) / camera.fy * z, z]
    )
    x, y, z = stamp_from_key[:3, :3] @ points + stamp_from_key[:3, 3:]
    column = np.rint(camera.fx * x / z + camera.cx).astype(np.int64)
    row = np.rint(camera.fy * y / z + camera.cy).astype(np.int64)
    height, width = camera.size
    inside = (z > 0) & (column >= 0) & (column < width) & (row >= 0) & (row < height)
    nearest = np.full(camera.size, np.inf, np.float32)
    np.minimum.at(nearest, (row[inside], column[inside]), z[inside].astype(np.float32))
    return np.where(np.isfinite(nearest), nearest, np.float32(np.nan))
