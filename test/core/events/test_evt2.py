"""EVT2 word by word."""

from eventdepth_core.events import packet_decoder
import numpy as np

CD_OFF, CD_ON, TIME_HIGH, EXT_TRIGGER, OTHERS = 0, 1, 8, 10, 14


def payload(*words):
    return np.array(words, '<u4').tobytes()


def event(code, low_us, x, y):
    return code << 28 | low_us << 22 | x << 11 | y


def high(value):
    return TIME_HIGH << 28 | value


def test_a_word_carries_address_polarity_and_the_lower_time_bits():
    decoder = packet_decoder('evt2', 640, 480)

    events = decoder.decode(payload(high(3), event(CD_ON, 5, 600, 470), event(CD_OFF, 63, 0, 1)))

    assert events.tolist() == [(197, 600, 470, 1), (255, 0, 1, -1)]


def test_events_before_the_first_upper_bits_are_not_events():
    decoder = packet_decoder('evt2', 640, 480)

    events = decoder.decode(payload(event(CD_ON, 5, 1, 1), EXT_TRIGGER << 28, high(0)))

    assert events.size == 0
    assert decoder.triggers.size == 0
    assert decoder.counts.num_before_time == 1


def test_events_outside_the_sensor_and_reserved_words_are_counted():
    decoder = packet_decoder('evt2', 346, 260)

    events = decoder.decode(
        payload(
            high(0),
            event(CD_ON, 0, 346, 1),
            event(CD_OFF, 0, 1, 260),
            0x7 << 28,
            OTHERS << 28,
            0xF << 28,
        )
    )

    assert events.size == 0
    assert decoder.counts.num_out_of_sensor == 2
    assert decoder.counts.num_reserved == 1


def test_a_trigger_carries_channel_edge_and_time():
    decoder = packet_decoder('evt2', 640, 480)

    decoder.decode(payload(high(1), EXT_TRIGGER << 28 | 9 << 22 | 17 << 8 | 1))

    assert decoder.triggers.tolist() == [(73, 17, 1)]


def test_the_34_bit_clock_is_unwrapped_and_a_step_back_is_not_a_wrap():
    decoder = packet_decoder('evt2', 640, 480)

    events = decoder.decode(
        payload(
            high((1 << 28) - 1),
            event(CD_ON, 63, 1, 1),
            high(2),
            event(CD_ON, 0, 1, 1),
            high(1),
            event(CD_ON, 0, 1, 1),
        )
    )

    assert events['t'].tolist() == [(1 << 34) - 1, (1 << 34) + 128, (1 << 34) + 64]
    assert decoder.counts.num_wraps == 1
    assert decoder.counts.num_backward_steps == 1
