"""Velocities of four kinds of messages."""

from eventdepth_ros import msgs
from eventdepth_ros.conversions import raw_rotation_rate, raw_twist
from geometry_msgs.msg import TwistStamped, TwistWithCovarianceStamped
import numpy as np
import pytest
from sensor_msgs.msg import Imu


def message_of(kind):
    if kind == 'Odometry':
        message = msgs.require('nav_msgs').Odometry()
        message.header.frame_id, message.child_frame_id = 'odom', 'base'
    else:
        message = TwistStamped() if kind == 'TwistStamped' else TwistWithCovarianceStamped()
        message.header.frame_id = 'base'
    twist = message.twist if kind == 'TwistStamped' else message.twist.twist
    twist.linear.x, twist.linear.z, twist.angular.y = 0.5, -0.25, 2.0
    message.header.stamp.sec, message.header.stamp.nanosec = 3, 7
    return message


@pytest.mark.parametrize('kind', ['TwistStamped', 'TwistWithCovarianceStamped', 'Odometry'])
def test_a_twist_stands_in_its_own_frame(kind):
    raw = raw_twist(message_of(kind))

    assert raw.header.stamp_ns == 3_000_000_007
    assert raw.header.frame_id == 'base'
    np.testing.assert_array_equal(raw.linear, [0.5, 0.0, -0.25])
    np.testing.assert_array_equal(raw.angular, [0.0, 2.0, 0.0])


def test_an_imu_gives_its_rotation_rate_unless_it_measures_none():
    message = Imu()
    message.header.frame_id = 'gyro'
    message.angular_velocity.z = 0.5

    rate = raw_rotation_rate(message)
    message.angular_velocity_covariance[0] = -1.0
    unmeasured = raw_rotation_rate(message)

    assert rate.header.frame_id == 'gyro'
    np.testing.assert_array_equal(rate.angular, [0.0, 0.0, 0.5])
    assert np.isnan(unmeasured.angular).all()
