"""
The loop of a replay: samples in their order, estimates at their stamps.

An estimate at t is made when the first event at or after t comes, before that event is pushed, or
`delay_us` later, where events and poses after the stamp are used for it;
images, points and poses wait until the estimate they belong to. In the order of a recording that a
node would see, samples are played as they come; otherwise one event sample is held back until the
next one comes, so that an image sorted just behind a slice of events still meets the estimates
inside it. The grid of a rate lies in sensor time where there are events, so that its windows cost
the least. Laws: a sample that the pipeline refuses costs that sample and is counted; without
events the newest stamp is the time; every stamp that is fired gives one frame or one drop.

"""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from eventdepth_core.errors import EventDepthError
from eventdepth_core.replay.event_feed import EventFeed
from eventdepth_core.replay.event_rate import first_jump
from eventdepth_core.replay.event_source import EventSource
from eventdepth_core.replay.tally import ReadTally
from eventdepth_core.scheduling.triggers import RateTriggers, StampTriggers
from eventdepth_core.scheduling.waiting import Waiting, WaitingRoom
from eventdepth_core.types import DepthSample, EventPacket, EventSlice, Sample
import numpy as np
from numpy.typing import NDArray

EventSample: TypeAlias = EventPacket | EventSlice


class Estimator(Protocol):
    """What takes waiting samples and makes frames of them."""

    def push(self, sample: Waiting) -> None:
        """Take one image, points or pose; what is wrong with it is counted."""

    def estimate(self, stamp_us: int) -> bool:
        """Make and keep one frame; return whether there was one."""

    def take_reference(self, reference: DepthSample) -> None:
        """Take a reference depth."""


@dataclass(frozen=True, slots=True)
class Extent:
    """
    The part of a recording that is replayed, counted from its first sample.

    Where events enter, estimates wait for those up to `delay_us` after their stamp.

    """

    start_us: int = 0
    duration_us: int | None = None
    max_frames: int | None = None
    delay_us: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """Where in a sample to stop pushing: before event `index`, and why."""

    index: int
    reason: Literal['end', 'jump', 'trigger']


class Playback:
    """
    Plays samples into a pipeline.

    `feed` is None where no events enter; `entering` are the kinds of other samples that do.

    """

    def __init__(
        self,
        feed: EventFeed | None,
        estimator: Estimator,
        triggers: RateTriggers | StampTriggers,
        *,
        entering: tuple[type[Waiting], ...],
        extent: Extent,
        is_live_order: bool = False,
    ) -> None:
        self.tally = ReadTally()
        self.waiting = WaitingRoom()
        self.discontinuities: list[int] = []
        self._feed = feed
        self._estimator = estimator
        self._triggers = triggers
        self._entering = entering
        self._extent = extent
        self._is_live_order = is_live_order
        self._delay_us = extent.delay_us
        self._is_on_sensor_grid = feed is not None and isinstance(triggers, RateTriggers)
        self._held: EventSample | None = None
        self.first_us: int | None = None
        self._newest_us: int | None = None  # sensor time with events, else the newest stamp
        self._num_frames = 0
        self.is_over = False

    @property
    def last_us(self) -> int | None:
        """The newest pipeline time that was reached, None before any."""
        if self._newest_us is None or self._feed is None:
            return self._newest_us
        return self._feed.to_pipeline_us(self._newest_us)

    def play(self, sample: Sample) -> None:
        """Take the next sample of the recording."""
        self.tally.add(sample)
        if isinstance(sample, (EventPacket, EventSlice)):
            if self._feed is not None:
                self._release_held()
                self._held = sample
                if self._is_live_order:
                    self._release_held()
        else:
            self._receive(sample)

    def finish(self) -> None:
        """Play what was held back and make the estimates that are still due."""
        self._release_held()
        if isinstance(self._triggers, StampTriggers):
            self._fire_all()
        elif self._feed is None:
            self._fire_until(self._newest_us)
        self.waiting.forget()

    def _receive(self, sample: Waiting | DepthSample) -> None:
        if self._feed is None:
            self._follow_stamp(sample.stamp_us)
        elif self.waiting.is_full:
            # events have been silent for long: the images will not wait for them
            self._release_held()
            if isinstance(self._triggers, StampTriggers):
                self._fire_all()
        if isinstance(sample, DepthSample):
            self._estimator.take_reference(sample)
        elif isinstance(sample, self._entering):
            self.waiting.add(sample)
        if isinstance(self._triggers, StampTriggers):
            self._triggers.add(sample)

    def _follow_stamp(self, stamp_us: int) -> None:
        """Let time go on to a stamp where no events carry it."""
        if self._newest_us is None:
            self.first_us = self._newest_us = stamp_us
            self._triggers.start(stamp_us - 1)
        elif stamp_us > self._newest_us:
            self._fire_until(self._newest_us)
            self._newest_us = stamp_us

    def _release_held(self) -> None:
        held, self._held = self._held, None
        if held is None or self._feed is None or self.is_over:
            return
        source = self._feed.open(held)
        if source is None:
            return
        try:
            self._play_events(self._feed, source)
        except EventDepthError:
            return  # the pipeline has counted it

    def _play_events(self, feed: EventFeed, source: EventSource) -> None:
        times_us = source.events['t']
        if times_us.size == 0:
            feed.push(source, 0, 0)
            return
        if self._newest_us is None:
            feed.meet(source)
            self._start(feed, int(times_us[0]))
        position = 0
        while position < times_us.size and not self.is_over:
            cut = self._next_cut(feed, times_us, position)
            if cut.index > position:
                feed.push(source, position, cut.index)
                self._follow_events(times_us[position : cut.index])
            position = cut.index
            self._reach(feed, cut, times_us)

    def _next_cut(self, feed: EventFeed, times_us: NDArray[np.int64], position: int) -> Cut:
        rest_us = times_us[position:]
        jump = first_jump(rest_us, self._newest_us)
        stamp_us = self._triggers.peek()
        is_due = np.zeros(0, np.bool_)
        if stamp_us is not None:
            due_us = stamp_us if self._is_on_sensor_grid else feed.to_sensor_us(stamp_us)
            is_due = rest_us[:jump] >= due_us + self._delay_us
        if is_due.any():
            return Cut(position + int(np.argmax(is_due)), 'trigger')
        if jump is not None:
            return Cut(position + jump, 'jump')
        return Cut(times_us.size, 'end')

    def _reach(self, feed: EventFeed, cut: Cut, times_us: NDArray[np.int64]) -> None:
        """Do what is to be done before the event at a cut."""
        if cut.reason == 'trigger':
            self._fire_next()
        elif cut.reason == 'jump':
            from_us = self._newest_us or 0
            self._newest_us = int(times_us[cut.index])
            at_us = self._newest_us
            self.discontinuities.append(feed.to_pipeline_us(at_us))
            if not self._is_on_sensor_grid:
                from_us, at_us = feed.to_pipeline_us(from_us), feed.to_pipeline_us(at_us)
            self._triggers.jump(from_us, at_us)

    def _follow_events(self, times_us: NDArray[np.int64]) -> None:
        if times_us.size == 0:
            return
        newest_us = int(times_us.max())
        self._newest_us = newest_us if self._newest_us is None else max(self._newest_us, newest_us)

    def _start(self, feed: EventFeed, sensor_us: int) -> None:
        self.first_us = feed.to_pipeline_us(sensor_us)
        self._triggers.start(sensor_us if self._is_on_sensor_grid else self.first_us)

    def _fire_until(self, newest_us: int | None) -> None:
        stamp_us = self._triggers.peek()
        while newest_us is not None and stamp_us is not None and stamp_us <= newest_us:
            self._fire_next()
            stamp_us = self._triggers.peek()

    def _fire_all(self) -> None:
        while self._triggers.peek() is not None:
            self._fire_next()

    def _fire_next(self) -> None:
        """Make the estimate at the next stamp if it lies in the extent of the replay."""
        stamp_us = self._triggers.peek()
        self._triggers.pop()
        if stamp_us is None or self.is_over:
            return
        if self._is_on_sensor_grid and self._feed is not None:
            stamp_us = self._feed.to_pipeline_us(stamp_us)
        elapsed_us = stamp_us - (stamp_us if self.first_us is None else self.first_us)
        if self._extent.duration_us is not None:
            self.is_over = elapsed_us > self._extent.start_us + self._extent.duration_us
        is_early = self._extent.start_us > 0 and elapsed_us < self._extent.start_us
        if self.is_over or is_early:
            return
        for sample in self.waiting.released(stamp_us, stamp_us + self._delay_us):
            self._estimator.push(sample)
        self.tally.num_triggers_fired += 1
        self._num_frames += self._estimator.estimate(stamp_us)
        self.is_over = self._num_frames == self._extent.max_frames
