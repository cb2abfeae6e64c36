"""
The one module that sees all stages: sensors in, `DepthFrame` out.

Each sensor is encoded when its message arrives; an estimate takes the window of events that ends
at its stamp, the newest image and the newest points that are not too old, fuses what there is and
completes it with the measured points.

Laws: the same inputs give the same bytes, however the events were cut into packets; a sensor that
is missing is left out, never filled in; stale depth is never given again; every refused input is
an error of the family, counted by its reason.

"""

from dataclasses import replace
import time

from eventdepth_core.bundle import Bundle
from eventdepth_core.engine import Engine, load_engine
from eventdepth_core.errors import UnsupportedInputError
from eventdepth_core.geometry.sweep import SweptDepth
from eventdepth_core.pipeline import arguments
from eventdepth_core.pipeline.arguments import checked_array, checked_stamp
from eventdepth_core.pipeline.captured import Captured
from eventdepth_core.pipeline.estimator import Estimator, Stopwatch
from eventdepth_core.pipeline.event_stream import EventStream
from eventdepth_core.pipeline.evidence import grids_for
from eventdepth_core.pipeline.evidence_store import EvidenceStore
from eventdepth_core.pipeline.motion import MotionPath
from eventdepth_core.pipeline.options import PipelineCounts, PipelineOptions, Tally
from eventdepth_core.pipeline.rehearsal import rehearse
from eventdepth_core.pipeline.views import reference_view
from eventdepth_core.types import (
    Camera,
    DepthFrame,
    EventPacket,
    Events,
    Float32,
    Float64,
    Modality,
    Rig,
    UInt8,
)
import numpy as np
from numpy.typing import NDArray

DEFAULT_OPTIONS = PipelineOptions()


class DepthPipeline:
    """
    Turns the messages of a rig into depth with a bundle's model.

    Parameters
    ----------
    bundle : Bundle
        A loaded model bundle.
    rig : Rig
        The cameras and extrinsics.
    engine : str or Engine
        A name that `load_engine` knows, or an engine that runs the bundle already.
    options : PipelineOptions
        Limits of age, silence and viewpoint; filters.

    Raises
    ------
    BundleError
        If this version cannot run the bundle.
    EngineError
        If there is no such engine.
    InputError
        For an argument of another type, or a rig whose events never reach the reference view.

    """

    def __init__(
        self,
        bundle: Bundle,
        rig: Rig,
        engine: str | Engine = 'auto',
        *,
        options: PipelineOptions = DEFAULT_OPTIONS,
    ) -> None:
        arguments.check_parts(bundle, rig, engine, options)
        self.bundle = bundle
        self.rig = rig
        self.options = options
        self._engine = (
            load_engine(bundle, engine, num_threads=options.num_threads)
            if isinstance(engine, str)
            else engine
        )
        self._view = reference_view(rig, bundle)
        grids = grids_for(bundle, self._view.camera)
        self._estimator = Estimator(bundle, self._engine, grids, self._view.camera)
        self._tally = Tally()
        self._evidence = EvidenceStore(
            bundle, self._engine, grids, self._view, options=options, tally=self._tally
        )
        self._events: EventStream | None = None
        self._motion: MotionPath | None = None
        if bundle.inputs.events is not None and self._view.event_camera is not None:
            self._events = EventStream(
                self._view,
                self._view.event_camera,
                bundle.inputs.events,
                self._tally,
                filtering=options.filtering,
            )
            if options.uses_motion and bundle.inputs.points is not None:
                self._motion = MotionPath(self._view, self._events, options, self._tally)

    @property
    def camera(self) -> Camera:
        """The rectified reference camera of every frame."""
        return self._view.camera

    @property
    def engine(self) -> Engine:
        """The engine that runs the bundle."""
        return self._engine

    @property
    def image_camera(self) -> Camera:
        """The camera, as given, whose images are taken in."""
        return self._view.image_camera

    @property
    def events(self) -> EventStream | None:
        """The stream of events; None where the bundle or the rig has none."""
        return self._events

    @property
    def motion_delay_us(self) -> int:
        """How long after a stamp events and poses are still used for it; 0 without motion."""
        return 0 if self._motion is None else self.options.motion_delay_us

    @property
    def counts(self) -> PipelineCounts:
        """What has come in and what was refused, a snapshot."""
        return self._tally.snapshot()

    @property
    def newest_stamp_us(self) -> int | None:
        """
        The newest pipeline time whose window of events has closed on the interval grid.

        An estimate at this stamp costs the least; None before the first event.

        """
        return None if self._events is None else self._events.newest_stamp_us

    def push_packet(  # noqa: PLR0913, PLR0917 - the fields of the driver's message, a public contract
        self,
        encoding: str,
        width: int,
        height: int,
        time_base_ns: int,
        payload: bytes | memoryview | NDArray[np.uint8],
        seq: int | None = None,
        arrival_us: int | None = None,
    ) -> None:
        """
        Take one event packet in.

        Parameters
        ----------
        encoding : str
            One of `eventdepth_core.events.ENCODINGS`.
        width, height : int
            The sensor's size in pixels, equal to the event camera's.
        time_base_ns : int
            The driver's time base.
        payload : bytes
            Encoded events.
        seq : int, optional
            Sequence number; where one is missing the windows it touches are incomplete.
        arrival_us : int, optional
            When the packet arrived, in pipeline time; maps sensor time to it.

        Raises
        ------
        UnsupportedInputError
            If the bundle uses no events or the rig has no event camera.
        UnknownEncodingError
            For an encoding without a packet decoder.
        StreamChangedError
            For another size than the camera's, or another encoding than before.
        InputError
            For an argument of another kind.

        """
        with self._tally.counting_drops():
            octets = arguments.checked_payload(payload)
            packet = EventPacket(
                encoding, width, height, time_base_ns, octets, seq, arrival_us=arrival_us
            )
            self._follow_break(self._event_stream().push_packet(packet))

    def push_events(self, events: Events, arrival_us: int | None = None) -> None:
        """
        Take decoded events in: EVENT_DTYPE[n], t ascending, µs of sensor time.

        Raises
        ------
        UnsupportedInputError
            If the bundle uses no events or the rig has no event camera.
        InputError
            For another type or dtype.

        """
        with self._tally.counting_drops():
            self._follow_break(self._event_stream().push_events(events, arrival_us))

    def push_image(self, image: UInt8, stamp_us: int) -> None:
        """
        Take an image in: uint8 (H, W) or (H, W, 3) in RGB order, at pipeline time `stamp_us`.

        Raises
        ------
        UnsupportedInputError
            If the bundle uses no image, or its viewpoint needs points that are not there.
        InputError
            For another shape or dtype than the image camera's.
        EngineError
            If it could not be encoded.

        """
        with self._tally.counting_drops():
            self._require('image')
            self._evidence.push_image(image, checked_stamp(stamp_us))

    def push_points(self, points_m: Float32, stamp_us: int) -> None:
        """
        Take LiDAR points in: float32 (N, 3) metres in the LiDAR's frame, at `stamp_us`.

        Without `event_from_points` in the rig they stand in the reference camera's frame.

        Raises
        ------
        UnsupportedInputError
            If the bundle uses no points.
        InputError
            For another shape.
        EngineError
            If they could not be encoded.

        """
        with self._tally.counting_drops():
            self._require('points')
            points_m = checked_array(points_m, 'points_m')
            self._evidence.push_points(points_m, checked_stamp(stamp_us))

    def push_sparse_depth(self, depth_m: Float32, stamp_us: int) -> None:
        """
        Take measured depth in the rectified reference camera in: (H, W) metres, NaN = none.

        Raises
        ------
        UnsupportedInputError
            If the bundle uses no points.
        InputError
            For another shape.
        EngineError
            If it could not be encoded.

        """
        with self._tally.counting_drops():
            self._require('points')
            depth_m = arguments.checked_depth(depth_m, self.camera.size)
            self._evidence.push_sparse_depth(depth_m, checked_stamp(stamp_us))

    def push_semantics(self, labels: NDArray[np.integer], stamp_us: int) -> None:
        """
        Refuse class labels: no bundle of this version uses them.

        Raises
        ------
        UnsupportedInputError
            Always, or its parent InputError for labels or a stamp of another kind.

        """
        with self._tally.counting_drops():
            raise UnsupportedInputError(
                f'Expected an input out of {", ".join(self.bundle.inputs.modalities)} for bundle '
                f'{self.bundle.name}, got semantics {checked_array(labels, "labels").shape} '
                f'at {checked_stamp(stamp_us)} µs.'
            )

    def push_pose(self, world_from_camera: Float64, stamp_us: int) -> None:
        """
        Take a pose of the reference camera in: float64 (4, 4), at pipeline time `stamp_us`.

        The camera is that of the rig, before rectification. Where the bundle takes events and
        points, events between poses are swept for depth, which enters the estimates after them.

        Raises
        ------
        InputError
            If it is not rigid.
        LatePoseError
            If it does not lie after the pose before.
        UnsupportedInputError
            If motion is switched off, or the bundle or the rig has no use for it.

        """
        with self._tally.counting_drops():
            if self._motion is None:
                raise UnsupportedInputError(
                    'Expected a bundle and a rig with events and points for poses to be of use, '
                    f'and motion switched on, got bundle {self.bundle.name}.'
                )
            pose = checked_array(world_from_camera, 'pose')
            self._motion.push_pose(pose, checked_stamp(stamp_us))

    def estimate(self, stamp_us: int) -> DepthFrame:
        """
        Estimate depth at pipeline time `stamp_us` from what has come until now.

        Returns
        -------
        DepthFrame
            Depth and its standard deviation in the rectified reference camera.

        Raises
        ------
        InputError
            If no sensor has given anything that is fresh enough.
        EngineError
            If a graph failed; the next estimate starts anew.

        """
        return self.finish(self.capture(stamp_us))

    def capture(self, stamp_us: int) -> Captured:
        """
        Take the window of events that ends at pipeline time `stamp_us`, for `finish`.

        Events that come between the two calls do not change the frame: one thread may go on
        pushing events while another finishes. Images and points enter with `finish`. Call it when
        the events up to `motion_delay_us` after the stamp have come.

        Raises
        ------
        InputError
            For a stamp that is no integer or out of range.

        """
        watch = Stopwatch()
        with self._tally.counting_drops():
            stamp_us = checked_stamp(stamp_us)
        if self._events is None:
            return Captured(stamp_us)
        is_silent = self._events.silence_us(stamp_us) > self.options.max_event_silence_us
        window = self._events.window(stamp_us)
        events = None
        if self._motion is not None:
            events = self._motion.take(stamp_us)
        return Captured(stamp_us, window, is_silent, watch.total_ms(), events)

    def pass_by(self, captured: Captured) -> None:
        """Let what was captured enter the frames after it, without a frame of its own."""
        if self._motion is not None and captured.events is not None:
            self._motion.pass_by(captured.stamp_us, captured.events)

    def expect_poses(self) -> None:
        """Say that poses come, before the first is pushed: from now on events are taken."""
        if self._motion is not None:
            self._motion.expect()

    def finish(self, captured: Captured) -> DepthFrame:
        """
        Make the frame of a captured window and of the images and points that have come by now.

        Raises
        ------
        InputError
            If no sensor has given anything that is fresh enough.
        EngineError
            If a graph failed; the next estimate starts anew.

        """
        with self._tally.counting_drops():
            given = self._evidence.joined(
                self._evidence.given(captured.stamp_us), self._swept(captured)
            )
            frame = self._estimator.frame(captured, given)
            if 'motion' in frame.modalities:
                frame = replace(frame, motion_delay_us=self.motion_delay_us)
            self._evidence.follow(frame)
            self._tally.add('num_estimates')
            return frame

    def warm(self) -> float:
        """Compile every kernel and run every graph once; return the seconds that it took."""
        started_s = time.perf_counter()
        self._engine.warm(self.camera.size)
        rehearse(DepthPipeline(self.bundle, self.rig, self._engine, options=self.options))
        return time.perf_counter() - started_s

    def reset(self) -> None:
        """Forget everything that came in; the totals in `counts` go on."""
        if self._events is not None:
            self._events.reset()
        self._forget_evidence()

    def _event_stream(self) -> EventStream:
        self._require('events')
        if self._events is None:
            raise UnsupportedInputError(
                'Expected a rig with an event camera as the reference, got one without.'
            )
        return self._events

    def _swept(self, captured: Captured) -> SweptDepth | None:
        if self._motion is None or captured.events is None:
            return None
        return self._motion.swept(captured.stamp_us, captured.events)

    def _require(self, modality: Modality) -> None:
        if modality not in self.bundle.inputs.modalities:
            raise UnsupportedInputError(
                f'Expected an input out of {", ".join(self.bundle.inputs.modalities)} '
                f'for bundle {self.bundle.name}, got {modality}.'
            )

    def _follow_break(self, went_back: bool) -> None:
        """Forget what came before sensor time went back, where that is everybody's time."""
        if went_back and self._events is not None and not self._events.is_on_host_time:
            self._forget_evidence()

    def _forget_evidence(self) -> None:
        self._evidence.forget()
        if self._motion is not None:
            self._motion.forget()
