"""
Run several programs as one: start, merge their output, end them together.

Laws: SIGINT or SIGTERM to this process is passed on once, as SIGINT; a program that does not end
within `PATIENCE_S` gets SIGTERM, after as long again SIGKILL; when a program that `ends_group`
exits, or any fails in a group with such a program, the others are ended in the same way; the
status is that of the first program that failed, 0 if none did. A program ended by the signal that
it was sent has not failed, one that had to be killed has. No program outlives `run`.

"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
import signal
import subprocess
import sys
import threading
import time
from typing import TextIO

PATIENCE_S = 5.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)
ESCALATION = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
OUTPUT_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Program:
    """A command line with the name that its output is marked with."""

    name: str
    command: tuple[str, ...]
    ends_group: bool = False


@dataclass(slots=True)
class _Child:
    program: Program
    running: subprocess.Popen[bytes]
    readers: tuple[threading.Thread, ...] = ()
    sent: list[int] = field(default_factory=list)

    @property
    def is_alive(self) -> bool:
        """Whether the program runs."""
        return self.running.poll() is None

    def send(self, number: int) -> None:
        """Send a signal, unless the program has ended."""
        if self.is_alive:
            self.sent.append(number)
            self.running.send_signal(number)


_Event = int | _Child  # a signal number, or a child that has exited


class Group:
    """Programs that live and end together; `out` takes their merged output."""

    def __init__(
        self,
        programs: tuple[Program, ...],
        environment: Mapping[str, str],
        out: TextIO | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._programs = programs
        self._environment = dict(environment)
        self._out = sys.stdout if out is None else out
        self._patience_s = patience_s
        self._events: SimpleQueue[_Event] = SimpleQueue()
        self._write_lock = threading.Lock()
        self._children: list[_Child] = []
        self._status = 0

    def run(self) -> int:
        """Start everything, wait for the end and return the status; main thread only."""
        with self._caught_signals():
            try:
                for program in self._programs:
                    self._children.append(self._started(program))
                self._wait_for_reason()
            finally:
                self._end()
        return self._status

    @property
    def _has_ending_program(self) -> bool:
        return any(program.ends_group for program in self._programs)

    def say(self, text: str) -> None:
        """Write a line of our own."""
        self._write('bringup', text)

    @contextmanager
    def _caught_signals(self) -> Iterator[None]:
        before = {
            number: signal.signal(number, lambda got, _: self._events.put(got))
            for number in SIGNALS
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _started(self, program: Program) -> _Child:
        running = subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,  # Ctrl-C in a terminal reaches us only, and we pass it on once
        )
        child = _Child(program, running)
        child.readers = tuple(
            threading.Thread(target=target, args=(child,), daemon=True)
            for target in (self._copy_output, self._report_exit)
        )
        for reader in child.readers:
            reader.start()
        return child

    def _copy_output(self, child: _Child) -> None:
        for line in child.running.stdout or ():
            self._write(child.program.name, line.decode(errors='replace').rstrip('\n'))

    def _report_exit(self, child: _Child) -> None:
        child.running.wait()
        self._events.put(child)

    def _wait_for_reason(self) -> None:
        """Return when the rest shall end: a signal, the last exit, or that of an ending one."""
        num_left = len(self._children)
        while num_left:
            event = self._events.get()
            if isinstance(event, int):
                self.say(f'{signal.Signals(event).name}: ending all nodes')
                return
            num_left -= 1
            self._note(event)
            if event.program.ends_group or (self._status and self._has_ending_program):
                return

    def _end(self) -> None:
        """End what still runs, politely first."""
        for number in ESCALATION:
            waiting = [child for child in self._children if child.is_alive]
            for child in waiting:
                if number != signal.SIGINT:
                    self.say(f'{child.program.name} does not end: {signal.Signals(number).name}')
                child.send(number)
            self._wait_for(waiting)
        for child in self._children:
            child.readers[0].join(OUTPUT_WAIT_S)

    def _wait_for(self, waiting: list[_Child]) -> None:
        deadline_s = time.monotonic() + self._patience_s
        left = list(waiting)
        while left:
            try:
                event = self._events.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except Empty:
                return
            if isinstance(event, _Child):
                self._note(event)
                left = [child for child in left if child is not event]

    def _note(self, child: _Child) -> None:
        code = child.running.returncode
        was_asked = code < 0 and -code in child.sent and -code != signal.SIGKILL
        if code == 0 or was_asked:
            return
        status = code if code > 0 else 128 - code
        self.say(f'{child.program.name} failed with status {status}')
        self._status = self._status or status

    def _write(self, name: str, text: str) -> None:
        with self._write_lock:
            self._out.write(f'[{name}] {text}\n')
            self._out.flush()
