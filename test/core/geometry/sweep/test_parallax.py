"""Parallax has its zero at the epipole and its unit from the length of the way."""

from eventdepth_core.geometry.sweep.parallax import CentreMoments, disparity_span, displacement
from eventdepth_core.types import Camera
import numpy as np
import pytest

CAMERA = Camera(120, 90, 100.0, 110.0, 60.0, 45.0)
RAYS = np.array([[0.0, 0.0], [0.3, -0.2], [-0.5, 0.1]])


def test_sideways_motion_moves_all_pixels_alike():
    moved = displacement(np.array([[0.2, 0.0, 0.0], [0.0, 0.1, 0.0]]), RAYS, CAMERA)

    np.testing.assert_allclose(moved, [[20.0] * 3, [11.0] * 3])


def test_displacement_is_that_of_projected_points():
    centre, q = np.array([0.01, -0.02, 0.005]), 0.4
    points = np.c_[RAYS, np.ones(3)] / q
    seen = points - centre
    shift = seen[:, :2] / seen[:, 2:] - RAYS
    expected = np.hypot(CAMERA.fx * shift[:, 0], CAMERA.fy * shift[:, 1])

    moved = q * displacement(centre[None], RAYS, CAMERA)[0]

    np.testing.assert_allclose(moved, expected, rtol=0.01)


def test_nothing_moves_at_the_epipole():
    epipole = np.array([[0.3, -0.2]])
    centre = np.array([[0.03, -0.02, 0.1]])

    assert displacement(centre, epipole, CAMERA)[0, 0] == pytest.approx(0.0, abs=1e-12)


def test_the_span_of_a_steady_way_is_its_whole_displacement():
    moments = CentreMoments.empty()
    centres = np.linspace([0.0, 0.0, 0.0], [0.06, 0.0, 0.12], 400)
    moments.add(centres, np.full(400, 3.0))

    span = disparity_span(moments.covariance(), RAYS, CAMERA)

    np.testing.assert_allclose(span, displacement(centres[-1:], RAYS, CAMERA)[0], rtol=0.01)


def test_without_events_the_span_is_zero():
    covariance = CentreMoments.empty().covariance()

    assert not disparity_span(covariance, RAYS, CAMERA).any()
