"""What the motion benchmarks count, and the plain form they compare with."""

from eventdepth_core.types import Camera, EVENT_DTYPE
from motion_runs import scores, swept_at, trajectory_of
import numpy as np
from plain_emvs import plain_emvs
import pytest

CAMERA = Camera(60, 40, 200.0, 200.0, 29.5, 19.5)


def _line_world():
    """Simulate a vertical line at 2 m before a camera that slides to the right at 0.5 m/s."""
    stamps_us = np.arange(0, 200_001, 10_000)
    poses = np.tile(np.eye(4), (len(stamps_us), 1, 1))
    poses[:, 0, 3] = 0.5 * stamps_us * 1e-6
    events = []
    for t_us in range(0, 200_000, 250):
        column = 200.0 * (0.1 - 0.5 * t_us * 1e-6) / 2.0 + 29.5
        before = 200.0 * (0.1 - 0.5 * (t_us - 250) * 1e-6) / 2.0 + 29.5
        if round(column) != round(before) or t_us == 0:
            rows = np.zeros(30, EVENT_DTYPE)
            rows['t'], rows['x'], rows['y'], rows['p'] = t_us, round(column), range(5, 35), 1
            events.append(rows)
    return stamps_us, poses, np.concatenate(events)


def test_scores_are_those_of_a_hand_made_case():
    target_m = np.full((20, 30), 2.0, np.float32)
    target_m[:, 15:] = 4.0
    depth_m = np.full((20, 30), np.nan, np.float32)
    depth_m[::2, :15], depth_m[::2, 15:] = 2.2, 4.0
    depth_m[0, 0] = 4.0

    judged = scores(depth_m, np.full((20, 30), 0.03, np.float32), target_m)

    assert judged.points == 300
    assert judged.abs_rel == pytest.approx((149 * 0.1 + 1.0) / 300, rel=1e-5)
    assert judged.outliers == pytest.approx(1 / 300)
    assert judged.coverage == pytest.approx(150 / 300)
    assert judged.constant == pytest.approx((150 * 0.5 + 150 * 0.25) / 300)


def test_a_point_beside_a_depth_edge_counts_for_its_neighbour_as_well():
    target_m = np.full((9, 30), 2.0, np.float32)
    target_m[:, 15:] = 4.0
    depth_m = np.full((9, 30), np.nan, np.float32)
    depth_m[:, 12:15], depth_m[:, 15] = 2.0, 2.0

    judged = scores(depth_m, None, target_m)

    assert judged.outliers == pytest.approx(0.25)
    assert judged.outliers_3x3 == 0.0


def test_too_few_points_are_not_judged():
    assert scores(np.full((9, 9), np.nan), None, np.ones((9, 9))) is None


def test_plain_emvs_finds_a_line_at_its_depth():
    stamps_us, poses, events = _line_world()

    depth_m = plain_emvs(CAMERA, events, trajectory_of(stamps_us, poses), 190_000, (0.8, 8.0))

    found = depth_m[np.isfinite(depth_m)]
    assert found.size >= 20
    assert np.median(found) == pytest.approx(2.0, rel=0.08)


def test_results_come_for_each_stamp_and_a_delay_adds_events():
    stamps_us, poses, events = _line_world()
    trajectory = trajectory_of(stamps_us, poses)

    plain, sweep = swept_at(CAMERA, events, trajectory, [100_000, 180_000])
    late, delayed = swept_at(CAMERA, events, trajectory, [100_000, 180_000], delay_us=15_000)

    assert [each.stamp_us for each in plain] == [each.stamp_us for each in late]
    assert delayed.counts.voted > sweep.counts.voted
