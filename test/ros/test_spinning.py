"""The start and the end of a node's process, in processes of their own."""

import signal
import subprocess
import sys
import threading
import time

from eventdepth_core.errors import InputError
from eventdepth_ros import spinning
import pytest
from rclpy.executors import SingleThreadedExecutor

LIMIT_S = 2.0
SCRIPT = """
import sys, time
from eventdepth_core.errors import InputError
from eventdepth_ros import spinning
from rclpy.node import Node

class Probe(spinning.EndableNode, Node):
    def __init__(self):
        super().__init__('probe')
        if MODE == 'refused':
            raise InputError('Expected a probe, got none.')
        self.create_timer(0.02, self.tick)
        self.num_ticks = 0
    def tick(self):
        self.num_ticks += 1
        if self.num_ticks == 3:
            print('ready', flush=True)
            if MODE == 'over':
                self.request_end(3)
            if MODE == 'raises':
                raise ValueError('a defect')
            if MODE == 'long':
                spinning.interruptible(lambda: time.sleep(60))
    def finish(self):
        print('finished', flush=True)

MODE, EXECUTOR = sys.argv[1:]
sys.exit(spinning.run_node(Probe, [], executor=EXECUTOR))
"""


@pytest.fixture
def start(ros, tmp_path):
    """Return a function that starts the probe and waits until it is ready."""
    script = tmp_path / 'probe.py'
    script.write_text(SCRIPT)
    started = []

    def begin(mode, executor='single'):
        path = tmp_path / f'errors_{len(started)}.txt'
        with path.open('w') as errors:
            child = subprocess.Popen(
                [sys.executable, str(script), mode, executor],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=ros.environment,
            )
        child.errors = path
        started.append(child)
        if mode != 'refused':
            assert child.stdout.readline() == 'ready\n'
        return child

    yield begin
    for child in started:
        child.kill()
        child.wait()
        child.stdout.close()


def ended(child):
    """Wait for the end and return what was written and what went to the error stream."""
    output = child.stdout.read()
    child.wait(timeout=30)
    return output, child.errors.read_text()


@pytest.mark.parametrize('executor', ['single', 'events'])
@pytest.mark.parametrize('mode', ['waits', 'long'])
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_node_with_status_0_and_a_second_one_does_no_harm(
    start, executor, mode, number
):
    child = start(mode, executor)
    begun_s = time.monotonic()

    child.send_signal(number)
    child.send_signal(number)
    output, errors = ended(child)

    assert time.monotonic() - begun_s < LIMIT_S
    assert child.returncode == 0, errors
    assert 'finished' in output


def test_the_status_of_a_node_becomes_that_of_the_process(start):
    child = start('over')
    output, _ = ended(child)

    assert child.returncode == 3
    assert 'finished' in output


def test_a_defect_in_a_callback_ends_with_its_traceback_and_finished_files(start):
    child = start('raises')
    output, errors = ended(child)

    assert child.returncode == 1
    assert 'ValueError: a defect' in errors
    assert 'finished' in output


def test_a_refused_start_is_one_sentence(start):
    child = start('refused')
    _, errors = ended(child)

    assert child.returncode == 1
    assert 'Expected a probe, got none.' in errors
    assert 'Traceback' not in errors


def test_an_unknown_executor_is_refused():
    with pytest.raises(InputError, match='single, events'):
        spinning.make_executor('multi')


def test_an_executor_that_does_not_work_is_replaced(ros_context, monkeypatch, capfd):
    monkeypatch.setattr(spinning, '_timer_fault', lambda _: 'no callback ran')

    executor = spinning.make_executor('events', ros_context)

    assert isinstance(executor, SingleThreadedExecutor)
    assert 'no callback ran' in capfd.readouterr().err
    executor.shutdown()


def test_an_executor_that_never_returns_is_replaced(ros_context, monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(spinning, 'CHECK_LIMIT_S', 0.05)
    monkeypatch.setattr(spinning, '_timer_fault', lambda _: str(never.wait(10.0)))

    executor = spinning.make_executor('events', ros_context)
    never.set()

    assert isinstance(executor, SingleThreadedExecutor)
    executor.shutdown()


def test_a_long_call_gives_what_it_returns_and_raises_what_it_raises():
    assert spinning.interruptible(lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        spinning.interruptible(lambda: 1 // 0)


def test_a_long_call_is_left_when_the_process_shall_end(monkeypatch):
    ending, never = threading.Event(), threading.Event()
    ending.set()
    monkeypatch.setattr(spinning, '_end', ending)

    with pytest.raises(spinning.EndRequestedError):
        spinning.interruptible(lambda: never.wait(10.0))
    never.set()
