"""Keyframes lie ahead, windows end where they should, ranges follow what was seen."""

from eventdepth_core.geometry import Trajectory
from eventdepth_core.geometry.sweep.grid import sweep_grid
from eventdepth_core.geometry.sweep.keyframes import (
    DepthRange,
    FIRST_HORIZON_US,
    first_range,
    measured_range,
    next_keyframe,
    window_ends,
)
from eventdepth_core.geometry.sweep.options import SweepOptions
from eventdepth_core.geometry.sweep.points import EdgeStatistics, SweptPoints
from eventdepth_core.geometry.sweep.volume import Keyframe, KeyframeVolume
import numpy as np
import pytest

from .conftest import CAMERA, pose_at

OPTIONS = SweepOptions()
GRID = sweep_grid(CAMERA, None, OPTIONS.max_width_px)
KNOWN = DepthRange(2.0, 0.5, is_measured=True)


def _trajectory(velocity=(0.3, 0.0, 0.0), turn=(0.0, 0.0, 0.0), end_us=1_000_000):
    trajectory = Trajectory()
    for stamp_us in range(0, end_us + 1, 10_000):
        trajectory.push(pose_at(stamp_us * 1e-6, velocity, turn), stamp_us)
    return trajectory


def _first_end_us(trajectory, keyframe, depth=KNOWN):
    volume = KeyframeVolume(GRID, 100)
    volume.restart(keyframe, depth.largest)
    poses = trajectory.poses_at(np.arange(keyframe.start_us, 1_000_001, 1000))
    ends = window_ends(volume, poses, depth, OPTIONS)
    return int(poses.stamps_us[ends.argmax()])


def test_the_keyframe_lies_half_a_window_of_parallax_ahead():
    keyframe = next_keyframe(_trajectory(), 100_000, KNOWN, GRID, OPTIONS)

    half_window_s = 0.5 * OPTIONS.max_parallax_px / (CAMERA.fx * 0.3 * KNOWN.median)
    assert keyframe.key_us == pytest.approx(
        100_000 + min(1e6 * half_window_s, OPTIONS.max_window_us / 2), abs=1
    )
    assert keyframe.world_from_key[0, 3] == pytest.approx(0.3 * keyframe.key_us * 1e-6)
    np.testing.assert_allclose(keyframe.world_from_start, pose_at(0.1, (0.3, 0, 0), (0, 0, 0)))


def test_the_first_keyframe_is_near_because_no_depth_is_known():
    keyframe = next_keyframe(_trajectory(), 20_000, first_range(OPTIONS), GRID, OPTIONS)

    assert keyframe.key_us == 20_000 + FIRST_HORIZON_US


def test_a_standing_camera_is_its_own_keyframe():
    keyframe = next_keyframe(_trajectory((0.0, 0.0, 0.0)), 50_000, KNOWN, GRID, OPTIONS)

    np.testing.assert_allclose(keyframe.world_from_key, np.eye(4), atol=1e-12)


def test_a_window_ends_at_its_parallax():
    trajectory = _trajectory((0.6, 0.0, 0.0))
    keyframe = next_keyframe(trajectory, 0, KNOWN, GRID, OPTIONS)

    end_us = _first_end_us(trajectory, keyframe)

    expected_us = 1e6 * OPTIONS.max_parallax_px / (CAMERA.fx * 0.6 * KNOWN.median)
    assert end_us == pytest.approx(expected_us, abs=1001)


def test_a_window_without_motion_ends_with_its_time():
    trajectory = _trajectory((0.0, 0.0, 0.0))
    keyframe = Keyframe(np.eye(4), 0, np.eye(4), 100_000)

    assert _first_end_us(trajectory, keyframe) == 100_000 + OPTIONS.max_window_us


def test_a_window_ends_when_the_camera_turns_away():
    trajectory = _trajectory((0.0, 0.0, 0.0), (0.0, 2.0, 0.0))
    keyframe = Keyframe(np.eye(4), 0, np.eye(4), 0)

    assert 100_000 < _first_end_us(trajectory, keyframe) < 390_000


def test_a_step_forward_does_not_end_a_window():
    trajectory = _trajectory((0.0, 0.0, 0.5))
    keyframe = Keyframe(np.eye(4), 0, np.eye(4), 0)

    assert _first_end_us(trajectory, keyframe) > 150_000


def _points(inverse_depth, *, edges=None):
    q = np.asarray(inverse_depth, np.float64)
    near = float(np.percentile(q, 90)) if len(q) else 0.0
    edges = edges or EdgeStatistics(len(q), near, 0.0)
    return SweptPoints(np.zeros((len(q), 2)), q, 0.1 * q, np.eye(4), 0, 0, edges)


def test_the_range_is_twice_what_was_near_and_the_median_that_of_points():
    depth = measured_range(_points(np.linspace(0.1, 1.1, 201)), OPTIONS, first_range(OPTIONS))

    assert depth.largest == pytest.approx(2.0)
    assert depth.median == pytest.approx(0.6)


def test_few_edges_change_nothing():
    assert measured_range(_points([0.5] * 10), OPTIONS, KNOWN) is KNOWN


def test_few_certain_points_make_the_next_window_longer():
    depth = measured_range(
        _points([0.9] * 20, edges=EdgeStatistics(400, 1.0, 0.0)), OPTIONS, KNOWN
    )

    assert depth.median == pytest.approx(0.7 * KNOWN.median)


def test_edges_at_the_nearest_plane_widen_the_range_up_to_the_limit():
    beyond = _points([1.9] * 100, edges=EdgeStatistics(100, 1.9, 0.2))

    assert measured_range(beyond, OPTIONS, KNOWN).largest == pytest.approx(
        min(4.0, 1 / OPTIONS.min_depth_m)
    )
