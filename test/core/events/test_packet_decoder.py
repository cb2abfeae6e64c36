"""The factory of packet decoders, and the real recordings through each of them."""

from itertools import pairwise

from eventdepth_core.errors import InputError, UnknownEncodingError
from eventdepth_core.events import ENCODINGS, packet_decoder, PacketCounts
from eventdepth_core.events.packet_decoder import WORD_BYTES
from eventdepth_core.types import EVENT_DTYPE, TRIGGER_DTYPE
import numpy as np
import pytest

# What the recordings hold, counted by an independent decoder: events, ON, triggers, the sum of
# all times in µs, the first time in µs, sums of x and y.
RECORDED = {
    'evt3': (343_474, 125_183, 4_157, 2_885_601_049_874, 7_139_845, 116_731_888, 80_879_209),
    'libcaer_cmp': (571_266, 211_043, 0, None, 1_744_227_144_732_712, 118_469_679, 78_763_572),
    'libcaer': (334_331, 181_908, 0, None, 1_702_309_120_762_236, 111_651_612, 82_801_007),
    'mono': (100, 50, 0, 4_950, 0, 34_450, 26_450),
}


def decoded(packets, payloads_of):
    first = packets[0]
    decoder = packet_decoder(first.encoding, first.width, first.height)
    events, triggers = [np.zeros(0, EVENT_DTYPE)], [np.zeros(0, TRIGGER_DTYPE)]
    for packet in packets:
        for payload in payloads_of(packet.payload):
            found = decoder.decode(payload, packet.time_base_ns)
            if found.size > 0:
                events.append(found)
            if decoder.triggers.size > 0:
                triggers.append(decoder.triggers)
    return np.concatenate(events), np.concatenate(triggers), decoder


def whole(payload):
    return [payload]


def words_of(payload, word):
    """Cut `payload` at every word of `word` bytes."""
    return (payload[i : i + word] for i in range(0, len(payload), word))


def assert_as_recorded(encoding, events, triggers, decoder):
    num_events, num_on, num_triggers, sum_us, first_us, sum_x, sum_y = RECORDED[encoding]
    assert events.size == num_events == decoder.counts.num_events
    assert np.count_nonzero(events['p'] > 0) == num_on
    assert np.count_nonzero(events['p'] < 0) == num_events - num_on
    assert triggers.size == num_triggers == decoder.counts.num_triggers
    assert events['t'][0] == first_us
    assert events['x'].sum(dtype=np.int64) == sum_x
    assert events['y'].sum(dtype=np.int64) == sum_y
    if sum_us is not None:
        assert events['t'].sum() + triggers['t'].sum() == sum_us


def assert_sum_of_libcaer_times_in_ns(packets, events):
    """Compare with the sum of an independent decoder, which keeps the ns of the time base."""
    remainders_ns = sum(p.time_base_ns % 1000 * (len(p.payload) // 8) for p in packets)
    total_ns = sum(int(t) for t in events['t']) * 1000 + remainders_ns
    assert total_ns % 2**64 == 15_762_826_572_202_229_126


@pytest.mark.parametrize('encoding', RECORDED)
def test_recorded_packets_give_the_known_counts_and_sums(recorded_packets, encoding):
    events, triggers, decoder = decoded(recorded_packets(encoding), whole)

    assert_as_recorded(encoding, events, triggers, decoder)


@pytest.mark.parametrize(
    'encoding',
    [
        pytest.param('evt3', marks=pytest.mark.slow),
        pytest.param('libcaer_cmp', marks=pytest.mark.slow),
        'libcaer',
        'mono',
    ],
)
def test_recordings_cut_at_every_word_give_the_known_counts_and_sums(recorded_packets, encoding):
    packets = recorded_packets(encoding)
    word = WORD_BYTES[encoding]

    events, triggers, decoder = decoded(packets, lambda payload: words_of(payload, word))

    assert_as_recorded(encoding, events, triggers, decoder)
    assert decoder.counts.num_packets == sum(len(p.payload) // word for p in packets)
    assert decoder.counts.num_dropped_bytes == 0
    if encoding == 'libcaer':
        assert_sum_of_libcaer_times_in_ns(packets, events)


def test_recorded_evt3_triggers_carry_channel_and_edge(recorded_packets):
    _, triggers, _ = decoded(recorded_packets('evt3'), whole)

    assert np.count_nonzero(triggers['p'] < 0) == 2_078
    assert np.count_nonzero(triggers['p'] > 0) == 2_079
    assert set(triggers['id']) == {6}


def test_recorded_libcaer_times_sum_up_in_ns_with_the_remainder_of_the_time_base(
    recorded_packets,
):
    packets = recorded_packets('libcaer')

    events, _, _ = decoded(packets, whole)

    assert_sum_of_libcaer_times_in_ns(packets, events)


def test_recorded_mono_times_sum_up_in_ns(recorded_packets):
    packets = recorded_packets('mono')

    events, _, _ = decoded(packets, whole)

    assert events['t'].sum() * 1000 == 4_950_000
    assert np.count_nonzero(events['p'] > 0) == 50


@pytest.mark.parametrize('encoding', RECORDED)
def test_recorded_packets_cut_at_every_word_give_the_same_events(recorded_packets, encoding):
    packets = recorded_packets(encoding)[: 40 if encoding == 'evt3' else 2]
    word = WORD_BYTES[encoding]

    expected, expected_triggers, _ = decoded(packets, whole)
    events, triggers, decoder = decoded(packets, lambda payload: words_of(payload, word))

    np.testing.assert_array_equal(events, expected)
    np.testing.assert_array_equal(triggers, expected_triggers)
    assert decoder.counts.num_dropped_bytes == 0


@pytest.mark.parametrize('encoding', RECORDED)
def test_recorded_packets_cut_at_random_give_the_same_events(recorded_packets, encoding):
    packets = recorded_packets(encoding)
    word = WORD_BYTES[encoding]
    generator = np.random.default_rng(7)

    def pieces(payload):
        num_words = len(payload) // word
        inner = generator.integers(0, num_words + 1, 5)
        return [payload[a * word : b * word] for a, b in pairwise([0, *sorted(inner), num_words])]

    expected, expected_triggers, _ = decoded(packets, whole)
    events, triggers, _ = decoded(packets, pieces)

    np.testing.assert_array_equal(events, expected)
    np.testing.assert_array_equal(triggers, expected_triggers)


@pytest.mark.parametrize('encoding', ENCODINGS)
@pytest.mark.parametrize('kind', [bytes, bytearray, memoryview, lambda p: np.frombuffer(p, 'u1')])
def test_any_kind_of_buffer_is_a_payload(encoding, kind):
    payload = np.random.default_rng(3).bytes(800)

    events = packet_decoder(encoding, 346, 260).decode(kind(payload))

    np.testing.assert_array_equal(events, packet_decoder(encoding, 346, 260).decode(payload))


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_an_empty_payload_gives_no_events(encoding):
    decoder = packet_decoder(encoding, 346, 260)

    events = decoder.decode(b'')

    assert events.size == 0
    assert decoder.triggers.size == 0
    assert decoder.counts == PacketCounts(num_packets=1)


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_bytes_behind_the_last_word_are_dropped_and_counted(encoding):
    decoder = packet_decoder(encoding, 346, 260)

    decoder.decode(bytes(3 * WORD_BYTES[encoding] + 1))

    assert decoder.counts.num_dropped_bytes == 1
    assert decoder.counts.num_bytes == 3 * WORD_BYTES[encoding] + 1


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_reset_makes_a_packet_decoder_as_new(encoding):
    payload = np.random.default_rng(5).bytes(4_000)
    decoder = packet_decoder(encoding, 346, 260)
    expected = decoder.decode(payload, 1_000_000)

    decoder.reset()
    again = decoder.decode(payload, 1_000_000)

    np.testing.assert_array_equal(again, expected)
    assert decoder.counts.num_packets == 1


def test_an_unknown_encoding_is_named_beside_the_known_ones():
    with pytest.raises(
        UnknownEncodingError, match=r"Expected .* evt3, evt2, .* got 'evt9'\."
    ) as e:
        packet_decoder('evt9', 640, 480)
    assert e.value.encoding == 'evt9'
    assert e.value.known == ENCODINGS


def test_evt4_is_refused_with_what_it_is_and_what_to_do():
    with pytest.raises(
        UnknownEncodingError, match=r"got 'evt4': EVT4 is a 32-bit format .* send EVT3 or EVT2\.1"
    ):
        packet_decoder('evt4', 640, 480)


@pytest.mark.parametrize('size', [(0, 480), (640, -1), (65_537, 480)])
def test_a_size_that_no_sensor_has_is_refused(size):
    with pytest.raises(InputError, match=rf'Expected a sensor size .* got {size[0]} x {size[1]}'):
        packet_decoder('evt3', *size)
