"""Poses reach the estimates of a live node, whichever message brings them."""

from eventdepth_core.recordings.messages import (
    Header,
    RawOdometry,
    RawPose,
    RawTransform,
    RawTransforms,
)
from eventdepth_ros import msgs
from geometry_msgs.msg import PoseStamped, TwistStamped, TwistWithCovarianceStamped
from nodes.depth_world import DepthWorld
import numpy as np
import pytest
from sensor_msgs.msg import Imu

FRAME = 'event_camera_optical_frame'


def message_of(source, stamp_ns, x_m):
    numbers = np.array([x_m, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    header = Header(stamp_ns, 'odom')
    if source == 'odometry':
        return RawOdometry(header, '', numbers)
    if source == 'pose':
        return RawPose(header, numbers)
    return RawTransforms((RawTransform(header, FRAME, numbers),))


def type_of(source):
    if source == 'pose':
        return PoseStamped
    package = msgs.require('nav_msgs' if source == 'odometry' else 'tf2_msgs')
    return package.Odometry if source == 'odometry' else package.TFMessage


@pytest.mark.parametrize('source', ['tf', 'odometry', 'pose'])
def test_poses_are_counted_and_events_between_them_are_swept(ros, tiny_bundle_folder, source):
    topic = '/tf' if source == 'tf' else '/wheels'
    world = DepthWorld(
        ros,
        tiny_bundle_folder,
        motion__source=source,
        motion__topic='' if source == 'tf' else topic,
    )
    publisher = world.drivers.node.create_publisher(type_of(source), topic, 10)
    world.begin()
    ros.wait_for_subscribers(publisher)

    def are_swept():
        head = world.drivers.head
        world.drivers.send(publisher, message_of(source, head.stamp_ns, 1e-9 * head.now_us))
        counts = world.counts('inputs')
        return int(counts.get('poses: total', 0)) > 5 and int(
            counts.get('events: swept with known motion', 0)
        )

    world.feed_until(are_swept, 'swept events')
    assert int(world.counts('inputs')['poses: jumps']) == 0


@pytest.mark.parametrize('twist_type', [TwistStamped, TwistWithCovarianceStamped])
def test_velocities_and_rotation_rates_are_integrated_and_swept(
    ros, tiny_bundle_folder, twist_type
):
    world = DepthWorld(
        ros,
        tiny_bundle_folder,
        motion__source='twist',
        motion__topic='/wheels',
        motion__twist_type=twist_type.__name__,
        motion__gyro_topic='/imu',
    )
    node = world.drivers.node
    wheels, imu = (
        node.create_publisher(twist_type, '/wheels', 10),
        node.create_publisher(Imu, '/imu', 10),
    )
    world.begin()
    ros.wait_for_subscribers(wheels, imu)
    velocity, rate = twist_type(), Imu()
    velocity.header.frame_id = rate.header.frame_id = FRAME  # no transform is needed
    twist = velocity.twist if twist_type is TwistStamped else velocity.twist.twist
    twist.linear.x, rate.angular_velocity.y = 1e-3, 1e-3
    imu.publish(Imu(angular_velocity_covariance=np.full(9, -1.0)))

    def are_swept():
        for message, publisher in ((velocity, wheels), (rate, imu)):
            stamp = message.header.stamp
            stamp.sec, stamp.nanosec = divmod(world.drivers.head.stamp_ns, 1_000_000_000)
            publisher.publish(message)
        counts = world.counts('inputs')
        return int(counts.get('poses: total', 0)) > 5 and int(
            counts.get('events: swept with known motion', 0)
        )

    world.feed_until(are_swept, 'swept events')
    counts = world.counts('inputs')
    assert int(counts['poses: jumps']) == 0
    assert int(counts['poses: not used, undecodable']) == 1


def test_without_motion_nothing_is_subscribed(ros, tiny_bundle_folder):
    world = DepthWorld(ros, tiny_bundle_folder, motion__source='none')
    world.activate()

    assert world.node.count_subscribers('/tf') == 0
