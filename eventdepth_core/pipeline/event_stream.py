"""
One event stream: packets in, windows out, and what is missing from them.

Pipeline time is sensor time until a packet brings its arrival time; from then on the sensor clock
maps between the two. Laws: the size and the encoding of a stream never change; a refused packet
leaves the state as it was and marks the windows that it may have touched; no events in a window
is a measurement, a tensor of zeros.

"""

from collections import deque
from dataclasses import dataclass
import threading
from typing import cast

from eventdepth_core.bundle import EventsInput
from eventdepth_core.errors import BundleError, DecodeError, InputError, StreamChangedError
from eventdepth_core.events import SensorClock, VoxelAccumulator, VoxelSpec
from eventdepth_core.events.discontinuity import SequenceWatch
from eventdepth_core.events.filters import Filtering, NO_FILTERING
from eventdepth_core.events.held_events import HeldEvents
from eventdepth_core.events.voxel_spec import Convention, CONVENTIONS
from eventdepth_core.geometry import rectification_lookup
from eventdepth_core.pipeline.arguments import checked_arrival, checked_packet
from eventdepth_core.pipeline.options import Tally
from eventdepth_core.pipeline.views import ReferenceView
from eventdepth_core.types import Camera, EventPacket, Events, Float32
import numpy as np

START_TOLERANCE_US = 1_000
"""A stream whose first event lies this close behind the start of a window fills it."""

MAX_GAPS = 64


@dataclass(frozen=True, slots=True, eq=False)
class EventWindow:
    """`voxel` float32 (T, H, W) of one window, and why it lacks something, if it does."""

    voxel: Float32
    incomplete: tuple[str, ...]


@dataclass(slots=True)
class Gap:
    """Missing packets after `start_us`; `end_us` is known when time has gone on."""

    reason: str
    start_us: int
    end_us: int | None = None

    def touches(self, start_us: int, end_us: int) -> bool:
        """Return whether anything of [start, end) may be missing."""
        return self.start_us < end_us and (self.end_us is None or self.end_us >= start_us)


class EventStream:
    """Accumulates the events of one camera; one thread may push while another asks."""

    def __init__(
        self,
        view: ReferenceView,
        camera: Camera,
        events_input: EventsInput,
        tally: Tally,
        *,
        filtering: Filtering = NO_FILTERING,
    ) -> None:
        self._camera = camera
        self._window_us = events_input.window_us
        self._interval_us = events_input.interval_us
        lookup = rectification_lookup(camera, view.rectification)
        if not (lookup >= 0).any():
            raise InputError(
                'Expected a rectification that overlaps the event camera, '
                'got none of its pixels in view.'
            )
        self._tally = tally
        self._lock = threading.Lock()
        self._accumulator = VoxelAccumulator(
            voxel_spec(events_input),
            width=camera.width,
            height=camera.height,
            lookup=lookup,
            output_size=view.camera.size,
            event_filter=filtering.chain(camera.size),
        )
        self._clock = SensorClock()
        self._forget()

    def push_packet(self, packet: EventPacket) -> bool:
        """
        Take a packet in; return whether sensor time went back.

        Raises
        ------
        UnknownEncodingError
            For an encoding without a packet decoder.
        StreamChangedError
            For another size than the camera's, or another encoding than before.
        InputError
            For numbers that are no integers or far beyond a message's.

        """
        packet = checked_packet(packet)
        with self._lock:
            self._tally.add('num_packets')
            self._follow_sequence(packet.seq)
            try:
                self._check_size(packet)
                self._accumulator.push_packet(packet.encoding, packet.payload, packet.time_base_ns)
            except DecodeError:
                self._open_gap('bad_packet')
                raise
            self._count_events()
            return self._follow_time(packet.arrival_us)

    def push_events(self, events: Events, arrival_us: int | None) -> bool:
        """
        Take decoded events EVENT_DTYPE[n] in; return whether sensor time went back.

        Raises
        ------
        InputError
            For another type, dtype or number of dimensions, or a time at the ends of int64.

        """
        arrival_us = checked_arrival(arrival_us)
        with self._lock:
            self._accumulator.push_events(events)
            self._tally.add('num_events', events.size)
            self._num_counted = self._accumulator.counts.num_events
            self._count_filtered()
            return self._follow_time(arrival_us)

    def window(self, stamp_us: int) -> EventWindow | None:
        """Return the window that ends at pipeline time `stamp_us`; None before the stream."""
        with self._lock:
            end_us = self._to_sensor(stamp_us)
            if self._start_us is None or end_us <= self._start_us:
                return None
            return EventWindow(
                self._accumulator.tensor(end_us),
                self._why_incomplete(end_us - self._window_us, end_us),
            )

    def held(self, start_us: int, end_us: int) -> HeldEvents:
        """Return the events with sensor times of [start, end) that are still kept."""
        with self._lock:
            return self._accumulator.held(start_us, end_us)

    def expect(self, end_us: int) -> None:
        """Prepare for a window that ends at sensor time `end_us`, so that it costs less then."""
        with self._lock:
            self._accumulator.expect(end_us)

    def silence_us(self, stamp_us: int) -> int:
        """Return how long before pipeline time `stamp_us` the stream last gave a sign."""
        with self._lock:
            newest_us = self._accumulator.newest_us
            return 0 if newest_us is None else self._to_sensor(stamp_us) - newest_us

    @property
    def newest_stamp_us(self) -> int | None:
        """Pipeline time of the newest closed window on the interval grid; None before one."""
        with self._lock:
            newest_us = self._accumulator.newest_us
            if newest_us is None:
                return None
            closed_us = newest_us - newest_us % self._interval_us
            if self._start_us is None or closed_us <= self._start_us:
                return None
            return self._clock.to_host(closed_us) if self._clock.is_ready else closed_us

    @property
    def size(self) -> tuple[int, int]:
        """The sensor's (height, width)."""
        return self._camera.size

    @property
    def newest_us(self) -> int | None:
        """The newest sensor time that the stream has shown, µs; None before the first."""
        return self._accumulator.newest_us

    @property
    def packet_start_us(self) -> int | None:
        """Sensor time of the first event of the latest packet; None if it brought none."""
        return self._accumulator.packet_start_us

    @property
    def clock(self) -> SensorClock:
        """The clock that maps sensor time to host time, where host times came."""
        return self._clock

    def observe(self, sensor_us: int, host_us: int) -> None:
        """
        Take in that what happened at `sensor_us` reached the host at `host_us`.

        Maps pipeline time to host time from the first call on; packets pushed with their arrival
        time do the same for the newest event they brought.

        """
        with self._lock:
            if self._clock.observe(sensor_us, host_us) is not None:
                self._tally.add('num_discontinuities')

    def to_sensor_us(self, stamp_us: int) -> int:
        """Return the sensor time of a pipeline time."""
        with self._lock:
            return self._to_sensor(stamp_us)

    def to_pipeline_us(self, sensor_us: int) -> int:
        """Return the pipeline time of a sensor time."""
        with self._lock:
            return self._clock.to_host(sensor_us) if self._clock.is_ready else sensor_us

    @property
    def is_on_host_time(self) -> bool:
        """Whether pipeline time is host time, because packets came with arrival times."""
        return self._clock.is_ready

    def reset(self) -> None:
        """Forget the stream."""
        with self._lock:
            self._accumulator.reset()
            self._clock.reset()
            self._forget()

    def _forget(self) -> None:
        self._start_us: int | None = None
        self._observed_us: int | None = None
        self._sequence = SequenceWatch()
        self._num_breaks = 0
        self._num_counted = 0
        self._num_filtered = 0
        self._gaps: deque[Gap] = deque(maxlen=MAX_GAPS)

    def _count_events(self) -> None:
        num_events = self._accumulator.counts.num_events
        self._tally.add('num_events', num_events - self._num_counted)
        self._num_counted = num_events
        self._count_filtered()

    def _count_filtered(self) -> None:
        num_filtered = self._accumulator.num_filtered
        if num_filtered != self._num_filtered:
            self._tally.add('num_filtered', num_filtered - self._num_filtered)
            self._num_filtered = num_filtered

    def _to_sensor(self, stamp_us: int) -> int:
        return self._clock.to_sensor(stamp_us) if self._clock.is_ready else stamp_us

    def _check_size(self, packet: EventPacket) -> None:
        if (packet.width, packet.height) != (self._camera.width, self._camera.height):
            raise StreamChangedError(
                f'Expected event packets of {self._camera.width} x {self._camera.height}, '
                f'the size of the event camera, got {packet.width} x {packet.height}.'
            )

    def _follow_sequence(self, seq: int | None) -> None:
        newest_us = self._accumulator.newest_us or 0
        if self._sequence.follow(seq, from_us=newest_us, to_us=newest_us) is not None:
            self._tally.add('num_sequence_gaps')
            self._open_gap('sequence_gap')

    def _open_gap(self, reason: str) -> None:
        newest_us = self._accumulator.newest_us
        self._accumulator.resynchronise()
        if newest_us is not None:
            self._gaps.append(Gap(reason, newest_us))

    def _follow_time(self, arrival_us: int | None) -> bool:
        newest_us = self._accumulator.newest_us
        if newest_us is None:
            return False
        went_back = self._follow_breaks()
        if self._start_us is None:
            self._start_us = self._first_us(newest_us)
        for gap in self._gaps:
            if gap.end_us is None and newest_us > gap.start_us:
                gap.end_us = newest_us
        has_moved = newest_us != self._observed_us
        # Where sensor time stands still a later arrival is silence, not delay.
        if arrival_us is not None and has_moved:
            self._observed_us = newest_us
            if self._clock.observe(newest_us, arrival_us) is not None:
                self._tally.add('num_discontinuities')
        return went_back

    def _follow_breaks(self) -> bool:
        num_new = self._accumulator.num_discontinuities - self._num_breaks
        if num_new == 0:
            return False
        self._num_breaks += num_new
        self._tally.add('num_discontinuities', num_new)
        latest = self._accumulator.discontinuities[-num_new:]
        went_back = any(found.kind == 'backward' for found in latest)
        if went_back:
            self._start_us = None
            self._gaps.clear()
        return went_back

    def _first_us(self, newest_us: int) -> int:
        """Return the time of the first event held, or what time it is where there is none."""
        events = self._accumulator.events_between(np.iinfo(np.int64).min, newest_us + 1)
        return int(events['t'].min()) if events.size else newest_us

    def _why_incomplete(self, start_us: int, end_us: int) -> tuple[str, ...]:
        reasons = {gap.reason: None for gap in self._gaps if gap.touches(start_us, end_us)}
        newest_us = self._accumulator.newest_us
        if newest_us is None or end_us > newest_us + self._interval_us:
            reasons = {'window_not_closed': None, **reasons}
        if start_us < self._complete_from_us():
            reasons = {'window_not_full': None, **reasons}
        return tuple(reasons)

    def _complete_from_us(self) -> int:
        """Return the time from which on nothing is missing that the stream has shown."""
        kept_from_us = self._accumulator.oldest_complete_us
        if self._start_us is None or kept_from_us is None:
            return np.iinfo(np.int64).max
        if kept_from_us > self._start_us:
            return kept_from_us
        return self._start_us - START_TOLERANCE_US


def voxel_spec(events_input: EventsInput) -> VoxelSpec:
    """
    Return the manifest's event input as the accumulator's spec.

    Raises
    ------
    BundleError
        For a representation, convention or span that this version does not accumulate.

    """
    form = (events_input.representation, events_input.convention, events_input.span)
    usable = [('voxel', convention, 'window') for convention in CONVENTIONS]
    if form not in usable:
        raise BundleError(f'Expected events in one of the forms {usable}, got {form}.')
    try:
        return VoxelSpec(
            bins=events_input.bins,
            window_us=events_input.window_us,
            interval_us=events_input.interval_us,
            convention=cast(Convention, events_input.convention),
        )
    except InputError as error:
        raise BundleError(f'inputs.events: {error}') from error
