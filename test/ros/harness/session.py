"""
One isolated graph for a test or for a module of tests.

Nothing here sleeps to be in step: `spin_until` turns the executor until a condition holds, and
fails with the output of the children when it does not in time or when one of them has died.

"""

from collections.abc import Callable, Iterable, Mapping
import os
from pathlib import Path
import time
from typing import TypeVar

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile

from harness import shared_memory
from harness.children import ChildCommand, ChildNode
from harness.domains import Domain

ROOT = Path(__file__).resolve().parents[3]
IMPORT_PATHS = (str(ROOT), str(ROOT / 'test' / 'ros'))
TIMEOUT_S = 20.0
START_S = 120.0  # a node may have to compile its kernels first
SPIN_S = 0.02
Result = TypeVar('Result')


class SharedMemoryLedger:
    """Every DDS name that processes of this test run have owned, and those of killed ones."""

    def __init__(self) -> None:
        self.owned: dict[str, str] = {}  # name -> the test that owned it last
        self.of_killed: set[str] = set()

    def own(self, names: Iterable[str]) -> None:
        """Note names of the test that runs now."""
        self.owned |= dict.fromkeys(names, os.environ.get('PYTEST_CURRENT_TEST', 'no test'))

    def leaks(self) -> dict[str, str]:
        """Return what processes that were not killed have left, and remove all leftovers."""
        leftovers = shared_memory.remaining(self.owned.keys() | self.of_killed)
        shared_memory.remove(leftovers)
        return {name: self.owned[name] for name in sorted(leftovers - self.of_killed)}


LEDGER = SharedMemoryLedger()


class RosSession:
    """A domain, a context, an executor with nodes, and child processes; close it always."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.domain = Domain()
        # a domain has had other users, whose processes may have been killed
        self._ports_before = shared_memory.port_names(self.domain.ports)
        self.environment = {
            **os.environ,
            **(environment or {}),
            'ROS_DOMAIN_ID': str(self.domain.number),
            'PYTHONPATH': os.pathsep.join(IMPORT_PATHS),
        }
        self.children: list[ChildNode] = []
        self._nodes: list[Node] = []
        self._context: Context | None = None
        self._executor: SingleThreadedExecutor | None = None

    @property
    def context(self) -> Context:
        """The rclpy context, made at its first use."""
        if self._context is None:
            self._context = Context()
            rclpy.init(args=[], context=self._context, domain_id=self.domain.number)
        return self._context

    @property
    def executor(self) -> SingleThreadedExecutor:
        """The executor of the nodes in this process."""
        if self._executor is None:
            self._executor = SingleThreadedExecutor(context=self.context)
        return self._executor

    def node(self, name: str = 'probe', **options: object) -> Node:
        """Return a new node in this process that `spin_until` spins."""
        return self.adopt(Node(name, context=self.context, **options))

    def adopt(self, node: Node) -> Node:
        """Spin and, at the end, destroy a node made elsewhere with this context."""
        self._nodes.append(node)
        self.executor.add_node(node)
        return node

    def start(self, target: str, *, environment: Mapping[str, str] | None = None, **fields):
        """
        Start a child node and return it.

        `target` is 'depth' for eventdepth_ros.nodes.depth, a dotted module or the path of a
        script; `fields` are those of `ChildCommand`.

        """
        command = ChildCommand(target, **fields)
        title = command.name or Path(target).stem
        output = self.folder / f'{len(self.children)}_{title}.txt'
        child = ChildNode(
            command.line(), output, {**self.environment, **(environment or {})}, title
        )
        self.children.append(child)
        return child

    def collect(self, message_type: type, topic: str, qos: QoSProfile | int = 50, **options):
        """Subscribe to a topic and return the list that its messages go to."""
        messages: list = []
        node = self._nodes[0] if self._nodes else self.node()
        node.create_subscription(message_type, topic, messages.append, qos, **options)
        return messages

    def spin_until(
        self, condition: Callable[[], Result], timeout_s: float = TIMEOUT_S, what: str = ''
    ) -> Result:
        """
        Spin until `condition()` is true and return its value.

        Raises
        ------
        AssertionError
            When it is not true within `timeout_s`, or a child has died that was not killed.

        """
        deadline_s = time.monotonic() + timeout_s
        while True:
            if value := condition():
                return value
            self._check_children(what)
            if time.monotonic() > deadline_s:
                raise AssertionError(
                    self._failure(f'Expected {what or condition} in {timeout_s} s')
                )
            self.spin_once()

    def spin_once(self) -> None:
        """
        Serve what is ready, or wait a little.

        Always with the same timeout: rclpy forgets the entities it has found ready when the
        timeout changes, and then serves the first one for ever.

        """
        self.executor.spin_once(timeout_sec=SPIN_S)

    def spin_for(self, duration_s: float) -> None:
        """Spin for a while, to see that something does not come."""
        deadline_s = time.monotonic() + duration_s
        while time.monotonic() < deadline_s:
            # Always the same timeout: with another one rclpy forgets what else is ready.
            self.spin_once()

    def wait_for_subscribers(
        self, *publishers, count: int = 1, timeout_s: float = START_S
    ) -> None:
        """Spin until each publisher has `count` matched subscriptions."""
        self.spin_until(
            lambda: all(each.get_subscription_count() >= count for each in publishers),
            timeout_s,
            what=f'{count} subscribers of {", ".join(each.topic_name for each in publishers)}',
        )

    def wait_for_publishers(
        self, *topics: str, count: int = 1, timeout_s: float = START_S
    ) -> None:
        """Spin until each topic has `count` publishers."""
        node = self._nodes[0] if self._nodes else self.node()
        self.spin_until(
            lambda: all(node.count_publishers(topic) >= count for topic in topics),
            timeout_s,
            what=f'{count} publishers of {", ".join(topics)}',
        )

    def report(self) -> str:
        """Return the ends of all outputs."""
        return '\n'.join(child.tail() for child in self.children)

    def close(self) -> None:
        """End the children, then what is in this process; AssertionError if a child hangs."""
        failures = []
        try:
            for child in self.children:
                child.note_segments()
            for child in self.children:
                try:
                    child.end()
                except AssertionError as error:
                    failures.append(str(error))
        finally:
            self._close_here()
        if failures:
            raise AssertionError('\n'.join(failures))

    def _close_here(self) -> None:
        try:
            for child in self.children:
                if child.was_killed:
                    LEDGER.of_killed |= child.segments
                else:
                    LEDGER.own(child.segments)
            LEDGER.own(shared_memory.mapped_names(os.getpid()))
            if self._executor is not None:
                self._executor.shutdown(timeout_sec=1.0)
            for node in self._nodes:
                node.destroy_node()
        finally:
            if self._context is not None:
                self._context.try_shutdown()
            LEDGER.own(shared_memory.port_names(self.domain.ports) - self._ports_before)
            self.domain.close()

    def _check_children(self, what: str) -> None:
        for child in self.children:
            code = child.popen.poll()
            if code not in (None, 0) and not child.was_killed:
                raise AssertionError(self._failure(f'{child.title} died, waiting for {what!r}.'))

    def _failure(self, sentence: str) -> str:
        return f'{sentence}\n{self.report()}'
