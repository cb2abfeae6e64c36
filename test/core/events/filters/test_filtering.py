from eventdepth_core.errors import InputError
from eventdepth_core.events.filters import (
    BackgroundActivity,
    Filtering,
    HotPixels,
    NO_FILTERING,
    RefractoryPeriod,
)
import pytest

SIZE = (21, 35)


def test_nothing_is_filtered_by_default():
    assert NO_FILTERING.chain(SIZE) is None


def test_filters_are_made_in_order_with_their_times():
    chain = Filtering(hot_pixels=True, refractory_us=300, background_us=2_000).chain(SIZE)

    hot, refractory, background = chain.filters
    assert isinstance(hot, HotPixels)
    assert isinstance(refractory, RefractoryPeriod)
    assert refractory.period_us == 300
    assert isinstance(background, BackgroundActivity)
    assert background.support_us == 2_000
    assert chain.size == chain.output_size == SIZE


@pytest.mark.parametrize('name', ['refractory_us', 'background_us'])
def test_a_time_below_zero_is_refused(name):
    with pytest.raises(InputError, match=f'{name} >= 0, got -1'):
        Filtering(**{name: -1})
