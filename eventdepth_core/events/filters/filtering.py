"""Which filters a stream goes through before anything is accumulated, as plain numbers."""

from dataclasses import dataclass

from eventdepth_core.errors import InputError
from eventdepth_core.events.filters.background_activity import BackgroundActivity
from eventdepth_core.events.filters.event_filter import EventFilter
from eventdepth_core.events.filters.filter_chain import FilterChain
from eventdepth_core.events.filters.hot_pixels import HotPixels
from eventdepth_core.events.filters.refractory_period import RefractoryPeriod


@dataclass(frozen=True, slots=True)
class Filtering:
    """
    Filters of one stream, in this order; none of them by default.

    `hot_pixels` leaves out pixels that fire on and on (see `HotPixels`), `refractory_us` events
    that come sooner after the last one of their pixel, `background_us` events without one in the
    neighbourhood within that time. Filtered packets are decoded first: several times the cost.

    Raises
    ------
    InputError
        For a time below 0.

    """

    hot_pixels: bool = False
    refractory_us: int = 0
    background_us: int = 0

    def __post_init__(self) -> None:
        for name in ('refractory_us', 'background_us'):
            if getattr(self, name) < 0:
                raise InputError(f'Expected {name} >= 0, got {getattr(self, name)}.')

    def chain(self, size: tuple[int, int]) -> FilterChain | None:
        """Return new filters for a sensor of `size` = (height, width); None for none."""
        filters: list[EventFilter] = []
        if self.hot_pixels:
            filters.append(HotPixels(size))
        if self.refractory_us:
            filters.append(RefractoryPeriod(size, period_us=self.refractory_us))
        if self.background_us:
            filters.append(BackgroundActivity(size, support_us=self.background_us))
        return FilterChain(filters) if filters else None


NO_FILTERING = Filtering()
