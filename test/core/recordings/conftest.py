"""Recordings that the tests make for themselves."""

from collections.abc import Callable
from pathlib import Path

from eventdepth_core.recordings import McapRecorder
from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.definitions import (
    CAMERA_INFO,
    EVENT_PACKET,
    IMAGE,
    ODOMETRY,
    POINT_CLOUD,
    TF_MESSAGE,
)
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import (
    Header,
    RawEventPacket,
    RawOdometry,
    RawTransform,
    RawTransforms,
)
from eventdepth_core.recordings.point_codec import raw_points
from eventdepth_core.types import Camera
import numpy as np
import pytest

StoredMessages = list[tuple[str, str, bytes, int]]
EVENT_CAMERA = Camera(346, 260, 300.0, 301.0, 172.5, 129.5, (-0.1, 0.05, 0.001, -0.002, 0.01))
IMAGE_CAMERA = Camera(64, 48, 50.0, 51.0, 31.5, 23.5)
LIDAR_POSE = np.array([0.1, -0.2, 0.3, 0.0, 0.0, np.sin(0.2), np.cos(0.2)])
IMAGE_POSE = np.array([0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
STEP_NS = 10_000_000


def _packet(i: int, stamp_ns: int) -> bytes:
    payload = np.random.default_rng(i).integers(0, 256, 512, np.uint8).tobytes()
    header = Header(stamp_ns, 'event_optical')
    return encode_message(RawEventPacket(header, 260, 346, i, 0, 'evt3', payload))


@pytest.fixture
def robot_messages() -> StoredMessages:
    """Event packets, images, depth, points, odometry, cameras and transforms of one robot."""
    start = Header(1_000_000_000, 'event_optical')
    image_header = Header(1_000_000_000, 'image_optical')
    transforms = RawTransforms(
        (
            RawTransform(Header(0, 'event_optical'), 'image_optical', IMAGE_POSE),
            RawTransform(Header(0, 'event_optical'), 'lidar', LIDAR_POSE),
        )
    )
    event_info = info_from_camera(EVENT_CAMERA, start)
    image_info = info_from_camera(IMAGE_CAMERA, image_header)
    messages: StoredMessages = [
        ('/tf_static', TF_MESSAGE, encode_message(transforms), 900_000_000),
        ('/ev/camera_info', CAMERA_INFO, encode_message(event_info), start.stamp_ns),
        ('/cam/camera_info', CAMERA_INFO, encode_message(image_info), start.stamp_ns),
    ]
    for i in range(20):
        stamp = 1_000_000_000 + i * STEP_NS
        messages.append(('/ev/events', EVENT_PACKET, _packet(i, stamp), stamp + 1_000_000))
    for i in range(4):
        stamp = 1_000_000_000 + 5 * i * STEP_NS
        picture = np.random.default_rng(i).integers(0, 256, (48, 64, 3), np.uint8)
        depth_m = np.full((48, 64), 1.5 + i, np.float32)
        points_m = np.random.default_rng(i).normal(size=(30, 3)).astype(np.float32)
        image, lidar = Header(stamp, 'image_optical'), Header(stamp, 'lidar')
        odometry = RawOdometry(Header(stamp, 'odom'), 'lidar', LIDAR_POSE)
        samples = [
            ('/cam/image_raw', IMAGE, raw_image(picture, 'rgb8', image), stamp + 2_000_000),
            ('/cam/depth', IMAGE, raw_image(depth_m, '32FC1', image), stamp + 3_000_000),
            ('/points', POINT_CLOUD, raw_points(points_m, lidar), stamp + 4_000_000),
            ('/odom', ODOMETRY, odometry, stamp + 5_000_000),
        ]
        messages += [(*each[:2], encode_message(each[2]), each[3]) for each in samples]
    return sorted(messages, key=lambda message: message[3])


@pytest.fixture
def write_bag(tmp_path: Path) -> Callable[[StoredMessages, str], Path]:
    """Write messages with our own recorder and return the path."""

    def write(messages: StoredMessages, name: str = 'bag') -> Path:
        path = tmp_path / name
        with McapRecorder(path) as recorder:
            for topic, type_name, raw, stamp_ns in messages:
                recorder.write(topic, type_name, raw, stamp_ns)
        return path

    return write


@pytest.fixture
def write_rosbag(tmp_path: Path) -> Callable[..., Path]:
    """Write messages with the independent writer of rosbags, in any of its modes."""
    from eventdepth_core.recordings.definitions import message_definition, type_hash
    from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

    def write(messages: StoredMessages, plugin: str = 'SQLITE3', mode: str = 'NONE') -> Path:
        path = tmp_path / f'bag_{plugin}_{mode}'.lower()
        writer = Writer(path, version=9, storage_plugin=StoragePlugin[plugin])
        writer.set_compression(CompressionMode[mode], CompressionFormat.ZSTD)
        with writer:
            connections = {}
            for topic, type_name, raw, stamp_ns in messages:
                if topic not in connections:
                    connections[topic] = writer.add_connection(
                        topic,
                        type_name,
                        msgdef=message_definition(type_name),
                        rihs01=type_hash(type_name),
                    )
                writer.write(connections[topic], stamp_ns, raw)
        return path

    return write
