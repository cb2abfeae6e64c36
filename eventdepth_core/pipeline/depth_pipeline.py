"""
The one module that sees all stages: sensors in, `DepthFrame` out.

Each sensor is encoded when its message arrives; an estimate takes the window of events that ends
at its stamp, the newest image and the newest points that are not too old, fuses what there is and
completes it with the measured points.

Laws: the same inputs give the same bytes, however the events were cut into packets; a sensor that
is missing is left out, never filled in; stale depth is never given again; every refused input is
an error of the family, counted by its reason.

"""

from contextlib import suppress
import time

from eventdepth_core.bundle import Bundle
from eventdepth_core.engine import Engine, load_engine
from eventdepth_core.errors import UnsupportedInputError
from eventdepth_core.events import warmup
from eventdepth_core.geometry import PoseBuffer
from eventdepth_core.pipeline import arguments
from eventdepth_core.pipeline.arguments import checked_array, checked_stamp
from eventdepth_core.pipeline.estimator import Estimator, Stopwatch
from eventdepth_core.pipeline.event_stream import EventStream, EventWindow
from eventdepth_core.pipeline.evidence import (
    dense_depth,
    encoded_image,
    encoded_points,
    Evidence,
    grids_for,
    History,
)
from eventdepth_core.pipeline.options import PipelineCounts, PipelineOptions, Tally
from eventdepth_core.pipeline.views import ImageView, reference_view, sparse_depth, within
from eventdepth_core.types import (
    Camera,
    DepthFrame,
    EVENT_DTYPE,
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
        Limits of age, silence and viewpoint.

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
        self._grids = grids_for(bundle, self._view.camera)
        self._estimator = Estimator(bundle, self._engine, self._grids, self._view.camera)
        self._tally = Tally()
        self._image_view = ImageView(self._view, options)
        self._histories: dict[Modality, History] = {
            'image': History(options.max_image_age_us),
            'points': History(options.max_points_age_us),
        }
        self._poses = PoseBuffer()
        self._events: EventStream | None = None
        if bundle.inputs.events is not None and self._view.event_camera is not None:
            self._events = EventStream(
                self._view, self._view.event_camera, bundle.inputs.events, self._tally
            )

    @property
    def camera(self) -> Camera:
        """The rectified reference camera of every frame."""
        return self._view.camera

    @property
    def engine(self) -> Engine:
        """The engine that runs the bundle."""
        return self._engine

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
            stamp_us = checked_stamp(stamp_us)
            depth_m = self._warping_depth(stamp_us) if self._image_view.needs_depth else None
            rectified = self._image_view.rectified(checked_array(image, 'image'), depth_m)
            self._keep(encoded_image(self._engine, self._grids, rectified, stamp_us))
            self._tally.add('num_images')

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
            sparse_m = sparse_depth(self._view, points_m, self._limits_m)
            self._push_sparse(sparse_m, checked_stamp(stamp_us))

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
            self._push_sparse(within(depth_m, self._limits_m), checked_stamp(stamp_us))

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
        Store a pose of the reference camera: float64 (4, 4), at pipeline time `stamp_us`.

        Poses are checked and kept; no estimate of this version uses them.

        Raises
        ------
        InputError
            If it is not rigid, or not later than the pose before.

        """
        with self._tally.counting_drops():
            self._poses.push(checked_array(world_from_camera, 'pose'), checked_stamp(stamp_us))

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
        watch = Stopwatch()
        with self._tally.counting_drops():
            stamp_us = checked_stamp(stamp_us)
            given = self._given(stamp_us)
            window = self._window(stamp_us, is_alone=not given)
            frame = self._estimator.frame(stamp_us, window, given, watch)
            self._tally.add('num_estimates')
            return frame

    def warm(self) -> float:
        """Compile every kernel and run every graph once; return the seconds that it took."""
        started_s = time.perf_counter()
        self._engine.warm(self.camera.size)
        scratch = DepthPipeline(self.bundle, self.rig, self._engine, options=self.options)
        usable = self.bundle.inputs.modalities
        if 'points' in usable:
            depth_m = np.full(self.camera.size, np.nan, dtype=np.float32)
            depth_m[2::8, 1::8] = min(10.0, self.bundle.outputs.max_depth_m)
            scratch.push_sparse_depth(depth_m, 0)
            scratch.push_points(np.array([[0.0, 0.0, 1.0]], dtype=np.float32), 0)
        if 'image' in usable:
            with suppress(UnsupportedInputError):  # at a made-up depth views need not overlap
                scratch.push_image(np.zeros(self._view.image_camera.size, dtype=np.uint8), 0)
        if self._events is not None:
            warmup()
            scratch.push_events(np.array([(0, 0, 0, 1)], EVENT_DTYPE))
        scratch.estimate(1)
        return time.perf_counter() - started_s

    def reset(self) -> None:
        """Forget everything that came in; the totals in `counts` go on."""
        if self._events is not None:
            self._events.reset()
        self._forget_evidence()

    @property
    def _limits_m(self) -> tuple[float, float]:
        return self.bundle.outputs.min_depth_m, self.bundle.outputs.max_depth_m

    def _event_stream(self) -> EventStream:
        self._require('events')
        if self._events is None:
            raise UnsupportedInputError(
                'Expected a rig with an event camera as the reference, got one without.'
            )
        return self._events

    def _require(self, modality: Modality) -> None:
        if modality not in self.bundle.inputs.modalities:
            raise UnsupportedInputError(
                f'Expected an input out of {", ".join(self.bundle.inputs.modalities)} '
                f'for bundle {self.bundle.name}, got {modality}.'
            )

    def _push_sparse(self, sparse_m: Float32, stamp_us: int) -> None:
        evidence = encoded_points(self._engine, self._grids, sparse_m, stamp_us)
        if evidence is None:
            self._tally.drop('no_points_in_view')
            return
        self._keep(evidence)
        self._tally.add('num_points')

    def _keep(self, evidence: Evidence) -> None:
        if self._histories[evidence.modality].push(evidence):
            self._tally.add('num_discontinuities')

    def _follow_break(self, went_back: bool) -> None:
        """Forget what came before sensor time went back, where that is everybody's time."""
        if went_back and self._events is not None and not self._events.is_on_host_time:
            self._forget_evidence()

    def _forget_evidence(self) -> None:
        for history in self._histories.values():
            history.clear()
        self._poses.clear()

    def _warping_depth(self, stamp_us: int) -> Float32 | None:
        points = self._histories['points'].newest(stamp_us)
        return None if points is None else dense_depth(points, self._grids)

    def _given(self, stamp_us: int) -> dict[Modality, Evidence]:
        newest = {name: history.newest(stamp_us) for name, history in self._histories.items()}
        return {name: evidence for name, evidence in newest.items() if evidence is not None}

    def _window(self, stamp_us: int, *, is_alone: bool) -> EventWindow | None:
        if self._events is None:
            return None
        is_silent = self._events.silence_us(stamp_us) > self.options.max_event_silence_us
        return None if is_silent and not is_alone else self._events.window(stamp_us)
