import math

from eventdepth_core.errors import InputError
from eventdepth_core.events.time_surface import time_surface, time_surface_image
from eventdepth_core.types import EVENT_DTYPE
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

SIZE = (7, 11)
END_US = 100_000


def events(*rows):
    return np.array(list(rows), EVENT_DTYPE)


event_lists = st.lists(
    st.tuples(
        st.integers(-50_000, 150_000),
        st.integers(0, SIZE[1] + 2),
        st.integers(0, SIZE[0] + 2),
        st.sampled_from([-1, 1]),
    ),
    max_size=40,
).map(lambda rows: np.array(rows, EVENT_DTYPE))


def plain_surface(given_events, decay_us):
    surface, newest = np.zeros(SIZE), np.full(SIZE, -math.inf)
    for t, x, y, p in given_events.tolist():
        if t < END_US and x < SIZE[1] and y < SIZE[0] and t >= newest[y, x]:
            newest[y, x] = t
            surface[y, x] = p * math.exp(-(END_US - t) / decay_us)
    return surface


@given(event_lists, st.floats(1.0, 1e6))
def test_the_surface_is_that_of_the_formula(tolerances, given_events, decay_us):
    surface = time_surface(given_events, SIZE, end_us=END_US, decay_us=decay_us)

    tolerances['float32'].assert_close(surface, plain_surface(given_events, decay_us))


@given(event_lists)
def test_no_pixel_exceeds_one_and_age_only_fades(given_events):
    now = time_surface(given_events, SIZE, end_us=END_US, decay_us=1e4)
    seen = given_events[given_events['t'] < END_US]
    later = time_surface(seen, SIZE, end_us=END_US + 10_000, decay_us=1e4)

    assert (np.abs(now) <= 1).all()
    assert (np.abs(later) <= np.abs(now)).all()


def test_no_events_give_zero():
    assert not time_surface(events(), SIZE, end_us=END_US, decay_us=1.0).any()


def test_an_event_at_the_end_belongs_to_the_next_surface():
    at_end = events((END_US, 3, 2, 1), (END_US - 1, 4, 2, -1))

    surface = time_surface(at_end, SIZE, end_us=END_US, decay_us=1e6)

    assert surface[2, 3] == 0
    assert surface[2, 4] == pytest.approx(-1.0, abs=1e-5)


def test_of_two_events_at_one_time_the_later_counts():
    twice = events((10, 3, 2, 1), (10, 3, 2, -1))

    assert time_surface(twice, SIZE, end_us=END_US, decay_us=1e6)[2, 3] < 0


def test_scaling_age_and_decay_changes_nothing():
    near = time_surface(events((END_US - 500, 1, 1, 1)), SIZE, end_us=END_US, decay_us=1000.0)
    far = time_surface(events((END_US - 1000, 1, 1, 1)), SIZE, end_us=END_US, decay_us=2000.0)

    assert near[1, 1] == far[1, 1]


def test_the_events_stay_as_they_are():
    given_events = events((10, 3, 2, 1))
    given_events.setflags(write=False)

    time_surface(given_events, SIZE, end_us=END_US, decay_us=1e6)

    assert given_events.tolist() == [(10, 3, 2, 1)]


@pytest.mark.parametrize(('size', 'decay_us'), [(SIZE, 0.0), (SIZE, math.nan), ((0, 5), 1.0)])
def test_senseless_arguments_are_refused(size, decay_us):
    with pytest.raises(InputError, match='Expected decay_us > 0 and a positive size, got'):
        time_surface(events(), size, end_us=END_US, decay_us=decay_us)


def test_the_picture_fades_to_white():
    surface = np.array([[0.0, 1.0, -1.0, 0.5, -0.01]], np.float32)

    picture = time_surface_image(surface)[0].tolist()

    assert picture[:3] == [[255, 255, 255], [30, 70, 220], [220, 40, 40]]
    assert picture[1][0] < picture[3][0] < 255
    assert min(picture[4]) > 250
