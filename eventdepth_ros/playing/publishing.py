"""
Publishers of the tracks of a recording, and /clock.

Events are RELIABLE keep-last 1000, transforms 100, other topics 10, latched ones TRANSIENT_LOCAL
with as many as they hold; every profile can be overridden by `qos_overrides` parameters. A track
whose type cannot be imported is left out with one warning.

"""

from collections.abc import Iterable
import time

from eventdepth_core.errors import InputError
from eventdepth_core.recordings.definitions import EVENT_PACKET, TF_MESSAGE
from eventdepth_ros import qos
from eventdepth_ros.playing.message_types import message_class
from eventdepth_ros.playing.playable import TimedMessage, Track
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo
from rosgraph_msgs.msg import Clock

CLOCK_TOPIC = '/clock'
ACK_POLL_S = 0.002


class TrackPublishers:
    """Publishes raw messages of tracks by the topic they were recorded on."""

    def __init__(self, node: Node, tracks: Iterable[Track]) -> None:
        self._node = node
        self._logger = node.get_logger()
        self._publishers: dict[str, Publisher] = {}
        for track in tracks:
            self._add(track)

    @property
    def topics(self) -> frozenset[str]:
        """The recorded topics that are published."""
        return frozenset(self._publishers)

    def publish(self, message: TimedMessage) -> None:
        """Publish one message of a known topic."""
        self._publishers[message.topic].publish(message.raw)

    def recorded_topic(self, name: str) -> str | None:
        """Return the recorded topic of a name before or after remapping, None for none."""
        if name in self._publishers:
            return name
        for topic, publisher in self._publishers.items():
            if publisher.topic_name == name:
                return topic
        return None

    def has_subscription(self, topic: str, by: str = '') -> bool:
        """
        Return whether someone, or the node with the full name `by`, listens to a topic.

        A node is known a moment before its subscription is matched, so all that can be matched
        must be.

        """
        publisher = self._publishers[topic]
        num_matched = publisher.get_subscription_count()
        listening = [
            each
            for each in self._node.get_subscriptions_info_by_topic(publisher.topic_name)
            if _is_compatible(publisher, each)
        ]
        names = {f'{each.node_namespace.rstrip("/")}/{each.node_name}' for each in listening}
        return num_matched > 0 and (not by or (by in names and num_matched >= len(listening)))

    def wait_for_all_acked(self, timeout_s: float) -> bool:
        """
        Wait until every reliable reader has everything; False after the time given.

        Asked again and again, because a call that waits keeps all other threads from running.

        """
        end_s = time.monotonic() + timeout_s
        while not self._are_all_acked():
            if time.monotonic() >= end_s:
                return False
            time.sleep(ACK_POLL_S)
        return True

    def _are_all_acked(self) -> bool:
        at_once = Duration()
        return all(each.wait_for_all_acked(at_once) for each in self._publishers.values())

    def _add(self, track: Track) -> None:
        try:
            kind = message_class(track.type_name)
        except InputError as error:
            self._logger.warning(f'{track.topic} is not played: {error}')
            return
        self._publishers[track.topic] = self._node.create_publisher(
            kind,
            track.topic,
            track_profile(track),
            qos_overriding_options=qos.overrides(),
        )


class ClockPublisher:
    """Publishes /clock; times are ns of the recording."""

    def __init__(self, node: Node) -> None:
        self._publisher = node.create_publisher(
            Clock, CLOCK_TOPIC, qos.clock(), qos_overriding_options=qos.overrides()
        )

    def publish(self, stamp_ns: int) -> None:
        """Publish one time."""
        message = Clock()
        message.clock.sec, message.clock.nanosec = divmod(stamp_ns, 1_000_000_000)
        self._publisher.publish(message)


def track_profile(track: Track) -> QoSProfile:
    """Return the QoS that a track is offered with."""
    if track.num_latched > 0:
        return qos.latched(max(track.num_latched, qos.STATIC_TRANSFORMS_DEPTH))
    profiles = {EVENT_PACKET: qos.events_out, TF_MESSAGE: qos.poses_out}
    return profiles.get(track.type_name, qos.sensor_out)()


def _is_compatible(publisher: Publisher, subscription: TopicEndpointInfo) -> bool:
    """Return whether DDS matches the two; rclpy's own check trips over infinite durations."""
    offered, asked = publisher.qos_profile, subscription.qos_profile
    is_reliable_enough = (
        asked.reliability != ReliabilityPolicy.RELIABLE
        or offered.reliability == ReliabilityPolicy.RELIABLE
    )
    is_durable_enough = (
        asked.durability != DurabilityPolicy.TRANSIENT_LOCAL
        or offered.durability == DurabilityPolicy.TRANSIENT_LOCAL
    )
    return bool(is_reliable_enough and is_durable_enough)
