"""
Sensors in, frames out, while time goes on: what a node does, without ROS.

One thread pushes (the callbacks), one worker infers. An estimate is triggered when the first event
at or after its stamp (and the delay of motion) has come, or when grace is over; its window is
taken at that moment, so the frames are those that a replay of the same messages makes, bit for
bit; packets for the sweep are decoded by the worker. Laws: a refused input costs that input and is
counted; each trigger ends as one frame or one counted drop; stamps increase strictly between
resets; after a reset no frame holds anything from before.

"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
import threading
import time
from types import MappingProxyType

from eventdepth_core.errors import EventDepthError, UnsupportedInputError
from eventdepth_core.events import RELATIVE_ENCODINGS
from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.realtime.host_time import HostTime
from eventdepth_core.realtime.ledger import Ledger
from eventdepth_core.realtime.options import RealtimeOptions
from eventdepth_core.realtime.request import Mailbox, Request
from eventdepth_core.realtime.status import LiveFrame, LiveStatus
from eventdepth_core.realtime.triggering import new_triggers
from eventdepth_core.scheduling.triggers import RateTriggers, StampTriggers
from eventdepth_core.scheduling.waiting import Waiting, WaitingRoom
from eventdepth_core.types import EventPacket, ImageSample, Modality, PointsSample, PoseSample

MAX_BACKWARD_US = 50_000
MAX_SILENCE_US = 2_000_000
LOOP_US = 500_000
"""Host times that go back by more than this are a recording that begins anew."""
LEAP_US = 300_000
"""Events further ahead of their packet's host time than ever, by more than this, are broken."""
MAX_SPAN_US = 1_000_000
"""So is a packet whose own events lie further apart than this."""


class LiveDepth:
    """
    Runs a pipeline live.

    Parameters
    ----------
    pipeline : DepthPipeline
        Warmed up, and used by nobody else from now on.
    options : RealtimeOptions
        When estimates are made.
    on_frame : callable
        Takes each `LiveFrame`, in the worker's thread.
    on_failure : callable
        Takes what an estimate raised, in the worker's thread; the estimate is dropped.

    Raises
    ------
    InputError
        For triggers of a modality that the bundle does not use.

    """

    def __init__(
        self,
        pipeline: DepthPipeline,
        options: RealtimeOptions,
        on_frame: Callable[[LiveFrame], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._pipeline = pipeline
        self._options = options
        self._on_frame = on_frame
        self._on_failure = on_failure
        self._stream = pipeline.events
        self._delay_us = pipeline.motion_delay_us
        self._triggers = new_triggers(pipeline, options)
        self._waiting = WaitingRoom()
        self._event_time = HostTime()
        self._other_time = HostTime()
        self._ledger = Ledger()
        self._mailbox = Mailbox()
        self._worker: threading.Thread | None = None
        self._generation = 0
        self._has_started = False
        self._expected_us: int | None = None
        self._last_stamp_us: int | None = None
        self._refused: Counter[str] = Counter()
        self._last_host_us: dict[Modality, int] = {}
        self._max_lead_us: int | None = None
        self._newest_us: dict[Modality, int] = {}

    def start(self) -> None:
        """Start the worker; nothing happens if it runs."""
        if self._worker is None:
            self._mailbox = Mailbox()
            self._worker = threading.Thread(target=self._work, name='inference', daemon=True)
            self._worker.start()

    def stop(self, timeout_s: float = 1.5) -> bool:
        """Let the worker end after its estimate; return whether it has within the time."""
        worker, self._worker = self._worker, None
        if worker is None:
            return True
        if self._mailbox.clear() is not None:
            self._ledger.drop('stopped')
        self._mailbox.close()
        worker.join(timeout_s)
        return not worker.is_alive()

    def push_packet(self, packet: EventPacket) -> None:
        """Take an event packet in; `arrival_us` is the host's time of its first event."""
        received_ns = time.monotonic_ns()
        if self._stream is None:
            self._refused[UnsupportedInputError.reason] += 1
            return
        self._follow_loop('events', packet.arrival_us)
        before_us = self._stream.newest_us
        with suppress(EventDepthError):  # the pipeline has counted it
            self._pipeline.push_packet(
                packet.encoding,
                packet.width,
                packet.height,
                packet.time_base_ns,
                packet.payload,
                seq=packet.seq,
            )
            if self._has_leapt(packet.arrival_us):
                self._refused['time_leap'] += 1
                self.reset('time_leap')
                return
            self._follow_events(packet, before_us, received_ns)

    def push_image(self, sample: ImageSample) -> None:
        """Take an image in; it is encoded when the estimate it belongs to is made."""
        self._receive('image', sample)

    def push_points(self, sample: PointsSample) -> None:
        """Take points in; they are encoded when the estimate they belong to is made."""
        self._receive('points', sample)

    def push_pose(self, sample: PoseSample) -> None:
        """Take a pose of the reference camera in."""
        self._pipeline.expect_poses()
        self._waiting.add(sample)

    def follow_time(self, now_us: int) -> None:
        """Close the windows whose grace is over by a clock; only its differences matter."""
        time_us = self._time_after(now_us)
        if time_us is None:
            return
        while (stamp_us := self._next_stamp_us()) is not None:
            if stamp_us + self._delay_us + self._options.grace_us > time_us:
                return
            self._fire(stamp_us, time.monotonic_ns())

    def reset(self, reason: str) -> None:
        """Forget everything that came in; what waits and what is in work gives no frame."""
        self._generation += 1
        self._pipeline.reset()
        self._waiting.forget()
        self._event_time.reset()
        self._other_time.reset()
        self._newest_us.clear()
        self._last_host_us.clear()
        self._max_lead_us = None
        self._triggers = new_triggers(self._pipeline, self._options)
        self._has_started = False
        self._expected_us = None
        self._last_stamp_us = None
        self._ledger.reset(reason)
        if self._mailbox.clear() is not None:
            self._ledger.drop('reset')

    def status(self) -> LiveStatus:
        """Return a snapshot; may be called from any thread."""
        clock = None if self._stream is None else self._stream.clock
        is_mapped = clock is not None and clock.is_ready
        entries = self._ledger.snapshot()
        return LiveStatus(
            counts=self._pipeline.counts,
            num_triggers=entries.num_triggers,
            num_frames=entries.num_frames,
            num_pending=entries.num_pending,
            drops=entries.drops,
            input_drops=MappingProxyType(dict(self._refused + self._waiting.drops)),
            newest_us=MappingProxyType(dict(self._newest_us)),
            clock_offset_us=clock.offset_us if clock is not None and is_mapped else None,
            clock_drift_ppm=None if clock is None else clock.drift_ppm,
            clock_jitter_us=None if clock is None else clock.jitter_us,
            num_resets=entries.num_resets,
            last_mode=entries.mode,
            last_incomplete=entries.incomplete,
            motion_delay_us=self._delay_us,
        )

    def _follow_events(self, packet: EventPacket, before_us: int | None, received_ns: int) -> None:
        """Fire what the events of a packet have closed, then let it tell the time."""
        stream = self._stream
        if stream is None or stream.newest_us is None or stream.packet_start_us is None:
            return
        if not self._has_started:
            self._observe(packet)
            self._has_started = True
            self._start_grid(stream.packet_start_us)
        elif before_us is not None:
            self._follow_jump(before_us, stream.packet_start_us, stream.newest_us)
        newest_us = stream.to_pipeline_us(stream.newest_us)
        self._event_time.follow(newest_us)
        self._newest_us['events'] = newest_us
        self._fire_due(received_ns)
        self._observe(packet)
        self._expect_next()

    def _expect_next(self) -> None:
        """Let the window of the next stamp of the grid be written as its intervals close."""
        stamp_us = self._triggers.peek() if self._is_on_sensor_grid else None
        if stamp_us is not None and stamp_us != self._expected_us and self._stream is not None:
            self._expected_us = stamp_us
            self._stream.expect(stamp_us)

    def _observe(self, packet: EventPacket) -> None:
        stream = self._stream
        if stream is None or stream.packet_start_us is None or packet.arrival_us is None:
            return
        if packet.encoding in RELATIVE_ENCODINGS:
            stream.observe(stream.packet_start_us, packet.arrival_us)

    def _follow_loop(self, modality: Modality, host_us: int | None) -> None:
        """Start anew where the host's time goes back: the decoder would take it for a wrap."""
        if host_us is None:
            return
        last_us = self._last_host_us.get(modality, host_us)
        if host_us < last_us - LOOP_US:
            self.reset('loop')
        self._last_host_us[modality] = host_us

    def _has_leapt(self, host_us: int | None) -> bool:
        """
        Return whether sensor time has run away from the host's: broken bytes, or another clock.

        A broken time word moves an unwrapped clock ahead by seconds, and it never comes back.

        """
        stream = self._stream
        if stream is None or stream.newest_us is None or host_us is None:
            return False
        start_us = stream.packet_start_us
        if start_us is not None and stream.newest_us - start_us > MAX_SPAN_US:
            return True
        lead_us = stream.newest_us - host_us
        if self._max_lead_us is not None and lead_us > self._max_lead_us + LEAP_US:
            return True
        self._max_lead_us = max(lead_us, self._max_lead_us or lead_us)
        return False

    def _start_grid(self, sensor_us: int) -> None:
        if isinstance(self._triggers, RateTriggers):
            self._triggers.start(sensor_us)

    def _follow_jump(self, before_us: int, first_us: int, newest_us: int) -> None:
        is_back = newest_us < before_us - MAX_BACKWARD_US
        if not is_back and first_us - before_us <= MAX_SILENCE_US:
            return
        if isinstance(self._triggers, RateTriggers):
            self._triggers.jump(before_us, first_us)
        elif self._stream is not None:
            to_pipeline_us = self._stream.to_pipeline_us
            self._triggers.jump(to_pipeline_us(before_us), to_pipeline_us(first_us))
        if is_back:
            self._last_stamp_us = None

    def _receive(self, modality: Modality, sample: ImageSample | PointsSample) -> None:
        received_ns = time.monotonic_ns()
        if modality not in self._pipeline.bundle.inputs.modalities:
            self._refused[UnsupportedInputError.reason] += 1
            return
        if not self._has_started:  # where events come, they tell the time
            self._follow_loop(modality, sample.stamp_us)
        self._newest_us[modality] = sample.stamp_us
        self._other_time.follow(sample.stamp_us)
        self._waiting.add(sample)
        if isinstance(self._triggers, StampTriggers):
            self._triggers.add(sample)
        elif not self._has_started and self._triggers.peek() is None:
            self._triggers.start(sample.stamp_us - 1)
        self._fire_due(received_ns)

    def _time_after(self, clock_us: int) -> int | None:
        """Return what time it is by the events, by the others once those are gone; else None."""
        for source in (self._event_time, self._other_time):
            now_us, newest_us = source.now(clock_us), source.newest_us
            if now_us is None or newest_us is None:
                continue
            if now_us - newest_us <= self._pipeline.options.max_event_silence_us:
                return now_us
        return None

    def _next_stamp_us(self) -> int | None:
        """Return the next stamp in pipeline time."""
        stamp_us = self._triggers.peek()
        if stamp_us is None or not self._is_on_sensor_grid or self._stream is None:
            return stamp_us
        return self._stream.to_pipeline_us(stamp_us)

    @property
    def _is_on_sensor_grid(self) -> bool:
        return self._has_started and isinstance(self._triggers, RateTriggers)

    def _fire_due(self, received_ns: int) -> None:
        while (stamp_us := self._next_stamp_us()) is not None and self._is_closed(stamp_us):
            self._fire(stamp_us, received_ns)

    def _is_closed(self, stamp_us: int) -> bool:
        """Return whether nothing more is to be waited for at a stamp."""
        if self._stream is None:
            return min(self._newest_us.values(), default=stamp_us - 1) >= stamp_us
        newest_us = self._stream.newest_us
        if newest_us is None or not self._has_started:
            return False
        return self._stream.to_sensor_us(stamp_us + self._delay_us) <= newest_us

    def _fire(self, stamp_us: int, received_ns: int) -> None:
        """Take the window of a stamp and leave it to the worker."""
        self._triggers.pop()
        self._ledger.trigger()
        if self._last_stamp_us is not None and stamp_us <= self._last_stamp_us:
            self._ledger.drop('not_increasing')
            return
        self._last_stamp_us = stamp_us
        try:
            captured = self._pipeline.capture(stamp_us)
        except EventDepthError as error:
            self._ledger.drop(error.reason)
            return
        samples = tuple(self._waiting.released(stamp_us, stamp_us + self._delay_us))
        captured_ns = time.monotonic_ns()
        request = Request(captured, samples, self._generation, received_ns, captured_ns)
        if self._mailbox.put(request) is not None:
            self._ledger.drop('overload')
        time.sleep(0)  # lets the worker have the interpreter now, not when this callback ends

    def _work(self) -> None:
        mailbox = self._mailbox
        while (request := mailbox.take()) is not None:
            try:
                self._serve(request)
            except Exception as error:  # noqa: BLE001 - reported, and the worker must live on
                self._on_failure(error)

    def _serve(self, request: Request) -> None:
        started_ns = time.monotonic_ns()
        if request.generation != self._generation:
            self._ledger.drop('reset')
            return
        try:
            for each in request.passed:
                for pose in each.poses:
                    self._push(pose)
                self._pipeline.pass_by(each.captured)
            for sample in request.samples:
                self._push(sample)
            frame = self._pipeline.finish(request.captured)
        except EventDepthError as error:
            self._ledger.drop(error.reason)
            raise
        except Exception:
            self._ledger.drop('internal_error')
            raise
        finished_ns = time.monotonic_ns()
        if request.generation != self._generation:
            self._ledger.drop('reset')
            return
        self._ledger.frame(frame)
        self._on_frame(
            LiveFrame(frame, request.received_ns, request.captured_ns, started_ns, finished_ns)
        )

    def _push(self, sample: Waiting) -> None:
        with suppress(EventDepthError):  # the pipeline has counted it
            if isinstance(sample, ImageSample):
                self._pipeline.push_image(sample.image, sample.stamp_us)
            elif isinstance(sample, PointsSample):
                self._pipeline.push_points(sample.points_m, sample.stamp_us)
            else:
                self._pipeline.push_pose(sample.world_from_camera, sample.stamp_us)
