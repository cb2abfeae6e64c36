"""Poses of the camera from velocities, turned by the static transforms."""

from eventdepth_core.geometry.rigid_motion import inverse_transforms, transforms_from_twists
from eventdepth_core.recordings.messages import (
    Header,
    RawRotationRate,
    RawTransform,
    RawTransforms,
    RawTwist,
)
from eventdepth_core.recordings.poses import matrix_from_pose
from eventdepth_ros.depth.twist_source import TwistSource
from eventdepth_ros.rig_source import RigSource
import numpy as np
import pytest

CAMERA_FROM_BASE = np.array([0.1, 0.0, 0.3, 0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)])
BASE_FROM_GYRO = np.array([0.0, 0.2, 0.0, 0.0, np.sqrt(0.5), 0.0, np.sqrt(0.5)])
STATIC = RawTransforms((
    RawTransform(Header(0, 'camera'), 'base', CAMERA_FROM_BASE),
    RawTransform(Header(0, 'base'), 'gyro', BASE_FROM_GYRO),
))  # fmt: skip
LINEAR, ANGULAR = np.array([0.5, 0.0, 0.1]), np.array([0.0, 0.0, 0.7])
PERIOD_NS = 10_000_000


def twist(k, frame='base', angular=ANGULAR):
    return RawTwist(Header(PERIOD_NS * k, frame), LINEAR, angular)


def rate(k, frame='gyro'):
    """Return what a gyroscope measures of ANGULAR of the base."""
    angular = matrix_from_pose(BASE_FROM_GYRO)[:3, :3].T @ ANGULAR
    return RawRotationRate(Header(PERIOD_NS * k, frame), angular)


@pytest.fixture
def rig():
    rig = RigSource({'events': '/camera/events'})
    rig.add_frame('events', 'camera')
    return rig


def expected_step(num_periods):
    """Return the motion of the camera over some periods."""
    body = transforms_from_twists(np.r_[LINEAR, ANGULAR][None] * num_periods * 0.01)[0]
    camera_from_base = matrix_from_pose(CAMERA_FROM_BASE)
    return camera_from_base @ body @ inverse_transforms(camera_from_base)


def step(poses):
    return inverse_transforms(poses[0].world_from_camera) @ poses[-1].world_from_camera


def test_a_twist_of_the_base_moves_the_camera_on_its_lever_arm(rig):
    rig.add_transforms(STATIC)
    source = TwistSource(rig)

    poses = [pose for k in range(6) for pose in source.add_twist(twist(k))]

    assert [pose.stamp_us for pose in poses] == [10_000 * k for k in range(6)]
    np.testing.assert_allclose(step(poses), expected_step(5), atol=1e-12)
    assert source.num_poses == 6


def test_rotation_rates_of_a_gyroscope_replace_those_of_the_twist(rig):
    rig.add_transforms(STATIC)
    source, poses = TwistSource(rig, uses_gyroscope=True), []

    for k in range(6):
        poses += source.add_twist(twist(k, angular=np.full(3, 9.0)))
        poses += source.add_rotation_rate(rate(k))

    np.testing.assert_allclose(step(poses), expected_step(5), atol=1e-12)


def test_a_twist_of_the_camera_itself_needs_no_transforms(rig):
    source = TwistSource(rig)

    poses = [pose for k in range(3) for pose in source.add_twist(twist(k, frame=''))]

    expected = transforms_from_twists(np.r_[LINEAR, ANGULAR][None] * 0.02)[0]
    np.testing.assert_allclose(step(poses), expected, atol=1e-12)


def test_a_given_pose_of_the_camera_stands_above_static_transforms(rig):
    given = matrix_from_pose(np.array([0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 1.0]))
    source = TwistSource(rig, frame_from_camera=given)

    poses = [pose for k in range(3) for pose in source.add_twist(twist(k, frame='hull'))]

    body = transforms_from_twists(np.r_[LINEAR, ANGULAR][None] * 0.02)[0]
    np.testing.assert_allclose(step(poses), inverse_transforms(given) @ body @ given, atol=1e-12)


def test_what_cannot_be_used_is_counted_by_its_reason(rig):
    source = TwistSource(rig, uses_gyroscope=True)

    source.add_rotation_rate(rate(0))  # before it is known to which twist it belongs
    source.add_twist(twist(0))
    source.add_twist(twist(0))
    source.add_rotation_rate(rate(0))
    source.add_rotation_rate(RawRotationRate(Header(1, 'gyro'), np.full(3, np.nan)))
    source.add_twist(RawTwist(Header(1, 'base'), np.full(3, np.inf), ANGULAR))
    rig.add_transforms(RawTransforms(STATIC.transforms[1:]))
    source.add_rotation_rate(rate(0))

    assert source.dropped == {
        'unconnected_gyroscope': 1,
        'undecodable': 2,
        'late_twist': 1,
        'unconnected_pose': 1,
    }


def test_after_clear_the_way_before_is_another_world(rig):
    rig.add_transforms(STATIC)
    source = TwistSource(rig)
    (before,) = source.add_twist(twist(0))

    source.clear()

    (after,) = source.add_twist(twist(1))
    away = after.world_from_camera[:3, 3] - before.world_from_camera[:3, 3]
    assert np.linalg.norm(away) > 1e4
