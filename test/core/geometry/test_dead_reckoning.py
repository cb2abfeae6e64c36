"""Velocities integrated to poses: exact for a screw, silent in gaps, never back in time."""

from itertools import pairwise

from eventdepth_core.geometry import PoseStep, Trajectory
from eventdepth_core.geometry.dead_reckoning import DeadReckoning, NEW_WORLD_M
from eventdepth_core.geometry.rigid_motion import inverse_transforms, transforms_from_twists
from hypothesis import given, strategies
import numpy as np
import pytest

LINEAR, ANGULAR = np.array([0.5, -0.1, 0.2]), np.array([0.1, 0.6, -0.3])
NUMBERS = strategies.lists(strategies.floats(-3, 3), min_size=3, max_size=3).map(np.array)


def constant(linear=LINEAR, angular=ANGULAR, *, periods_us=(20_000, 5_000), end_us=200_000):
    """Return all poses of velocities that do not change, sampled at two rates."""
    reckoning, found = DeadReckoning(), []
    for stamp_us in range(0, end_us + 1, 1_000):
        if stamp_us % periods_us[0] == 0:
            found += reckoning.add_linear(linear, stamp_us)
        if stamp_us % periods_us[1] == 0:
            found += reckoning.add_angular(angular, stamp_us)
    return found


@given(linear=NUMBERS, angular=NUMBERS)
def test_constant_velocities_give_the_exact_screw(linear, angular):
    found = constant(linear, angular)

    assert found[-1].stamp_us == 200_000
    twist = np.concatenate([linear, angular])
    for each in found:
        expected = transforms_from_twists(twist[None] * each.stamp_us * 1e-6)[0]
        np.testing.assert_allclose(each.world_from_body, expected, atol=1e-9)


def test_stamps_increase_and_follow_the_signal_that_comes_later():
    stamps_us = [each.stamp_us for each in constant()]

    assert all(a < b for a, b in pairwise(stamps_us))
    assert stamps_us == list(range(0, 200_001, 5_000))


def test_a_changing_velocity_is_integrated_to_second_order():
    reckoning, pose = DeadReckoning(), np.eye(4)

    def linear(t_s):
        return np.array([np.sin(7 * t_s), 0.3 * np.cos(5 * t_s), 0.1])

    def angular(t_s):
        return np.array([0.2, np.sin(9 * t_s), np.cos(4 * t_s)])

    for stamp_us in range(0, 400_001, 5_000):
        reckoning.add_angular(angular(stamp_us * 1e-6), stamp_us)
        found = reckoning.add_linear(linear(stamp_us * 1e-6), stamp_us)
    for t_s in np.arange(0.0, 0.4, 1e-4) + 0.5e-4:
        twist = np.concatenate([linear(t_s), angular(t_s)])
        pose = pose @ transforms_from_twists(twist[None] * 1e-4)[0]

    np.testing.assert_allclose(found[-1].world_from_body, pose, atol=1e-4)


def test_a_gap_begins_a_world_that_a_trajectory_takes_for_a_jump():
    reckoning, trajectory, steps = DeadReckoning(max_gap_us=100_000), Trajectory(), []
    for stamp_us in (0, 20_000, 40_000, 300_000, 320_000):
        reckoning.add_linear(LINEAR, stamp_us)
        for each in reckoning.add_angular(ANGULAR, stamp_us):
            steps.append(trajectory.push(each.world_from_body, each.stamp_us))
            pose = each.world_from_body

    assert steps[-2:] == [PoseStep.JUMP, PoseStep.FOLLOWS]
    assert pose[0, 3] == pytest.approx(NEW_WORLD_M, abs=0.1)


def test_a_missing_signal_gives_nothing_and_a_late_sample_changes_nothing():
    reckoning = DeadReckoning()

    assert reckoning.add_linear(LINEAR, 10_000) == ()
    assert reckoning.add_linear(LINEAR, 20_000) == ()
    assert reckoning.add_angular(ANGULAR, 5_000) == ()
    (first, second) = reckoning.add_angular(ANGULAR, 15_000)
    assert (first.stamp_us, second.stamp_us) == (10_000, 15_000)
    assert reckoning.add_angular(5 * ANGULAR, 14_000) == ()
    assert reckoning.add_linear(5 * LINEAR, 12_000) == ()
    assert reckoning.num_late == 2


def test_time_that_goes_far_back_begins_anew():
    reckoning = DeadReckoning()
    for stamp_us in (5_000_000, 5_010_000):
        reckoning.add_linear(LINEAR, stamp_us)
        reckoning.add_angular(ANGULAR, stamp_us)

    reckoning.add_linear(LINEAR, 0)
    reckoning.add_angular(ANGULAR, 0)
    reckoning.add_linear(LINEAR, 10_000)
    (pose,) = reckoning.add_angular(ANGULAR, 10_000)

    assert pose.stamp_us == 10_000
    moved = inverse_transforms(np.eye(4)) @ pose.world_from_body
    assert moved[0, 3] == pytest.approx(NEW_WORLD_M, abs=0.1)
