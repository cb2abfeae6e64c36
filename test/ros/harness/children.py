"""
Nodes as child processes.

Output goes to a file; signals go to the process id; a child dies with the test process, however
that ends. `end` is SIGINT, then, after a deadline, SIGKILL and an error: a node that does not end
is a fault and no survivor.

"""

from collections.abc import Mapping, Sequence
import ctypes
from dataclasses import dataclass, field
import json
from pathlib import Path
import signal
import subprocess
import sys
import time

from harness import shared_memory

END_S = 10.0
PR_SET_PDEATHSIG = 1
TAIL_CHARACTERS = 6_000
POLL_S = 0.005
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class ChildCommand:
    """What to start: a module or a script, its parameters, remappings and arguments."""

    target: str  # 'depth' -> eventdepth_ros.nodes.depth; a dotted module; a path of a script
    parameters: Mapping[str, object] = field(default_factory=dict)
    remappings: Mapping[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()
    name: str | None = None
    parameter_files: Sequence[Path] = ()

    def line(self) -> list[str]:
        """Return the command line."""
        ros = [f'-p {key}:={json.dumps(value)}' for key, value in self.parameters.items()]
        ros += [f'-r {old}:={new}' for old, new in self.remappings.items()]
        ros += [f'-r __node:={self.name}'] if self.name else []
        ros += [f'--params-file {path}' for path in self.parameter_files]
        words = [word for option in ros for word in option.split(' ', 1)]
        return [sys.executable, *self._target(), *self.arguments, '--ros-args', *words]

    def _target(self) -> list[str]:
        if self.target.endswith('.py'):
            return [self.target]
        is_dotted = '.' in self.target
        return ['-m', self.target if is_dotted else f'eventdepth_ros.nodes.{self.target}']


class ChildNode:
    """A running child; `title` names it in reports."""

    def __init__(
        self, line: Sequence[str], output: Path, environment: Mapping[str, str], title: str
    ) -> None:
        self.title = title
        self.output = output
        self.was_killed = False
        self.segments: set[str] = set()
        with output.open('wb') as file:
            self.popen = subprocess.Popen(
                line,
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, no lock
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self.popen.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.popen.poll() is None

    @property
    def text(self) -> str:
        """What it has written until now."""
        return self.output.read_text(errors='replace')

    def tail(self) -> str:
        """Return the end of what it has written, with its state."""
        state = 'alive' if self.is_alive else f'exit code {self.popen.returncode}'
        return f'[{self.title}, pid {self.pid}, {state}]\n{self.text[-TAIL_CHARACTERS:]}'

    def tell(self, line: str) -> None:
        """Write one line to its standard input."""
        self.popen.stdin.write(f'{line}\n'.encode())
        self.popen.stdin.flush()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this process alone."""
        self.note_segments()
        self.was_killed |= number == signal.SIGKILL
        if self.is_alive:
            self.popen.send_signal(number)

    def wait(self, timeout_s: float = END_S) -> int:
        """Return the exit code; AssertionError with the output when it does not end in time."""
        try:
            return self.popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f'Expected {self.title} to end within {timeout_s} s.\n{self.tail()}'
            ) from None

    def ending_s(self, number: signal.Signals, timeout_s: float = END_S) -> tuple[int, float]:
        """Send a signal; return the exit code and the seconds until the end."""
        started_s = time.monotonic()
        self.send(number)
        return self.wait(timeout_s), time.monotonic() - started_s

    def kill(self) -> None:
        """End it at once, as the kernel would when memory is short."""
        self.send(signal.SIGKILL)
        self.popen.wait()

    def end(self) -> int:
        """End it whatever it takes; return the exit code."""
        try:
            if self.is_alive:
                self.send(signal.SIGINT)
                self.wait()
        finally:
            if self.is_alive:
                self.kill()
            self.popen.stdin.close()
        return self.popen.returncode

    def note_segments(self) -> None:
        """Remember which shared memory it maps now."""
        self.segments |= shared_memory.mapped_names(self.pid)

    def memory_kb(self) -> int:
        """Return the resident memory, kB."""
        return int(self._status('VmRSS').split()[0])

    def num_threads(self) -> int:
        """Return the number of threads."""
        return int(self._status('Threads'))

    def num_files(self) -> int:
        """Return the number of open file descriptors."""
        return len(list(Path(f'/proc/{self.pid}/fd').iterdir()))

    def cpu_s(self) -> float:
        """Return the CPU seconds of all threads since its start."""
        fields = Path(f'/proc/{self.pid}/stat').read_text().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / 100.0

    def _status(self, key: str) -> str:
        text = Path(f'/proc/{self.pid}/status').read_text()
        return text.partition(f'{key}:')[2].partition('\n')[0].strip()


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
