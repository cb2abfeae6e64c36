"""mono records: time in ns from the time base."""

from eventdepth_core.errors import InputError
from eventdepth_core.events import encode, packet_decoder
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest


def payload(*records):
    return np.array(
        [on << 63 | y << 48 | x << 32 | dt for dt, x, y, on in records], '<u8'
    ).tobytes()


def test_time_is_the_sum_of_time_base_and_offset_in_whole_microseconds():
    decoder = packet_decoder('mono', 346, 260)

    events = decoder.decode(payload((999, 345, 259, 1), (1, 0, 2, 0)), 7_000_001)

    assert events.tolist() == [(7_001, 345, 259, 1), (7_000, 0, 2, -1)]


def test_a_time_base_of_this_century_does_not_overflow():
    decoder = packet_decoder('mono', 346, 260)

    events = decoder.decode(payload(((1 << 32) - 1, 1, 1, 1)), (1 << 64) - 1)

    assert events['t'][0] == ((1 << 64) - 1 + (1 << 32) - 1) // 1000


def test_events_outside_the_sensor_are_counted():
    decoder = packet_decoder('mono', 346, 260)

    events = decoder.decode(payload((0, 346, 1, 1), (0, 1, 260, 0), (0, 65_535, 32_767, 1)))

    assert events.size == 0
    assert decoder.counts.num_out_of_sensor == 3


@pytest.mark.parametrize('time_us', [-1, 4_294_968])
def test_an_event_that_the_time_base_cannot_reach_is_refused(time_us):
    events = np.array([(time_us, 1, 2, 1)], EVENT_DTYPE)

    with pytest.raises(InputError, match=r'Expected events within 2\^32 ns .* got offsets'):
        encode('mono', events, 346, 260)
