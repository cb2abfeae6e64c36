"""
What the report says about the events: totals, rate, and those of the last window for pictures.

Events are counted when they have been pushed, beside the pipeline, so that counting and drawing
never change what the pipeline does and never enter its time. Laws: memory is bounded by the
events of one window and one packet; totals do not depend on how the bytes are split.

"""

from collections import deque

from eventdepth_core.replay.event_rate import EventRate
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np


class EventObserver:
    """Counts events and keeps those of the last `keep_us` of sensor time."""

    def __init__(self, *, keep_us: int) -> None:
        self._keep_us = keep_us
        self._kept: deque[Events] = deque()
        self.num_events = 0
        self.num_events_on = 0
        self.rate = EventRate()

    def add(self, events: Events) -> None:
        """Count events, EVENT_DTYPE[n] in stream order."""
        if events.size == 0:
            return
        self.num_events += events.size
        self.num_events_on += int(np.count_nonzero(events['p'] > 0))
        if self.rate.add(events):
            self._kept.clear()
        self._kept.append(events)
        oldest_us = self.rate.newest_us - self._keep_us
        while int(self._kept[0]['t'].max()) < oldest_us:
            self._kept.popleft()

    def window(self, end_us: int, window_us: int) -> Events:
        """Return the kept events of the sensor times [end - window, end)."""
        start_us = end_us - window_us
        parts = [part[(part['t'] >= start_us) & (part['t'] < end_us)] for part in self._kept]
        return np.concatenate([np.empty(0, EVENT_DTYPE), *parts])
