"""
Events in ascending time, whatever small steps back their source has.

Laws: what comes out ascends and is a stable sort of what came in, as long as no event is older
than the newest before it by more than the window; nothing else overtakes events that came before
it; older events end it, or are counted as `late_event` where loss is allowed.

"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace

from eventdepth_core.errors import RecordingError
from eventdepth_core.events.time_kernels import is_ascending
from eventdepth_core.types import Events, EventSlice, Sample
import numpy as np

WINDOW_US = 20_000


class EventOrder:
    """Holds slices for `window_us` of sensor time; samples of other kinds wait in their place."""

    def __init__(self, window_us: int = WINDOW_US, *, allows_loss: bool = False) -> None:
        self._window_us = window_us
        self._allows_loss = allows_loss
        self._queue: deque[Sample] = deque()
        self._newest_us: int | None = None
        self._released_us: int | None = None
        self.dropped: Counter[str] = Counter()

    def add(self, sample: Sample) -> Iterator[Sample]:
        """Yield what is old enough now."""
        if isinstance(sample, EventSlice):
            if sample.events.size == 0:
                return
            self._queue_slice(_with(sample, _ascending(sample.events)))
        else:
            self._queue.append(sample)
        yield from self._released(self._window_us)

    def flush(self) -> Iterator[Sample]:
        """Yield all that waits."""
        yield from self._released(0)

    def _queue_slice(self, sample: EventSlice) -> None:
        events = self._in_time(sample.events)
        if events.size == 0:
            return
        is_behind = self._newest_us is not None and int(events['t'][0]) < self._newest_us
        self._newest_us = max(self._newest_us or 0, int(events['t'][-1]))
        if is_behind:
            self._merge(_with(sample, events))
        else:
            self._queue.append(_with(sample, events))

    def _in_time(self, events: Events) -> Events:
        """Return the events without those older than what has been released."""
        released_us, first_us = self._released_us, int(events['t'][0])
        if released_us is None or first_us >= released_us:
            return events
        if not self._allows_loss:
            raise RecordingError(
                f'Expected event times that go back by at most {self._window_us} µs, got a step '
                f'from {self._newest_us} back to {first_us} µs; with allowed loss such events '
                'are left out.'
            )
        num_late = int(np.searchsorted(np.ascontiguousarray(events['t']), released_us))
        self.dropped['late_event'] += num_late
        return events[num_late:]

    def _merge(self, sample: EventSlice) -> None:
        """Sort a slice in with the newer events that wait, in the place of the first of them."""
        first_us = sample.events['t'][0]
        before: list[Sample] = []
        after: list[Sample] = []
        parts: list[Events] = []
        for each in self._queue:
            if isinstance(each, EventSlice) and each.events['t'][-1] > first_us:
                parts.append(each.events)
            else:
                (after if parts else before).append(each)
        events = _ascending(np.concatenate([*parts, sample.events]))
        self._queue = deque([*before, replace(sample, events=events), *after])

    def _released(self, window_us: int) -> Iterator[Sample]:
        while self._queue:
            sample = self._queue[0]
            if isinstance(sample, EventSlice):
                last_us = int(sample.events['t'][-1])
                if self._newest_us is not None and last_us > self._newest_us - window_us:
                    return
                self._released_us = last_us
            yield self._queue.popleft()


def _with(sample: EventSlice, events: Events) -> EventSlice:
    return sample if events is sample.events else replace(sample, events=events)


def _ascending(events: Events) -> Events:
    """Return the events sorted by time, stable; themselves where they are."""
    if is_ascending(events):
        return events
    return events[np.argsort(events['t'], kind='stable')]
