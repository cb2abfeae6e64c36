"""Stamps and headers."""

from builtin_interfaces.msg import Time
from eventdepth_core.errors import InputError
from eventdepth_core.recordings.messages import Header
from eventdepth_ros.conversions.headers import (
    header_message,
    message_header,
    raw_header,
    stamp_ns,
    stamp_us,
    time_message,
)
from hypothesis import given, strategies
import pytest
from rclpy.serialization import deserialize_message, serialize_message

SECONDS = strategies.integers(-(2**31), 2**31 - 1)
MICROSECONDS = strategies.integers(-(2**31) * 10**6, 2**31 * 10**6 - 1)


@given(MICROSECONDS)
def test_microseconds_survive_the_way_there_and_back(time_us):
    assert stamp_us(time_message(time_us)) == time_us


@given(SECONDS, strategies.integers(0, 999_999_999))
def test_nanoseconds_are_exact_and_round_down(sec, nanosec):
    stamp = Time(sec=sec, nanosec=nanosec)

    assert stamp_ns(stamp) == sec * 10**9 + nanosec
    assert stamp_us(stamp) == sec * 10**6 + nanosec // 1000


@pytest.mark.parametrize('time_us', [2**31 * 10**6, -(2**31) * 10**6 - 1])
def test_a_time_beyond_the_message_says_so(time_us):
    with pytest.raises(InputError, match=r'seconds fit 32 bits, got -?2147483648'):
        time_message(time_us)


def test_a_header_survives_to_the_nanosecond():
    header = Header(1_700_000_000_123_456_789, 'camera_optical')

    assert raw_header(message_header(header)) == header


@pytest.mark.parametrize(('time_us', 'expected_ns'), [(0, 77), (5, 5000)])
def test_the_receive_time_stands_in_for_a_stamp_of_zero_only(time_us, expected_ns):
    assert raw_header(header_message(time_us, ''), receive_ns=77).stamp_ns == expected_ns


def test_headers_can_be_sent_before_and_after_the_epoch():
    for time_us in (-1, 0, 1_700_000_000_000_001):
        sent = header_message(time_us, 'a')

        received = deserialize_message(serialize_message(sent), type(sent))

        assert stamp_us(received.stamp) == time_us
