"""
The subscriptions of an active depth node, in the order in which they are to be served.

An executor serves ready subscriptions in the order of their creation. Calibration comes first,
poses, images and points before events: the packet that closes a window has to find them there.
Of images and points those that trigger come later: they close a window that the events have
passed already.

"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from eventdepth_core.recordings.messages import RawTransforms
from eventdepth_core.types import Modality
from eventdepth_ros import msgs, qos
from eventdepth_ros.depth.topics import InputTopics
from eventdepth_ros.parameters.depth import DepthParameters
from eventdepth_ros.rig_source import RigSource
from eventdepth_ros.transforms import subscribe_transforms
from geometry_msgs.msg import PoseStamped, TwistStamped, TwistWithCovarianceStamped
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, Imu, PointCloud2

TWIST_TYPES: dict[str, type] = {
    'TwistStamped': TwistStamped,
    'TwistWithCovarianceStamped': TwistWithCovarianceStamped,
}


@dataclass(frozen=True, slots=True)
class InputSubscriptions:
    """All subscriptions to inputs, those to poses, and those to sensors in order of serving."""

    every: tuple[Subscription, ...]
    sensors: Mapping[Modality, Subscription]
    poses: tuple[Subscription, ...] = ()


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What takes each kind of message; Any, because event packets are made at run time."""

    events: Callable[[Any], None]
    image: Callable[[Any], None]
    points: Callable[[Any], None]
    camera_info: Callable[[Modality, CameraInfo], None]
    transforms: Callable[[RawTransforms], None]
    poses: Callable[[Any], None]


def subscribe_inputs(
    node: Node,
    parameters: DepthParameters,
    inputs: InputTopics,
    source: RigSource,
    callbacks: Callbacks,
    report: qos.QosReport,
) -> InputSubscriptions:
    """Create the subscriptions to all inputs in use and to what calibrates them."""
    made = [subscribe_transforms(node, callbacks.transforms, report)]
    made += [
        qos.subscribe(
            node,
            CameraInfo,
            source.info_topic(modality),
            partial(callbacks.camera_info, modality),
            profile=qos.sensor_in(),
            report=report,
        )
        for modality in info_streams(inputs, source)
    ]
    poses = _subscribe_poses(node, parameters, inputs, callbacks, report)
    made += poses
    sensors: dict[Modality, Subscription] = {}

    def subscribe(
        modality: Modality,
        message_type: type,
        callback: Callable[[Any], None],
        profile: QoSProfile,
    ) -> None:
        """Subscribe to the topic of a modality."""
        sensors[modality] = qos.subscribe(
            node, message_type, inputs.topics[modality], callback, profile=profile, report=report
        )

    wanted: dict[Modality, tuple[type, Callable[[Any], None]]] = {
        'image': (image_type(parameters), callbacks.image),
        'points': (PointCloud2, callbacks.points),
    }
    for modality in stamped_order(parameters):
        if modality in inputs.topics:
            subscribe(modality, *wanted[modality], qos.sensor_in())
    if 'events' in inputs.topics:
        subscribe('events', packet_type(), callbacks.events, events_profile(parameters))
    return InputSubscriptions((*made, *sensors.values()), sensors, poses)


def _subscribe_poses(
    node: Node,
    parameters: DepthParameters,
    inputs: InputTopics,
    callbacks: Callbacks,
    report: qos.QosReport,
) -> tuple[Subscription, ...]:
    """Subscribe to what poses are made of, velocities before rotation rates."""
    # tf2 publishes reliably, drivers of odometry as they like.
    reliability = 'reliable' if parameters.motion_source == 'tf' else 'best_effort'
    topics = {inputs.pose_topic: _pose_type(parameters), inputs.gyro_topic: Imu}
    return tuple(
        qos.subscribe(
            node,
            message_type,
            topic,
            callbacks.poses,
            profile=qos.poses_in(reliability),
            report=report,
        )
        for topic, message_type in topics.items()
        if topic
    )


def _pose_type(parameters: DepthParameters) -> type:
    source, wanted = parameters.motion_source, parameters.motion_twist_type
    found: type = PoseStamped
    if source == 'tf':
        found = msgs.require('tf2_msgs').TFMessage
    elif source == 'odometry' or (source == 'twist' and wanted not in TWIST_TYPES):
        found = msgs.require('nav_msgs').Odometry
    elif source == 'twist':
        found = TWIST_TYPES[wanted]
    return found


def stamped_order(parameters: DepthParameters) -> tuple[Modality, Modality]:
    """Return images and points in the order of their serving: what triggers comes last."""
    return ('image', 'points') if parameters.trigger == 'points' else ('points', 'image')


def packet_type() -> type:
    """Return the message type of event packets."""
    made: type = msgs.require('event_camera_msgs').EventPacket
    return made


def events_profile(parameters: DepthParameters) -> QoSProfile:
    """Return the quality of service that the user asks for events."""
    return qos.events_in(parameters.events_reliability, parameters.events_queue_depth)


def image_type(parameters: DepthParameters) -> type:
    """Return the message type of the images."""
    is_compressed = parameters.image_transport == 'compressed'
    chosen: type = CompressedImage if is_compressed else Image
    return chosen


def info_streams(inputs: InputTopics, source: RigSource) -> list[Modality]:
    """Return the inputs with a camera, one of those that share a CameraInfo topic."""
    topics: dict[str, Modality] = {}
    for modality in ('events', 'image'):
        if modality in inputs.topics:
            topics.setdefault(source.info_topic(modality), modality)
    return list(topics.values())
