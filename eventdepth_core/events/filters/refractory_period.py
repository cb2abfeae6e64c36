"""Refractory period: after an event a pixel is silent for a while, as if it were slower."""

from eventdepth_core.events.filters import filter_kernels as kernels
from eventdepth_core.events.filters.event_filter import checked_positive, EventFilter
from eventdepth_core.types import Events
import numpy as np


class RefractoryPeriod(EventFilter):
    """
    Leaves out events less than `period_us` after the last one kept at their pixel.

    Polarities share the period. Time that goes back ends it.

    """

    def __init__(self, size: tuple[int, int], *, period_us: int) -> None:
        super().__init__(size)
        checked_positive(period_us, 'period_us')
        self.period_us = period_us
        self._last_us = np.full(size, kernels.NEVER_US, np.int64)

    def reset(self) -> None:
        """Forget the stream."""
        super().reset()
        self._last_us[:] = kernels.NEVER_US

    def _keep(self, events: Events, out: Events) -> int:
        return int(kernels.keep_rested(events, self.period_us, self._last_us, out))
