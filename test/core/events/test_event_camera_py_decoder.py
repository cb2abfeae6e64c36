"""
event_camera_py behind our protocol: against our own decoders, and without it.

The comparisons need the real package and are skipped where it is not on the path; what surrounds
it is tested with a stand-in that returns given arrays.

"""

import sys
from types import SimpleNamespace

from eventdepth_core.errors import DecodeError, InputError, MissingDependencyError
from eventdepth_core.events import encode, packet_decoder, packet_encoder
from eventdepth_core.types import EVENT_DTYPE, TRIGGER_DTYPE
import numpy as np
import pytest

PEER_DTYPE = np.dtype(
    {
        'names': ['x', 'y', 'p', 't'],
        'formats': ['<u2', '<u2', 'i1', '<i4'],
        'offsets': [0, 2, 4, 8],
        'itemsize': 12,
    }
)
PEER_TRIGGER_DTYPE = np.dtype([('p', '<i2'), ('t', '<i8'), ('id', '<i2')])


class StandIn:
    """Takes calls and gives the times that the test has laid down, at pixel (1, 2)."""

    def __init__(self):
        self.times = []
        self.calls = []
        self.refuses = False

    def decode_array(self, *arguments):
        if self.refuses:
            raise RuntimeError('unsupported code')
        self.calls.append(arguments)

    def get_cd_events(self):
        return np.array([(1, 2, 1, t) for t in self.times], PEER_DTYPE)

    def get_ext_trig_events(self):
        return np.zeros(0, PEER_TRIGGER_DTYPE)

    def get_start_time(self):
        return None


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setitem(sys.modules, 'event_camera_py', SimpleNamespace(Decoder=StandIn))

    def make(encoding):
        decoder = packet_decoder(encoding, 9, 9, implementation='event_camera_py')
        return decoder, decoder._peer

    return make


@pytest.fixture
def both():
    pytest.importorskip('event_camera_py', reason='event_camera_py is not on the path')

    def make(encoding, width, height):
        return tuple(
            packet_decoder(encoding, width, height, implementation=implementation)
            for implementation in ('own', 'event_camera_py')
        )

    return make


def generated(seed, *, start_us=0):
    generator = np.random.default_rng(seed)
    events = np.zeros(20_000, EVENT_DTYPE)
    events['t'] = start_us + np.sort(generator.integers(0, 400, events.size)) * 50
    events['x'] = generator.integers(0, 640, events.size)
    events['y'] = generator.integers(0, 8, events.size)
    events['p'] = generator.choice([-1, 1], events.size)
    return np.sort(events, order=['t', 'y', 'p', 'x'])


def test_int32_times_are_unwrapped_over_payloads(stand_in):
    decoder, peer = stand_in('evt3')
    end = (1 << 31) - 1

    peer.times = [5, end]
    first = decoder.decode(b'')
    peer.times = [-end, -1, 7]
    second = decoder.decode(b'')

    assert first['t'].tolist() == [5, end]
    assert second['t'].tolist() == [(1 << 31) + 1, (1 << 32) - 1, (1 << 32) + 7]


def test_reserved_words_never_reach_the_peer_and_are_counted(stand_in):
    decoder, peer = stand_in('evt3')
    words = np.array([0x8001, 0x1000, 0x6002, 0x9000, 0xB000, 0x2001], '<u2')

    decoder.decode(words.tobytes() + b'x')

    assert peer.calls[0][4].view('<u2').tolist() == [0x8001, 0x6002, 0x2001]
    assert decoder.counts.num_reserved == 3
    assert decoder.counts.num_dropped_bytes == 1


def test_what_the_peer_throws_is_a_decode_error(stand_in):
    decoder, peer = stand_in('evt3')
    peer.refuses = True

    with pytest.raises(DecodeError, match='event_camera_py decodes, got unsupported code'):
        decoder.decode(b'')


def test_events_outside_the_sensor_are_taken_out_and_counted(monkeypatch, stand_in):
    decoder, peer = stand_in('mono')
    peer.times = [1_000]
    decoder.width = 1

    assert decoder.decode(b'').size == 0
    assert decoder.counts.num_out_of_sensor == 1


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, 'event_camera_py', None)

    with pytest.raises(MissingDependencyError, match=r'event_camera_py .*apt install ros-'):
        packet_decoder('evt3', 9, 9, implementation='event_camera_py')


def test_an_encoding_that_it_does_not_know_is_refused():
    with pytest.raises(InputError, match=r'event_camera_py decodes \(evt3.*got .evt21'):
        packet_decoder('evt21', 9, 9, implementation='event_camera_py')


def test_another_implementation_is_refused():
    with pytest.raises(InputError, match=r"out of own, event_camera_py, got 'faster'"):
        packet_decoder('evt3', 9, 9, implementation='faster')


@pytest.mark.parametrize('encoding', ['evt3', 'libcaer', 'libcaer_cmp', 'mono'])
def test_recorded_packets_give_the_same_events_and_triggers(both, recorded_packets, encoding):
    packets = recorded_packets(encoding)
    own, peer = both(encoding, packets[0].width, packets[0].height)

    for packet in packets:
        expected = own.decode(packet.payload, packet.time_base_ns)
        events = peer.decode(packet.payload, packet.time_base_ns)

        np.testing.assert_array_equal(events, expected)
        np.testing.assert_array_equal(peer.triggers, own.triggers)


@pytest.mark.parametrize('encoding', ['evt3', 'libcaer', 'libcaer_cmp', 'mono'])
@pytest.mark.parametrize('start_us', [0, (1 << 24) - 9_000, 1_700_000_000_000_123])
def test_generated_packets_give_the_same_events(both, encoding, start_us):
    events = generated(3, start_us=start_us)
    own, peer = both(encoding, 640, 480)
    encoder = packet_encoder(encoding, 640, 480)

    for start in range(0, events.size, 3_000):
        part = events[start : start + 3_000]
        time_base_ns = 0 if encoding == 'evt3' else int(part['t'][0]) * 1_000
        payload = encoder.encode(part, time_base_ns)

        expected = own.decode(payload, time_base_ns)

        np.testing.assert_array_equal(peer.decode(payload, time_base_ns), expected)
        if encoding != 'evt3':
            np.testing.assert_array_equal(expected, part)


def test_triggers_are_the_same(both):
    triggers = np.array([(1_700_000_000_000_123, 200, 1), (1_700_000_000_004_000, 6, -1)],
                        TRIGGER_DTYPE)  # fmt: skip
    time_base_ns = 1_700_000_000_000_000_999
    payload = encode('trigger', triggers, 640, 480, time_base_ns=time_base_ns)

    for decoder in both('trigger', 640, 480):
        decoder.decode(payload, time_base_ns)

        assert decoder.triggers.tolist() == triggers.tolist()


def test_addresses_are_forgotten_after_lost_packets(both):
    before = np.array([0x8001, 0x6002, 0x0005, 0x2007], '<u2').tobytes()
    after = np.array([0x2008, 0x4001, 0x0006, 0x2009], '<u2').tobytes()

    for decoder in both('evt3', 640, 480):
        decoder.decode(before)
        decoder.resynchronise()

        assert decoder.decode(after).tolist() == [(4098, 9, 6, -1)]
