"""Poses and transforms."""

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import Header, RawOdometry, RawTransform, RawTransforms
from eventdepth_core.recordings.poses import matrix_from_pose
from eventdepth_core.types import PoseSample
from eventdepth_ros import msgs
from eventdepth_ros.conversions import (
    pose_message,
    pose_sample,
    raw_odometry,
    raw_transforms,
    transforms_message,
)
from geometry_msgs.msg import PoseStamped
from hypothesis import given, strategies
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message

NUMBER = strategies.floats(-1e3, 1e3)
POSES = strategies.lists(NUMBER, min_size=7, max_size=7).map(np.array)


@given(strategies.lists(POSES, max_size=4), strategies.integers(0, 2**31 * 10**9 - 1))
def test_transforms_survive_the_wire(poses, stamp_ns):
    raw = RawTransforms(
        tuple(
            RawTransform(Header(stamp_ns, 'base'), f'sensor_{i}', pose)
            for i, pose in enumerate(poses)
        )
    )

    message = transforms_message(raw)
    received = raw_transforms(deserialize_message(serialize_message(message), type(message)))

    assert [each.header for each in received.transforms] == [h.header for h in raw.transforms]
    for ours, theirs in zip(received.transforms, raw.transforms, strict=True):
        assert ours.child_frame_id == theirs.child_frame_id
        np.testing.assert_array_equal(ours.pose, theirs.pose)


@given(POSES.filter(lambda pose: np.linalg.norm(pose[3:]) > 1e-3))
def test_a_pose_survives_the_wire(pose):
    sample = PoseSample(matrix_from_pose(pose), 5_000_000, 'world')

    message = pose_message(sample)
    received = pose_sample(deserialize_message(serialize_message(message), PoseStamped))

    np.testing.assert_allclose(
        received.world_from_camera, sample.world_from_camera, atol=1e-12, rtol=1e-12
    )
    assert (received.stamp_us, received.frame_id) == (5_000_000, 'world')


def test_a_pose_without_stamp_takes_the_receive_time():
    message = PoseStamped()
    message.pose.orientation.w = 1.0

    assert pose_sample(message, receive_ns=42_999).stamp_us == 42


@pytest.mark.parametrize('w', [0.0, float('nan'), float('inf')])
def test_a_pose_without_a_rotation_is_a_decode_error(w):
    message = PoseStamped()
    message.pose.orientation.w = w

    with pytest.raises(DecodeError, match='Expected a finite pose with a quaternion'):
        pose_sample(message)


def test_odometry_of_the_core_s_bytes_comes_back_as_it_was():
    numbers = np.random.default_rng(1).normal(size=85)
    sent = RawOdometry(
        Header(1_500_000_007, 'odom'), 'base', numbers[:7], numbers[7:43], numbers[43:49],
        numbers[49:85],
    )  # fmt: skip

    message = deserialize_message(encode_message(sent), msgs.require('nav_msgs').Odometry)
    received = raw_odometry(message)

    assert (received.header, received.child_frame_id) == (sent.header, 'base')
    for name in ('pose', 'pose_covariance', 'twist', 'twist_covariance'):
        np.testing.assert_array_equal(getattr(received, name), getattr(sent, name))
