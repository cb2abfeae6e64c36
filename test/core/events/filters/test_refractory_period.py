"""Refractory period by example."""

from eventdepth_core.events.filters import RefractoryPeriod
from eventdepth_core.types import EVENT_DTYPE
import numpy as np


def test_the_period_counts_from_the_last_event_kept():
    times = [0, 9, 10, 19, 20, 5]
    events = np.array([(t, 3, 2, 1) for t in times], EVENT_DTYPE)

    kept = RefractoryPeriod((5, 7), period_us=10).apply(events)

    assert kept['t'].tolist() == [0, 10, 20, 5]


def test_pixels_rest_each_for_itself_and_polarities_together():
    events = np.array([(0, 3, 2, 1), (1, 4, 2, 1), (2, 3, 2, -1)], EVENT_DTYPE)

    kept = RefractoryPeriod((5, 7), period_us=10).apply(events)

    assert kept['x'].tolist() == [3, 4]
