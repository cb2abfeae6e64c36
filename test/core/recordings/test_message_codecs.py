"""Every message type both ways, in both byte orders, against an independent serialiser."""

from contextlib import suppress
import dataclasses

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.definitions import (
    CAMERA_INFO,
    COMPRESSED_IMAGE,
    EVENT_ARRAY,
    EVENT_PACKET,
    IMAGE,
    message_definition,
    ODOMETRY,
    POINT_CLOUD,
    POSE_STAMPED,
    TF_MESSAGE,
)
from eventdepth_core.recordings.message_codecs import decode_message, encode_message
from eventdepth_core.recordings.messages import (
    Header,
    PointField,
    RawCameraInfo,
    RawCompressedImage,
    RawEventPacket,
    RawImage,
    RawOdometry,
    RawPointCloud,
    RawPose,
    RawTransform,
    RawTransforms,
)
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

HEADER = Header(1_675_956_550_318_916_461, 'camera')
POSE = np.array([0.1, 0.2, 0.3, 0.0, 0.6, 0.0, 0.8])
MESSAGES = {
    EVENT_PACKET: RawEventPacket(HEADER, 480, 640, 5590, 2**40 + 1, 'evt3', bytes(range(33))),
    IMAGE: RawImage(HEADER, 3, 5, 'mono8', 7, bytes(range(21))),
    COMPRESSED_IMAGE: RawCompressedImage(HEADER, 'png', b'no picture'),
    CAMERA_INFO: RawCameraInfo(
        HEADER, 480, 640, 'plumb_bob', np.arange(5.0), np.arange(9.0), np.eye(3).reshape(-1),
        np.arange(12.0), (2, 3), (1, 2, 3, 4), True,
    ),
    POINT_CLOUD: RawPointCloud(
        HEADER, 2, 3, (PointField('x', 0, 7), PointField('intensity', 4, 2)), 5, 15, bytes(30),
        False,
    ),
    POSE_STAMPED: RawPose(HEADER, POSE),
    ODOMETRY: RawOdometry(
        HEADER, 'base', POSE, np.arange(36.0), np.arange(6.0), np.arange(36.0, 72.0),
    ),
    TF_MESSAGE: RawTransforms(
        (RawTransform(HEADER, 'lidar', POSE), RawTransform(Header(-1, ''), 'x', POSE[::-1])),
    ),
}  # fmt: skip
STRUCTURED = {'d', 'k', 'r', 'p', 'pose', 'pose_covariance', 'twist', 'twist_covariance'}


def plain(value):
    """Turn a message into comparable tuples, views into bytes."""
    if dataclasses.is_dataclass(value):
        return tuple(plain(getattr(value, each.name)) for each in dataclasses.fields(value))
    if isinstance(value, (memoryview, bytes)):
        return bytes(value)
    if isinstance(value, np.ndarray):
        return tuple(value.tolist())
    return tuple(map(plain, value)) if isinstance(value, tuple) else value


@pytest.fixture(scope='module')
def typestore():
    from rosbags.typesys import get_types_from_msg, get_typestore, Stores

    store = get_typestore(Stores.ROS2_JAZZY)
    text = message_definition(EVENT_PACKET).partition('=')[0]
    store.register(get_types_from_msg(text, EVENT_PACKET))
    return store


@pytest.mark.parametrize('byte_order', ['<', '>'])
@pytest.mark.parametrize('type_name', sorted(MESSAGES))
def test_decode_inverts_encode(type_name, byte_order):
    message = MESSAGES[type_name]

    decoded = decode_message(type_name, encode_message(message, byte_order))

    assert plain(decoded) == plain(message)


@pytest.mark.parametrize('little_endian', [True, False])
@pytest.mark.parametrize('type_name', sorted(MESSAGES))
def test_bytes_equal_the_independent_serialiser(typestore, type_name, little_endian):
    ours = encode_message(MESSAGES[type_name], '<' if little_endian else '>')

    theirs = typestore.deserialize_cdr(ours, type_name)
    back = bytes(typestore.serialize_cdr(theirs, type_name, little_endian=little_endian))

    assert back == ours


def test_the_independent_reader_sees_the_same_fields(typestore):
    packet = typestore.deserialize_cdr(encode_message(MESSAGES[EVENT_PACKET]), EVENT_PACKET)
    cloud = typestore.deserialize_cdr(encode_message(MESSAGES[POINT_CLOUD]), POINT_CLOUD)

    assert (packet.header.stamp.sec, packet.header.stamp.nanosec) == (1_675_956_550, 318_916_461)
    assert (packet.seq, packet.time_base, packet.encoding) == (5590, 2**40 + 1, 'evt3')
    assert packet.events.tobytes() == bytes(range(33))
    assert [(each.name, each.datatype) for each in cloud.fields] == [('x', 7), ('intensity', 2)]
    assert (cloud.point_step, cloud.row_step, cloud.is_dense) == (5, 15, False)


def test_the_old_event_array_type_reads_as_an_event_packet():
    raw = encode_message(MESSAGES[EVENT_PACKET])

    assert plain(decode_message(EVENT_ARRAY, raw)) == plain(MESSAGES[EVENT_PACKET])


def test_an_unknown_type_is_named():
    with pytest.raises(DecodeError, match="got 'std_msgs/msg/String'"):
        decode_message('std_msgs/msg/String', b'')


@settings(max_examples=50)
@given(st.sampled_from(sorted(MESSAGES)), st.binary(max_size=200))
def test_random_bytes_raise_decode_errors_only(type_name, body):
    with suppress(DecodeError):
        decode_message(type_name, b'\x00\x01\x00\x00' + body)


@pytest.mark.parametrize('type_name', sorted(MESSAGES))
def test_every_shortened_message_is_refused(type_name):
    raw = encode_message(MESSAGES[type_name])

    for length in range(len(raw)):
        with pytest.raises(DecodeError):
            decode_message(type_name, raw[:length])
