"""
Velocities: TwistStamped, TwistWithCovarianceStamped, the twist of Odometry, and Imu.

Law: an Imu that says that it does not measure rotation has no numbers, NaN.

"""

from typing import Any

from eventdepth_core.recordings.messages import Header, RawRotationRate, RawTwist
from eventdepth_core.types import Float64
from eventdepth_ros.conversions.headers import raw_header
from geometry_msgs.msg import TwistStamped, Vector3
import numpy as np
from sensor_msgs.msg import Imu

NOT_MEASURED = -1.0
"""The first covariance of what an Imu does not measure."""


def raw_twist(message: Any, receive_ns: int = 0) -> RawTwist:  # noqa: ANN401 (made at run time)
    """Return the twist of a message in its own frame: for Odometry that of the child."""
    header = raw_header(message.header, receive_ns)
    child = getattr(message, 'child_frame_id', None)
    if child is not None:
        header = Header(header.stamp_ns, child)
    twist = message.twist if isinstance(message, TwistStamped) else message.twist.twist
    return RawTwist(header, _numbers(twist.linear), _numbers(twist.angular))


def raw_rotation_rate(message: Imu, receive_ns: int = 0) -> RawRotationRate:
    """Return the angular velocity of an Imu."""
    angular = _numbers(message.angular_velocity)
    if message.angular_velocity_covariance[0] == NOT_MEASURED:
        angular = np.full(3, np.nan)
    return RawRotationRate(raw_header(message.header, receive_ns), angular)


def _numbers(vector: Vector3) -> Float64:
    return np.array([vector.x, vector.y, vector.z], np.float64)
