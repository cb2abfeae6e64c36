"""Encoders: what they write and what they refuse."""

from eventdepth_core.errors import InputError, UnknownEncodingError
from eventdepth_core.events import encode, packet_decoder, packet_encoder
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest


def events_of(*rows):
    return np.array(list(rows), EVENT_DTYPE)


def words_of(payload):
    return [(int(w) >> 12, int(w) & 0xFFF) for w in np.frombuffer(payload, '<u2')]


def test_an_evt3_payload_starts_with_its_full_time_and_row():
    payload = encode('evt3', events_of((4098, 7, 5, 1)), 640, 480)

    assert words_of(payload) == [(8, 1), (6, 2), (0, 5), (2, 7 | 1 << 11)]


def test_a_run_becomes_a_vector_with_an_aligned_base():
    run = [(9, x, 5, -1) for x in (33, 34, 36, 38)]

    payload = encode('evt3', events_of(*run), 640, 480)

    assert words_of(payload)[3:] == [(3, 32), (4, 0b0101_0110)]


def test_no_vector_reaches_beyond_the_sensor():
    run = [(9, x, 5, 1) for x in range(320, 346)]

    payload = encode('evt3', events_of(*run), 346, 260)

    assert {code for code, _ in words_of(payload)} == {8, 6, 0, 2}


def test_the_upper_time_bits_are_repeated():
    payload = encode('evt3', events_of((0, 1, 1, 1), (15, 1, 1, 1), (16, 1, 1, 1)), 640, 480)

    assert [code for code, _ in words_of(payload)].count(8) == 2


def test_a_silence_of_many_turns_of_the_clock_survives():
    times = [5, 100 << 24, (100 << 24) + 1, 500 << 24]
    events = events_of(*[(t, 1, 2, 1) for t in times])

    decoded = packet_decoder('evt3', 640, 480).decode(encode('evt3', events, 640, 480))

    assert decoded['t'].tolist() == times


def test_a_silence_between_payloads_survives():
    encoder = packet_encoder('evt3', 640, 480)
    decoder = packet_decoder('evt3', 640, 480)
    times = [7, 3 << 24, (3 << 24) + 9_000_000]

    decoded = [decoder.decode(encoder.encode(events_of((t, 1, 2, 1)))) for t in times]

    assert [int(events['t'][0]) for events in decoded] == times


def test_every_payload_can_be_read_on_its_own():
    encoder = packet_encoder('evt3', 640, 480)
    encoder.encode(events_of((7, 1, 2, 1)))

    payload = encoder.encode(events_of((8, 3, 2, 1)))

    assert packet_decoder('evt3', 640, 480).decode(payload).tolist() == [(8, 3, 2, 1)]


def test_whole_turns_before_the_first_event_are_left_out():
    events = events_of(((9 << 24) + 17, 1, 2, 1))

    decoded = packet_decoder('evt3', 640, 480).decode(encode('evt3', events, 640, 480))

    assert decoded['t'].tolist() == [17]


@pytest.mark.parametrize('encoding', ['evt3', 'mono'])
def test_no_events_give_an_empty_payload(encoding):
    assert encode(encoding, np.zeros(0, EVENT_DTYPE), 640, 480) == b''


@pytest.mark.parametrize('times', [(5, 4), (-1, 3), (0, (1 << 42) + 1)])
def test_evt3_refuses_times_that_its_clock_cannot_tell(times):
    events = events_of(*[(t, 1, 2, 1) for t in times])

    with pytest.raises(InputError, match=r'Expected ascending times from 0 on .* got steps'):
        encode('evt3', events, 640, 480)


def test_an_event_outside_the_sensor_is_refused():
    with pytest.raises(InputError, match='Expected events within 640 x 480, got x up to 640'):
        encode('evt3', events_of((0, 640, 2, 1)), 640, 480)


def test_another_dtype_is_refused():
    with pytest.raises(InputError, match='Expected events of EVENT_DTYPE, got float64'):
        encode('evt3', np.zeros(3), 640, 480)


def test_an_encoding_without_encoder_is_refused():
    with pytest.raises(UnknownEncodingError, match="evt3, mono, got 'libcaer'"):
        packet_encoder('libcaer', 640, 480)


@pytest.mark.parametrize(('size', 'text'), [((0, 9), 'positive'), ((2049, 9), 'at most 2048')])
def test_a_size_that_cannot_be_encoded_is_refused(size, text):
    with pytest.raises(InputError, match=f'Expected .*{text}'):
        packet_encoder('evt3', *size)
