"""Poses of the camera from transforms and odometry, whatever comes first."""

from eventdepth_core.recordings.messages import Header, RawOdometry, RawTransform, RawTransforms
from eventdepth_core.recordings.poses import inverse, matrix_from_pose
from eventdepth_ros.depth.pose_source import MAX_HELD, PoseSource
from eventdepth_ros.rig_source import RigSource
import numpy as np
import pytest

CAMERA_FROM_BASE = np.array([0.1, 0.0, 0.3, 0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)])
STATIC = RawTransforms((RawTransform(Header(0, 'camera'), 'base', CAMERA_FROM_BASE),))


def at(x_m):
    return np.array([x_m, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])


def moving(k):
    header = Header(10_000_000 * k, 'odom')
    return RawTransforms((RawTransform(header, 'camera', at(0.01 * k)),))


def odometry(k, child='base'):
    return RawOdometry(Header(10_000_000 * k, 'odom'), child, at(0.01 * k))


@pytest.fixture
def rig():
    return RigSource({'events': '/camera/events'})


def source(rig, **given):
    return PoseSource(rig, fixed_frame='odom', **given)


def stamps(poses):
    return [each.stamp_us for each in poses]


def test_transforms_before_the_first_event_give_their_poses_later(rig):
    poses = source(rig)
    assert poses.add_transforms(moving(1)) == ()
    assert poses.add_transforms(moving(2)) == ()

    rig.add_frame('events', 'camera')

    assert stamps(poses.add_transforms(moving(3))) == [10_000, 20_000, 30_000]
    assert stamps(poses.add_transforms(moving(4))) == [40_000]
    assert poses.num_poses == 4


def test_odometry_goes_through_the_static_transforms(rig):
    rig.add_frame('events', 'camera')
    poses = source(rig)
    assert poses.add_odometry(odometry(1)) == ()

    rig.add_transforms(STATIC)
    found = poses.add_odometry(odometry(2))

    assert stamps(found) == [10_000, 20_000]
    expected = matrix_from_pose(at(0.02)) @ inverse(matrix_from_pose(CAMERA_FROM_BASE))
    np.testing.assert_allclose(found[1].world_from_camera, expected, atol=1e-15)


def test_odometry_of_the_camera_itself_needs_nothing(rig):
    rig.add_frame('events', 'camera')

    (pose,) = source(rig).add_odometry(odometry(2, child=''))

    np.testing.assert_array_equal(pose.world_from_camera, matrix_from_pose(at(0.02)))


def test_a_given_pose_of_the_camera_stands_above_static_transforms(rig):
    given = matrix_from_pose(np.array([0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 1.0]))
    rig.add_frame('events', 'camera')

    (by_odometry,) = source(rig, frame_from_camera=given).add_odometry(odometry(1, child='hull'))
    (by_tf,) = source(rig, camera_frame='hull', frame_from_camera=given).add_transforms(
        RawTransforms((RawTransform(Header(10_000_000, 'odom'), 'hull', at(0.01)),))
    )

    expected = matrix_from_pose(at(0.01)) @ given
    np.testing.assert_array_equal(by_odometry.world_from_camera, expected)
    np.testing.assert_array_equal(by_tf.world_from_camera, expected)


def test_what_never_connects_is_bounded_and_counted(rig):
    poses = source(rig)

    for k in range(MAX_HELD + 5):
        assert poses.add_odometry(odometry(k)) == ()

    assert poses.dropped == {'unconnected_pose': 6}


def test_broken_odometry_is_counted(rig):
    rig.add_frame('events', 'camera')
    poses = source(rig)

    assert poses.add_odometry(RawOdometry(Header(1, 'odom'), '', np.zeros(7))) == ()

    assert poses.dropped == {'undecodable': 1}
