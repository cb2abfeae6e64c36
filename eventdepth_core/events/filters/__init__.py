"""
Streaming filters: events in, fewer or moved events out, with their state between batches.

Each is a small object with `apply(events)`; a `FilterChain` is one as well, and `Filtering` makes
one. They take decoded events: an accumulator with a filter decodes its packets first, because what
is fused from bytes to tensor cannot be filtered on its way.

"""

from eventdepth_core.events.filters.background_activity import BackgroundActivity
from eventdepth_core.events.filters.event_filter import EventFilter
from eventdepth_core.events.filters.filter_chain import FilterChain
from eventdepth_core.events.filters.filtering import Filtering, NO_FILTERING
from eventdepth_core.events.filters.hot_pixels import HotPixels
from eventdepth_core.events.filters.placement import Orientation, RegionOfInterest
from eventdepth_core.events.filters.refractory_period import RefractoryPeriod

__all__ = [
    'NO_FILTERING',
    'BackgroundActivity',
    'EventFilter',
    'FilterChain',
    'Filtering',
    'HotPixels',
    'Orientation',
    'RefractoryPeriod',
    'RegionOfInterest',
]
