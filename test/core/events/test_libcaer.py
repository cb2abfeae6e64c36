"""libcaer records: addresses, time bases, rollovers."""

from eventdepth_core.events import packet_decoder
import numpy as np


def payload(*records):
    return np.array(
        [(x << 17 | y << 2 | on << 1 | valid, t) for t, x, y, on, valid in records], '<i4'
    ).tobytes()


def test_time_is_the_whole_microseconds_of_the_time_base_and_the_record():
    decoder = packet_decoder('libcaer', 346, 260)

    events = decoder.decode(payload((10, 345, 259, 1, 1), (11, 0, 3, 0, 1)), 5_000_999)

    assert events.tolist() == [(5_010, 345, 259, 1), (5_011, 0, 3, -1)]


def test_a_rollover_within_a_time_base_is_unwrapped_even_over_payloads():
    decoder = packet_decoder('libcaer', 346, 260)
    last = (1 << 31) - 1

    before = decoder.decode(payload((last, 1, 1, 1, 1)), 7_000)
    after = decoder.decode(payload((4, 1, 1, 1, 1)), 7_000)
    next_base = decoder.decode(payload((5, 1, 1, 1, 1)), 7_000 + (1 << 31) * 1000)

    assert before['t'][0] == 7 + last
    assert after['t'][0] == 7 + (1 << 31) + 4
    assert next_base['t'][0] == 7 + (1 << 31) + 5
    assert decoder.counts.num_wraps == 1


def test_a_small_step_back_is_noise_and_no_rollover():
    decoder = packet_decoder('libcaer', 346, 260)

    events = decoder.decode(payload((100, 1, 1, 1, 1), (90, 1, 1, 1, 1)))

    assert events['t'].tolist() == [100, 90]
    assert decoder.counts.num_backward_steps == 1


def test_invalid_negative_and_outside_records_are_counted():
    decoder = packet_decoder('libcaer', 346, 260)

    events = decoder.decode(
        payload((1, 1, 1, 1, 0), (-5, 1, 1, 1, 1), (2, 346, 1, 1, 1), (2, 1, 260, 1, 1))
    )

    assert events.size == 0
    assert decoder.counts.num_reserved == 2
    assert decoder.counts.num_out_of_sensor == 2
