"""Event packets."""

from eventdepth_core.errors import DecodeError
from eventdepth_core.types import EventPacket
from eventdepth_ros import msgs
from eventdepth_ros.conversions import event_packet, event_packet_message, header_message
from hypothesis import given, strategies
import pytest
from rclpy.serialization import deserialize_message, serialize_message

STAMP_US = 1_700_000_000_123_456


def packet_message(**fields):
    message_type = msgs.require('event_camera_msgs').EventPacket
    return message_type(**{'header': header_message(STAMP_US, 'ev'), 'encoding': 'evt3', **fields})


@given(
    payload=strategies.binary(max_size=300),
    seq=strategies.integers(0, 2**64 - 1),
    time_base_ns=strategies.integers(0, 2**64 - 1),
    stamp_us=strategies.integers(1, 2**31 * 10**6 - 1),
    encoding=strategies.sampled_from(['evt3', 'libcaer', 'mono', '']),
)
def test_a_packet_survives_the_wire(payload, seq, time_base_ns, stamp_us, encoding):
    packet = EventPacket(encoding, 346, 260, time_base_ns, payload, seq, stamp_us, stamp_us)

    message = event_packet_message(packet, 'ev')
    received = deserialize_message(serialize_message(message), type(message))

    assert received == message
    assert event_packet(received) == packet


def test_arrival_is_the_stamp_of_the_driver():
    packet = event_packet(packet_message(), receive_ns=99_000)

    assert (packet.stamp_us, packet.arrival_us) == (STAMP_US, STAMP_US)


def test_arrival_is_the_receive_time_where_the_driver_does_not_stamp():
    packet = event_packet(packet_message(header=header_message(0, 'ev')), receive_ns=99_999)

    assert packet.arrival_us == 99


def test_the_payload_is_a_copy_that_stays_when_the_message_changes():
    message = packet_message(events=b'abcd')

    packet = event_packet(message)
    message.events[0] = 0
    message.events.append(7)  # a view that were still open would refuse this

    assert packet.payload == b'abcd'
    assert isinstance(packet.payload, bytes)


def test_big_endian_events_are_refused():
    with pytest.raises(
        DecodeError, match='Expected little-endian events, got big-endian'
    ) as error:
        event_packet(packet_message(is_bigendian=True))

    assert error.value.reason == 'big_endian_events'


def test_a_packet_without_stamp_is_sent_with_its_arrival():
    packet = EventPacket('evt3', 3, 5, 0, b'', arrival_us=17)

    message = event_packet_message(packet)

    assert (message.header.stamp.nanosec, message.seq) == (17_000, 0)
