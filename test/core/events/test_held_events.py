"""Events held as packets: decoded later, whatever has become of the stream."""

from eventdepth_core.events import packet_encoder, VoxelAccumulator, VoxelSpec
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest

WIDTH, HEIGHT = 70, 50
SPEC = VoxelSpec(bins=5, window_us=50_000, interval_us=12_500)


@pytest.fixture
def events():
    generator = np.random.default_rng(4)
    events = np.zeros(3_000, EVENT_DTYPE)
    events['t'] = np.sort(generator.integers(0, 60_000, events.size))
    events['x'] = generator.integers(0, WIDTH, events.size)
    events['y'] = generator.integers(0, HEIGHT, events.size)
    events['p'] = generator.choice((-1, 1), events.size)
    return events


@pytest.mark.parametrize('encoding', ['evt3', 'mono'])
def test_held_events_outlive_what_comes_after_and_a_reset(events, encoding):
    accumulator = VoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT)
    encoder = packet_encoder(encoding, WIDTH, HEIGHT)
    first, second = np.split(events, 2)
    for part in np.array_split(first, 5):
        accumulator.push_packet(encoding, encoder.encode(part), 0)
    expected = accumulator.events_between(5_000, 25_000)

    held = accumulator.held(5_000, 25_000)
    accumulator.push_packet(encoding, encoder.encode(second), 0)
    accumulator.reset()

    assert expected.size > 500
    np.testing.assert_array_equal(held.decoded(), expected)


def test_of_too_many_the_newest_are_given_in_order(events):
    accumulator = VoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT)
    swapped = events.copy()
    swapped[[10, 11]] = swapped[[11, 10]]
    accumulator.push_events(swapped)

    found, num_left_out = accumulator.held(0, 60_000).ascending(1_000)

    assert num_left_out == 2_000
    np.testing.assert_array_equal(found['t'], events['t'][2_000:])


def test_nothing_held_is_no_events():
    held = VoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT).held(0, 10)

    assert held.num_bytes == 0
    assert held.ascending(5)[0].size == 0
