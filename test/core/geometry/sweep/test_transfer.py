"""Points seen from elsewhere: moved exactly, sigma with them, the nearer before the farther."""

from eventdepth_core.geometry.sweep.points import NO_EDGES, SweptPoints
from eventdepth_core.geometry.sweep.transfer import transferred
from eventdepth_core.types import Camera
import numpy as np
import pytest

CAMERA = Camera(41, 31, 50.0, 50.0, 20.0, 15.0)


def _points(pixels, q, sigma):
    pixels = np.asarray(pixels, np.float64)
    rays = (pixels - (CAMERA.cx, CAMERA.cy)) / (CAMERA.fx, CAMERA.fy)
    return SweptPoints(
        rays, np.asarray(q, float), np.asarray(sigma, float), np.eye(4), 0, 0, NO_EDGES
    )


def test_without_motion_points_stay_as_they_are():
    points = _points([[3, 4], [40, 30]], [0.5, 2.0], [0.01, 0.1])

    q, sigma = transferred([points], np.eye(4), CAMERA)

    assert np.isfinite(q).sum() == 2
    assert (q[4, 3], q[30, 40]) == (0.5, 2.0)
    assert (sigma[4, 3], sigma[30, 40]) == (np.float32(0.01), np.float32(0.1))


def test_a_step_forward_changes_inverse_depth_and_sigma_by_the_formula():
    step = np.eye(4)
    step[2, 3] = 0.5
    points = _points([[20, 15]], [0.4], [0.01])

    q, sigma = transferred([points], step, CAMERA)

    assert q[15, 20] == pytest.approx(1 / (2.5 - 0.5), rel=1e-6)
    assert sigma[15, 20] == pytest.approx(0.01 / 0.8**2, rel=1e-6)


def test_a_step_aside_moves_near_points_further():
    step = np.eye(4)
    step[0, 3] = 0.2
    points = _points([[20, 5], [20, 25]], [1.0, 0.3], [0.01, 0.01])

    q, _ = transferred([points], step, CAMERA)

    assert np.argwhere(np.isfinite(q)).tolist() == [[5, 10], [25, 17]]


def test_a_near_point_hides_a_far_one():
    points = _points([[8, 8], [8, 8]], [0.3, 1.5], [0.02, 0.02])

    q, _ = transferred([points], np.eye(4), CAMERA)

    assert q[8, 8] == 1.5


def test_two_keyframes_that_agree_are_joined_by_precision():
    first, second = _points([[8, 8]], [1.0], [0.1]), _points([[8, 8]], [1.1], [0.05])

    q, sigma = transferred([first, second], np.eye(4), CAMERA)

    assert q[8, 8] == pytest.approx((1.0 * 100 + 1.1 * 400) / 500)
    assert sigma[8, 8] == pytest.approx(np.sqrt(1 / 500))


def test_points_of_one_keyframe_gain_nothing_from_each_other():
    points = _points([[8, 8], [8, 8]], [1.0, 1.1], [0.1, 0.05])

    q, sigma = transferred([points], np.eye(4), CAMERA)

    assert (q[8, 8], sigma[8, 8]) == (np.float32(1.1), np.float32(0.05))


def test_points_behind_the_camera_or_outside_vanish():
    ahead = np.eye(4)
    ahead[2, 3] = 3.0
    points = _points([[20, 15], [2, 2]], [1.0, 0.3], [0.1, 0.1])

    q, _ = transferred([points], ahead, CAMERA)

    assert np.isnan(q).all()


def test_no_points_give_an_empty_map():
    q, sigma = transferred([], np.eye(4), CAMERA)

    assert q.shape == sigma.shape == (31, 41)
    assert np.isnan(q).all()
    assert np.isnan(sigma).all()


def test_an_uncertain_pose_adds_to_sigma_along_the_axis():
    points = _points([[20, 15]], [2.0], [0.03])

    _, sigma = transferred([points], np.eye(4), CAMERA, pose_sigma_m=0.01)

    assert sigma[15, 20] == pytest.approx(np.hypot(0.03, 2.0**2 * 0.01))
