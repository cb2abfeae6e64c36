"""
Recorder node: raw bytes of topics into an MCAP bag that rosbag2 reads.

Topics are looked for all the time and subscribed to as their publishers offer; a type that we
cannot describe is refused with one warning. SIGINT and SIGTERM complete the bag; what a kill
leaves under `<name>.partial` is readable up to its last chunk (at most 1 MiB is lost).

"""

from collections.abc import Callable
from dataclasses import dataclass
import sys
from typing import cast

from eventdepth_core.errors import EventDepthError, InputError
from eventdepth_core.recordings import McapRecorder
from eventdepth_ros.parameters import declare
from eventdepth_ros.parameters.recorder import RecorderParameters
from eventdepth_ros.playing.message_types import message_class
from eventdepth_ros.recording import BagWriter, TopicChoice
from eventdepth_ros.recording.offers import Offer, offer_of
from eventdepth_ros.recording.stamping import Stamper, StampKind
from eventdepth_ros.recording.writer import RecordedMessage
from eventdepth_ros.spinning import EndableNode, run_node
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo

LOOK_PERIOD_S = 0.1
CLOSE_S = 1.5
MAX_DRAINED = 5000


@dataclass(slots=True)
class _Recorded:
    """One subscribed topic."""

    subscription: Subscription
    offer: Offer


class RecorderNode(EndableNode, Node):
    """Finds topics, subscribes and hands bytes to the writer."""

    def __init__(self) -> None:
        super().__init__('recorder')
        self._logger = self.get_logger()
        self.parameters = declare(self, RecorderParameters)
        if not self.parameters.output:
            raise InputError("Expected the parameter output: a folder or *.mcap, got ''.")
        self._choice = TopicChoice(
            tuple(self.resolve_topic_name(topic) for topic in self.parameters.topics),
            self.parameters.regex,
            self.parameters.exclude,
        )
        recorder = McapRecorder(self.parameters.output, overwrite=self.parameters.overwrite)
        self._writer = BagWriter(recorder, self.parameters.max_queue_bytes)
        kind = cast('StampKind', self.parameters.stamp)  # checked by its choices
        self._stamper = Stamper(kind, self._now_ns)
        self._recorded: dict[str, _Recorded] = {}
        self._refused: set[str] = set()
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(LOOK_PERIOD_S, self._look, clock=steady)
        self._look()

    def finish(self) -> None:
        """Take what has come already, complete the bag and say what is in it."""
        for topic, recorded in self._recorded.items():
            self._drain(topic, recorded)
        for topic, raw, stamp_ns in self._stamper.released(self._now_ns()):
            self._put(topic, raw, stamp_ns)
        is_complete = self._writer.close(CLOSE_S)
        num_written, num_dropped = self._writer.num_written, self._writer.num_dropped
        counts = ', '.join(f'{topic} {n}' for topic, n in sorted(num_written.items()))
        self._logger.info(f'Recorded into {self.parameters.output}: {counts or "nothing"}.')
        if num_dropped:
            self._logger.warning(
                f'Not recorded, because the disk was too slow: {dict(num_dropped)}.'
            )
        if not is_complete:
            self.exit_status = 1
            self._logger.error(
                f'Expected a complete bag at {self.parameters.output}, got '
                f'{self._writer.error or "no end within 1.5 s"}: see {self.parameters.output}'
                '.partial.'
            )

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)

    def _look(self) -> None:
        """Subscribe to topics that are new, anew to those whose publishers offer less now."""
        if self._writer.error is not None:
            self._logger.error(f'Recording ended early: {self._writer.error}')
            self.request_end(1)
            return
        for topic, _ in self.get_topic_names_and_types():
            if topic in self._refused or not self._choice.has(topic):
                continue
            publishers = self.get_publishers_info_by_topic(topic)
            if publishers:
                self._follow(topic, publishers)

    def _follow(self, topic: str, publishers: list[TopicEndpointInfo]) -> None:
        try:
            offer = offer_of(topic, publishers)
            kind = message_class(offer.type_name)
        except EventDepthError as error:
            self._refused.add(topic)
            self._logger.warning(f'{topic} is not recorded: {error}')
            return
        known = self._recorded.get(topic)
        if known is not None:
            if not offer.is_less_than(known.offer):
                return
            self.destroy_subscription(known.subscription)
        subscription = self.create_subscription(
            kind, topic, self._callback(topic), offer.profile, raw=True
        )
        self._recorded[topic] = _Recorded(subscription, offer)

    def _callback(self, topic: str) -> Callable[[bytes], None]:
        return lambda raw: self._receive(topic, raw)

    def _receive(self, topic: str, raw: bytes) -> None:
        type_name = self._recorded[topic].offer.type_name
        for each in self._stamper.stamped(topic, type_name, raw):
            self._put(*each)

    def _put(self, topic: str, raw: bytes, stamp_ns: int) -> None:
        offer = self._recorded[topic].offer
        self._writer.put(RecordedMessage(topic, offer.type_name, raw, stamp_ns, offer.qos))

    def _drain(self, topic: str, recorded: _Recorded) -> None:
        """Take the messages that have come but were not yet handed out."""
        subscription = recorded.subscription
        with subscription.handle:
            for _ in range(MAX_DRAINED):
                taken = subscription.handle.take_message(subscription.msg_type, True)
                if taken is None:
                    return
                self._receive(topic, taken[0])


def main(args: list[str] | None = None) -> int:
    """Run the node."""
    return run_node(RecorderNode, args)


if __name__ == '__main__':
    sys.exit(main())
