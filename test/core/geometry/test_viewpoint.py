"""Images from another viewpoint."""

import cv2
from eventdepth_core.errors import InputError
from eventdepth_core.geometry import (
    distort_points,
    residual_shift_px,
    rotation_homography,
    undistort_points,
    ViewWarper,
    warp_image,
)
from eventdepth_core.types import Camera
import numpy as np
import pytest

CAMERA_A = Camera(83, 61, 70.0, 71.0, 41.0, 30.0)
CAMERA_B = Camera(120, 90, 95.0, 94.0, 60.0, 44.0)


def pose(degrees=(0.0, 0.0, 0.0), translation_m=(0.0, 0.0, 0.0)):
    matrix = np.eye(4)
    matrix[:3, :3] = cv2.Rodrigues(np.deg2rad(np.array(degrees)))[0]
    matrix[:3, 3] = translation_m
    return matrix


def picture(camera):
    y, x = np.indices(camera.size)
    return (127 + 60 * np.sin(x / 9) + 60 * np.cos(y / 7)).astype(np.uint8)


def test_the_homography_maps_a_ray_to_where_the_turned_camera_sees_it(tolerances):
    a_from_b = pose((3.0, -5.0, 2.0), (9.0, 9.0, 9.0))
    ray = np.array([0.1, -0.2, 1.0])
    in_a = a_from_b[:3, :3] @ ray

    homography = rotation_homography(CAMERA_A, CAMERA_B, a_from_b)
    mapped = homography @ (CAMERA_B.matrix @ ray)

    expected = CAMERA_A.matrix @ in_a
    tolerances['float64'].assert_close(mapped[:2] / mapped[2], expected[:2] / expected[2])
    turned = rotation_homography(CAMERA_A, CAMERA_B, a_from_b[:3, :3])
    np.testing.assert_array_equal(turned, homography)


def test_the_identity_changes_nothing():
    image = picture(CAMERA_A)

    warped = warp_image(image, np.eye(3), CAMERA_A.size)
    viewed = ViewWarper(CAMERA_A, CAMERA_A, pose()).warp(image)

    np.testing.assert_array_equal(warped.image, image)
    np.testing.assert_array_equal(viewed.image, image)
    assert warped.seen.all()


def test_infinite_depth_equals_the_homography():
    a_from_b = pose((2.0, -4.0, 1.0), (0.3, -0.1, 0.2))
    image = picture(CAMERA_B)
    warper = ViewWarper(CAMERA_A, CAMERA_B, a_from_b)

    through_homography = warp_image(
        image, rotation_homography(CAMERA_A, CAMERA_B, a_from_b), CAMERA_A.size
    )
    at_infinity = warper.warp(image)
    through_depth = warper.warp(image, np.full(CAMERA_A.size, np.inf, np.float32))

    np.testing.assert_array_equal(at_infinity.image, through_depth.image)
    np.testing.assert_array_equal(at_infinity.seen, through_homography.seen)
    difference = at_infinity.image.astype(int) - through_homography.image
    assert np.abs(difference).max() <= 1
    assert 0.5 < at_infinity.seen.mean() <= 1.0


def test_a_shift_is_undone_by_depth_and_left_by_the_rotation():
    translation_m = (0.2, 0.0, 0.0)
    image_a = picture(CAMERA_A)
    # A wall at 2 m: what a sees in a pixel, b sees 0.2 * 70 / 2 = 7 px to the left.
    image_b = np.roll(image_a, -7, axis=1)
    warper = ViewWarper(CAMERA_A, CAMERA_A, pose(translation_m=translation_m))

    warped = warper.warp(image_b, np.full(CAMERA_A.size, 2.0, np.float32))

    np.testing.assert_array_equal(warped.image[:, 7:], image_a[:, 7:])
    assert not warped.seen[:, :7].any()
    assert residual_shift_px(translation_m, 70.0, 2.0) == pytest.approx(7.0)
    assert np.abs(warper.warp(image_b).image.astype(int) - image_a)[:, 7:].max() > 20


def test_distortion_of_the_image_camera_is_respected():
    lens = Camera(120, 90, 95.0, 94.0, 60.0, 44.0, (-0.3, 0.1, 0.0, 0.0))
    image = np.zeros(lens.size, np.uint8)
    image[19:22, 29:32] = 255
    x, y = undistort_points([[30.0, 20.0]], lens)[0]

    warped = ViewWarper(CAMERA_B, lens, pose()).warp(image)

    assert warped.image[round(y), round(x)] > 200
    np.testing.assert_allclose(distort_points([[x, y]], lens), [[30.0, 20.0]], atol=1e-6)


def test_pixels_without_depth_are_not_seen():
    depth_m = np.full(CAMERA_A.size, 3.0, np.float32)
    depth_m[10:20, 30:50] = np.nan

    warped = ViewWarper(CAMERA_A, CAMERA_A, pose()).warp(picture(CAMERA_A), depth_m)

    np.testing.assert_array_equal(warped.seen, np.isfinite(depth_m))
    assert (warped.image[10:20, 30:50] == 0).all()


def test_wrong_sizes_and_depths_are_refused():
    warper = ViewWarper(CAMERA_A, CAMERA_B, pose())

    with pytest.raises(InputError, match=r'Expected depth_m of the size \(61, 83\), got \(5, 5\)'):
        warper.warp(picture(CAMERA_B), np.ones((5, 5), np.float32))
    with pytest.raises(InputError, match=r'image of size \(90, 120\), got uint8 \(61, 83\)'):
        warper.warp(picture(CAMERA_A))
    with pytest.raises(InputError, match=r'least depth > 0, got 70\.0 px and 0\.0 m'):
        residual_shift_px((1.0, 0.0, 0.0), 70.0, 0.0)
    with pytest.raises(InputError, match=r'Expected a rotation .* in a_from_b'):
        rotation_homography(CAMERA_A, CAMERA_B, 2 * np.eye(3))
