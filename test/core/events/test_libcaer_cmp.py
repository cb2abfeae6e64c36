"""libcaer_cmp word by word."""

from eventdepth_core.events import packet_decoder
import numpy as np

TIME_HIGH, TIME_LOW, ADDR_X, ADDR_Y, VECT_BASE_Y, VECT_8 = range(6)
ON = 1 << 11


def payload(*words):
    return np.array([code << 12 | low for code, low in words], '<u2').tobytes()


def test_column_and_row_make_an_event_at_the_time_base():
    decoder = packet_decoder('libcaer_cmp', 346, 260)

    events = decoder.decode(
        payload((ADDR_X, 345), (ADDR_Y, 259 | ON), (TIME_HIGH, 1), (TIME_LOW, 2), (ADDR_Y, 7)),
        8_000_999,
    )

    assert events.tolist() == [(8_000, 345, 259, 1), (8_000 + 4098, 345, 7, -1)]


def test_a_vector_goes_down_its_column():
    decoder = packet_decoder('libcaer_cmp', 346, 260)

    events = decoder.decode(
        payload((ADDR_X, 3), (VECT_BASE_Y, 16 | ON), (VECT_8, 0b1000_0001), (VECT_8, 0b10))
    )

    assert events.tolist() == [(0, 3, 16, 1), (0, 3, 23, 1), (0, 3, 25, 1)]


def test_a_new_time_base_starts_time_anew_and_keeps_the_column():
    decoder = packet_decoder('libcaer_cmp', 346, 260)
    decoder.decode(payload((ADDR_X, 9), (TIME_LOW, 77)), 1_000_000)

    same = decoder.decode(payload((ADDR_Y, 1)), 1_000_000)
    new = decoder.decode(payload((ADDR_Y, 1)), 2_000_000)

    assert same.tolist() == [(1_077, 9, 1, -1)]
    assert new.tolist() == [(2_000, 9, 1, -1)]


def test_the_lower_time_bits_are_stale_once_the_upper_ones_change():
    decoder = packet_decoder('libcaer_cmp', 346, 260)

    events = decoder.decode(
        payload(
            (ADDR_X, 1), (TIME_LOW, 4000), (TIME_HIGH, 1), (ADDR_Y, 1), (TIME_LOW, 3), (ADDR_Y, 1)
        )
    )

    assert events['t'].tolist() == [4096, 4099]


def test_the_24_bit_clock_is_unwrapped_and_a_step_back_is_not_a_wrap():
    decoder = packet_decoder('libcaer_cmp', 346, 260)

    events = decoder.decode(
        payload(
            (ADDR_X, 1),
            (TIME_HIGH, 4095),
            (TIME_HIGH, 1),
            (ADDR_Y, 1),
            (TIME_HIGH, 0),
            (ADDR_Y, 1),
        )
    )

    assert events['t'].tolist() == [(1 << 24) + 4096, 1 << 24]
    assert decoder.counts.num_wraps == 1
    assert decoder.counts.num_backward_steps == 1


def test_what_is_no_event_is_counted():
    decoder = packet_decoder('libcaer_cmp', 346, 260)

    events = decoder.decode(
        payload(
            (ADDR_Y, 1),
            (VECT_8, 0b11),
            (ADDR_X, 346),
            (ADDR_Y, 1),
            (ADDR_X, 1),
            (VECT_BASE_Y, 259),
            (VECT_8, 0b10),
            (6, 0),
            (15, 0),
        )
    )

    assert events.size == 0
    assert decoder.counts.num_before_address == 3
    assert decoder.counts.num_out_of_sensor == 2
    assert decoder.counts.num_reserved == 2


def test_lost_packets_make_addresses_unknown_and_keep_the_time():
    decoder = packet_decoder('libcaer_cmp', 346, 260)
    decoder.decode(payload((ADDR_X, 1), (TIME_LOW, 9)))

    decoder.resynchronise()
    events = decoder.decode(payload((ADDR_Y, 1), (ADDR_X, 2), (ADDR_Y, 1)))

    assert events.tolist() == [(9, 2, 1, -1)]
    assert decoder.counts.num_before_address == 1
