from eventdepth_core.events import encode, packet_decoder
from eventdepth_core.replay.event_source import PacketReader, SliceSource
from eventdepth_core.types import EVENT_DTYPE, EventPacket, EventSlice
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

WIDTH, HEIGHT = 70, 50


def random_events(n, *, seed=0):
    generator = np.random.default_rng(seed)
    events = np.zeros(n, EVENT_DTYPE)
    events['t'] = np.sort(generator.integers(1_000, 30_000, n)) * 3
    events['x'] = generator.integers(0, WIDTH, n)
    events['y'] = generator.integers(0, HEIGHT, n)
    events['p'] = generator.choice((-1, 1), n)
    return events


def packet(encoding, events, seq=0):
    payload = encode(encoding, events, WIDTH, HEIGHT)
    return EventPacket(encoding, WIDTH, HEIGHT, 0, payload, seq=seq, arrival_us=5)


def new_times(events):
    """Return the indices at which the time of the events changes."""
    return [0, *(np.flatnonzero(np.diff(events['t'])) + 1), events.size]


@pytest.mark.parametrize('encoding', ['evt3', 'mono'])
@given(cut=st.integers(0, 10_000))
def test_parts_decode_to_the_events_asked_for_and_join_to_the_payload(encoding, cut):
    whole = packet(encoding, random_events(60))
    source = PacketReader().open(whole)
    places = new_times(source.events)
    place = places[cut % len(places)]

    parts = [source.part(0, place), source.part(place, source.events.size)]

    decoder = packet_decoder(encoding, WIDTH, HEIGHT)
    decoded = [decoder.decode(part.payload, part.time_base_ns) for part in parts]
    np.testing.assert_array_equal(decoded[0], source.events[:place])
    np.testing.assert_array_equal(decoded[1], source.events[place:])
    if 0 < place < source.events.size:
        assert parts[0].payload + parts[1].payload == whole.payload


def test_a_packet_without_events_is_one_part():
    empty = EventPacket('evt3', WIDTH, HEIGHT, 0, b'\x00\x80\x00\x60')

    source = PacketReader().open(empty)

    assert source.events.size == 0
    assert source.part(0, 0).payload == empty.payload


def test_a_slice_is_cut_by_index():
    events = random_events(9)

    part = SliceSource(EventSlice(events, WIDTH, HEIGHT, 12)).part(2, 5)

    np.testing.assert_array_equal(part.events, events[2:5])
    assert (part.width, part.height, part.arrival_us) == (WIDTH, HEIGHT, 12)


def test_a_gap_in_the_sequence_is_noticed_once():
    reader = PacketReader()
    events = random_events(5)

    losses = [reader.open(packet('mono', events, seq)).is_after_loss for seq in (4, 5, 8, 9)]

    assert losses == [False, False, True, False]


def test_packets_without_numbers_have_no_gaps():
    reader = PacketReader()
    unnumbered = EventPacket('mono', WIDTH, HEIGHT, 0, encode('mono', random_events(3), 70, 50))

    assert not any(reader.open(unnumbered).is_after_loss for _ in range(3))
