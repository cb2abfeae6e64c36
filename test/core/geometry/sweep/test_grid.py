"""Volumes see what the rectified camera sees, at full or half size."""

from eventdepth_core.geometry import undistort_points
from eventdepth_core.geometry.sweep.grid import sweep_grid
from eventdepth_core.types import Camera
import numpy as np
import pytest

BROWN = Camera(346, 260, 226.4, 226.1, 173.6, 133.7, (-0.27, 0.11, 2e-4, -3e-4, -0.02))


def test_rays_are_those_of_undistorted_pixels():
    grid = sweep_grid(BROWN, None, 346)
    pixels = np.array([[0, 0], [173, 133], [345, 259]])
    expected = (undistort_points(pixels, BROWN) - (BROWN.cx, BROWN.cy)) / (BROWN.fx, BROWN.fy)

    rays = grid.rays[pixels[:, 1] * 346 + pixels[:, 0]]

    np.testing.assert_allclose(rays, expected)
    assert not grid.target.is_distorted


def test_a_halved_grid_sees_the_same_rays():
    grid = sweep_grid(BROWN, None, 200)
    corner = (np.array([-0.5, -0.5]) - (grid.camera.cx, grid.camera.cy)) / grid.camera.fx
    full = (np.array([-0.5, -0.5]) - (BROWN.cx, BROWN.cy)) / BROWN.fx

    assert grid.camera.size == (130, 173)
    assert grid.scale == 0.5
    np.testing.assert_allclose(corner, full)


def test_odd_sides_keep_their_last_pixel():
    grid = sweep_grid(Camera(401, 301, 300.0, 300.0, 200.0, 150.0), None, 100)

    assert grid.camera.size == (76, 101) or grid.camera.width <= 100
    assert grid.camera.width * 2 ** round(-np.log2(grid.scale)) >= 401


def test_lines_project_points_of_a_plane():
    grid = sweep_grid(BROWN, None, 346)
    centre, q = np.array([[0.03, -0.02, 0.05]]), np.array([0.0, 0.5, 1.5])
    turned = np.array([0.2, -0.1])  # x / z, y / z of the event's ray in the keyframe
    u, v = turned * (BROWN.fx, BROWN.fy)

    lines = grid.lines(centre, q)[0]

    for (a, b, c), inverse_depth in zip(lines[1:], q[1:], strict=True):
        z = 1 / inverse_depth
        point = centre[0] + np.array([*turned, 1.0]) * (z - centre[0, 2])
        assert a * u + b - 1.5 == pytest.approx(BROWN.fx * point[0] / z + BROWN.cx)
        assert a * v + c - 1.5 == pytest.approx(BROWN.fy * point[1] / z + BROWN.cy)
    np.testing.assert_allclose(lines[0], [1.0, BROWN.cx + 1.5, BROWN.cy + 1.5])
