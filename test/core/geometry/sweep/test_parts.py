"""Parts of time cover it, stay short where the camera is fast, and follow a fixed grid."""

from eventdepth_core.geometry import Trajectory
from eventdepth_core.geometry.sweep.parts import flow_bound, MAX_PARTS, parts_of, slice_edges
from eventdepth_core.types import Camera
import numpy as np
import pytest

CAMERA = Camera(120, 90, 100.0, 100.0, 59.5, 44.5)
FLOW = flow_bound(CAMERA, 2.0, 0.25)


def _trajectory(speed_m_s):
    trajectory = Trajectory()
    for k in range(11):
        pose = np.eye(4)
        pose[0, 3] = speed_m_s * k * 0.01
        trajectory.push(pose, 10_000 * k)
    return trajectory


def _parts(speed_m_s, start_us, end_us):
    trajectory = _trajectory(speed_m_s)
    edges_us = slice_edges(start_us, end_us)
    return parts_of(edges_us, trajectory.poses_at(edges_us), trajectory, FLOW)


def test_edges_are_the_ends_and_the_milliseconds_between():
    assert slice_edges(1300, 4200).tolist() == [1300, 2000, 3000, 4000, 4200]
    assert slice_edges(1000, 2000).tolist() == [1000, 2000]


def test_a_slow_camera_needs_one_part_a_slice():
    parts = _parts(0.1, 0, 5000)

    assert parts.edges_us.tolist() == [0, 1000, 2000, 3000, 4000, 5000]
    assert parts.poses.stamps_us.tolist() == [500, 1500, 2500, 3500, 4500]


@pytest.mark.parametrize('speed_m_s', [1.0, 3.0, 9.0])
def test_nothing_moves_further_than_a_quarter_of_a_pixel_in_a_part(speed_m_s):
    parts = _parts(speed_m_s, 0, 8000)
    widths_s = np.diff(parts.edges_us) * 1e-6

    assert CAMERA.fx * speed_m_s * 2.0 * widths_s.max() <= 0.25 + 0.001 * 200 * speed_m_s * 2e-3
    assert parts.edges_us[0] == 0
    assert parts.edges_us[-1] == 8000
    assert (widths_s > 0).all()


def test_a_slice_has_at_most_so_many_parts():
    assert len(_parts(50.0, 0, 1000).poses.stamps_us) == MAX_PARTS


def test_parts_before_the_first_pose_are_not_known():
    parts = _parts(0.1, -2000, 2000)

    assert parts.poses.known.tolist() == [False, False, True, True]


def test_the_bound_holds_for_any_twist_and_pixel():
    rng = np.random.default_rng(0)
    for twist in rng.normal(size=(50, 6)) * 0.002:
        x = (rng.integers(0, 120, 40) - CAMERA.cx) / CAMERA.fx
        y = (rng.integers(0, 90, 40) - CAMERA.cy) / CAMERA.fy
        q = rng.uniform(0.0, 2.0, 40)
        rays = np.c_[x, y, np.ones(40)]
        moved = rays + np.cross(twist[3:], rays) + q[:, None] * twist[:3]
        shift = moved[:, :2] / moved[:, 2:] - rays[:, :2]

        assert CAMERA.fx * np.hypot(*shift.T).max() <= 1.02 * FLOW.flow_px(twist[None])[0]
