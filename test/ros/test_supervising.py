"""A group of programs, with real processes that stand in for nodes."""

import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 20.0

RUN = """
import os, sys
sys.path.insert(0, {root!r})
from eventdepth_ros.supervising import Group, Program
programs = tuple(
    Program(name, (sys.executable, '-u', '-c', code), ends)
    for name, code, ends in {programs!r}
)
sys.exit(Group(programs, os.environ, patience_s={patience_s}).run())
"""
QUIET = 'import signal, sys; signal.signal(signal.SIGINT, lambda *_: sys.exit(0)); print("up"); '
POLITE = QUIET + 'signal.pause()'
NO_HANDLER = (
    'import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); print("up"); signal.pause()'
)
DEAF = 'import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); '
DEAF_TO_INT = DEAF + 'print("up"); signal.pause()'
DEAF_TO_ALL = DEAF + 'signal.signal(signal.SIGTERM, signal.SIG_IGN); print("up"); time.sleep(60)'


class Run:
    """A group in a process of its own."""

    def __init__(self, programs, patience_s=5.0):
        code = RUN.format(root=str(ROOT), programs=programs, patience_s=patience_s)
        self.process = subprocess.Popen(
            [sys.executable, '-c', code],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.lines = []

    def read_until(self, text):
        """Read output until a line holds `text`."""
        for line in self.process.stdout:
            self.lines.append(line.rstrip('\n'))
            if text in line:
                return
        raise AssertionError(f'Expected {text!r} in the output, got {self.lines}.')

    def status(self):
        """Return the exit status after all output has been read."""
        rest, _ = self.process.communicate(timeout=DEADLINE_S)
        self.lines += rest.splitlines()
        return self.process.returncode


@pytest.fixture
def start():
    started = []

    def run(programs, patience_s=5.0):
        started.append(Run(programs, patience_s))
        return started[-1]

    yield run
    for each in started:
        if each.process.poll() is None:
            os.killpg(each.process.pid, signal.SIGKILL)
            each.process.wait()


def wait_for_all(run, names):
    for _ in names:
        run.read_until('] up')


def test_a_group_ends_with_its_last_program(start):
    run = start([('first', 'print("one")', False), ('second', 'print("two")', False)])

    assert run.status() == 0
    assert sorted(run.lines) == ['[first] one', '[second] two']


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_passed_on_once_as_sigint(start, number):
    counting = (
        'import signal, sys, time\nseen = []\n'
        'def handle(*_):\n    seen.append(1)\n'
        'signal.signal(signal.SIGINT, handle)\nprint("up")\n'
        'while not seen: time.sleep(0.01)\n'
        'time.sleep(0.3)\nprint("seen", len(seen))\n'
    )
    run = start([('polite', POLITE, False), ('counting', counting, False)])
    wait_for_all(run, ('polite', 'counting'))

    run.process.send_signal(number)

    assert run.status() == 0
    assert '[counting] seen 1' in run.lines
    assert f'[bringup] {signal.Signals(number).name}: ending all nodes' in run.lines


def test_an_ending_program_ends_the_rest(start, tmp_path):
    # Python that gets SIGINT while it starts may end with status 1: the player waits for depth
    up = str(tmp_path / 'up')
    depth = QUIET + f'open({up!r}, "w").close(); signal.pause()'
    player = (
        f'import os, time\nwhile not os.path.exists({up!r}): time.sleep(0.01)\nprint("played")'
    )
    run = start([('depth', depth, False), ('player', player, True)])

    assert run.status() == 0
    assert '[player] played' in run.lines


def test_a_failure_ends_a_group_that_would_end_by_itself(start):
    failing = 'import sys; sys.exit(3)'
    run = start([('depth', failing, False), ('player', POLITE, True)])

    assert run.status() == 3
    assert '[bringup] depth failed with status 3' in run.lines


def test_other_programs_may_end_without_the_rest(start):
    run = start([('short', 'print("bye")', False), ('long', POLITE, False)])
    run.read_until('] up')
    while '[short] bye' not in run.lines:
        run.read_until('bye')

    assert run.process.poll() is None
    run.process.send_signal(signal.SIGINT)
    assert run.status() == 0


def test_the_status_is_that_of_the_first_failure(start):
    first = 'import sys; print("up"); sys.exit(3)'
    later = POLITE.replace('sys.exit(0)', 'sys.exit(4)')
    run = start([('later', later, False), ('first', first, False)])
    run.read_until('[bringup] first failed with status 3')
    while '[later] up' not in run.lines:
        run.read_until('] up')

    run.process.send_signal(signal.SIGINT)

    assert run.status() == 3
    assert '[bringup] later failed with status 4' in run.lines


def test_a_crash_counts_as_128_and_the_signal(start):
    run = start([('crashing', 'import os, signal; os.kill(os.getpid(), signal.SIGSEGV)', False)])

    assert run.status() == 128 + signal.SIGSEGV


def test_a_program_ended_by_the_signal_it_was_sent_has_not_failed(start):
    run = start([('plain', NO_HANDLER, False)])
    run.read_until('] up')

    run.process.send_signal(signal.SIGINT)

    assert run.status() == 0


def test_one_that_does_not_end_gets_sigterm(start):
    run = start([('deaf', DEAF_TO_INT, False), ('polite', POLITE, False)], patience_s=0.3)
    wait_for_all(run, ('deaf', 'polite'))

    run.process.send_signal(signal.SIGINT)

    assert run.status() == 0
    assert '[bringup] deaf does not end: SIGTERM' in run.lines
    assert '[bringup] polite does not end: SIGTERM' not in run.lines


def test_one_that_has_to_be_killed_has_failed(start):
    run = start([('deaf', DEAF_TO_ALL, False)], patience_s=0.3)
    run.read_until('] up')
    before_s = time.monotonic()

    run.process.send_signal(signal.SIGINT)

    assert run.status() == 128 + signal.SIGKILL
    assert time.monotonic() - before_s < 5.0


def test_output_of_both_streams_comes_marked_and_whole(start):
    code = (
        'import sys\n'
        'for i in range(300): print("o" * 200, i)\n'
        'print("é", file=sys.stderr); sys.stderr.buffer.write(b"\\xff\\n")\n'
    )
    run = start([('loud', code, False)])

    assert run.status() == 0
    assert len([line for line in run.lines if line.startswith('[loud] ' + 'o' * 200)]) == 300
    assert '[loud] é' in run.lines
    assert '[loud] \ufffd' in run.lines


def test_a_program_that_cannot_be_started_leaves_nothing_running():
    code = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from eventdepth_ros.supervising import Group, Program
polite = Program('polite', (sys.executable, '-c', {POLITE!r}))
group = Group((polite, Program('none', ('/no/such/program',))), os.environ)
try:
    group.run()
finally:
    print('alive:', [child.is_alive for child in group._children])
"""

    done = subprocess.run(
        [sys.executable, '-c', code],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )

    assert 'FileNotFoundError' in done.stderr
    assert 'alive: [False]' in done.stdout
