"""Filters one after the other, themselves a filter."""

from collections.abc import Sequence
from itertools import pairwise

from eventdepth_core.errors import InputError
from eventdepth_core.events.filters.event_filter import EventFilter
from eventdepth_core.types import Events


class FilterChain:
    """
    Applies `filters` in order; the size of each must be the output size of the one before.

    Raises
    ------
    InputError
        For sizes that do not fit together, or no filter at all.

    """

    def __init__(self, filters: Sequence[EventFilter]) -> None:
        if not filters:
            raise InputError('Expected at least one filter, got none.')
        for before, after in pairwise(filters):
            if before.output_size != after.size:
                raise InputError(
                    f'Expected {type(after).__name__} for (height, width) {before.output_size}, '
                    f'which {type(before).__name__} gives, got one for {after.size}.'
                )
        self.filters = tuple(filters)
        self.size = filters[0].size
        self.output_size = filters[-1].output_size

    def apply(self, events: Events) -> Events:
        """Return what all filters leave of `events`, EVENT_DTYPE[n], as an array of its own."""
        for each in self.filters:
            events = each.apply(events)
        return events

    def reset(self) -> None:
        """Forget the stream."""
        for each in self.filters:
            each.reset()
