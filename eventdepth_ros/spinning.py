"""
Run one node in one process: initialise, spin, end cleanly.

SIGINT and SIGTERM only set a flag that the spin loop looks at between callbacks, at least every
`POLL_S`; rclpy's own handlers would invalidate the context under callbacks that still publish.

Laws: a signal ends the process with status 0, a second one changes nothing; an error that the
library raises on purpose ends it with one sentence and status 1, anything else with a traceback;
in every case the node finishes its files, is destroyed, and ROS is shut down. A long call inside
`interruptible` does not delay the end.

"""

from collections.abc import Callable
from contextlib import suppress
import gc
import os
import signal
import sys
import threading
from typing import Generic, Literal, NoReturn, TypeAlias, TypeVar

from eventdepth_core.errors import EventDepthError, InputError
from eventdepth_ros import dds
import rclpy
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.context import Context
from rclpy.exceptions import ROSInterruptException
from rclpy.executors import Executor, ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

ExecutorKind: TypeAlias = Literal['single', 'events']
EXECUTORS: tuple[ExecutorKind, ...] = ('single', 'events')

POLL_S = 0.1
CHECK_PERIOD_S = 0.01
CHECK_TICKS = 3
CHECK_LIMIT_S = 2.0

_end = threading.Event()
_T = TypeVar('_T')


class EndableNode:
    """
    Mixin of a node that can end its own process.

    `is_over` is polled by `run_node`; `exit_status` becomes the status of the process.

    """

    is_over: bool = False
    exit_status: int = 0

    def request_end(self, exit_status: int = 0) -> None:
        """Ask `run_node` to end the process after the callback that runs now; any thread."""
        self.exit_status = exit_status
        self.is_over = True


class EndRequestedError(EventDepthError):
    """A long call was left because the process is asked to end."""

    reason = 'ended'


def is_ending() -> bool:
    """Return whether a signal has asked this process to end."""
    return _end.is_set()


def interruptible(call: Callable[[], _T]) -> _T:
    """
    Run a long `call` in a thread of its own, so that a signal need not wait for it.

    Returns
    -------
    object
        What `call` returned; what it raised is raised here.

    Raises
    ------
    EndRequestedError
        If the process is asked to end first; the call is then left alone in its thread.

    """
    long_call = _LongCall(call)
    long_call.start()
    while long_call.is_alive():
        long_call.join(POLL_S)
        if is_ending() and long_call.is_alive():
            raise EndRequestedError('Expected a call to end before the process, got a signal.')
    return long_call.outcome()


def run_node(
    make_node: Callable[[], Node],
    args: list[str] | None = None,
    *,
    executor: ExecutorKind = 'single',
) -> int:
    """
    Run a node until it is over or a signal comes; the last thing that a process does.

    A node may have `executor_kind` (overrides `executor`), `is_over` and `exit_status` (see
    `EndableNode`), and `finish()`, which is called once before it is destroyed.

    Parameters
    ----------
    make_node : callable
        Builds the node, after ROS is initialised.
    args : list of str, optional
        Command line; `sys.argv` by default.
    executor : 'single' or 'events'
        Which executor spins it.

    Returns
    -------
    int
        The status for `sys.exit`.

    """
    _catch_signals()
    threads_before = set(threading.enumerate())
    dds.configure()
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    try:
        status = _run(make_node, executor)
    finally:
        # Ignored from here, not restored: the interpreter's own end must not be killed either.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        rclpy.try_shutdown()
    if set(threading.enumerate()) - threads_before:
        _leave(status)
    return status


def make_executor(kind: ExecutorKind, context: Context | None = None) -> Executor:
    """
    Return an executor of `kind`; `events` falls back to `single` where it does not work.

    Raises
    ------
    InputError
        For another kind.

    """
    if kind not in EXECUTORS:
        raise InputError(f'Expected executor out of {", ".join(EXECUTORS)}, got {kind!r}.')
    if kind == 'events':
        fault = _fault_of_events_executor(context)
        if fault is None:
            from rclpy.experimental import EventsExecutor

            return EventsExecutor(context=context)
        rclpy.logging.get_logger('eventdepth_ros').warning(
            f'The events executor does not work here ({fault}): using executor "single".'
        )
    return SingleThreadedExecutor(context=context)


def spin_until(
    executor: Executor, condition: Callable[[], bool], *, poll_s: float = POLL_S
) -> None:
    """
    Spin until `condition` holds or ROS is shut down from outside.

    `spin_once` in a loop because `EventsExecutor.spin()` never runs a callback.

    """
    while not condition():
        try:
            executor.spin_once(timeout_sec=poll_s)
        except (ExternalShutdownException, ROSInterruptException):
            return


class _LongCall(threading.Thread, Generic[_T]):
    """A call in a daemon thread, with its outcome."""

    def __init__(self, call: Callable[[], _T]) -> None:
        super().__init__(name='eventdepth-long-call', daemon=True)
        self._call = call
        self._returned: list[_T] = []
        self._raised: BaseException | None = None

    def run(self) -> None:
        """Make the call; what it raises is kept for `outcome`."""
        try:
            self._returned.append(self._call())
        except BaseException as error:  # noqa: BLE001 - raised again by `outcome`
            self._raised = error

    def outcome(self) -> _T:
        """Return what the call returned, or raise what it raised."""
        if self._raised is not None:
            raise self._raised
        return self._returned[0]


def _run(make_node: Callable[[], Node], executor: ExecutorKind) -> int:
    try:
        node = make_node()
    except EventDepthError as error:
        if is_ending():
            return 0
        rclpy.logging.get_logger('eventdepth_ros').fatal(str(error))
        return 1
    try:
        with suppress(EndRequestedError):
            _spin(node, executor)
    finally:
        _finish(node)
    return int(getattr(node, 'exit_status', 0))


def _spin(node: Node, kind: ExecutorKind) -> None:
    executor = make_executor(getattr(node, 'executor_kind', kind), node.context)
    executor.add_node(node)
    try:
        spin_until(
            executor,
            lambda: is_ending() or getattr(node, 'is_over', False) or not node.context.ok(),
        )
    finally:
        executor.remove_node(node)
        executor.shutdown()


def _finish(node: Node) -> None:
    finish = getattr(node, 'finish', None)
    try:
        if finish is not None:
            finish()
    finally:
        node.destroy_node()


def _leave(status: int) -> NoReturn:
    """
    End the process at once, because a thread was left alone in compiled code.

    It must not run on while the interpreter ends. The participant is deleted by hand: its shared
    memory would stay.

    """
    gc.collect()  # a frame of the error that left the call may hold the node
    rclpy.get_default_context().destroy()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _catch_signals() -> None:
    _end.clear()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: _end.set())


def _fault_of_events_executor(context: Context | None) -> str | None:
    """Return why an EventsExecutor does not run a timer here, None where it does."""
    faults = ['it did not return']

    def check() -> None:
        """Note what is wrong, once the executor has returned."""
        faults[0] = _timer_fault(context)

    # In a thread of its own: a loop in C++ that never returns cannot be stopped from here.
    thread = threading.Thread(target=check, name='eventdepth-executor-check', daemon=True)
    thread.start()
    thread.join(CHECK_LIMIT_S)
    return faults[0] or None


def _timer_fault(context: Context | None) -> str:
    try:
        from rclpy.experimental import EventsExecutor
    except ImportError as error:
        return str(error)
    num_ticks = 0

    def tick() -> None:
        """Count a call of the timer."""
        nonlocal num_ticks
        num_ticks += 1

    node = Node(
        '_eventdepth_executor_check',
        context=context,
        enable_rosout=False,
        start_parameter_services=False,
        use_global_arguments=False,
    )
    node.create_timer(CHECK_PERIOD_S, tick, clock=Clock(clock_type=ClockType.STEADY_TIME))
    executor = EventsExecutor(context=context)
    executor.add_node(node)
    for _ in range(10 * CHECK_TICKS):
        executor.spin_once(timeout_sec=CHECK_PERIOD_S)
        if num_ticks >= CHECK_TICKS:
            break
    executor.remove_node(node)
    executor.shutdown()
    node.destroy_node()
    return '' if num_ticks >= CHECK_TICKS else f'{num_ticks} of {CHECK_TICKS} timer callbacks ran'
