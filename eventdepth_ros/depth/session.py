"""
The live path of a configured node: made when the rig is known, anew when it changes.

Laws: a sensor without calibration is left out, never taken for another; while a new live path is
built no depth of the old rig is published; a stopped session keeps its live path, empty, for the
next start. One thread, but for `on_frame` and `on_failure`.

"""

from collections.abc import Callable
from dataclasses import dataclass, replace
import time

from eventdepth_core.events.filters import Filtering
from eventdepth_core.geometry import PoseLimits
from eventdepth_core.geometry.sweep import SweepOptions
from eventdepth_core.pipeline import DepthPipeline, PipelineOptions
from eventdepth_core.realtime import LiveDepth, LiveFrame, LiveStatus, RealtimeOptions
from eventdepth_core.recordings.rig_assembly import is_same_rig
from eventdepth_core.types import Modality, Rig
from eventdepth_ros.depth.guarding import Guard
from eventdepth_ros.depth.intake import Intake
from eventdepth_ros.depth.live_builder import BuildFailed, Built, LiveBuilder
from eventdepth_ros.depth.model import Model
from eventdepth_ros.diagnostics import DepthMonitor
from eventdepth_ros.parameters.depth import DepthParameters
from eventdepth_ros.rig_source import RigSource

US_PER_MS = 1000
RIG_PERIOD_S = 0.1
STOP_S = 1.5
TWIST_SWEEP = SweepOptions(pose_drift=0.02, pose_drift_rad=0.001)
"""Wheels slip and gyroscopes have a bias: 2 % and 0.06 degrees over a window."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """What takes frames and failures, both in the worker's thread."""

    on_frame: Callable[[LiveFrame], None]
    on_failure: Callable[[Exception], None]


def sweep_options(parameters: DepthParameters) -> SweepOptions:
    """Return how events are swept: how far odometry is trusted depends on where it comes from."""
    options = TWIST_SWEEP if parameters.motion_source == 'twist' else SweepOptions()
    if parameters.motion_drift > 0:
        options = replace(options, pose_drift=parameters.motion_drift)
    return options


class Session:
    """
    Turns what the intake brings into frames, as soon as the rig is known.

    Parameters
    ----------
    model : Model
        Bundle and engine.
    parameters : DepthParameters
        Rates, limits, patience.
    source : RigSource
        Where the rig comes from.
    intake : Intake
        What pushes messages to the live path.
    monitor : DepthMonitor
        Is told of cameras and failures.
    guard : Guard
        Where errors are told.
    listeners : Listeners
        Where frames and failures go.
    cameras : tuple of str
        The inputs in use that need a camera.

    """

    def __init__(  # noqa: PLR0913 - the parts of a node, each made by itself
        self,
        model: Model,
        parameters: DepthParameters,
        *,
        source: RigSource,
        intake: Intake,
        monitor: DepthMonitor,
        guard: Guard,
        listeners: Listeners,
        cameras: tuple[Modality, ...],
    ) -> None:
        self._model = model
        self._parameters = parameters
        self._source = source
        self._intake = intake
        self._monitor = monitor
        self._guard = guard
        self._listeners = listeners
        self._cameras = cameras
        self._builder = LiveBuilder(self.new_live)
        self._built: Built | None = None
        self._wanted: Rig | None = None
        self._is_active = False
        self._has_news = True
        self._started_s = 0.0
        self._waiting_since_s: float | None = None
        self._rig_due_s = 0.0
        self.frame_id = parameters.frame_id

    @property
    def live_status(self) -> LiveStatus | None:
        """How the live path stands, None while there is none."""
        return None if self._built is None else self._built.live.status()

    def new_live(self, rig: Rig) -> LiveDepth:
        """
        Return a warm live path for `rig`; takes about a second.

        Raises
        ------
        EventDepthError
            If model, rig and trigger do not fit.

        """
        parameters = self._parameters
        options = PipelineOptions(
            max_image_age_us=round(parameters.max_image_age_ms * US_PER_MS),
            max_points_age_us=round(parameters.max_points_age_ms * US_PER_MS),
            max_event_silence_us=round(parameters.max_event_silence_ms * US_PER_MS),
            uses_motion=parameters.motion_source != 'none',
            poses=PoseLimits(
                max_gap_us=round(parameters.motion_max_gap_ms * US_PER_MS),
                max_extrapolation_us=round(parameters.motion_max_extrapolation_ms * US_PER_MS),
            ),
            sweep=sweep_options(parameters),
            motion_delay_us=round(parameters.motion_delay_ms * US_PER_MS),
            filtering=Filtering(
                hot_pixels=parameters.events_hot_pixels,
                refractory_us=round(parameters.events_refractory_ms * US_PER_MS),
                background_us=round(parameters.events_background_ms * US_PER_MS),
            ),
        )
        pipeline = DepthPipeline(self._model.bundle, rig, self._model.engine, options=options)
        pipeline.warm()
        return LiveDepth(
            pipeline,
            RealtimeOptions(
                trigger=parameters.trigger,  # type: ignore[arg-type]  # checked by its choices
                rate_hz=parameters.rate_hz,
                grace_us=round(parameters.grace_ms * US_PER_MS),
            ),
            self._on_frame,
            self._listeners.on_failure,
        )

    def prepare(self, rig: Rig) -> None:
        """
        Build the live path of a rig that is known already, before anything comes.

        Raises
        ------
        EventDepthError
            As `new_live`.

        """
        self._wanted, self._has_news = rig, False
        self._built = Built(rig, self.new_live(rig))

    def start(self) -> None:
        """Begin to make depth."""
        self._is_active = True
        self._started_s = time.monotonic()
        self._waiting_since_s = None
        self._rig_due_s = 0.0
        if self._built is not None:
            self._attach(self._built)

    def stop(self) -> None:
        """Stop making depth; what is being inferred may end, but is not published."""
        self._is_active = False
        self._builder.abandon()
        self._intake.detach()
        self._intake.forget()
        if self._built is None:
            self._wanted, self._has_news = None, True  # what was being built was abandoned
        elif self._built.live.stop(STOP_S):
            self._built.live.reset('deactivated')
        else:
            self._guard.warn(f'The inference did not end within {STOP_S} s; it is left alone.')
            self._built, self._wanted, self._has_news = None, None, True

    def tick(self) -> None:
        """Follow time and rig; called every few ms."""
        outcome = self._builder.poll()
        if isinstance(outcome, Built):
            self._built = outcome
            self._attach(outcome)
        elif isinstance(outcome, BuildFailed):
            self._monitor.failed(outcome.error)
            self._guard.report(outcome.error)
        now_s = time.monotonic()
        if now_s >= self._rig_due_s:
            self._rig_due_s = now_s + RIG_PERIOD_S
            self._follow_rig(now_s)
        self._intake.follow_time()

    def _follow_rig(self, now_s: float) -> None:
        if self._source.changed:
            self._has_news, self._waiting_since_s = True, None
        if not self._has_news:
            self._follow_frame()
            return
        rig = self._source.rig() or self._final_rig(now_s)
        if rig is None:
            self._follow_cameras()
            return
        self._has_news = False
        self._tell_missing('Depth begins without an input.')
        if is_same_rig(rig, self._wanted):
            self._follow_cameras()
        else:
            self._rebuild(rig)

    def _final_rig(self, now_s: float) -> Rig | None:
        """Return the rig without what is missing, once that has been waited for."""
        patience_s = self._parameters.rig_patience_s
        rig = self._source.rig(is_final=True)
        if rig is None:
            if now_s - self._started_s > patience_s:
                self._tell_missing('No depth yet.')
            return None
        if self._waiting_since_s is None:
            self._waiting_since_s = now_s
        return rig if now_s - self._waiting_since_s >= patience_s else None

    def _rebuild(self, rig: Rig) -> None:
        self._wanted = rig
        self._intake.detach()
        built, self._built = self._built, None
        if built is not None:
            built.live.stop(STOP_S)
        self._builder.request(rig)

    def _attach(self, built: Built) -> None:
        self._follow_cameras()
        self._follow_frame()
        built.live.start()
        self._intake.attach(built.live)

    def _follow_cameras(self) -> None:
        """Leave out what has no calibration, and say so."""
        left_out = self._source.unusable()
        self._intake.leave_out(left_out)
        for modality in self._cameras:
            self._monitor.set_camera(modality, modality not in left_out)

    def _follow_frame(self) -> None:
        frame_id = self._parameters.frame_id or self._source.frame(self._model.bundle.reference)
        if frame_id != self.frame_id:
            self.frame_id = frame_id
        if not frame_id:
            self._guard.warn(
                'The messages of the reference camera name no frame: set the parameter frame_id.',
                quiet_s=60.0,
            )

    def _tell_missing(self, prefix: str) -> None:
        for sentence in self._source.missing():
            self._guard.warn(f'{prefix} {sentence}')

    def _on_frame(self, live_frame: LiveFrame) -> None:
        if self._is_active:
            self._listeners.on_frame(live_frame)
