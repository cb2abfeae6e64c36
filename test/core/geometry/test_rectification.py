"""Rectification of events by lookup and of images by map."""

import cv2
from eventdepth_core.geometry import (
    ImageRectifier,
    rectification_lookup,
    rectify_image,
    undistort_points,
)
from eventdepth_core.types import Camera, Rectification
import numpy as np

PINHOLE = Camera(17, 11, 20.0, 21.0, 8.0, 5.0)


def smooth_image(camera):
    y, x = np.indices(camera.size)
    return (127 + 60 * np.sin(x / 17) + 60 * np.cos(y / 13)).astype(np.uint8)


def test_the_lookup_of_a_pinhole_is_the_identity():
    np.testing.assert_array_equal(rectification_lookup(PINHOLE), np.arange(17 * 11))


def test_the_lookup_rounds_undistorted_pixels(distorted_camera):
    lookup = rectification_lookup(distorted_camera)

    assert lookup.dtype == np.int32
    pixels = [(0, 0), (173, 134), (345, 259), (12, 200)]
    for x, y in pixels:
        u, v = np.floor(undistort_points([[x, y]], distorted_camera)[0] + 0.5).astype(int)
        inside = 0 <= u < distorted_camera.width and 0 <= v < distorted_camera.height
        assert lookup[y * distorted_camera.width + x] == (
            v * distorted_camera.width + u if inside else -1
        )


def test_the_lookup_indexes_the_grid_of_another_size():
    half = Rectification(np.eye(3), Camera(9, 6, 10.0, 10.5, 4.0, 2.5))

    lookup = rectification_lookup(PINHOLE, half)

    assert lookup[5 * 17 + 8] == 3 * 9 + 4  # v = 2.5 rounds up
    assert lookup.max() < 9 * 6


def test_a_pinhole_image_comes_back_as_it_is():
    image = smooth_image(PINHOLE)

    np.testing.assert_array_equal(rectify_image(image, PINHOLE), image)


def test_a_rectified_image_agrees_with_opencv(distorted_camera):
    image = smooth_image(distorted_camera)
    matrix, k = distorted_camera.matrix, np.array(distorted_camera.distortion)
    undistort = (
        cv2.fisheye.initUndistortRectifyMap
        if distorted_camera.distortion_model == 'equidistant'
        else cv2.initUndistortRectifyMap
    )
    size = (distorted_camera.width, distorted_camera.height)
    maps = undistort(matrix, k, np.eye(3), matrix, size, cv2.CV_32FC1)
    expected = cv2.remap(image, *maps, cv2.INTER_LINEAR)

    rectifier = ImageRectifier(distorted_camera)
    rectified = rectifier.rectify(image)

    inner = cv2.erode(rectifier.seen.astype(np.uint8), np.ones((5, 5))).astype(bool)
    difference = np.abs(rectified.astype(int) - expected)[inner]
    assert difference.max() <= 1
    assert (rectified[~rectifier.seen] == 0).all()


def test_events_and_images_land_on_the_same_pixel(distorted_camera):
    image = np.zeros(distorted_camera.size, np.uint8)
    image[59:62, 79:82] = 255

    rectified = ImageRectifier(distorted_camera).rectify(image)
    landed = rectification_lookup(distorted_camera)[60 * distorted_camera.width + 80]

    assert rectified.ravel()[landed] > 200
