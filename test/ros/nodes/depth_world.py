"""A depth node in this process, its drivers, and what it publishes; real rclpy, real DDS."""

from pathlib import Path

from eventdepth_ros.nodes.depth import DepthNode
from harness.depth_node import DepthWatch
from harness.drivers import Drivers
from harness.packets import StreamSpec
from harness.session import RosSession
from rclpy.parameter import Parameter

DEFAULTS = {
    'autostart': False,
    'diagnostics.period_s': 0.1,
    'events.reliability': 'reliable',
    'events.topic': '/camera/events',
    'image.topic': '/camera/image_raw',
    'num_threads': 1,
    'points.topic': '/lidar/points',
    'rate_hz': 20.0,
}
STEP_US = 50_000


class DepthWorld:
    """A node that is not configured yet; dots in names of parameters are two underscores."""

    def __init__(
        self,
        ros: RosSession,
        bundle: Path | str,
        *,
        spec: StreamSpec | None = None,
        has_clock: bool = False,
        **parameters: object,
    ) -> None:
        given = {name.replace('__', '.'): value for name, value in parameters.items()}
        chosen = {**DEFAULTS, 'bundle': str(bundle), **given}
        self.ros = ros
        self.drivers = Drivers(ros.node('drivers'), spec, has_clock=has_clock)
        self.watch = DepthWatch(ros)
        self.node: DepthNode = ros.adopt(
            DepthNode(
                context=ros.context,
                parameter_overrides=[Parameter(name, value=v) for name, v in chosen.items()],
            )
        )

    @property
    def state(self) -> str:
        """The label of the state of the life cycle."""
        return self.node._state_machine.current_state[1]

    def begin(self) -> None:
        """Configure, activate, wait for the subscriptions, announce, feed until depth comes."""
        self.activate()
        self.drivers.announce()
        self.drivers.send_image()
        self.drivers.send_points()
        self.feed_until(lambda: self.watch.images, 'the first depth')

    def activate(self) -> None:
        """Configure and activate, and wait until the drivers see the subscriptions."""
        self.node.trigger_configure()
        self.node.trigger_activate()
        assert self.state == 'active'
        self.wait_for_inputs()

    def wait_for_inputs(self) -> None:
        """Wait until the drivers see the subscriptions."""
        drivers = self.drivers
        self.ros.wait_for_subscribers(
            *(each for each in (drivers.events, drivers.camera_info) if each is not None)
        )

    def feed(self, duration_us: int = STEP_US) -> None:
        """Send the events of a while and let them arrive."""
        self.drivers.send_events(duration_us)
        self.ros.spin_for(0.02)

    def feed_until(self, condition, what: str, timeout_s: float = 20.0):
        """Feed until a condition holds and return its value."""

        def is_met():
            self.feed()
            return condition()

        return self.ros.spin_until(is_met, timeout_s, what)

    def next_depth(self):
        """Feed until another depth image comes and return it."""
        num_before = len(self.watch.images)
        self.feed_until(lambda: len(self.watch.images) > num_before, 'another depth')
        return self.watch.images[-1]

    def counts(self, part: str) -> dict[str, str]:
        """Return the values of the next status of a part that is told."""
        self.node._diagnostics.publish()
        self.ros.spin_for(0.05)
        return self.watch.values(part)
