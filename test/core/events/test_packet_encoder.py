"""Encoders: what they write and what they refuse."""

from eventdepth_core.errors import InputError, UnknownEncodingError
from eventdepth_core.events import (
    ENCODABLE,
    encode,
    ENCODINGS,
    packet_decoder,
    packet_encoder,
)
from eventdepth_core.types import EVENT_DTYPE, TRIGGER_DTYPE
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


@pytest.mark.parametrize('encoding', ENCODABLE)
def test_no_events_give_an_empty_payload(encoding):
    dtype = TRIGGER_DTYPE if encoding == 'trigger' else EVENT_DTYPE

    assert encode(encoding, np.zeros(0, dtype), 640, 480) == b''


def test_every_encoding_that_is_decoded_is_encoded():
    assert ENCODABLE == ENCODINGS


@pytest.mark.parametrize('encoding', ['evt3', 'evt2', 'evt21'])
@pytest.mark.parametrize('times', [(5, 4), (-1, 3), (0, (1 << 42) + 1)])
def test_times_that_a_clock_cannot_tell_are_refused(encoding, times):
    events = events_of(*[(t, 1, 2, 1) for t in times])

    with pytest.raises(InputError, match=r'Expected ascending times from 0 on .* got steps'):
        encode(encoding, events, 640, 480)


def test_an_event_outside_the_sensor_is_refused():
    with pytest.raises(InputError, match='Expected events within 640 x 480, got x up to 640'):
        encode('evt3', events_of((0, 640, 2, 1)), 640, 480)


@pytest.mark.parametrize(('encoding', 'name'), [('evt3', 'EVENT'), ('trigger', 'TRIGGER')])
def test_another_dtype_is_refused(encoding, name):
    with pytest.raises(InputError, match=f'Expected events of {name}_DTYPE, got float64'):
        encode(encoding, np.zeros(3), 640, 480)


def test_an_encoding_without_encoder_is_refused():
    with pytest.raises(UnknownEncodingError, match=r"evt3, evt2, .* got 'evt4'"):
        packet_encoder('evt4', 640, 480)


@pytest.mark.parametrize(
    ('encoding', 'size', 'text'),
    [
        ('evt3', (0, 9), 'positive'),
        ('evt3', (2049, 9), 'at most 2048'),
        ('evt2', (9, 2049), 'at most 2048'),
        ('evt21', (2049, 9), 'at most 2048'),
        ('libcaer', (32_769, 9), 'at most 32768'),
        ('libcaer_cmp', (9, 2049), 'at most 2048'),
        ('mono', (9, 32_769), 'at most 65536 x 32768'),
    ],
)
def test_a_size_that_cannot_be_encoded_is_refused(encoding, size, text):
    with pytest.raises(InputError, match=f'Expected .*{text}'):
        packet_encoder(encoding, *size)


def test_evt2_upper_time_bits_come_first_and_when_they_change():
    payload = encode('evt2', events_of((64, 1, 2, 1), (127, 3, 4, -1), (128, 5, 6, 1)), 640, 480)

    assert np.frombuffer(payload, '<u4').tolist() == [
        8 << 28 | 1,
        1 << 28 | 1 << 11 | 2,
        63 << 22 | 3 << 11 | 4,
        8 << 28 | 2,
        1 << 28 | 5 << 11 | 6,
    ]


def test_evt21_runs_become_vectors_with_aligned_bases():
    run = [(70, x, 5, 1) for x in (30, 31, 32, 40, 63)]

    words = np.frombuffer(encode('evt21', events_of(*run), 640, 480), '<u8').tolist()

    assert [word >> 60 for word in words] == [8, 1, 1]
    assert [word >> 43 & 0x7FF for word in words[1:]] == [0, 32]
    assert [word & 0xFFFFFFFF for word in words[1:]] == [0b11 << 30, 1 << 31 | 1 << 8 | 1]


def test_a_libcaer_cmp_run_becomes_a_vector_within_the_sensor():
    inside = [(9, 7, y, -1) for y in (3, 4, 6)]
    at_border = [(9, 7, y, -1) for y in (257, 258, 259)]

    codes = [code for code, _ in words_of(encode('libcaer_cmp', events_of(*inside), 346, 260))]
    singles = [
        code for code, _ in words_of(encode('libcaer_cmp', events_of(*at_border), 346, 260))
    ]

    assert codes == [0, 1, 2, 4, 5]
    assert singles == [0, 1, 2, 3, 3, 3]


@pytest.mark.parametrize('times', [(-1,), (1 << 24,), (5, 4)])
def test_libcaer_cmp_refuses_times_that_24_bits_cannot_tell(times):
    with pytest.raises(InputError, match=r'Expected (ascending|events within 2\^24)'):
        encode('libcaer_cmp', events_of(*[(t, 1, 2, 1) for t in times]), 640, 480)


@pytest.mark.parametrize('times', [(-1,), (1 << 31,), (0, 3 << 31), ((1 << 30) - 1, 1 << 31)])
def test_libcaer_refuses_times_whose_rollover_is_lost(times):
    with pytest.raises(InputError, match='Expected events that int32 times tell'):
        encode('libcaer', events_of(*[(t, 1, 2, 1) for t in times]), 640, 480)
