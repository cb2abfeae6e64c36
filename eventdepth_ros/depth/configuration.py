"""
What a configured depth node consists of, put together in one place.

Law: either everything is there, or nothing was made: what can fail comes before the publishers.

"""

from collections.abc import Callable
from dataclasses import dataclass

from eventdepth_core.realtime import LiveFrame, LiveStatus
from eventdepth_core.recordings.rig_assembly import Extrinsics
from eventdepth_core.recordings.rig_file import NamedRig, rig_from_file
from eventdepth_ros import qos
from eventdepth_ros.depth.guarding import Guard
from eventdepth_ros.depth.intake import Intake
from eventdepth_ros.depth.model import load_model, Model
from eventdepth_ros.depth.outputs import DepthOutputs
from eventdepth_ros.depth.pose_source import PoseSource
from eventdepth_ros.depth.session import Listeners, Session
from eventdepth_ros.depth.topics import input_topics, InputTopics
from eventdepth_ros.depth.twist_source import TwistSource
from eventdepth_ros.diagnostics import (
    DepthMonitor,
    engine_facts,
    InputSource,
    MonitorOptions,
    stage_latencies,
    Trace,
)
from eventdepth_ros.parameters.depth import DepthParameters
from eventdepth_ros.rig_source import extrinsic_from_numbers, RigSource
from eventdepth_ros.spinning import interruptible
from rclpy.node import Node

HOLD_S = 2.0
MS_PER_S = 1000.0
US_PER_MS = 1000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a configuration takes from its node."""

    node: Node
    guard: Guard
    trace: Trace | None
    report: qos.QosReport
    on_failure: Callable[[Exception], None]


class Configuration:
    """
    A loaded model with everything that brings messages to it and depth away from it.

    Raises
    ------
    EventDepthError
        If the bundle, the engine, the rig file or the parameters do not allow it.

    """

    def __init__(self, parameters: DepthParameters, around: Surroundings) -> None:
        node = around.node
        self.parameters = parameters
        extrinsics = given_extrinsics(parameters)
        given = rig_from_file(parameters.rig_file) if parameters.rig_file else None
        self.model: Model = interruptible(lambda: _model(parameters, given))
        self.inputs: InputTopics = input_topics(
            parameters, self.model.bundle, node.resolve_topic_name
        )
        self.source = RigSource(
            self.inputs.streams,
            info_topics=self.inputs.info_streams,
            extrinsics=extrinsics,
            given=None if given is None else given.rig,
            frames=None if given is None else given.frames,
        )
        self.monitor = DepthMonitor(self._input_sources(), monitor_options(parameters, node))
        self.monitor.set_engine(engine_facts(self.model.bundle, self.model.engine))
        self.poses = pose_source(parameters, self.source) if self.inputs.pose_topic else None
        self.intake = Intake(
            self.source,
            node.get_clock(),
            monitor=self.monitor,
            guard=around.guard,
            trace=around.trace,
            max_hold_s=parameters.rig_patience_s + HOLD_S,
            poses=self.poses,
        )
        self._trace = around.trace
        self.session = Session(
            self.model,
            parameters,
            source=self.source,
            intake=self.intake,
            monitor=self.monitor,
            guard=around.guard,
            listeners=Listeners(self._on_frame, around.on_failure),
            cameras=tuple(each.modality for each in self._input_sources() if each.needs_camera),
        )
        rig = self.source.rig()
        if rig is not None:  # all that is needed stands in the rig file
            interruptible(lambda: self.session.prepare(rig))
        self.outputs = DepthOutputs(
            node, parameters, around.report, is_relative=self.model.is_relative
        )

    @property
    def live_status(self) -> LiveStatus | None:
        """How the live path stands; None while there is none."""
        return self.session.live_status

    def destroy(self) -> None:
        """Free the publishers; the rest goes with this object."""
        self.session.stop()
        self.outputs.destroy()

    def _input_sources(self) -> tuple[InputSource, ...]:
        return tuple(
            InputSource(modality, topic, needs_camera=modality != 'points')
            for modality, topic in self.inputs.topics.items()
        )

    def _on_frame(self, live_frame: LiveFrame) -> None:
        """Publish a frame and note how long it took; runs in the worker's thread."""
        published_ns = self.outputs.publish(live_frame, self.session.frame_id)
        self.monitor.published(live_frame, published_ns)
        if self._trace is not None:
            self._trace.add_frame(live_frame, published_ns)
        self.outputs.publish_latencies(stage_latencies(live_frame, published_ns))


def given_extrinsics(parameters: DepthParameters) -> Extrinsics:
    """
    Return the extrinsics of the parameters.

    Raises
    ------
    InputError
        If one is no pose.

    """
    return Extrinsics(
        event_from_image=extrinsic_from_numbers(
            parameters.event_from_image, name='extrinsics.event_from_image'
        ),
        event_from_points=extrinsic_from_numbers(
            parameters.event_from_points, name='extrinsics.event_from_points'
        ),
    )


def pose_source(parameters: DepthParameters, source: RigSource) -> PoseSource | TwistSource:
    """
    Return what makes poses of transforms, odometry or velocities.

    Raises
    ------
    InputError
        If motion.frame_from_camera is no pose.

    """
    frame_from_camera = extrinsic_from_numbers(
        parameters.motion_frame_from_camera, name='motion.frame_from_camera'
    )
    if parameters.motion_source == 'twist':
        return TwistSource(
            source,
            camera_frame=parameters.motion_camera_frame,
            frame_from_camera=frame_from_camera,
            uses_gyroscope=bool(parameters.motion_gyro_topic),
            max_gap_us=round(parameters.motion_max_gap_ms * US_PER_MS),
        )
    return PoseSource(
        source,
        fixed_frame=parameters.motion_fixed_frame,
        camera_frame=parameters.motion_camera_frame,
        frame_from_camera=frame_from_camera,
    )


def monitor_options(parameters: DepthParameters, node: Node) -> MonitorOptions:
    """Return what counts as trouble."""
    is_by_rate = parameters.trigger in {'auto', 'rate'}
    period_ms = MS_PER_S / parameters.rate_hz if is_by_rate else None
    return MonitorOptions(
        rate_hz=parameters.rate_hz if is_by_rate else None,
        deadline_ms=parameters.deadline_ms or period_ms,
        is_sim_time=bool(node.get_parameter('use_sim_time').value),
        silent_warn_s=parameters.silent_warn_s,
        silent_error_s=parameters.silent_error_s,
    )


def _model(parameters: DepthParameters, given: NamedRig | None) -> Model:
    return load_model(parameters, None if given is None else given.rig.reference)
