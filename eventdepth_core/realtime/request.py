"""
One estimate that waits for the worker, and the slot in which it waits.

The slot holds one request. Drop rule: a newer request replaces the one that waits, and takes over
the images and points that it lacks itself, so that no measurement goes with the dropped frame.
Events and poses of the dropped one are passed by in their order, those of the newest `MAX_PASSED`
with at most `MAX_PASSED_BYTES` of packets.

"""

from dataclasses import dataclass, replace
import threading

from eventdepth_core.pipeline.captured import Captured
from eventdepth_core.scheduling.waiting import Waiting
from eventdepth_core.types import PoseSample

MAX_PASSED = 8
MAX_PASSED_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Passed:
    """A captured window of which no frame is made, and the poses that belong to it."""

    captured: Captured
    poses: tuple[PoseSample, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """
    A captured window, what shall be pushed before it is finished, and when it came about.

    `passed` are the requests that it has replaced, oldest first.

    """

    captured: Captured
    samples: tuple[Waiting, ...]
    generation: int
    received_ns: int
    captured_ns: int
    passed: tuple[Passed, ...] = ()

    def after(self, dropped: 'Request') -> 'Request':
        """Return this request with what only the `dropped` one would have pushed."""
        if dropped.generation != self.generation:
            return self
        kinds = {type(sample) for sample in self.samples} | {PoseSample}
        missed = tuple(each for each in dropped.samples if type(each) not in kinds)
        poses = tuple(each for each in dropped.samples if isinstance(each, PoseSample))
        passed = (*dropped.passed, Passed(dropped.captured, poses))
        return replace(self, samples=(*missed, *self.samples), passed=_newest(passed))


def _newest(passed: tuple[Passed, ...]) -> tuple[Passed, ...]:
    """Return the last of `passed` that are within the limits."""
    num_bytes = 0
    for k, each in enumerate(reversed(passed)):
        num_bytes += each.captured.num_bytes
        if k == MAX_PASSED or num_bytes > MAX_PASSED_BYTES:
            return passed[len(passed) - k :]
    return passed


class Mailbox:
    """A slot for one request between the callback thread and the worker."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._waiting: Request | None = None
        self._is_closed = False

    def put(self, request: Request) -> Request | None:
        """Leave a request; return the one that it has replaced, None without one."""
        with self._condition:
            dropped = self._waiting
            self._waiting = request if dropped is None else request.after(dropped)
            self._condition.notify()
            return dropped

    def take(self) -> Request | None:
        """Wait for a request; None once the mailbox is closed."""
        with self._condition:
            while self._waiting is None and not self._is_closed:
                self._condition.wait()
            request, self._waiting = self._waiting, None
            return None if self._is_closed else request

    def clear(self) -> Request | None:
        """Take the waiting request away and return it, None without one."""
        with self._condition:
            dropped, self._waiting = self._waiting, None
            return dropped

    def close(self) -> None:
        """Let `take` return None from now on."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()
