"""Laws of packet decoders and encoders, for any bytes and any events."""

from itertools import pairwise

from eventdepth_core.events import (
    encode,
    ENCODINGS,
    packet_decoder,
    packet_encoder,
    RELATIVE_ENCODINGS,
)
from eventdepth_core.events.packet_decoder import WORD_BYTES
from eventdepth_core.types import EVENT_DTYPE, TRIGGER_DTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

WIDTH, HEIGHT = 346, 260
EVENT_ENCODINGS = tuple(encoding for encoding in ENCODINGS if encoding != 'trigger')

word_lists = st.lists(st.integers(0, 0xFFFF), max_size=200)


@st.composite
def evt3_words(draw):
    """Draw words that mostly mean something: codes by weight, addresses mostly inside."""
    codes = draw(st.lists(st.sampled_from([0, 2, 2, 3, 4, 5, 6, 6, 8, 10, 14, 1]), max_size=150))
    return [code << 12 | draw(st.integers(0, 400) | st.integers(0, 0xFFF)) for code in codes]


@st.composite
def event_arrays(draw, *, max_step_us=5_000):
    steps = draw(st.lists(st.integers(0, 3) | st.integers(0, max_step_us), max_size=120))
    num = len(steps)
    events = np.zeros(num, EVENT_DTYPE)
    times_us = np.cumsum([0, *steps[1:]])[:num]
    events['t'] = times_us + draw(st.integers(0, (1 << 24) - 1))
    events['y'] = draw(st.lists(st.integers(0, 2), min_size=num, max_size=num))
    events['x'] = draw(st.lists(st.integers(0, WIDTH - 1), min_size=num, max_size=num))
    events['p'] = draw(st.lists(st.sampled_from([-1, 1]), min_size=num, max_size=num))
    if draw(st.booleans()):  # runs, so that vectors come about
        events = np.sort(events, order=['t', 'y', 'x'])
    return events


def plain_evt3(words, width=WIDTH, height=HEIGHT):  # noqa: C901  # one branch a code
    """Decode word by word as the format is written down, the clock unwrapped."""
    high = low = row = base = None
    loops = polarity = 0
    events = []
    for word in words:
        code, rest = word >> 12, word & 0xFFF
        columns = []
        if code == 8:
            if high is not None and high - rest > 10:
                loops += 1
            elif high is not None and rest - high > 4086 and loops:
                loops -= 1
            low = 0 if low is not None and rest != high else low
            high = rest
        elif code == 6 and high is not None:
            low = rest
        elif code == 0:
            row = rest & 0x7FF
        elif code == 3:
            base, polarity = rest & 0x7FF, rest >> 11
        elif code == 2:
            columns = [(rest & 0x7FF, rest >> 11)]
        elif code in (4, 5) and base is not None:
            size = 12 if code == 4 else 8
            columns = [(base + k, polarity) for k in range(size) if rest >> k & 1]
            base += size
        if low is not None and row is not None and row < height:
            t = loops << 24 | high << 12 | low
            events += [(t, x, row, 2 * p - 1) for x, p in columns if x < width]
    return events


@settings(max_examples=50)
@given(words=evt3_words() | word_lists)
def test_evt3_is_decoded_as_the_plain_decoder_does(words):
    decoder = packet_decoder('evt3', WIDTH, HEIGHT)

    events = decoder.decode(np.array(words, '<u2').tobytes())

    assert events.tolist() == plain_evt3(words)


@pytest.mark.parametrize('encoding', ENCODINGS)
@settings(max_examples=30)
@given(words=evt3_words() | word_lists, data=st.data())
def test_a_stream_cut_at_any_words_gives_the_same_events(encoding, words, data):
    payload = np.array(words, '<u2').tobytes()
    word = WORD_BYTES[encoding]
    payload = payload[: len(payload) // word * word]
    cuts = data.draw(st.lists(st.integers(0, len(payload) // word), max_size=8))
    whole, cut = (packet_decoder(encoding, WIDTH, HEIGHT) for _ in range(2))

    expected = whole.decode(payload, 4_000_000)
    parts = [
        cut.decode(payload[a * word : b * word], 4_000_000)
        for a, b in pairwise([0, *sorted(cuts), len(payload) // word])
    ]

    assert np.concatenate(parts).tolist() == expected.tolist()
    np.testing.assert_array_equal(cut.state, whole.state)
    assert cut.counts.num_reserved == whole.counts.num_reserved


@pytest.mark.parametrize('encoding', ENCODINGS)
@settings(max_examples=30)
@given(payload=st.binary(max_size=600), time_base_ns=st.integers(0, (1 << 64) - 1))
def test_any_bytes_give_events_within_the_sensor(encoding, payload, time_base_ns):
    decoder = packet_decoder(encoding, WIDTH, HEIGHT)

    events = decoder.decode(payload, time_base_ns)

    assert (events['x'] < WIDTH).all()
    assert (events['y'] < HEIGHT).all()
    assert np.isin(events['p'], [-1, 1]).all()
    assert decoder.counts.num_bytes == len(payload)
    assert decoder.counts.num_events == events.size


def time_base_ns_of(encoding, events, ahead_ns):
    """Return a time base from which the encoding can reach all `events`."""
    if encoding in RELATIVE_ENCODINGS:
        return 0
    return max(int(events['t'].min(initial=1 << 50)) * 1000 - ahead_ns, 0)


@pytest.mark.parametrize('encoding', EVENT_ENCODINGS)
@settings(max_examples=40)
@given(events=event_arrays(), ahead_ns=st.integers(0, 3_000_000_000), data=st.data())
def test_events_come_back_however_they_are_cut_into_packets(encoding, events, ahead_ns, data):
    time_base_ns = time_base_ns_of(encoding, events, ahead_ns)
    cuts = data.draw(st.lists(st.integers(0, events.size), max_size=5))
    before = events.copy()
    encoder = packet_encoder(encoding, WIDTH, HEIGHT)
    decoder = packet_decoder(encoding, WIDTH, HEIGHT)

    parts = [
        decoder.decode(encoder.encode(events[a:b], time_base_ns), time_base_ns)
        for a, b in pairwise([0, *sorted(cuts), events.size])
    ]

    assert np.concatenate(parts).tolist() == events.tolist()
    assert events.tolist() == before.tolist()
    assert decoder.counts.num_reserved == 0


# A silence that each clock must survive: many turns of 24 bits, some of 34 and one of 31.
SILENCES_US = {'evt3': 40_000_000, 'evt2': 1 << 35, 'evt21': 1 << 35, 'libcaer': 1 << 30}


@pytest.mark.parametrize('encoding', SILENCES_US)
@settings(max_examples=40)
@given(data=st.data())
def test_events_come_back_over_any_silence_and_its_wraps(encoding, data):
    events = data.draw(event_arrays(max_step_us=SILENCES_US[encoding]))
    time_base_ns = time_base_ns_of(encoding, events, 0)
    cuts = data.draw(st.lists(st.integers(0, events.size), max_size=5))
    encoder = packet_encoder(encoding, WIDTH, HEIGHT)
    decoder = packet_decoder(encoding, WIDTH, HEIGHT)

    parts = [
        decoder.decode(encoder.encode(events[a:b], time_base_ns), time_base_ns)
        for a, b in pairwise([0, *sorted(cuts), events.size])
    ]

    assert np.concatenate(parts).tolist() == events.tolist()


# The largest sensors that the address bits of each encoding allow.
LARGEST = {
    'evt3': (2048, 2048),
    'evt2': (2048, 2048),
    'evt21': (2048, 2048),
    'libcaer': (32_768, 32_768),
    'libcaer_cmp': (2048, 2048),
    'mono': (65_536, 32_768),
}


@pytest.mark.parametrize('encoding', EVENT_ENCODINGS)
@settings(max_examples=20)
@given(corners=st.lists(st.tuples(*[st.integers(0, 40)] * 2, st.booleans()), max_size=60))
def test_the_largest_addresses_come_back(encoding, corners):
    width, height = LARGEST[encoding]
    events = np.array(
        [(9, width - 1 - x, height - 1 - y, 2 * p - 1) for x, y, p in corners], EVENT_DTYPE
    )
    events = np.sort(events, order=['p', 'y', 'x'] if encoding != 'libcaer_cmp' else ['x', 'y'])

    payload = encode(encoding, events, width, height)

    assert packet_decoder(encoding, width, height).decode(payload).tolist() == events.tolist()


@settings(max_examples=40)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 4_000_000), st.integers(0, 32_767), st.sampled_from([-1, 1]))
    ),
    ahead_ns=st.integers(0, 200_000_000),
)
def test_triggers_come_back(rows, ahead_ns):
    triggers = np.array(rows, TRIGGER_DTYPE)
    triggers['t'] += 1 << 50
    time_base_ns = (1 << 50) * 1000 - ahead_ns
    decoder = packet_decoder('trigger', WIDTH, HEIGHT)

    decoder.decode(
        encode('trigger', triggers, WIDTH, HEIGHT, time_base_ns=time_base_ns), time_base_ns
    )

    assert decoder.triggers.tolist() == triggers.tolist()


@pytest.mark.parametrize('encoding', ['evt3', 'evt21'])
@settings(max_examples=40)
@given(events=event_arrays())
def test_vectors_are_those_that_strict_readers_accept(encoding, events):
    payload = encode(encoding, events, WIDTH, HEIGHT)

    if encoding == 'evt3':
        words = np.frombuffer(payload, '<u2')
        bases = words[words >> 12 == 3] & 0x7FF
        assert (bases + 32 <= WIDTH).all()
    else:
        words = np.frombuffer(payload, '<u8')
        bases = (words[words >> np.uint64(60) <= 1] >> np.uint64(43)) & np.uint64(0x7FF)
    assert not (bases % 32).any()
