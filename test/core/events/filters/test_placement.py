"""Region of interest and orientation by example."""

from eventdepth_core.events.filters import Orientation, RegionOfInterest
from eventdepth_core.types import EVENT_DTYPE
import numpy as np

EVENTS = np.array([(1, 0, 0, 1), (2, 6, 4, -1), (3, 2, 1, 1), (4, 7, 1, 1)], EVENT_DTYPE)
SIZE = (5, 7)


def places(events):
    return [(t, x, y) for t, x, y, _ in events.tolist()]


def test_a_region_keeps_what_lies_in_it():
    region = RegionOfInterest(SIZE, origin=(1, 2), region=(4, 5))

    assert places(region.apply(EVENTS)) == [(2, 6, 4), (3, 2, 1)]
    assert region.output_size == SIZE


def test_a_cropped_region_is_a_sensor_of_its_own():
    region = RegionOfInterest(SIZE, origin=(1, 2), region=(4, 5), is_cropped=True)

    assert places(region.apply(EVENTS)) == [(2, 4, 3), (3, 0, 0)]
    assert region.output_size == (4, 5)


def test_flips_mirror_columns_and_rows():
    assert places(Orientation(SIZE, flip_x=True).apply(EVENTS)) == [
        (1, 6, 0),
        (2, 0, 4),
        (3, 4, 1),
    ]
    assert places(Orientation(SIZE, flip_y=True).apply(EVENTS)) == [
        (1, 0, 4),
        (2, 6, 0),
        (3, 2, 3),
    ]


def test_a_quarter_turn_swaps_the_sides():
    turned = Orientation(SIZE, quarter_turns=1)

    assert turned.output_size == (7, 5)
    assert places(turned.apply(EVENTS)) == [(1, 0, 6), (2, 4, 0), (3, 1, 4)]
