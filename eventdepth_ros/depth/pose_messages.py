"""Which message goes where in what makes poses of it."""

from typing import Any

from eventdepth_core.types import PoseSample
from eventdepth_ros import conversions
from eventdepth_ros.depth.pose_source import PoseSource
from eventdepth_ros.depth.twist_source import TwistSource
from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import Imu


def poses_of(
    source: PoseSource | TwistSource,
    message: Any,  # noqa: ANN401 - of one of seven types, some made at run time
) -> tuple[PoseSample, ...]:
    """Return the poses that a message completes."""
    if isinstance(source, TwistSource):
        if isinstance(message, Imu):
            return source.add_rotation_rate(conversions.raw_rotation_rate(message))
        return source.add_twist(conversions.raw_twist(message))
    if hasattr(message, 'transforms'):
        return source.add_transforms(conversions.raw_transforms(message))
    if isinstance(message, PoseStamped):
        return source.add_pose(conversions.raw_pose(message))
    return source.add_odometry(conversions.raw_odometry(message))
