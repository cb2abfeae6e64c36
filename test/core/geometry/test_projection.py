"""Projection by example and on a KITTI frame."""

from eventdepth_core.errors import InputError
from eventdepth_core.geometry import organised_points, project_points, transform_points
from eventdepth_core.types import Camera
import numpy as np
import pytest

CAMERA = Camera(41, 31, 40.0, 42.0, 20.0, 15.0)


def test_a_point_lands_on_the_nearest_pixel_with_its_depth():
    depth_m = project_points([[0.5, -0.25, 2.0]], CAMERA)

    assert depth_m.dtype == np.float32
    assert np.argwhere(np.isfinite(depth_m)).tolist() == [[10, 30]]  # 15 - 5.25, 20 + 10
    assert depth_m[10, 30] == 2.0


@pytest.mark.parametrize('order', [1, -1])
def test_the_nearest_point_of_a_pixel_wins_in_any_order(order):
    points = [[0.0, 0.0, 5.0], [0.0, 0.0, 3.0], [0.0, 0.0, 4.0]][::order]

    assert project_points(points, CAMERA)[15, 20] == 3.0


@pytest.mark.parametrize(
    'point',
    [[0, 0, -1], [0, 0, 0], [9, 0, 1], [0, -9, 1], [np.nan, 0, 1], [0, 0, np.nan], [0, 0, np.inf]],
)
def test_points_that_the_camera_cannot_see_take_no_part(point):
    assert np.isnan(project_points([point], CAMERA)).all()


def test_no_points_give_nan_everywhere():
    assert np.isnan(project_points(np.empty((0, 3), np.float32), CAMERA)).all()


def test_organised_points_project_back_to_their_depth():
    depth_m = np.random.default_rng(1).uniform(1, 9, CAMERA.size).astype(np.float32)
    depth_m[3, 4:9] = np.nan

    points = organised_points(depth_m, CAMERA)

    assert points.shape == (31, 41, 3)
    back = project_points(points.reshape(-1, 3), CAMERA, occlusion=False)
    np.testing.assert_array_equal(back, depth_m)


def test_transform_points_maps_points_of_b_into_a(tolerances):
    a_from_b = np.array([[0, -1, 0, 1], [1, 0, 0, 2], [0, 0, 1, 3], [0, 0, 0, 1]], np.float64)

    moved = transform_points(a_from_b, np.array([[1, 0, 0], [0, 2, 0]], np.float32))

    tolerances['float64'].assert_close(moved, [[1, 3, 3], [-1, 2, 3]])


def test_wrong_shapes_and_distorted_cameras_are_refused():
    with pytest.raises(InputError, match=r'Expected points_m of shape \(N, 3\), got \(4, 4\)'):
        project_points(np.zeros((4, 4)), CAMERA)
    with pytest.raises(
        InputError, match=r'Expected depth_m of the size \(31, 41\), got \(41, 31\)'
    ):
        organised_points(np.zeros((41, 31), np.float32), CAMERA)
    distorted = Camera(41, 31, 40.0, 42.0, 20.0, 15.0, (0.1, 0.0, 0.0, 0.0))
    with pytest.raises(InputError, match='camera of projected points without distortion, got'):
        project_points(np.zeros((1, 3)), distorted)


def test_a_kitti_sweep_covers_the_known_pixels(kitti_frame):
    depth_m = project_points(kitti_frame.points_m, kitti_frame.camera, occlusion=False)

    assert np.isfinite(depth_m).sum() == 20209
    assert np.nanmin(depth_m) == pytest.approx(4.2193, abs=1e-4)
    assert np.nanmax(depth_m) == pytest.approx(72.730, abs=1e-3)


def test_the_occlusion_filter_takes_few_points_of_a_kitti_sweep(kitti_frame):
    every = project_points(kitti_frame.points_m, kitti_frame.camera, occlusion=False)
    kept = project_points(kitti_frame.points_m, kitti_frame.camera)

    assert np.isfinite(kept).sum() == 19092
    remaining = np.isfinite(kept)
    np.testing.assert_array_equal(kept[remaining], every[remaining])
    # The ground in front of everything, the lowest 60 rows, hides nothing.
    np.testing.assert_array_equal(kept[-60:, :900], every[-60:, :900])


@pytest.mark.filterwarnings('error')
def test_points_that_are_not_finite_become_nan_and_leave_the_others_alone():
    turn = np.eye(4)
    turn[:2, :2] = [[0.6, -0.8], [0.8, 0.6]]
    points_m = np.array([[1.0, 2.0, 3.0], [np.inf, 0.0, 1.0], [np.nan, 1.0, 1.0], [4.0, 5.0, 6.0]])

    moved = transform_points(turn, points_m)

    assert np.isnan(moved[1:3]).all()
    np.testing.assert_allclose(moved[[0, 3]], transform_points(turn, points_m[[0, 3]]))


@pytest.mark.parametrize('wrong', [np.ones((2, 3)) + 1j, [['a', 'b', 'c']], [[1.0], [1.0, 2.0]]])
def test_points_that_are_no_real_numbers_are_refused(wrong):
    camera = Camera(9, 7, 5, 5, 4, 3)

    with pytest.raises(InputError, match='points_m'):
        transform_points(np.eye(4), wrong)
    with pytest.raises(InputError, match='points_m'):
        project_points(wrong, camera)
