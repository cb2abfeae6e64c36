from eventdepth_core.events import VoxelAccumulator, VoxelSpec
from eventdepth_core.types import EVENT_DTYPE
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

WIDTH, HEIGHT = 21, 13
SPEC = VoxelSpec(bins=5, window_us=50_000, interval_us=12_500)


def accumulator(**keywords):
    return VoxelAccumulator(keywords.pop('spec', SPEC), width=WIDTH, height=HEIGHT, **keywords)


def events_at(times_us, seed=0):
    generator = np.random.default_rng(seed)
    events = np.zeros(len(times_us), EVENT_DTYPE)
    events['t'] = times_us
    events['x'] = generator.integers(0, WIDTH, events.size)
    events['y'] = generator.integers(0, HEIGHT, events.size)
    events['p'] = generator.choice((-1, 1), events.size)
    return events


@given(
    st.lists(st.integers(0, 130_000), min_size=1, max_size=200),
    st.integers(1, 40),
    st.integers(0, 40_000),
)
def test_an_expected_window_has_the_bits_of_one_that_was_not(times_us, size, late_us):
    # in time order but for steps back that count as noise
    ordered = np.sort(np.array(times_us))
    ordered[::7] = np.maximum(ordered[::7] - late_us, 0)
    events = events_at(ordered, seed=size)
    plain, ahead = accumulator(), accumulator()

    for first in range(0, events.size, size):
        part = events[first : first + size]
        plain.push_events(part)
        if first == 0 or ordered[first] % 3 == 0:
            ahead.expect(100_000)
        ahead.push_events(part)

    np.testing.assert_array_equal(ahead.tensor(100_000), plain.tensor(100_000))


def test_a_late_event_in_a_closed_interval_still_enters():
    plain, ahead = accumulator(), accumulator()
    ahead.expect(50_000)
    for times_us in ([1_000, 20_000], [13_000], [49_999, 51_000]):
        for each in (plain, ahead):
            each.push_events(events_at(times_us))

    tensor = ahead.tensor(50_000)

    np.testing.assert_array_equal(tensor, plain.tensor(50_000))
    assert np.abs(tensor).sum() == pytest.approx(4.0, abs=1e-5)


def test_another_window_than_the_expected_one_is_as_always():
    plain, ahead = accumulator(), accumulator()
    ahead.expect(50_000)
    for each in (plain, ahead):
        each.push_events(events_at(range(0, 80_000, 100)))

    for end_us in (75_000, 50_000, 50_000, 61_003):
        np.testing.assert_array_equal(ahead.tensor(end_us), plain.tensor(end_us))


def test_an_expected_tensor_is_a_new_array_each_time():
    ahead = accumulator()
    ahead.expect(50_000)
    ahead.push_events(events_at(range(0, 60_000, 100)))
    first = ahead.tensor(50_000)
    kept = first.copy()

    ahead.expect(62_500)
    ahead.push_events(events_at(range(60_000, 70_000, 100), seed=5))
    ahead.tensor(62_500)

    np.testing.assert_array_equal(first, kept)


def test_what_was_expected_before_a_jump_back_is_forgotten():
    ahead = accumulator()
    ahead.expect(5_050_000)
    ahead.push_events(events_at(range(5_000_000, 5_040_000, 100)))
    ahead.push_events(events_at(range(0, 60_000, 100), seed=2))

    plain = accumulator()
    plain.push_events(events_at(range(0, 60_000, 100), seed=2))

    assert not ahead.tensor(5_050_000).any()
    np.testing.assert_array_equal(ahead.tensor(50_000), plain.tensor(50_000))


@pytest.mark.parametrize(
    'spec',
    [
        VoxelSpec(bins=5, window_us=50_000, interval_us=6_250),
        VoxelSpec(bins=5, window_us=50_000, interval_us=10_000, convention='tonic'),
        VoxelSpec(bins=5, window_us=50_000, interval_us=12_500, polarities='split'),
    ],
)
def test_where_it_cannot_help_it_changes_nothing(spec):
    plain, ahead = accumulator(spec=spec), accumulator(spec=spec)
    ahead.expect(50_000)
    for each in (plain, ahead):
        each.push_events(events_at(range(0, 60_000, 100)))

    np.testing.assert_array_equal(ahead.tensor(50_000), plain.tensor(50_000))
