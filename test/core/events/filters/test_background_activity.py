"""Background activity by example."""

from eventdepth_core.events.filters import BackgroundActivity
from eventdepth_core.types import EVENT_DTYPE
import numpy as np

SIZE = (5, 7)


def kept_of(*rows, **options):
    kept = BackgroundActivity(SIZE, support_us=10, **options).apply(
        np.array(list(rows), EVENT_DTYPE)
    )
    return [tuple(event)[:3] for event in kept.tolist()]


def test_an_event_needs_a_neighbour_in_time():
    assert kept_of((0, 3, 2, 1), (10, 4, 3, -1), (21, 3, 2, 1)) == [(10, 4, 3)]


def test_a_pixel_does_not_support_itself():
    assert kept_of((0, 3, 2, 1), (1, 3, 2, 1), (2, 3, 2, 1)) == []


def test_what_comes_later_supports_nothing():
    assert kept_of((5, 3, 2, 1), (4, 4, 2, 1)) == []


def test_the_two_sides_of_the_sensor_are_no_neighbours():
    assert kept_of((0, 6, 2, 1), (1, 0, 3, 1), (2, 0, 2, 1)) == [(2, 0, 2)]


def test_more_neighbours_can_be_asked_for():
    rows = (0, 2, 2, 1), (1, 4, 2, 1), (2, 3, 2, 1), (3, 1, 2, 1)

    assert kept_of(*rows, min_neighbours=2) == [(2, 3, 2)]
