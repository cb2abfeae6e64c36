"""EVT2.1 word by word."""

from eventdepth_core.events import packet_decoder
import numpy as np

OFF, ON, TIME_HIGH, EXT_TRIGGER, OTHERS = 0, 1, 8, 10, 14


def payload(*words):
    return np.array(words, '<u8').tobytes()


def vector(code, low_us, base, y, *bits):
    return code << 60 | low_us << 54 | base << 43 | y << 32 | sum(1 << bit for bit in bits)


def high(value):
    return TIME_HIGH << 60 | value << 32


def test_a_vector_is_one_event_per_bit_from_its_base_on():
    decoder = packet_decoder('evt21', 640, 480)

    events = decoder.decode(
        payload(high(3), vector(ON, 5, 608, 470, 0, 31), vector(OFF, 63, 5, 1, 7))
    )

    assert events.tolist() == [(197, 608, 470, 1), (197, 639, 470, 1), (255, 12, 1, -1)]


def test_an_empty_mask_is_no_event():
    decoder = packet_decoder('evt21', 640, 480)

    assert decoder.decode(payload(high(3), vector(ON, 5, 0, 0))).size == 0


def test_events_before_the_first_upper_bits_are_not_events():
    decoder = packet_decoder('evt21', 640, 480)

    events = decoder.decode(payload(vector(ON, 5, 0, 1, 1, 2), EXT_TRIGGER << 60, high(0)))

    assert events.size == 0
    assert decoder.triggers.size == 0
    assert decoder.counts.num_before_time == 2


def test_events_outside_the_sensor_and_reserved_words_are_counted():
    decoder = packet_decoder('evt21', 346, 260)
    vectors = vector(ON, 0, 320, 1, 25, 26, 31), vector(OFF, 0, 0, 260, 3, 4)
    others = 0x7 << 60, OTHERS << 60, 0xF << 60

    events = decoder.decode(payload(high(0), *vectors, *others))

    assert events.tolist() == [(0, 345, 1, 1)]
    assert decoder.counts.num_out_of_sensor == 4
    assert decoder.counts.num_reserved == 1


def test_a_trigger_carries_channel_edge_and_time():
    decoder = packet_decoder('evt21', 640, 480)

    decoder.decode(payload(high(1), EXT_TRIGGER << 60 | 9 << 54 | 17 << 40 | 1 << 32))

    assert decoder.triggers.tolist() == [(73, 17, 1)]


def test_the_34_bit_clock_is_unwrapped_and_steps_back_are_no_wraps():
    decoder = packet_decoder('evt21', 640, 480)
    last = (1 << 28) - 1
    highs = last, 2, 1, last, 0

    events = decoder.decode(
        payload(*[word for value in highs for word in (high(value), vector(ON, 0, 1, 1, 0))])
    )

    turn = 1 << 34
    assert events['t'].tolist() == [turn - 64, turn + 128, turn + 64, turn - 64, turn]
    assert decoder.counts.num_wraps == 2
    assert decoder.counts.num_backward_steps == 2
