"""
Event image node: event packets to pictures for RViz and for reports.

Publishes `~/image` (rgb8) at a steady rate of sensor time. Packets are always decoded, pictures
are drawn only while somebody subscribes. Parameters: `eventdepth_ros.parameters.event_image`.

"""

import sys
from typing import Any

from eventdepth_core.errors import EventDepthError
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.messages import Header
from eventdepth_core.rendering.event_pictures import EventPictures, PictureOptions, warm
from eventdepth_ros import conversions, msgs, qos
from eventdepth_ros.parameters import declare, watch_changes
from eventdepth_ros.parameters.event_image import EventImageParameters
from eventdepth_ros.spinning import EndableNode, interruptible, run_node
from rclpy.node import Node
from sensor_msgs.msg import Image

NS_PER_US = 1_000
US_PER_MS = 1_000


class EventImageNode(EndableNode, Node):
    """Decodes packets and publishes pictures of them."""

    def __init__(self) -> None:
        super().__init__('event_image')
        self._logger = self.get_logger()
        parameters = declare(self, EventImageParameters)
        interruptible(warm)
        self._pictures = EventPictures(picture_options(parameters))
        watch_changes(self, EventImageParameters, self._follow)
        self._publisher = qos.advertise(
            self, Image, '~/image', profile=qos.depth_out(), report=self._report_qos
        )
        qos.subscribe(
            self,
            msgs.require('event_camera_msgs').EventPacket,
            parameters.events_topic,
            self._receive,
            profile=qos.events_in(parameters.events_reliability, parameters.events_queue_depth),
            report=self._report_qos,
        )

    def _follow(self, parameters: EventImageParameters) -> None:
        self._pictures = EventPictures(picture_options(parameters))

    def _receive(self, message: Any) -> None:  # noqa: ANN401 - the type is made at run time
        is_wanted = self._publisher.get_subscription_count() > 0
        try:
            packet = conversions.event_packet(message, self.get_clock().now().nanoseconds)
            pictures = self._pictures.push(packet, is_wanted=is_wanted)
        except EventDepthError as error:
            self._logger.warning(str(error), throttle_duration_sec=5.0)
            return
        for picture in pictures:
            header = Header(picture.stamp_us * NS_PER_US, message.header.frame_id)
            raw = raw_image(picture.picture, 'rgb8', header)
            self._publisher.publish(conversions.image_message(raw))

    def _report_qos(self, topic: str, kind: str, text: str, count: int) -> None:  # noqa: ARG002
        if kind != 'matched':
            self._logger.warning(text, throttle_duration_sec=5.0)


def picture_options(parameters: EventImageParameters) -> PictureOptions:
    """Return the parameters as the core takes them."""
    return PictureOptions(
        style='time_surface' if parameters.style == 'time_surface' else 'polarity',
        window_us=round(parameters.window_ms * US_PER_MS),
        decay_us=round(parameters.decay_ms * US_PER_MS),
        rate_hz=parameters.rate_hz,
    )


def main(args: list[str] | None = None) -> int:
    """Run the node; return the exit status."""
    return run_node(EventImageNode, args)


if __name__ == '__main__':
    sys.exit(main())
