"""Rectified pixels: against OpenCV, and DSEC's own rectification."""

from pathlib import Path

import cv2
from eventdepth_core.errors import InputError
from eventdepth_core.geometry import distort_points, rectified_camera, undistort_points
from eventdepth_core.geometry.cameras import pixel_grid
from eventdepth_core.types import Camera, Rectification
import numpy as np
import pytest
import yaml


def turned(degrees):
    return cv2.Rodrigues(np.deg2rad(np.array(degrees, np.float64)))[0]


def opencv_undistorted(points, camera, rotation, matrix):
    k = np.array(camera.distortion)
    if camera.distortion_model == 'equidistant':
        criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-14)
        return cv2.fisheye.undistortPoints(
            points[:, None], camera.matrix, k, R=rotation, P=matrix, criteria=criteria
        )[:, 0]
    # OpenCV 5 has one function for what was two.
    undistort = getattr(cv2, 'undistortPointsIter', cv2.undistortPoints)
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 500, 1e-14)
    return undistort(points[:, None], camera.matrix, k, R=rotation, P=matrix, criteria=criteria)[
        :, 0
    ]


def test_undistort_points_agrees_with_opencv_under_a_rectification(distorted_camera):
    target = Camera(320, 240, 210.0, 208.0, 161.0, 122.0)
    rectification = Rectification(turned((2.0, -3.0, 1.0)), target)
    points = pixel_grid(distorted_camera)[::97]

    rectified = undistort_points(points, distorted_camera, rectification)

    expected = opencv_undistorted(points, distorted_camera, rectification.rotation, target.matrix)
    np.testing.assert_allclose(rectified, expected, atol=1e-4)


def test_distort_points_brings_every_pixel_back(distorted_camera):
    target = Camera(320, 240, 210.0, 208.0, 161.0, 122.0)
    rectification = Rectification(turned((2.0, -3.0, 1.0)), target)
    points = pixel_grid(distorted_camera)[::31]

    rectified = undistort_points(points, distorted_camera, rectification)
    back = distort_points(rectified, distorted_camera, rectification)

    np.testing.assert_allclose(back, points, atol=1e-6)


def test_the_rectified_camera_keeps_size_and_intrinsics(distorted_camera):
    camera = rectified_camera(distorted_camera)

    assert camera.size == distorted_camera.size
    np.testing.assert_array_equal(camera.matrix, distorted_camera.matrix)
    assert camera.distortion == ()


def test_a_distorted_rectification_is_refused(distorted_camera):
    with pytest.raises(InputError, match='Expected a rectified camera without distortion'):
        Rectification(np.eye(3), distorted_camera)


def test_a_ray_behind_the_rectified_camera_is_nan():
    camera = Camera(9, 7, 5, 5, 4, 3)
    rectification = Rectification(turned((0.0, 120.0, 0.0)), camera)

    assert np.isnan(undistort_points([[4.0, 3.0]], camera, rectification)).all()


def test_points_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r'Expected points_px of shape \(N, 2\), got \(3, 3\)'):
        undistort_points(np.zeros((3, 3)), Camera(9, 7, 5, 5, 4, 3))


def test_dsec_rectification_matches_opencv_and_fills_the_sensor(data_root: Path):
    calibration = yaml.safe_load((data_root / 'dsec_calibration' / 'cam_to_cam.yaml').read_text())
    given, goal = calibration['intrinsics']['cam0'], calibration['intrinsics']['camRect0']
    camera = Camera(640, 480, *given['camera_matrix'], tuple(given['distortion_coeffs']))
    target = Camera(640, 480, *goal['camera_matrix'])
    rotation = np.array(calibration['extrinsics']['R_rect0'])
    points = pixel_grid(camera)[::101]

    rectified = undistort_points(points, camera, Rectification(rotation, target))

    expected = opencv_undistorted(points, camera, rotation, target.matrix)
    np.testing.assert_allclose(rectified, expected, atol=1e-6)
    inside = ((rectified >= -0.5) & (rectified < (639.5, 479.5))).all(axis=1)
    assert inside.mean() > 0.9


def test_pixels_that_are_no_real_numbers_are_refused():
    with pytest.raises(InputError, match=r'Expected real numbers in points_px, got dtype complex'):
        undistort_points(np.ones((2, 2)) + 1j, Camera(9, 7, 5, 5, 4, 3))
