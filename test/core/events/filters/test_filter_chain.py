"""Chains: order, sizes."""

from eventdepth_core.errors import InputError
from eventdepth_core.events.filters import (
    FilterChain,
    Orientation,
    RefractoryPeriod,
    RegionOfInterest,
)
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest

SIZE = (5, 7)


def test_filters_follow_one_another():
    crop = RegionOfInterest(SIZE, origin=(1, 2), region=(4, 5), is_cropped=True)
    chain = FilterChain(
        [crop, Orientation((4, 5), quarter_turns=1), RefractoryPeriod((5, 4), period_us=10)]
    )
    events = np.array([(0, 2, 1, 1), (5, 2, 1, 1), (6, 0, 0, 1), (30, 2, 1, 1)], EVENT_DTYPE)

    kept = chain.apply(events)

    assert kept.tolist() == [(0, 0, 4, 1), (30, 0, 4, 1)]
    assert (chain.size, chain.output_size) == (SIZE, (5, 4))
    assert [each.num_seen for each in chain.filters] == [4, 3, 3]


def test_a_reset_reaches_every_filter():
    chain = FilterChain([RefractoryPeriod(SIZE, period_us=10)] * 2)
    events = np.array([(0, 2, 1, 1)], EVENT_DTYPE)
    chain.filters[0].apply(events)

    chain.reset()

    assert chain.filters[0].apply(events).size == 1


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r'RefractoryPeriod for .*\(7, 5\), which Orientation'):
        FilterChain([Orientation(SIZE, quarter_turns=1), RefractoryPeriod(SIZE, period_us=1)])


def test_no_filter_at_all_is_refused():
    with pytest.raises(InputError, match='Expected at least one filter'):
        FilterChain([])
