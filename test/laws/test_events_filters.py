"""Laws of the filters, for any events."""

from itertools import pairwise

from eventdepth_core.events import event_image
from eventdepth_core.events.filters import (
    BackgroundActivity,
    FilterChain,
    HotPixels,
    Orientation,
    RefractoryPeriod,
    RegionOfInterest,
)
from eventdepth_core.types import EVENT_DTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

SIZE = HEIGHT, WIDTH = 6, 9


def hot_pixels():
    return HotPixels(SIZE, min_rate_hz=200, epoch_us=1_000, memory_us=4_000, max_share=0.1)


def region():
    return RegionOfInterest(SIZE, origin=(1, 2), region=(3, 4))


FILTERS = {
    'refractory': lambda: RefractoryPeriod(SIZE, period_us=300),
    'background': lambda: BackgroundActivity(SIZE, support_us=400),
    'background_of_two': lambda: BackgroundActivity(SIZE, support_us=900, min_neighbours=2),
    'hot': hot_pixels,
    'region': region,
    'chain': lambda: FilterChain([hot_pixels(), RefractoryPeriod(SIZE, period_us=50), region()]),
}


@st.composite
def batches(draw):
    """Draw events on few pixels, some beyond the sensor, times mostly ascending."""
    num = draw(st.integers(0, 300))
    generator = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    events = np.zeros(num, EVENT_DTYPE)
    events['t'] = np.cumsum(generator.integers(-50, 150, num)) + draw(st.integers(0, 1 << 50))
    events['y'] = np.minimum(generator.geometric(0.4, num), HEIGHT + 1) - 1
    events['x'] = np.minimum(generator.geometric(0.3, num), WIDTH + 2) - 1
    events['p'] = generator.choice([-1, 1], num)
    return events


def is_part_in_order(part, whole):
    rest = iter(whole.tolist())
    return all(event in rest for event in part.tolist())


@pytest.mark.parametrize('name', FILTERS)
@settings(max_examples=40)
@given(events=batches())
def test_what_comes_out_is_a_part_of_what_went_in_and_in_order(name, events):
    before = events.tobytes()

    kept = FILTERS[name]().apply(events)

    assert is_part_in_order(kept, events)
    assert (kept['x'] < WIDTH).all()
    assert (kept['y'] < HEIGHT).all()
    assert events.tobytes() == before
    assert not np.shares_memory(kept, events)


@pytest.mark.parametrize('name', FILTERS)
@settings(max_examples=40)
@given(events=batches(), data=st.data())
def test_a_stream_cut_into_any_batches_gives_the_same_events(name, events, data):
    cuts = data.draw(st.lists(st.integers(0, events.size), max_size=6))
    whole, cut = FILTERS[name](), FILTERS[name]()

    expected = whole.apply(events)
    parts = [cut.apply(events[a:b]) for a, b in pairwise([0, *sorted(cuts), events.size])]

    assert np.concatenate(parts).tolist() == expected.tolist()


@settings(max_examples=40)
@given(events=batches(), period_us=st.integers(1, 2_000))
def test_refractory_events_are_those_of_a_plain_loop(events, period_us):
    last_us, expected = {}, []
    for t, x, y, p in events.tolist():
        place = y, x
        is_resting = place in last_us and 0 <= t - last_us[place] < period_us
        if y < HEIGHT and x < WIDTH and not is_resting:
            last_us[place] = t
            expected.append((t, x, y, p))

    assert RefractoryPeriod(SIZE, period_us=period_us).apply(events).tolist() == expected


@settings(max_examples=40)
@given(events=batches(), support_us=st.integers(1, 2_000), least=st.integers(1, 8))
def test_supported_events_are_those_of_a_plain_loop(events, support_us, least):
    last_us, expected = {}, []
    for t, x, y, p in events.tolist():
        if y >= HEIGHT or x >= WIDTH:
            continue
        near = [(y + j, x + k) for j in (-1, 0, 1) for k in (-1, 0, 1) if (j, k) != (0, 0)]
        ages = [t - last_us[place] for place in near if place in last_us]
        if sum(0 <= age <= support_us for age in ages) >= least:
            expected.append((t, x, y, p))
        last_us[y, x] = t

    filtering = BackgroundActivity(SIZE, support_us=support_us, min_neighbours=least)

    assert filtering.apply(events).tolist() == expected


@settings(max_examples=40)
@given(
    events=batches(),
    flip_x=st.booleans(),
    flip_y=st.booleans(),
    quarter_turns=st.integers(-3, 5),
)
def test_turned_events_show_the_turned_image(events, flip_x, flip_y, quarter_turns):
    inside = events[(events['x'] < WIDTH) & (events['y'] < HEIGHT)]
    image = event_image(inside, SIZE)
    if flip_x:
        image = image[:, ::-1]
    if flip_y:
        image = image[::-1]

    turned = Orientation(SIZE, flip_x=flip_x, flip_y=flip_y, quarter_turns=quarter_turns)
    moved = turned.apply(events)

    np.testing.assert_array_equal(
        event_image(moved, turned.output_size), np.rot90(image, quarter_turns)
    )
    assert moved['t'].tolist() == inside['t'].tolist()
    assert moved['p'].tolist() == inside['p'].tolist()


@settings(max_examples=40)
@given(events=batches(), is_cropped=st.booleans())
def test_a_region_shows_that_part_of_the_image(events, is_cropped):
    filtering = RegionOfInterest(SIZE, origin=(1, 2), region=(3, 4), is_cropped=is_cropped)
    inside = events[(events['x'] < WIDTH) & (events['y'] < HEIGHT)]

    image = event_image(filtering.apply(events), filtering.output_size)

    shown = image if is_cropped else image[1:4, 2:6]
    np.testing.assert_array_equal(shown, event_image(inside, SIZE)[1:4, 2:6])
