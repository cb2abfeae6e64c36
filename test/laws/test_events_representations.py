"""Laws of every representation, for any events, windows and cuts, against plain float64 forms."""

from fractions import Fraction
from itertools import pairwise
import math

from eventdepth_core.events import (
    encode,
    event_accumulator,
    event_tensor,
    NO_TIME_US,
    RepresentationSpec,
)
from eventdepth_core.types import EVENT_DTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

WIDTH, HEIGHT = 35, 3
SIZE = (HEIGHT, WIDTH)
WINDOW_US = 1_200
COMMON = {'window_us': WINDOW_US, 'interval_us': 100}

SPECS = {
    'e2vid': RepresentationSpec(bins=4, **COMMON),
    'e2vid split': RepresentationSpec(bins=3, polarities='split', **COMMON),
    'tonic': RepresentationSpec(convention='tonic', bins=3, **COMMON),
    'tonic split': RepresentationSpec(convention='tonic', bins=1, polarities='split', **COMMON),
    'event_cube': RepresentationSpec(convention='event_cube', bins=3, **COMMON),
    'event_cube split': RepresentationSpec(
        convention='event_cube', bins=2, polarities='split', **COMMON
    ),
    'histogram': RepresentationSpec('histogram', 'stacked', bins=3, max_count=4, **COMMON),
    'count': RepresentationSpec('count', 'plain', bins=1, **COMMON),
    'last_timestamp': RepresentationSpec('last_timestamp', 'plain', bins=1, **COMMON),
    'linear': RepresentationSpec('time_surface', 'linear', bins=1, **COMMON),
    'exponential': RepresentationSpec(
        'time_surface', 'exponential', bins=1, decay_us=300, **COMMON
    ),
}
SCALED_SPECS = {
    name: RepresentationSpec(
        spec.representation,
        spec.convention,
        'events',
        bins=spec.bins,
        polarities=spec.polarities,
        max_count=spec.max_count,
    )
    for name, spec in SPECS.items()
    if spec.has_bins
}
VOXELS = [name for name, spec in SPECS.items() if spec.representation == 'voxel']
every_form = pytest.mark.parametrize('name', SPECS)
every_scaled_form = pytest.mark.parametrize('name', SCALED_SPECS)


@st.composite
def event_arrays(draw, *, min_size=1):
    """Draw about a window of events, many of them at once or on the edges of intervals."""
    step = st.sampled_from([0, 0, 1, 7, 50, 100])
    steps = draw(st.lists(step, min_size=min_size, max_size=60))
    num = len(steps)
    start_us = draw(st.integers(0, 1_000)) + draw(st.sampled_from([0, (1 << 24) - 900]))
    events = np.zeros(num, EVENT_DTYPE)
    events['t'] = np.cumsum(np.array(steps, np.int64)) + start_us
    events['y'] = draw(st.lists(st.integers(0, HEIGHT - 1), min_size=num, max_size=num))
    events['x'] = draw(st.lists(st.integers(0, 5), min_size=num, max_size=num))
    events['p'] = draw(st.lists(st.sampled_from([-1, 1]), min_size=num, max_size=num))
    return events


def ends_of(events):
    newest_us = int(events['t'].max())
    return [newest_us + 1, newest_us // 100 * 100, newest_us - 33]


def tensor(name, events, end_us):
    return event_tensor(events, SPECS[name], size=SIZE, end_us=end_us)


# ---- the plain forms: event by event, exact fractions of time, float64 --------------------------


def plain_tensor(spec, events, start_us, window_us, *, with_end=False):
    """Return what `spec` means, computed in the plainest way."""
    inside = [
        event
        for event in events.tolist()
        if start_us <= event[0] < start_us + window_us + with_end
    ]
    return {
        'voxel': plain_voxel,
        'histogram': plain_histogram,
        'count': plain_count,
        'last_timestamp': plain_latest,
        'time_surface': plain_surface,
    }[spec.representation](spec, inside, start_us, window_us)


def plain_voxel(spec, events, start_us, window_us):
    grids = np.zeros((2, spec.bins, *SIZE))
    for t, x, y, p in events:
        age = Fraction(t - start_us, window_us)
        place = {
            'e2vid': age * (spec.bins - 1),
            'tonic': age * spec.bins,
            'event_cube': age * spec.bins - Fraction(1, 2),
        }[spec.convention]
        for k in range(spec.bins):
            grids[int(p > 0), k, y, x] += float(max(0, 1 - abs(place - k)))
    return grids if spec.is_split else grids[1] - grids[0]


def plain_histogram(spec, events, start_us, window_us):
    counts = np.zeros((2, spec.bins, *SIZE))
    for t, x, y, p in events:
        k = min((t - start_us) * spec.bins // window_us, spec.bins - 1)
        counts[int(p > 0), k, y, x] += 1
    return np.minimum(counts, spec.max_count)


def plain_count(spec, events, start_us, window_us):
    return plain_histogram(RepresentationSpec('histogram', 'stacked', bins=1), events, 0, 1)[:, 0]


def plain_latest(spec, events, start_us, window_us):
    latest_us = np.full((2, *SIZE), NO_TIME_US)
    for t, x, y, p in events:
        latest_us[int(p > 0), y, x] = max(latest_us[int(p > 0), y, x], t)
    return latest_us


def plain_surface(spec, events, start_us, window_us):
    surface = np.zeros((2, *SIZE))
    for t, x, y, p in events:
        age_us = start_us + window_us - t
        decay_us = spec.decay_us
        value = 1 - age_us / window_us if decay_us is None else math.exp(-age_us / decay_us)
        surface[int(p > 0), y, x] = max(surface[int(p > 0), y, x], value)
    return surface


# ---- the laws -----------------------------------------------------------------------------------


@every_form
@settings(max_examples=15)
@given(events=event_arrays())
def test_a_batch_is_the_plain_form(name, events, tolerances):
    for end_us in ends_of(events):
        plain = plain_tensor(SPECS[name], events, end_us - WINDOW_US, WINDOW_US)

        tolerances['float32'].assert_close(tensor(name, events, end_us), plain)


@every_scaled_form
@settings(max_examples=15)
@given(events=event_arrays())
def test_a_batch_scaled_by_its_events_is_the_plain_form(name, events, tolerances):
    spec = SCALED_SPECS[name]
    start_us = int(events['t'][0])
    window_us = max(int(events['t'][-1]) - start_us, 1)

    plain = plain_tensor(spec, events, start_us, window_us, with_end=True)

    scaled = event_tensor(events, spec, size=SIZE)
    tolerances['float32'].assert_close(scaled, plain)


@every_form
@settings(max_examples=15)
@given(events=event_arrays(), data=st.data())
def test_every_cut_of_a_stream_gives_the_bits_of_the_batch(name, events, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, events.size), max_size=4)))
    by_events = event_accumulator(SPECS[name], width=WIDTH, height=HEIGHT)
    by_packets = event_accumulator(SPECS[name], width=WIDTH, height=HEIGHT)
    payload = encode('evt3', events, WIDTH, HEIGHT)
    num_words = len(payload) // 2
    word_cuts = sorted(data.draw(st.lists(st.integers(0, num_words), max_size=4)))

    for a, b in pairwise([0, *cuts, events.size]):
        by_events.push_events(events[a:b])
    for a, b in pairwise([0, *word_cuts, num_words]):
        by_packets.push_packet('evt3', payload[2 * a : 2 * b])

    # EVT3 tells the lower 24 bits of the time: the stream starts within the first turn and wraps
    turned_us = int(events['t'][0]) // (1 << 24) * (1 << 24)
    unturned = events.copy()
    unturned['t'] -= turned_us
    for end_us in ends_of(events):
        np.testing.assert_array_equal(by_events.tensor(end_us), tensor(name, events, end_us))
        np.testing.assert_array_equal(
            by_packets.tensor(end_us - turned_us), tensor(name, unturned, end_us - turned_us)
        )


@every_form
@settings(max_examples=15)
@given(events=event_arrays(), seed=st.integers(0, 100))
def test_the_order_of_a_batch_does_not_matter(name, events, seed):
    shuffled = np.random.default_rng(seed).permutation(events)

    for end_us in ends_of(events):
        expected = tensor(name, events, end_us)
        np.testing.assert_array_equal(tensor(name, shuffled, end_us), expected)


@every_scaled_form
@settings(max_examples=15)
@given(events=event_arrays(), seed=st.integers(0, 100))
def test_the_order_of_a_scaled_batch_does_not_matter(name, events, seed):
    shuffled = np.random.default_rng(seed).permutation(events)
    spec = SCALED_SPECS[name]

    np.testing.assert_array_equal(
        event_tensor(shuffled, spec, size=SIZE), event_tensor(events, spec, size=SIZE)
    )


@every_form
@settings(max_examples=15)
@given(events=event_arrays(), data=st.data())
def test_two_parts_hold_together_what_the_whole_holds(name, events, data):
    is_first = np.array(
        data.draw(st.lists(st.booleans(), min_size=events.size, max_size=events.size))
    )
    end_us = int(events['t'].max()) + 1
    whole, *parts = (
        tensor(name, part, end_us) for part in (events, events[is_first], events[~is_first])
    )

    if SPECS[name].representation in ('last_timestamp', 'time_surface'):
        np.testing.assert_array_equal(np.maximum(*parts), whole)
    elif SPECS[name].representation == 'histogram':
        together = parts[0].astype(int) + parts[1]
        np.testing.assert_array_equal(np.minimum(together, SPECS[name].max_count), whole)
    else:
        np.testing.assert_allclose(parts[0] + parts[1], whole, atol=1e-5)


@every_form
@settings(max_examples=15)
@given(
    events=event_arrays(),
    by_us=st.sampled_from([1, 77, 100, 1 << 24, (1 << 55) + 13, -(1 << 40)]),
    by_columns=st.integers(0, WIDTH - 6),
)
def test_events_that_move_move_the_tensor(name, events, by_us, by_columns):
    moved = events.copy()
    moved['t'] += by_us
    moved['x'] += by_columns
    end_us = int(events['t'].max()) + 1

    expected = np.roll(tensor(name, events, end_us), by_columns, axis=-1)
    actual = tensor(name, moved, end_us + by_us)

    if SPECS[name].representation == 'last_timestamp':
        expected = np.where(expected == NO_TIME_US, NO_TIME_US, expected + by_us)
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize('name', VOXELS)
@settings(max_examples=15)
@given(events=event_arrays())
def test_the_mass_is_that_of_the_polarities_but_for_what_lies_outside_the_bins(name, events):
    spec = SPECS[name]
    end_us = int(events['t'].max()) + 1
    inside = events[events['t'] >= end_us - WINDOW_US]
    age = (inside['t'] - (end_us - WINDOW_US)) / WINDOW_US * spec.bins
    share = {
        'e2vid': np.ones(inside.size),
        'tonic': np.clip(spec.bins - age, 0, 1),
        'event_cube': np.clip(0.5 + np.minimum(age, spec.bins - age), 0, 1),
    }[spec.convention]

    grid = tensor(name, events, end_us).astype(np.float64)

    if spec.is_split:
        off, on = grid.sum(axis=(1, 2, 3))
        np.testing.assert_allclose(on, share[inside['p'] > 0].sum(), atol=1e-4)
        np.testing.assert_allclose(off, share[inside['p'] < 0].sum(), atol=1e-4)
    else:
        np.testing.assert_allclose(grid.sum(), (share * inside['p']).sum(), atol=1e-4)


@settings(max_examples=30)
@given(events=event_arrays())
def test_split_grids_differ_by_the_signed_one(events):
    end_us = int(events['t'].max()) + 1

    for convention in ('e2vid', 'tonic', 'event_cube'):
        signed, split = (
            event_tensor(
                events,
                RepresentationSpec(convention=convention, bins=3, polarities=kind, **COMMON),
                size=SIZE,
                end_us=end_us,
            )
            for kind in ('signed', 'split')
        )
        np.testing.assert_allclose(split[1] - split[0], signed, atol=1e-5)


@settings(max_examples=30)
@given(events=event_arrays())
def test_a_histogram_over_its_bins_is_the_count_image(events):
    end_us = int(events['t'].max()) + 1
    spec = RepresentationSpec('histogram', 'stacked', bins=3, **COMMON)

    histogram = event_tensor(events, spec, size=SIZE, end_us=end_us)

    np.testing.assert_array_equal(histogram.sum(axis=1), tensor('count', events, end_us))


@every_form
@settings(max_examples=15)
@given(events=event_arrays(min_size=0))
def test_the_events_stay_as_they_are(name, events):
    before = events.copy()
    events.flags.writeable = False

    tensor(name, events, 1_500)
    event_accumulator(SPECS[name], width=WIDTH, height=HEIGHT).push_events(events)

    np.testing.assert_array_equal(events, before)


@every_form
def test_no_events_give_zeros(name):
    empty = 0 if name != 'last_timestamp' else NO_TIME_US
    none = np.zeros(0, EVENT_DTYPE)

    streamed = event_accumulator(SPECS[name], width=WIDTH, height=HEIGHT).tensor(WINDOW_US)

    assert (tensor(name, none, WINDOW_US) == empty).all()
    np.testing.assert_array_equal(streamed, tensor(name, none, WINDOW_US))


@every_scaled_form
def test_no_events_scaled_by_themselves_give_zeros(name):
    none = np.zeros(0, EVENT_DTYPE)

    assert not event_tensor(none, SCALED_SPECS[name], size=SIZE).any()
    assert not event_tensor(none, SCALED_SPECS[name], size=SIZE, end_us=5).any()


@every_form
@given(t=st.integers(0, WINDOW_US - 1), x=st.integers(0, WIDTH - 1), p=st.sampled_from([-1, 1]))
@settings(max_examples=20)
def test_one_event_touches_one_pixel(name, t, x, p, tolerances):
    one = np.array([(t, x, 2, p)], EVENT_DTYPE)

    actual = tensor(name, one, WINDOW_US)

    plain = plain_tensor(SPECS[name], one, 0, WINDOW_US)
    tolerances['float32'].assert_close(actual, plain)
    elsewhere = np.delete(actual[..., 2, :], x, axis=-1)
    assert not (elsewhere > 0).any()
    assert not (actual[..., :2, :] > 0).any()
