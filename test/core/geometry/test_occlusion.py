"""The occlusion filter against ray casting of a displaced LiDAR."""

from eventdepth_core.geometry import project_points
from eventdepth_core.geometry.occlusion import without_occluded
from eventdepth_core.types import Camera
import numpy as np

CAMERA = Camera(620, 370, 500.0, 500.0, 310.0, 185.0)
PLATE_M, WALL_M, HALF_PLATE_M = 5.0, 10.0, 1.0


def lidar_sweep(origin_m, step_deg=(0.4, 0.2)):
    """Cast rays of a LiDAR at `origin_m` against a square plate in front of a wall."""
    pitch = np.deg2rad(np.arange(-16, 16, step_deg[0]))[:, None]
    yaw = np.deg2rad(np.arange(-28, 28, step_deg[1]))
    rays = np.stack(np.broadcast_arrays(np.tan(yaw), np.tan(pitch), 1.0), -1).reshape(-1, 3)
    plate = origin_m + rays * (PLATE_M - origin_m[2])
    hits_plate = (np.abs(plate[:, :2]) < HALF_PLATE_M).all(axis=1)
    return np.where(hits_plate[:, None], plate, origin_m + rays * (WALL_M - origin_m[2]))


def is_hidden_in_camera(points):
    """Whether the plate stands between the camera in the origin and a point of the wall."""
    crossing = points[:, :2] / points[:, 2:] * PLATE_M
    return (points[:, 2] > PLATE_M + 1) & (np.abs(crossing) < HALF_PLATE_M).all(axis=1)


def test_points_behind_a_plate_go_and_points_beside_it_stay():
    points = lidar_sweep(np.array([0.15, -0.4, -0.1]))
    hidden = is_hidden_in_camera(points)
    shown_m = project_points(points[~hidden], CAMERA, occlusion=False)
    hidden_m = project_points(points[hidden], CAMERA, occlusion=False)
    hidden_m[np.isfinite(shown_m)] = np.nan

    kept = project_points(points, CAMERA)

    share_removed = np.isnan(kept[np.isfinite(hidden_m)]).mean()
    share_lost = np.isnan(kept[np.isfinite(shown_m)]).mean()
    assert np.isfinite(hidden_m).sum() > 100
    assert share_removed > 0.8
    assert share_lost < 0.005


def test_ground_at_a_grazing_angle_loses_nothing():
    pitch = np.deg2rad(np.arange(1.6, 20, 0.4))[:, None]
    yaw = np.deg2rad(np.arange(-28, 28, 0.2))
    depth_m = 1.7 / np.tan(pitch) * np.ones_like(yaw)
    points = np.stack([depth_m * np.tan(yaw), np.full_like(depth_m, 1.7), depth_m], -1)

    every = project_points(points.reshape(-1, 3), CAMERA, occlusion=False)

    np.testing.assert_array_equal(without_occluded(every, CAMERA), every)


def test_a_single_surface_and_an_empty_image_stay_as_they_are():
    sloping = np.tile(np.linspace(4, 6, 620, dtype=np.float32), (370, 1))
    empty = np.full((370, 620), np.nan, np.float32)

    np.testing.assert_array_equal(without_occluded(sloping, CAMERA), sloping)
    np.testing.assert_array_equal(without_occluded(empty, CAMERA), empty)
