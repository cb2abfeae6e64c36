"""
Poses and transforms: PoseStamped and TFMessage there and back, and Odometry.

Numbers are x y z, qx qy qz qw. Law: there and back gives the same numbers, whatever they are;
whether they are a rigid transform is for `eventdepth_core.recordings.poses` to say.

"""

from typing import Any

from eventdepth_core.recordings.messages import (
    RawOdometry,
    RawPose,
    RawTransform,
    RawTransforms,
)
from eventdepth_core.recordings.poses import matrix_from_pose, pose_from_matrix
from eventdepth_core.types import Float64, PoseSample
from eventdepth_ros import msgs
from eventdepth_ros.conversions.headers import header_message, message_header, raw_header
from geometry_msgs.msg import (
    Point,
    Pose,
    PoseStamped,
    Quaternion,
    Transform,
    TransformStamped,
    Vector3,
)
import numpy as np


def raw_pose(message: PoseStamped, receive_ns: int = 0) -> RawPose:
    """Return a message as the core's raw pose."""
    pose = message.pose
    return RawPose(
        raw_header(message.header, receive_ns), _numbers(pose.position, pose.orientation)
    )


def pose_sample(message: PoseStamped, receive_ns: int = 0) -> PoseSample:
    """
    Return the pose of a message as world_from_camera.

    Raises
    ------
    DecodeError
        For numbers that are not finite or a quaternion of length 0.

    """
    raw = raw_pose(message, receive_ns)
    matrix = matrix_from_pose(raw.pose)
    return PoseSample(matrix, raw.header.stamp_ns // 1000, raw.header.frame_id)


def pose_message(sample: PoseSample) -> PoseStamped:
    """Return the message of a pose."""
    x, y, z, qx, qy, qz, qw = map(float, pose_from_matrix(sample.world_from_camera))
    return PoseStamped(
        header=header_message(sample.stamp_us, sample.frame_id),
        pose=Pose(position=Point(x=x, y=y, z=z), orientation=Quaternion(x=qx, y=qy, z=qz, w=qw)),
    )


def raw_odometry(message: Any, receive_ns: int = 0) -> RawOdometry:  # noqa: ANN401 (made at run time)
    """Return an Odometry as the core's raw odometry, with its pose and twist."""
    pose, twist = message.pose.pose, message.twist.twist
    return RawOdometry(
        raw_header(message.header, receive_ns),
        message.child_frame_id,
        _numbers(pose.position, pose.orientation),
        pose_covariance=np.asarray(message.pose.covariance, np.float64),
        twist=np.array(
            [
                *(twist.linear.x, twist.linear.y, twist.linear.z),
                *(twist.angular.x, twist.angular.y, twist.angular.z),
            ]
        ),
        twist_covariance=np.asarray(message.twist.covariance, np.float64),
    )


def raw_transforms(message: Any) -> RawTransforms:  # noqa: ANN401 (made at run time)
    """Return a TFMessage as the core's raw transforms."""
    return RawTransforms(
        tuple(
            RawTransform(
                raw_header(each.header),
                each.child_frame_id,
                _numbers(each.transform.translation, each.transform.rotation),
            )
            for each in message.transforms
        )
    )


def transforms_message(raw: RawTransforms) -> Any:  # noqa: ANN401 (as above)
    """Return the TFMessage of raw transforms."""
    transforms = [_transform_message(each) for each in raw.transforms]
    return msgs.require('tf2_msgs').TFMessage(transforms=transforms)


def _transform_message(raw: RawTransform) -> TransformStamped:
    x, y, z, qx, qy, qz, qw = map(float, raw.pose)
    return TransformStamped(
        header=message_header(raw.header),
        child_frame_id=raw.child_frame_id,
        transform=Transform(
            translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw)
        ),
    )


def _numbers(position: Point | Vector3, orientation: Quaternion) -> Float64:
    """Return x y z, qx qy qz qw."""
    return np.array(
        [
            *(position.x, position.y, position.z),
            *(orientation.x, orientation.y, orientation.z, orientation.w),
        ],
        np.float64,
    )
