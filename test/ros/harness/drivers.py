"""
Publishers of a simulated sensor head in a node: the topics of a recording, over real DDS.

Everything is published as CDR bytes, so that this side needs no conversion of the product.

"""

from collections.abc import Callable

from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import Header, Message
from eventdepth_ros import msgs
from rclpy.node import Node
from rclpy.qos import QoSDurabilityPolicy, QoSProfile, QoSReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, PointCloud2

from harness.packets import SensorHead, StreamSpec

EVENTS_DEPTH = 1000


def event_qos(*, is_reliable: bool = True) -> QoSProfile:
    """Return the QoS of an event driver."""
    reliability = (
        QoSReliabilityPolicy.RELIABLE if is_reliable else QoSReliabilityPolicy.BEST_EFFORT
    )
    return QoSProfile(depth=EVENTS_DEPTH, reliability=reliability)


def latched_qos() -> QoSProfile:
    """Return the QoS of what late joiners get as well."""
    return QoSProfile(depth=1, durability=QoSDurabilityPolicy.TRANSIENT_LOCAL)


class Drivers:
    """
    The drivers of `head` in `node`.

    Topics: `<camera>/events`, `<camera>/image_raw`, `<camera>/camera_info`, `/lidar/points` and,
    on request, `/clock`, which then runs with the head's host time.

    """

    def __init__(
        self,
        node: Node,
        spec: StreamSpec | None = None,
        *,
        camera: str = '/camera',
        has_clock: bool = False,
        is_reliable: bool = True,
    ) -> None:
        self.node = node
        self.head = SensorHead(spec or StreamSpec())
        packet_type = msgs.require('event_camera_msgs').EventPacket
        events = event_qos(is_reliable=is_reliable)
        self.events = node.create_publisher(packet_type, f'{camera}/events', events)
        self.image = node.create_publisher(Image, f'{camera}/image_raw', 10)
        self.points = node.create_publisher(PointCloud2, '/lidar/points', 10)
        self.camera_info = node.create_publisher(
            CameraInfo, f'{camera}/camera_info', latched_qos()
        )
        self.clock = node.create_publisher(Clock, '/clock', 10) if has_clock else None

    def announce(self) -> None:
        """Publish the camera info."""
        header = Header(self.head.stamp_ns, self.head.spec.frame_id)
        self.send(self.camera_info, info_from_camera(self.head.spec.camera, header))

    def send_events(self, duration_us: int, spin: Callable[[], object] | None = None) -> None:
        """Publish the packets of the next `duration_us`, as fast as it goes."""
        end_us = self.head.now_us + duration_us
        while self.head.now_us < end_us:
            self.send(self.events, self.head.packet())
            self.tick()
            if spin is not None:
                spin()

    def send_image(self) -> None:
        """Publish an image of now."""
        self.send(self.image, self.head.image())

    def send_points(self) -> None:
        """Publish points of now."""
        self.send(self.points, self.head.points())

    def tick(self) -> None:
        """Publish the head's time on /clock, if this head has a clock."""
        if self.clock is not None:
            message = Clock()
            message.clock.sec, message.clock.nanosec = divmod(self.head.stamp_ns, 1_000_000_000)
            self.clock.publish(message)

    @staticmethod
    def send(publisher, message: Message) -> None:
        """Publish a core message."""
        publisher.publish(encode_message(message))
