"""
Statuses as diagnostic_msgs on /diagnostics; the one module here that knows ROS.

Laws: the timer runs on a steady clock, so that a paused simulation still reports; `level` is one
byte, as the message wants it; the name of a status is '<node>: <part>'.

"""

from collections.abc import Callable, Iterable

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from eventdepth_ros.diagnostics.status import Status
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions

TOPIC = '/diagnostics'
DEPTH_OF_QUEUE = 10


class DiagnosticsPublisher:
    """
    Publishes the statuses of a node every `period_s` seconds of a steady clock.

    Parameters
    ----------
    node : Node
        The node that reports; its fully qualified name stands before each part.
    hardware_id : str
        What the statuses are about, e.g. the frame id of the camera; may be set later.
    period_s : float
        Seconds between two reports.
    statuses : callable
        Returns the statuses of this moment; called in the thread of the executor.

    """

    def __init__(
        self,
        node: Node,
        hardware_id: str,
        period_s: float,
        statuses: Callable[[], Iterable[Status]],
    ) -> None:
        self.hardware_id = hardware_id
        self._node = node
        self._statuses = statuses
        self._publisher = node.create_publisher(
            DiagnosticArray,
            TOPIC,
            QoSProfile(depth=DEPTH_OF_QUEUE),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        self._timer = node.create_timer(
            period_s, self.publish, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def publish(self) -> None:
        """Publish the statuses of this moment, e.g. right after a change of state."""
        name = self._node.get_fully_qualified_name().lstrip('/')
        array = DiagnosticArray()
        array.header.stamp = self._node.get_clock().now().to_msg()
        array.status = [
            diagnostic_status(status, name, self.hardware_id) for status in self._statuses()
        ]
        self._publisher.publish(array)

    def destroy(self) -> None:
        """Stop reporting."""
        self._node.destroy_timer(self._timer)
        self._node.destroy_publisher(self._publisher)


def diagnostic_status(status: Status, node_name: str, hardware_id: str) -> DiagnosticStatus:
    """Return a status as the message of diagnostic_msgs."""
    return DiagnosticStatus(
        level=bytes((int(status.level),)),
        name=f'{node_name}: {status.name}',
        message=status.message,
        hardware_id=hardware_id,
        values=[KeyValue(key=key, value=value) for key, value in status.values],
    )
