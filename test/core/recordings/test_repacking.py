"""Packets of a given length out of blocks and slices."""

from eventdepth_core.events import encode, packet_decoder
from eventdepth_core.recordings.repacking import SlicePacker, WordRepacker
from eventdepth_core.types import EVENT_DTYPE, EventPacket, EventSlice
import numpy as np
import pytest

WIDTH, HEIGHT = 346, 260


def events(num, span_us, seed=0, start_us=5_000):
    rng = np.random.default_rng(seed)
    made = np.zeros(num, EVENT_DTYPE)
    made['t'] = np.sort(rng.integers(start_us, start_us + span_us, num))
    made['x'] = rng.integers(0, WIDTH, num)
    made['y'] = rng.integers(0, HEIGHT, num)
    made['p'] = rng.choice(np.array([-1, 1], np.int8), num)
    return made


def blocks(payload, num_bytes):
    for start in range(0, len(payload), num_bytes):
        yield EventPacket('evt3', WIDTH, HEIGHT, 0, payload[start : start + num_bytes])


@pytest.mark.parametrize('num_events', [40, 3_000, 200_000])
@pytest.mark.parametrize('packet_us', [1000, 4000])
def test_packets_of_a_raw_file_joined_are_the_file(num_events, packet_us):
    payload = encode('evt3', events(num_events, 200_000), WIDTH, HEIGHT)

    packets = list(WordRepacker(packet_us).packets(blocks(payload, 1 << 16)))

    assert b''.join(each.packet.payload for each in packets) == payload
    assert [each.packet.seq for each in packets] == list(range(len(packets)))


@pytest.mark.parametrize('num_events', [3_000, 200_000])
def test_packets_of_a_raw_file_have_the_length_asked_for(num_events):
    payload = encode('evt3', events(num_events, 200_000), WIDTH, HEIGHT)

    packets = list(WordRepacker(1000).packets(blocks(payload, 1 << 16)))

    spans_us = [each.newest_us - each.first_us for each in packets[:-1]]
    assert min(spans_us) >= 1000
    assert np.median(spans_us) < 2000


def test_the_times_of_a_packet_are_those_of_its_events():
    payload = encode('evt3', events(20_000, 100_000), WIDTH, HEIGHT)
    decoder = packet_decoder('evt3', WIDTH, HEIGHT)

    for timed in WordRepacker(1000).packets(blocks(payload, 4096)):
        decoded = decoder.decode(timed.packet.payload)
        assert (decoded['t'][0], decoded['t'][-1]) == (timed.first_us, timed.newest_us)


def test_a_file_without_words_has_no_packets():
    assert list(WordRepacker(1000).packets(iter([]))) == []


def packed(slices, packet_us=1000):
    packer = SlicePacker(packet_us)
    found = [timed for each in slices for timed in packer.add(each)]
    return found + list(packer.flush())


@pytest.mark.parametrize('slice_events', [1, 100, 5000])
def test_slices_survive_being_packed(slice_events):
    sent = events(5000, 60_000)
    slices = [
        EventSlice(sent[i : i + slice_events], WIDTH, HEIGHT)
        for i in range(0, len(sent), slice_events)
    ]

    packets = packed(slices)

    decoder = packet_decoder('mono', WIDTH, HEIGHT)
    decoded = [decoder.decode(each.packet.payload, each.packet.time_base_ns) for each in packets]
    assert np.array_equal(np.concatenate(decoded), sent)
    assert all(each.newest_us - each.first_us < 1000 for each in packets)
    assert len(packets) <= 60 + 1


def test_absolute_time_survives():
    sent = events(100, 5_000, start_us=1_764_000_000_000_000)

    packets = packed([EventSlice(sent, WIDTH, HEIGHT)])

    decoder = packet_decoder('mono', WIDTH, HEIGHT)
    first = decoder.decode(packets[0].packet.payload, packets[0].packet.time_base_ns)
    assert first['t'][0] == sent['t'][0] == packets[0].first_us


def test_time_that_goes_back_begins_a_new_packet():
    late, early = events(10, 300, start_us=90_000), events(10, 300, start_us=1_000)

    packets = packed([EventSlice(late, WIDTH, HEIGHT), EventSlice(early, WIDTH, HEIGHT)])

    assert [each.first_us for each in packets] == [late['t'][0], early['t'][0]]


def test_empty_slices_give_nothing():
    assert packed([EventSlice(events(0, 10), WIDTH, HEIGHT)]) == []
