"""What holds for every filter: examples of refusal and of counting; laws stand in test/laws."""

from eventdepth_core.errors import InputError
from eventdepth_core.events.filters import (
    BackgroundActivity,
    HotPixels,
    Orientation,
    RefractoryPeriod,
    RegionOfInterest,
)
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest

SIZE = (5, 7)


def events_of(*rows):
    return np.array(list(rows), EVENT_DTYPE)


def test_seen_and_kept_events_are_counted_until_reset():
    refractory = RefractoryPeriod(SIZE, period_us=10)

    refractory.apply(events_of((0, 1, 1, 1), (5, 1, 1, 1), (6, 2, 1, 1)))
    assert (refractory.num_seen, refractory.num_kept) == (3, 2)
    refractory.reset()

    assert (refractory.num_seen, refractory.num_kept) == (0, 0)
    assert refractory.apply(events_of((6, 1, 1, 1))).size == 1


@pytest.mark.parametrize(
    'events', [np.zeros(3), np.zeros((2, 2), EVENT_DTYPE), events_of((1 << 62, 0, 0, 1))]
)
def test_what_is_no_batch_of_events_is_refused(events):
    with pytest.raises(InputError, match='Expected events'):
        RefractoryPeriod(SIZE, period_us=10).apply(events)


@pytest.mark.parametrize(
    'make',
    [
        lambda: RefractoryPeriod(SIZE, period_us=0),
        lambda: RefractoryPeriod((0, 7), period_us=1),
        lambda: BackgroundActivity(SIZE, support_us=-1),
        lambda: BackgroundActivity(SIZE, min_neighbours=9),
        lambda: HotPixels(SIZE, min_rate_hz=0),
        lambda: HotPixels(SIZE, max_share=1.5),
        lambda: HotPixels(SIZE, epoch_us=0),
        lambda: RegionOfInterest(SIZE, origin=(0, 0), region=(6, 7)),
        lambda: RegionOfInterest(SIZE, origin=(-1, 0), region=(2, 2)),
        lambda: RegionOfInterest(SIZE, origin=(0, 0), region=(0, 2)),
        lambda: Orientation((3, -1)),
    ],
)
def test_parameters_that_make_no_sense_are_refused(make):
    with pytest.raises(InputError, match=r'Expected .*, got'):
        make()
