"""Laws of rigid motions and of the trajectories that join poses."""

import cv2
from eventdepth_core.geometry import PoseLimits, PoseStatus, Trajectory
from eventdepth_core.geometry.rigid_motion import (
    inverse_transforms,
    transforms_from_twists,
    twists_from_transforms,
)
from hypothesis import given, strategies
import numpy as np

CALM = PoseLimits(max_gap_us=1_000_000, max_extrapolation_us=50_000)
metres = strategies.floats(-2, 2)
angles = strategies.one_of(strategies.floats(-1.5, 1.5), strategies.floats(-1e-5, 1e-5))
twists = strategies.tuples(metres, metres, metres, angles, angles, angles).map(np.array)


def transform(twist):
    """Return a rigid transform made without exp and log."""
    matrix = np.eye(4)
    matrix[:3, :3] = cv2.Rodrigues(np.asarray(twist[3:], np.float64))[0]
    matrix[:3, 3] = twist[:3]
    return matrix


def trajectory(poses, stamps_us):
    made = Trajectory(CALM)
    for matrix, stamp_us in zip(poses, stamps_us, strict=True):
        made.push(matrix, int(stamp_us))
    return made


@strategies.composite
def journeys(draw):
    """Poses of calm motion at uneven stamps: (N, 4, 4), int64 (N,)."""
    seed = draw(strategies.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    count = draw(strategies.integers(2, 9))
    stamps_us = np.cumsum(random.integers(5_000, 100_000, count))
    velocity = random.normal(size=6) * [0.5, 0.5, 0.5, 0.8, 0.8, 0.8]
    poses = [transform(draw(twists))]
    for step_us in np.diff(stamps_us):
        velocity = velocity + random.normal(size=6) * step_us * 1e-6
        poses.append(poses[-1] @ transforms_from_twists(velocity[None] * step_us * 1e-6)[0])
    return np.array(poses), stamps_us


@given(twists)
def test_log_inverts_exp(twist):
    back = twists_from_transforms(transforms_from_twists(twist[None]))[0]

    np.testing.assert_allclose(back, twist, rtol=1e-9, atol=1e-12)


@given(twists)
def test_exp_turns_as_rodrigues_and_is_rigid(twist):
    matrix = transforms_from_twists(twist[None])[0]

    np.testing.assert_allclose(matrix[:3, :3], transform(twist)[:3, :3], atol=1e-12)
    np.testing.assert_allclose(matrix @ inverse_transforms(matrix), np.eye(4), atol=1e-12)


@given(twists, strategies.floats(0, 1))
def test_exp_along_one_twist_adds_up(twist, share):
    parts = transforms_from_twists(np.array([twist * share, twist * (1 - share), twist]))

    np.testing.assert_allclose(parts[0] @ parts[1], parts[2], atol=1e-12)


@given(journeys())
def test_poses_are_exact_at_the_stamps_that_were_given(journey):
    poses, stamps_us = journey

    found = trajectory(poses, stamps_us).poses_at(stamps_us)

    np.testing.assert_allclose(found.world_from_camera, poses, atol=1e-12)
    assert (found.status == PoseStatus.INTERPOLATED).all()
    np.testing.assert_array_equal(found.sigma_m, CALM.noise_m)


@given(twists, twists)
def test_the_pose_in_the_middle_is_half_the_way(start, step):
    first, second = transform(start), transform(start) @ transform(step * 0.05)
    made = trajectory([first, second], [0, 100_000])

    middle = made.pose_at(50_000).world_from_camera

    half = inverse_transforms(first) @ middle
    np.testing.assert_allclose(half @ half, inverse_transforms(first) @ second, atol=1e-12)
    np.testing.assert_allclose(inverse_transforms(middle) @ second, half, atol=1e-12)


@given(journeys(), twists, twists, strategies.integers(0, 2**32 - 1))
def test_a_trajectory_commutes_with_a_change_of_the_world_and_of_the_frame(
    journey, world, lever, seed
):
    poses, stamps_us = journey
    new_from_world, camera_from_base = transform(world), transform(lever * 0.02)
    asked_us = np.random.default_rng(seed).integers(stamps_us[0], stamps_us[-1] + 1, 20)

    changed = trajectory(new_from_world @ poses @ camera_from_base, stamps_us).poses_at(asked_us)

    plain = trajectory(poses, stamps_us).poses_at(asked_us)
    assert plain.known.all()
    np.testing.assert_allclose(
        changed.world_from_camera,
        new_from_world @ plain.world_from_camera @ camera_from_base,
        atol=1e-11,
    )


@given(journeys(), strategies.integers(0, 120_000))
def test_extrapolation_ends_at_its_limit_and_sigma_grows_until_then(journey, after_us):
    poses, stamps_us = journey
    made = trajectory(poses, stamps_us)

    found = made.pose_at(int(stamps_us[-1]) + after_us)
    later = made.pose_at(int(stamps_us[-1]) + after_us + 1)

    assert found.is_known == (after_us <= CALM.max_extrapolation_us)
    assert later.sigma_m >= found.sigma_m >= CALM.noise_m
    assert later.sigma_rad >= found.sigma_rad >= CALM.noise_rad


@given(journeys(), strategies.integers(1, 8))
def test_later_poses_do_not_change_what_is_known_between_earlier_ones(journey, count):
    poses, stamps_us = journey
    count = min(count, len(poses) - 1)
    asked_us = np.linspace(stamps_us[0], stamps_us[count - 1], 13).astype(np.int64)

    early = trajectory(poses[:count], stamps_us[:count]).poses_at(asked_us)

    full = trajectory(poses, stamps_us).poses_at(asked_us)
    known = early.status == PoseStatus.INTERPOLATED
    assert known.any()
    np.testing.assert_allclose(
        early.world_from_camera[known], full.world_from_camera[known], rtol=0, atol=1e-12
    )


@given(
    strategies.floats(0.1, 2), strategies.floats(0.1, 5), strategies.floats(0, 1),
    strategies.integers(10_000, 100_000),
)  # fmt: skip
def test_sigma_covers_a_camera_that_accelerates_as_expected(speed, acceleration, share, step_us):
    limits = PoseLimits(acceleration_m_s2=acceleration, max_extrapolation_us=step_us)
    made, step_s = Trajectory(limits), step_us * 1e-6

    def way_m(time_s):
        return speed * time_s + 0.5 * acceleration * time_s**2

    for k in range(2):
        matrix = np.eye(4)
        matrix[0, 3] = way_m(k * step_s)
        made.push(matrix, k * step_us)
    asked_us = int(2 * share * step_us)

    found = made.pose_at(asked_us)

    error_m = abs(found.world_from_camera[0, 3] - way_m(asked_us * 1e-6))
    assert error_m <= found.sigma_m <= np.hypot(error_m, 3 * limits.noise_m) + 1e-12
