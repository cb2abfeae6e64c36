"""Background activity: noise is alone, edges come with their neighbours."""

from eventdepth_core.errors import InputError
from eventdepth_core.events.filters import filter_kernels as kernels
from eventdepth_core.events.filters.event_filter import checked_positive, EventFilter
from eventdepth_core.types import Events
import numpy as np

NUM_NEIGHBOURS = 8


class BackgroundActivity(EventFilter):
    """
    Keeps an event if enough of its 8 neighbours had one within `support_us` before or at it.

    Every event supports, kept or not; the pixel itself does not, so a hot pixel alone is noise.

    """

    def __init__(
        self, size: tuple[int, int], *, support_us: int = 10_000, min_neighbours: int = 1
    ) -> None:
        super().__init__(size)
        checked_positive(support_us, 'support_us')
        if not 1 <= min_neighbours <= NUM_NEIGHBOURS:
            raise InputError(f'Expected min_neighbours of 1 to 8, got {min_neighbours}.')
        self.support_us = support_us
        self.min_neighbours = min_neighbours
        # a margin of one pixel spares the kernel all borders
        self._last_us = np.full((size[0] + 2, size[1] + 2), kernels.NEVER_US, np.int64)

    def reset(self) -> None:
        """Forget the stream."""
        super().reset()
        self._last_us[:] = kernels.NEVER_US

    def _keep(self, events: Events, out: Events) -> int:
        return int(
            kernels.keep_supported(
                events, self.support_us, self.min_neighbours, self._last_us, out
            )
        )
