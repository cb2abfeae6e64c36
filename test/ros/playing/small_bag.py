"""A small bag of a sensor head with transforms and a topic nobody can play."""

from unittest.mock import patch

from eventdepth_core.recordings import definitions, McapRecorder
from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.definitions import (
    CAMERA_INFO,
    EVENT_PACKET,
    IMAGE,
    POINT_CLOUD,
    TF_MESSAGE,
)
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import (
    Header,
    RawEventPacket,
    RawTransform,
    RawTransforms,
)
from eventdepth_core.recordings.point_codec import raw_points
from eventdepth_core.types import Camera
import numpy as np

CAMERA = Camera(64, 48, 60.0, 61.0, 31.5, 23.5)
START_NS = 50_000_000_000
STEP_NS = 5_000_000
NUM_PACKETS = 60
WHEELS = 'robot_msgs/msg/Wheels'
POSE = np.array([0.1, -0.2, 0.3, 0.0, 0.0, 0.0, 1.0])


def transforms(child):
    header = Header(START_NS, 'camera')
    return encode_message(RawTransforms((RawTransform(header, child, POSE),)))


def write_bag(path, num_packets=NUM_PACKETS, **options):
    """Write events every 5 ms, other sensors now and then, for 0.3 s."""
    foreign_text = patch.dict(definitions._TEXTS, {'robot_msgs/Wheels': 'uint32 count\n'})
    foreign_hash = patch.dict(definitions.TYPE_HASHES, {WHEELS: f'RIHS01_{"0" * 64}'})
    with foreign_text, foreign_hash, McapRecorder(path, **options) as recorder:
        for child in ('lidar', 'imu'):
            recorder.write('/tf_static', TF_MESSAGE, transforms(child), START_NS)
        for i in range(num_packets):
            stamp_ns = START_NS + i * STEP_NS
            header = Header(stamp_ns, 'camera')
            payload = np.random.default_rng(i).integers(0, 255, 200 + i, np.uint8).tobytes()
            packet = RawEventPacket(header, 48, 64, i, 0, 'evt3', payload)
            recorder.write('/camera/events', EVENT_PACKET, encode_message(packet), stamp_ns)
            if i % 20 == 0:
                info = info_from_camera(CAMERA, header)
                recorder.write('/camera/camera_info', CAMERA_INFO, encode_message(info), stamp_ns)
                image = raw_image(np.full((48, 64), i % 256, np.uint8), 'mono8', header)
                recorder.write('/camera/image_raw', IMAGE, encode_message(image), stamp_ns)
                cloud = raw_points(np.ones((5, 3), np.float32), Header(stamp_ns, 'lidar'))
                recorder.write('/lidar/points', POINT_CLOUD, encode_message(cloud), stamp_ns)
                recorder.write('/wheels', WHEELS, b'\0\1\0\0\0\0\0\0', stamp_ns)
    return path
