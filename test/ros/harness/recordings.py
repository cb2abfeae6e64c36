"""A small recording of a simulated sensor head, made on the spot."""

from pathlib import Path

from eventdepth_core.recordings import McapRecorder
from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.definitions import CAMERA_INFO, EVENT_PACKET, IMAGE, POINT_CLOUD
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import Header, Message

from harness.packets import SensorHead, StreamSpec

IMAGE_US, POINTS_US = 100_000, 200_000
EVENTS_TOPIC, IMAGE_TOPIC = '/camera/events', '/camera/image_raw'
INFO_TOPIC, POINTS_TOPIC = '/camera/camera_info', '/lidar/points'


def write_recording(folder: Path, duration_us: int, spec: StreamSpec | None = None) -> Path:
    """Write a bag of `duration_us` with events, images at 10 Hz and points at 5 Hz."""
    head = SensorHead(spec or StreamSpec())
    end_us = head.now_us + duration_us
    with McapRecorder(folder) as recorder:

        def write(topic: str, type_name: str, message: Message) -> None:
            recorder.write(topic, type_name, encode_message(message), head.stamp_ns)

        info = info_from_camera(head.spec.camera, Header(head.stamp_ns, head.spec.frame_id))
        write(INFO_TOPIC, CAMERA_INFO, info)
        while head.now_us < end_us:
            elapsed_us = head.now_us - head.spec.start_us
            if elapsed_us % IMAGE_US == 0:
                write(IMAGE_TOPIC, IMAGE, head.image())
            if elapsed_us % POINTS_US == 0:
                write(POINTS_TOPIC, POINT_CLOUD, head.points())
            packet = head.packet()
            write(EVENTS_TOPIC, EVENT_PACKET, packet)
    return folder
