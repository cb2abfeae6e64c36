"""Distortion on the normalised plane: against OpenCV, and at the end of its range."""

import cv2
from eventdepth_core.geometry.distortion import (
    distort_normalised,
    is_pinhole,
    undistort_normalised,
)
from eventdepth_core.types import Camera
import numpy as np

PLANE = np.random.default_rng(2).uniform(-0.7, 0.7, (200, 2))


def test_plumb_bob_distorts_as_opencv_does(tolerances):
    k = (-0.27, 0.11, 2e-4, -3e-4, -0.02)
    rays = np.hstack([PLANE, np.ones((200, 1))])
    expected, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), np.eye(3), np.array(k))

    distorted = distort_normalised(PLANE, Camera(346, 260, 226, 226, 173, 130, k))

    tolerances['float64'].assert_close(distorted, expected[:, 0])


def test_equidistant_distorts_as_opencv_does(tolerances):
    k = (-0.048, 0.0075, -0.0016, 0.0003)
    expected = cv2.fisheye.distortPoints(PLANE[:, None], np.eye(3), np.array(k))

    distorted = distort_normalised(PLANE, Camera(346, 260, 226, 226, 173, 130, k, 'equidistant'))

    tolerances['float64'].assert_close(distorted, expected[:, 0])


def test_what_the_model_cannot_reach_is_nan():
    barrel = Camera(346, 260, 226, 226, 173, 130, (-0.5, 0.0, 0.0, 0.0))
    # r (1 - r^2 / 2) has its greatest value 0.5443 at r = 0.8165.
    rim = np.array([[0.8, 0.0], [0.83, 0.0]])

    assert np.isfinite(distort_normalised(rim, barrel)).all(axis=1).tolist() == [True, False]
    values = np.array([[0.54, 0.0], [0.55, 0.0]])
    assert np.isfinite(undistort_normalised(values, barrel)).all(axis=1).tolist() == [True, False]


def test_a_fisheye_ray_at_right_angles_is_nan():
    lens = Camera(346, 260, 100, 100, 173, 130, (0.0, 0.0, 0.0, 0.0), 'equidistant')

    plane = undistort_normalised(np.array([[1.5, 0.0], [1.6, 0.0], [0.0, 0.0]]), lens)

    np.testing.assert_allclose(plane[0], (np.tan(1.5), 0.0), rtol=1e-9)
    assert np.isnan(plane[1]).all()
    np.testing.assert_array_equal(plane[2], (0.0, 0.0))


def test_zeros_are_a_pinhole_for_plumb_bob_and_a_lens_for_equidistant():
    zeros = (0.0, 0.0, 0.0, 0.0)

    assert is_pinhole(Camera(9, 7, 5, 5, 4, 3, zeros))
    assert is_pinhole(Camera(9, 7, 5, 5, 4, 3, (), 'equidistant'))
    assert not is_pinhole(Camera(9, 7, 5, 5, 4, 3, zeros, 'equidistant'))


def test_no_points_and_nan_pass_through():
    camera = Camera(346, 260, 226, 226, 173, 130, (-0.27, 0.11, 0.0, 0.0))

    assert undistort_normalised(np.empty((0, 2)), camera).shape == (0, 2)
    assert np.isnan(undistort_normalised(np.full((1, 2), np.nan), camera)).all()
