"""
The depth node: events, images and points in, metric depth with its standard deviation out.

A managed node: configuring loads, verifies and warms up the model; while it is active it has
subscriptions; deactivating keeps the model, cleaning up frees it. With `autostart` it configures
and activates itself once; a failure leaves it unconfigured, with the reason in /diagnostics, until
somebody configures it again. A transition that fails says why in one sentence.

"""

from collections.abc import Callable
from functools import partial
import sys
import time
from typing import Any

from eventdepth_core.errors import EventDepthError
from eventdepth_core.recordings.messages import RawTransforms
from eventdepth_core.types import Modality
from eventdepth_ros.depth.configuration import Configuration, Surroundings
from eventdepth_ros.depth.guarding import Guard
from eventdepth_ros.depth.memory import keep_freed_memory, release_memory
from eventdepth_ros.depth.subscribing import Callbacks, subscribe_inputs
from eventdepth_ros.depth.tracing import saved_trace
from eventdepth_ros.diagnostics import DepthMonitor, EngineFacts, Status, Trace
from eventdepth_ros.diagnostics.publishing import DiagnosticsPublisher
from eventdepth_ros.parameters import declare, watch_changes
from eventdepth_ros.parameters.depth import DepthParameters
from eventdepth_ros.qos import QosKind
from eventdepth_ros.spinning import EndableNode, EndRequestedError, ExecutorKind, run_node
from rclpy.clock import Clock, JumpHandle, JumpThreshold
from rclpy.clock_type import ClockType
from rclpy.context import Context
from rclpy.duration import Duration
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.subscription import Subscription
from rclpy.timer import Timer
from sensor_msgs.msg import CameraInfo
from std_srvs.srv import Trigger

TICK_S = 0.02
AUTOSTART_S = 0.01
"""Soon after the node spins, so that it can be seen while it compiles."""

NS_PER_US = 1000
SUCCESS = TransitionCallbackReturn.SUCCESS
FAILURE = TransitionCallbackReturn.FAILURE


class DepthNode(EndableNode, LifecycleNode):
    """
    The life cycle around a `Configuration`.

    Raises
    ------
    InputError
        For parameters that break their rules.

    """

    def __init__(
        self,
        *,
        context: Context | None = None,
        parameter_overrides: list[Parameter] | None = None,
        node_name: str = 'eventdepth',
    ) -> None:
        super().__init__(node_name, context=context, parameter_overrides=parameter_overrides)
        self.parameters = declare(self, DepthParameters)
        watch_changes(self, DepthParameters, self._follow_parameters)
        self.executor_kind: ExecutorKind = (
            'events' if self.parameters.executor == 'events' else 'single'
        )
        capacity = self.parameters.trace_capacity
        self._trace = Trace(capacity) if capacity else None
        self._guard = Guard(self.get_logger())
        self._monitor = DepthMonitor()
        self._configuration: Configuration | None = None
        self._inputs: tuple[Subscription, ...] = ()
        self._tick_timer: Timer | None = None
        self._jump_handle: JumpHandle | None = None
        self._steady_clock = Clock(clock_type=ClockType.STEADY_TIME)
        self._diagnostics = DiagnosticsPublisher(
            self, '', self.parameters.diagnostics_period_s, self._statuses
        )
        self.create_service(Trigger, '~/save_trace', self._save_trace)
        self._autostart_timer = (
            self.create_timer(AUTOSTART_S, self._autostart, clock=self._steady_clock)
            if self.parameters.autostart
            else None
        )

    def finish(self) -> None:
        """Stop inference, and tell the final counts, before the process ends."""
        self._leave_active()
        self._diagnostics.publish()

    def destroy_node(self) -> None:
        """Free everything, then the node."""
        self._free()
        super().destroy_node()  # type: ignore[no-untyped-call]  # rclpy has no types here

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Load, verify and warm up; a failure changes nothing and may be tried again."""
        return self._transition('configure', self._configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Subscribe."""
        return self._transition('activate', self._activate)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Unsubscribe and stop inference; the model stays."""
        return self._transition('deactivate', self._leave_active)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Free the model and the publishers."""
        return self._transition('clean up', self._free)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Free everything; the process ends."""
        result = self._transition('shut down', self._free)
        self.request_end()
        return result

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Free everything, so that the node can be configured anew."""
        return self._transition('recover', self._free)

    def _transition(self, name: str, step: Callable[[], None]) -> TransitionCallbackReturn:
        """Run a step of the life cycle; what it raises is told, never passed on."""
        try:
            step()
        except EndRequestedError:
            return FAILURE
        except Exception as error:  # noqa: BLE001 - told with its traceback where it is not ours
            self._tell_failure(name, error)
            return FAILURE
        self._diagnostics.publish()
        return SUCCESS

    def _tell_failure(self, name: str, error: Exception) -> None:
        if isinstance(error, EventDepthError):
            self.get_logger().error(f'Cannot {name}: {error}')
        else:
            self.get_logger().error(f'Cannot {name}.')
            self._guard.report(error)
        if self._configuration is None:
            self._monitor.set_engine(EngineFacts(state='failed', reason=str(error)))
        self._diagnostics.publish()

    def _configure(self) -> None:
        self._free()
        self._monitor.set_engine(EngineFacts(state='loading', bundle=self.parameters.bundle))
        self._diagnostics.publish()
        begun_s = time.monotonic()
        around = Surroundings(
            self, self._guard, self._trace, self._report_qos, self._report_failure
        )
        configuration = Configuration(self.parameters, around)
        self._configuration, self._monitor = configuration, configuration.monitor
        model = configuration.model
        self.get_logger().info(
            f'{model.bundle.name} on {model.engine.name}, ready after '
            f'{time.monotonic() - begun_s:.1f} s; takes '
            f'{", ".join(f"{m} from {t}" for m, t in configuration.inputs.topics.items())}.'
        )

    def _activate(self) -> None:
        configuration = self._configuration
        if configuration is None:
            return
        intake, source = configuration.intake, configuration.source
        configuration.session.start()
        subscriptions = subscribe_inputs(
            self,
            configuration.parameters,
            configuration.inputs,
            source,
            Callbacks(
                intake.on_events,
                intake.on_image,
                intake.on_points,
                self._guarded_info,
                self._guarded_transforms,
                intake.on_poses,
            ),
            self._report_qos,
        )
        self._inputs = subscriptions.every
        intake.drain(subscriptions.sensors, subscriptions.poses)
        self._tick_timer = self.create_timer(TICK_S, self._tick, clock=self._steady_clock)
        max_jump = Duration(nanoseconds=round(configuration.parameters.max_clock_jump_s * 1e9))
        self._jump_handle = self.get_clock().create_jump_callback(
            JumpThreshold(min_forward=max_jump, min_backward=Duration(nanoseconds=-1)),
            post_callback=self._follow_jump,
        )

    def _leave_active(self) -> None:
        if self._jump_handle is not None:
            self._jump_handle.unregister()
            self._jump_handle = None
        if self._tick_timer is not None:
            self.destroy_timer(self._tick_timer)
            self._tick_timer = None
        for subscription in self._inputs:
            self.destroy_subscription(subscription)
        self._inputs = ()
        if self._configuration is not None:
            self._configuration.intake.drain({})
            self._configuration.session.stop()

    def _free(self) -> None:
        self._leave_active()
        if self._configuration is not None:
            self._configuration.destroy()
            self._configuration = None
            self._monitor = DepthMonitor()
            release_memory()

    def _autostart(self) -> None:
        if self._autostart_timer is not None:
            self.destroy_timer(self._autostart_timer)
            self._autostart_timer = None
        if self.trigger_configure() == SUCCESS:
            self.trigger_activate()

    def _tick(self) -> None:
        configuration = self._configuration
        if configuration is None:
            return
        try:
            configuration.session.tick()
        except Exception as error:  # noqa: BLE001 - a node lives on
            self._guard.report(error)

    def _follow_jump(self, jump: object) -> None:
        """Start anew where ROS time has jumped; its first value is no jump."""
        configuration = self._configuration
        now_ns = self.get_clock().now().nanoseconds
        if configuration is None or jumped_from_zero(jump, now_ns):
            return
        configuration.intake.follow_clock_jump(now_ns // NS_PER_US)

    def _guarded_info(self, modality: Modality, message: CameraInfo) -> None:
        if self._configuration is not None:
            with self._guard.counting(partial(self._monitor.refused, modality)):
                self._configuration.source.add_camera_info(modality, message)

    def _guarded_transforms(self, transforms: RawTransforms) -> None:
        if self._configuration is not None:
            with self._guard.counting(lambda _: None):
                self._configuration.source.add_transforms(transforms)
                if self._configuration.poses is not None:
                    self._configuration.poses.add_static(transforms)

    def _follow_parameters(self, parameters: DepthParameters) -> None:
        self.parameters = parameters
        if self._configuration is not None:
            self._configuration.outputs.follow(parameters)

    def _statuses(self) -> tuple[Status, ...]:
        configuration = self._configuration
        if configuration is not None:
            for modality, topic in configuration.inputs.topics.items():
                self._monitor.set_publishers(modality, self.count_publishers(topic))
            if configuration.poses is not None:
                self._monitor.set_pose_drops(configuration.poses.dropped)
            self._diagnostics.hardware_id = configuration.session.frame_id
        live = None if configuration is None else configuration.live_status
        return self._monitor.statuses(live, self.get_clock().now().nanoseconds // NS_PER_US)

    def _report_qos(self, topic: str, kind: QosKind, sentence: str, count: int) -> None:
        self._monitor.qos_report(topic, kind, sentence, count)
        if kind != 'matched':
            self._guard.warn(sentence)

    def _report_failure(self, error: Exception) -> None:
        """Note what an estimate or its publishing raised; runs in the worker's thread."""
        self._monitor.failed(error)
        self._guard.report(error)

    def _save_trace(
        self,
        _request: Trigger.Request,
        response: Trigger.Response,
    ) -> Trigger.Response:
        response.success = False
        if self._trace is None:
            response.message = 'Expected trace.capacity above 0, got 0: nothing is recorded.'
            return response
        try:
            path = saved_trace(self._trace, self.parameters.trace_folder, self.get_name())
        except OSError as error:
            response.message = f'Expected a folder that can be written, got: {error}.'
            return response
        response.success, response.message = True, str(path)
        return response


def jumped_from_zero(jump: Any, now_ns: int) -> bool:  # noqa: ANN401 - a dict or TimeJump
    """Return whether a jump of the clock is its very first value."""
    delta = jump['delta'] if isinstance(jump, dict) else jump.delta.nanoseconds
    return bool(now_ns - int(delta) <= 0)


def main(args: list[str] | None = None) -> int:
    """Run the depth node until a signal comes."""
    keep_freed_memory()
    return run_node(DepthNode, args)


if __name__ == '__main__':
    sys.exit(main())
