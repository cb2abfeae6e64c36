"""
What all filters share: the size of the sensor, the check of a batch, counts.

Laws: the events that come out are a part of those that went in, in their order (filters of places
may move them, then one to one); a stream gives the same events however it is cut into batches;
the argument stays as it is and is not held; no events give no events; an event outside the
sensor is left out.

"""

from abc import ABC, abstractmethod

from eventdepth_core.errors import InputError
from eventdepth_core.events.arguments import check_events
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np


class EventFilter(ABC):
    """
    Base of the filters of one stream; `size` is (height, width) of its sensor.

    `num_seen` and `num_kept` count the events that went in and came out since `reset`.

    """

    def __init__(self, size: tuple[int, int]) -> None:
        if min(size) <= 0:
            raise InputError(f'Expected a positive sensor size (height, width), got {size}.')
        self.size = size
        self.output_size = size
        self.num_seen = 0
        self.num_kept = 0

    def apply(self, events: Events) -> Events:
        """
        Return what is left of `events`, EVENT_DTYPE[n] in stream order, as an array of its own.

        Raises
        ------
        InputError
            For another type, dtype or number of dimensions, a time at the ends of int64, or a
            polarity other than -1 and +1.

        """
        check_events(events)
        # zeros, not empty: the padding between the fields must not vary from run to run
        out = np.zeros(events.size, EVENT_DTYPE)
        num_kept = self._keep(events, out)
        self.num_seen += events.size
        self.num_kept += num_kept
        # a view would hold the memory of all that is gone
        return out[:num_kept] if 2 * num_kept >= events.size else out[:num_kept].copy()

    def reset(self) -> None:
        """Forget the stream."""
        self.num_seen = 0
        self.num_kept = 0

    @abstractmethod
    def _keep(self, events: Events, out: Events) -> int:
        """Write what is left into `out` and return how many events that are."""


def checked_positive(value: float, name: str) -> None:
    """
    Check a parameter of a filter.

    Raises
    ------
    InputError
        If it is not positive.

    """
    if not value > 0:
        raise InputError(f'Expected {name} > 0, got {value}.')
