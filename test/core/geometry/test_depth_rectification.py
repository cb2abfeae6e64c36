"""Depth of a given camera on the grid of its rectified view."""

import cv2
from eventdepth_core.errors import InputError
from eventdepth_core.geometry import DepthRectifier
from eventdepth_core.types import Camera, Rectification
import numpy as np
import pytest

CAMERA = Camera(346, 260, 226.0, 226.5, 173.0, 133.0, (-0.05, 0.01, -0.05, 0.02), 'equidistant')
PINHOLE = Camera(346, 260, 226.0, 226.5, 173.0, 133.0)


def plane_depth(camera, normal, distance_m):
    """Return the depth of the plane normal . X = distance in a camera without distortion."""
    rows, columns = np.indices(camera.size)
    rays = np.stack([
        (columns - camera.cx) / camera.fx, (rows - camera.cy) / camera.fy, np.ones(camera.size),
    ])  # fmt: skip
    return (distance_m / np.einsum('i,ihw->hw', normal, rays)).astype(np.float32)


def test_a_camera_without_distortion_keeps_its_depth():
    depth_m = np.random.default_rng(0).uniform(1, 9, (260, 346)).astype(np.float32)
    depth_m[3, 4] = np.nan

    np.testing.assert_array_equal(DepthRectifier(PINHOLE).rectify(depth_m), depth_m)


def test_a_turned_view_of_a_plane_is_that_plane():
    rotation = cv2.Rodrigues(np.array([0.05, -0.1, 0.03]))[0]
    target = Camera(300, 200, 180.0, 181.0, 150.0, 99.0)
    normal = np.array([0.1, 0.2, 1.0])

    rectifier = DepthRectifier(PINHOLE, Rectification(rotation, target))
    depth_m = rectifier.rectify(plane_depth(PINHOLE, normal, 4.0))

    expected_m = plane_depth(target, rotation @ normal, 4.0)
    seen = np.isfinite(depth_m)
    assert seen.mean() > 0.8
    np.testing.assert_allclose(depth_m[seen], expected_m[seen], rtol=4e-3)  # half a pixel


def test_depth_is_never_averaged_and_the_unseen_is_nan():
    depth_m = np.where(np.arange(346) < 100, 2.0, 8.0).astype(np.float32) * np.ones((260, 1))

    rectified_m = DepthRectifier(CAMERA).rectify(depth_m.astype(np.float32))

    values = np.unique(rectified_m[np.isfinite(rectified_m)])
    np.testing.assert_array_equal(values, [2.0, 8.0])
    wide = Camera(600, 500, 100.0, 100.0, 300.0, 250.0)
    turned = DepthRectifier(PINHOLE, Rectification(np.eye(3), wide)).rectify(
        depth_m.astype(np.float32)
    )
    assert np.isnan(turned[0, 0])


def test_depth_of_another_size_is_refused():
    with pytest.raises(InputError, match=r'Expected depth of \(260, 346\), got \(5, 5\)'):
        DepthRectifier(CAMERA).rectify(np.ones((5, 5), np.float32))
