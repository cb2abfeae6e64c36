"""EVT3 word by word."""

from eventdepth_core.events import packet_decoder
import numpy as np

ADDR_Y, ADDR_X, VECT_BASE_X, VECT_12, VECT_8 = 0, 2, 3, 4, 5
TIME_LOW, CONTINUED_4, TIME_HIGH, EXT_TRIGGER, OTHERS, CONTINUED_12 = 6, 7, 8, 10, 14, 15
ON = 1 << 11


def payload(*words):
    return np.array([code << 12 | low for code, low in words], '<u2').tobytes()


def timed(*words, high=1, low=2, row=5):
    return payload((TIME_HIGH, high), (TIME_LOW, low), (ADDR_Y, row), *words)


def rows_of(events):
    return [tuple(int(e[name]) for name in ('t', 'x', 'y', 'p')) for e in events]


def test_time_row_and_column_make_an_event():
    decoder = packet_decoder('evt3', 640, 480)

    events = decoder.decode(timed((ADDR_X, 7), (ADDR_X, 8 | ON)))

    assert rows_of(events) == [(4098, 7, 5, -1), (4098, 8, 5, 1)]


def test_a_vector_goes_on_from_its_base():
    decoder = packet_decoder('evt3', 640, 480)

    events = decoder.decode(
        timed((VECT_BASE_X, 32 | ON), (VECT_12, 0b1000_0000_0001), (VECT_8, 0b1000_0010))
    )

    assert [(e['x'], e['p']) for e in events] == [(32, 1), (43, 1), (45, 1), (51, 1)]


def test_only_eight_bits_of_a_short_vector_count():
    decoder = packet_decoder('evt3', 640, 480)

    events = decoder.decode(timed((VECT_BASE_X, 0), (VECT_8, 0xF01)))

    assert rows_of(events) == [(4098, 0, 5, -1)]
    assert decoder.counts.num_events == 1


def test_events_before_both_halves_of_the_time_are_not_events():
    decoder = packet_decoder('evt3', 640, 480)

    events = decoder.decode(
        payload(
            (TIME_LOW, 9),
            (ADDR_Y, 5),
            (ADDR_X, 7),
            (VECT_BASE_X, 0),
            (VECT_12, 0b111),
            (TIME_HIGH, 1),
            (ADDR_X, 8),
            (TIME_LOW, 2),
            (ADDR_X, 9),
        )
    )

    assert rows_of(events) == [(4098, 9, 5, -1)]
    assert decoder.counts.num_before_time == 5


def test_events_before_a_row_or_base_are_not_events():
    decoder = packet_decoder('evt3', 640, 480)

    events = decoder.decode(
        payload((TIME_HIGH, 1), (TIME_LOW, 2), (ADDR_X, 7), (ADDR_Y, 5), (VECT_12, 0b11))
    )

    assert events.size == 0
    assert decoder.counts.num_before_address == 3


def test_events_outside_the_sensor_are_counted_and_left_out():
    decoder = packet_decoder('evt3', 34, 20)

    events = decoder.decode(
        timed((ADDR_X, 34), (VECT_BASE_X, 32), (VECT_8, 0b111), (ADDR_Y, 20), (ADDR_X, 1))
    )

    assert [e['x'] for e in events] == [32, 33]
    assert decoder.counts.num_out_of_sensor == 3


def test_reserved_words_are_counted_and_vendor_words_are_not():
    decoder = packet_decoder('evt3', 640, 480)

    events = decoder.decode(
        timed(
            *[(code, 0x999) for code in (1, 9, 11, 12, 13)],
            *[(code, 0x999) for code in (OTHERS, CONTINUED_4, CONTINUED_12)],
            (ADDR_X, 3),
        )
    )

    assert rows_of(events) == [(4098, 3, 5, -1)]
    assert decoder.counts.num_reserved == 5


def test_the_lower_time_bits_are_stale_once_the_upper_ones_change():
    decoder = packet_decoder('evt3', 640, 480)

    events = decoder.decode(timed((TIME_HIGH, 2), (ADDR_X, 1), low=4000))
    same_high = decoder.decode(payload((TIME_LOW, 7), (TIME_HIGH, 2), (ADDR_X, 1)))

    assert events['t'].tolist() == [2 << 12]
    assert same_high['t'].tolist() == [(2 << 12) + 7]


def test_the_24_bit_clock_is_unwrapped():
    decoder = packet_decoder('evt3', 640, 480)

    events = decoder.decode(timed((ADDR_X, 1), (TIME_HIGH, 0), (ADDR_X, 2), high=4095))
    later = decoder.decode(payload((TIME_HIGH, 4000), (TIME_HIGH, 3), (ADDR_X, 3)))

    assert events['t'].tolist() == [(4095 << 12) + 2, 1 << 24]
    assert later['t'].tolist() == [(2 << 24) + (3 << 12)]
    assert decoder.counts.num_wraps == 2


def test_a_small_step_back_is_noise_and_no_wrap():
    decoder = packet_decoder('evt3', 640, 480)

    events = decoder.decode(
        timed(
            (ADDR_X, 1),
            (TIME_LOW, 50),
            (ADDR_X, 2),
            (TIME_HIGH, 95),
            (ADDR_X, 3),
            high=100,
            low=90,
        )
    )

    assert events['t'].tolist() == [(100 << 12) + 90, (100 << 12) + 50, 95 << 12]
    assert decoder.counts.num_backward_steps == 2
    assert decoder.counts.num_wraps == 0


def test_a_small_step_back_over_the_wrap_is_taken_back():
    decoder = packet_decoder('evt3', 640, 480)

    events = decoder.decode(
        timed(
            (TIME_HIGH, 0), (TIME_HIGH, 4095), (ADDR_X, 1), (TIME_HIGH, 0), (ADDR_X, 2), high=4095
        )
    )

    assert events['t'].tolist() == [4095 << 12, 1 << 24]


def test_a_trigger_carries_channel_edge_and_time():
    decoder = packet_decoder('evt3', 640, 480)

    early = decoder.decode(payload((EXT_TRIGGER, 6 << 8 | 1)))
    decoder.decode(timed((EXT_TRIGGER, 6 << 8 | 1), (EXT_TRIGGER, 3 << 8)))

    assert early.size == 0
    assert decoder.triggers.tolist() == [(4098, 6, 1), (4098, 3, -1)]
    assert decoder.counts.num_triggers == 2


def test_lost_packets_make_addresses_unknown_and_keep_the_time():
    decoder = packet_decoder('evt3', 640, 480)
    decoder.decode(timed((VECT_BASE_X, 64)))

    decoder.resynchronise()
    events = decoder.decode(payload((ADDR_X, 1), (VECT_12, 1), (ADDR_Y, 9), (ADDR_X, 2)))

    assert rows_of(events) == [(4098, 2, 9, -1)]
    assert decoder.counts.num_before_address == 2
