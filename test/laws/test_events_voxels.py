"""Laws of the event tensor, for any events, windows and cuts."""

from itertools import pairwise

from eventdepth_core.events import encode, voxel_grid, VoxelAccumulator, VoxelSpec
from eventdepth_core.types import EVENT_DTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np

WIDTH, HEIGHT = 35, 3
SPEC = VoxelSpec(bins=3, window_us=400, interval_us=100)


@st.composite
def event_arrays(draw):
    """Draw some 1.5 windows of events, many of them at once or on the edges of intervals."""
    step = st.sampled_from([0, 0, 1, 7, 50, 100])
    steps = draw(st.lists(step, min_size=1, max_size=100))
    num = len(steps)
    events = np.zeros(num, EVENT_DTYPE)
    events['t'] = np.cumsum(np.array(steps, np.int64)) + draw(st.integers(0, 1_000))
    events['y'] = draw(st.lists(st.integers(0, HEIGHT - 1), min_size=num, max_size=num))
    events['x'] = draw(st.lists(st.integers(0, WIDTH - 1), min_size=num, max_size=num))
    events['p'] = draw(st.lists(st.sampled_from([-1, 1]), min_size=num, max_size=num))
    return events


def batch(events, end_us):
    return voxel_grid(events, start_us=end_us - 400, end_us=end_us, bins=3, size=(HEIGHT, WIDTH))


def ends_of(events):
    newest_us = int(events['t'][-1])
    return [newest_us + 1, newest_us // 100 * 100, newest_us // 100 * 100 - 100, newest_us - 33]


@settings(max_examples=50)
@given(events=event_arrays(), data=st.data())
def test_every_cut_of_the_bytes_gives_the_bits_of_the_batch(events, data):
    payload = encode('evt3', events, WIDTH, HEIGHT)
    cuts = data.draw(st.lists(st.integers(0, len(payload) // 2), max_size=6))
    accumulator = VoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT)

    for a, b in pairwise([0, *sorted(cuts), len(payload) // 2]):
        accumulator.push_packet('evt3', payload[2 * a : 2 * b])

    for end_us in ends_of(events):
        np.testing.assert_array_equal(accumulator.tensor(end_us), batch(events, end_us))


@settings(max_examples=50)
@given(events=event_arrays(), data=st.data())
def test_every_cut_of_the_events_gives_the_bits_of_the_batch(events, data):
    cuts = data.draw(st.lists(st.integers(0, events.size), max_size=6))
    accumulator = VoxelAccumulator(SPEC, width=WIDTH, height=HEIGHT)

    for a, b in pairwise([0, *sorted(cuts), events.size]):
        accumulator.push_events(events[a:b])

    for end_us in ends_of(events):
        np.testing.assert_array_equal(accumulator.tensor(end_us), batch(events, end_us))


@settings(max_examples=50)
@given(events=event_arrays(), seed=st.integers(0, 100))
def test_the_order_of_a_batch_does_not_matter(events, seed):
    shuffled = np.random.default_rng(seed).permutation(events)

    for end_us in ends_of(events):
        np.testing.assert_array_equal(batch(shuffled, end_us), batch(events, end_us))


@settings(max_examples=50)
@given(events=event_arrays(), bins=st.integers(2, 7), window_us=st.integers(1, 900))
def test_the_sum_over_the_bins_is_the_sum_of_polarities(events, bins, window_us):
    start_us = int(events['t'][0])
    end_us = start_us + window_us

    grid = voxel_grid(events, start_us=start_us, end_us=end_us, bins=bins, size=(HEIGHT, WIDTH))

    sums = np.zeros((HEIGHT, WIDTH))
    inside = events[events['t'] < end_us]
    np.add.at(sums, (inside['y'], inside['x']), inside['p'])
    np.testing.assert_allclose(grid.sum(axis=0), sums, atol=1e-4)


@settings(max_examples=50)
@given(events=event_arrays())
def test_turned_polarities_turn_the_sign(events):
    turned = events.copy()
    turned['p'] *= -1
    end_us = int(events['t'][-1]) + 1

    np.testing.assert_array_equal(batch(turned, end_us), -batch(events, end_us))
