"""A trajectory joins poses along screws and says what it does not know."""

import cv2
from eventdepth_core.errors import InputError
from eventdepth_core.geometry import PoseLimits, PoseStatus, PoseStep, Trajectory
import numpy as np
import pytest

STEP_US = 10_000


def pose(x_m=0.0, turn_rad=0.0):
    matrix = np.eye(4)
    matrix[:3, :3] = cv2.Rodrigues(np.array([0.0, turn_rad, 0.0]))[0]
    matrix[0, 3] = x_m
    return matrix


def slider(count=5, limits=None, speed_m_s=0.3):
    """Poses every 10 ms of a camera that slides along x."""
    trajectory = Trajectory(limits or PoseLimits())
    for k in range(count):
        trajectory.push(pose(speed_m_s * 0.01 * k), STEP_US * k)
    return trajectory


def test_a_pose_between_two_lies_on_the_line_between_them():
    found = slider().pose_at(12_500)

    assert found.status is PoseStatus.INTERPOLATED
    assert found.world_from_camera[0, 3] == pytest.approx(0.3 * 0.0125, abs=1e-15)


def test_a_turning_camera_moves_on_an_arc():
    trajectory = Trajectory(PoseLimits(max_gap_us=2_000_000))
    quarter = pose(turn_rad=np.pi / 2)
    quarter[:3, 3] = (1.0, 0.0, 1.0)  # a quarter of the unit circle around (1, 0, 0)
    trajectory.push(pose(), 0)
    trajectory.push(quarter, 1_000_000)

    stamps_us = np.arange(0, 1_000_000, 50_000)
    centres = trajectory.poses_at(stamps_us).world_from_camera[:, :3, 3]

    middle = np.array([1.0, 0.0, 0.0])
    np.testing.assert_allclose(np.linalg.norm(centres - middle, axis=1), 1.0, atol=1e-12)


def test_many_times_give_what_each_gives_alone():
    trajectory = slider()
    stamps_us = np.array([41_000, 3, 22_222, 20_000, -5, 90_000])

    together = trajectory.poses_at(stamps_us)

    for k, stamp_us in enumerate(stamps_us):
        alone = trajectory.pose_at(int(stamp_us))
        np.testing.assert_array_equal(together.world_from_camera[k], alone.world_from_camera)
        assert together.status[k] == alone.status
        assert together.sigma_m[k] == alone.sigma_m
        assert together.known[k] == alone.is_known


def test_a_little_after_the_newest_pose_the_twist_goes_on_with_more_sigma():
    trajectory = slider()

    inside, outside = trajectory.pose_at(35_000), trajectory.pose_at(55_000)

    assert outside.status is PoseStatus.EXTRAPOLATED
    assert outside.world_from_camera[0, 3] == pytest.approx(0.3 * 0.055, abs=1e-15)
    assert outside.sigma_m > 2 * inside.sigma_m
    assert outside.sigma_rad > 2 * inside.sigma_rad


@pytest.mark.parametrize(
    ('stamp_us', 'status'), [(60_001, PoseStatus.AFTER), (-1, PoseStatus.BEFORE)]
)
def test_what_is_too_far_outside_is_not_known(stamp_us, status):
    found = slider().pose_at(stamp_us)

    assert found.status is status
    assert not found.is_known
    assert np.isnan(found.world_from_camera).all()
    assert found.sigma_m == np.inf


def test_one_pose_alone_is_known_at_its_stamp_only():
    trajectory = slider(1)

    assert trajectory.pose_at(0).status is PoseStatus.INTERPOLATED
    assert trajectory.pose_at(1).status is PoseStatus.AFTER


def test_without_poses_nothing_is_known():
    found = Trajectory().poses_at(np.array([0, 5]))

    assert not found.known.any()
    assert Trajectory().newest_us is None
    assert len(Trajectory().poses_at(np.zeros(0, np.int64)).status) == 0


def test_times_inside_a_gap_are_not_known_and_the_world_stays():
    trajectory = slider()

    step = trajectory.push(pose(0.1), 340_000)

    assert step is PoseStep.GAP
    found = trajectory.poses_at(np.array([45_000, 100_000, 339_999, 340_000]))
    assert found.status.tolist() == [
        PoseStatus.EXTRAPOLATED, PoseStatus.GAP, PoseStatus.GAP, PoseStatus.INTERPOLATED,
    ]  # fmt: skip
    assert found.epoch.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize('moved', [pose(0.3), pose(0.012, turn_rad=0.4)])
def test_a_step_that_no_camera_makes_is_a_jump_into_a_new_epoch(moved):
    trajectory = slider(limits=PoseLimits(max_extrapolation_us=2_000))

    step = trajectory.push(moved, 50_000)

    assert step is PoseStep.JUMP
    found = trajectory.poses_at(np.array([39_000, 41_000, 45_000, 50_000]))
    assert found.status[1:].tolist() == [
        PoseStatus.EXTRAPOLATED, PoseStatus.JUMP, PoseStatus.INTERPOLATED,
    ]  # fmt: skip
    assert found.epoch.tolist() == [0, 0, 0, 1]


def test_motion_goes_on_after_a_jump_of_the_world():
    trajectory = slider()
    assert trajectory.push(pose(5.012), 50_000) is PoseStep.JUMP

    assert trajectory.push(pose(5.015), 60_000) is PoseStep.FOLLOWS

    assert trajectory.pose_at(55_000).world_from_camera[0, 3] == pytest.approx(5.0135)


def test_one_wrong_pose_costs_the_steps_to_and_from_it_only():
    trajectory = slider()

    steps = [
        trajectory.push(pose(0.2), 50_000),
        trajectory.push(pose(0.018), 60_000),
        trajectory.push(pose(0.021), 70_000),
    ]

    assert steps == [PoseStep.JUMP, PoseStep.JUMP, PoseStep.FOLLOWS]


def test_poses_in_millimetres_are_jumps_and_never_motion():
    trajectory = Trajectory()

    steps = {trajectory.push(pose(3.0 * k), STEP_US * k) for k in range(8)}

    assert steps == {PoseStep.FIRST, PoseStep.JUMP}
    assert not trajectory.poses_at(np.arange(1, 70_000, 10_000)).known.any()


def test_hard_acceleration_of_a_hand_is_motion():
    trajectory = Trajectory()
    stamps_us = np.arange(0, 1_000_000, STEP_US)
    positions_m = 0.1 * np.sin(2 * np.pi * 3 * stamps_us * 1e-6)  # 3 Hz: 36 m/s2

    steps = [
        trajectory.push(pose(x_m), int(stamp_us))
        for x_m, stamp_us in zip(positions_m, stamps_us, strict=True)
    ]

    assert set(steps[1:]) == {PoseStep.FOLLOWS}


def test_a_stamp_far_back_starts_anew_in_another_epoch():
    trajectory = Trajectory()
    trajectory.push(pose(), 5_000_000)

    assert trajectory.push(pose(), 100) is PoseStep.RESET

    assert len(trajectory) == 1
    assert trajectory.pose_at(100).epoch == 1


@pytest.mark.parametrize('stamp_us', [40_000, 39_999])
def test_a_stamp_that_does_not_increase_is_refused_and_changes_nothing(stamp_us):
    trajectory = slider()

    with pytest.raises(InputError, match=f'stamped after 40000 µs, got one at {stamp_us} µs'):
        trajectory.push(pose(9), stamp_us)

    assert trajectory.newest_us == 40_000
    assert len(trajectory) == 5


@pytest.mark.parametrize(
    'matrix',
    [np.diag([1.0, 1.0, -1.0, 1.0]), np.diag([1000.0, 1000.0, 1000.0, 1.0])],
    ids=['mirrored', 'scaled'],
)
def test_what_is_no_rigid_transform_is_refused(matrix):
    with pytest.raises(InputError, match=r'Expected a rotation .* in world_from_camera'):
        Trajectory().push(matrix, 0)


def test_the_oldest_poses_go_when_it_is_full():
    trajectory = slider(20, PoseLimits(capacity=3))

    assert len(trajectory) == 3
    assert trajectory.oldest_us == 170_000
    assert trajectory.pose_at(165_000).status is PoseStatus.BEFORE
    assert trajectory.pose_at(175_000).world_from_camera[0, 3] == pytest.approx(0.3 * 0.175)


def test_between_gives_the_poses_as_they_came():
    found = slider().between(10_000, 30_000)

    assert found.stamps_us.tolist() == [10_000, 20_000]
    np.testing.assert_allclose(found.world_from_camera[:, 0, 3], [0.003, 0.006], atol=1e-15)


def test_stored_poses_do_not_follow_the_argument():
    trajectory, matrix = Trajectory(), pose(1)
    trajectory.push(matrix, 0)
    matrix[0, 3] = 5.0

    assert trajectory.pose_at(0).world_from_camera[0, 3] == 1.0


def test_almost_orthonormal_rotations_are_made_orthonormal():
    trajectory, matrix = Trajectory(), pose(1)
    matrix[:3, :3] *= 1 + 2e-5
    trajectory.push(matrix, 0)

    np.testing.assert_allclose(trajectory.pose_at(0).world_from_camera, pose(1), atol=1e-12)


def test_clear_allows_earlier_stamps_again():
    trajectory = slider()
    trajectory.clear()

    assert trajectory.push(pose(), 50) is PoseStep.FIRST
    assert trajectory.newest_us == 50


def test_limits_that_are_not_positive_are_refused():
    with pytest.raises(InputError, match=r'positive limit as PoseLimits.capacity, got 0'):
        PoseLimits(capacity=0)
    assert PoseLimits(max_extrapolation_us=0).max_extrapolation_us == 0
