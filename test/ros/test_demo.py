"""The demo as a user starts it, and what it says when it cannot run."""

from concurrent.futures import ThreadPoolExecutor, wait
import os
from pathlib import Path
import signal
import subprocess
import sys

from eventdepth_core.errors import MissingDependencyError
from eventdepth_ros import demo, msgs
from harness.shared_memory import mapped_names, remaining
import pytest

TIMEOUT_S = 200.0
NUM_PROCESSES = 6  # bringup, player, depth, recorder, evaluator, event image


def started(out, *arguments, folder):
    command = [sys.executable, '-m', 'eventdepth_ros.demo', '--out', str(out), *arguments]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env={**os.environ, 'COLUMNS': '200'},
        start_new_session=True,
    )


def children_of(group):
    """Return the processes whose session was begun by `group` or its children."""
    listed = subprocess.run(
        ['ps', '-eo', 'pid,ppid,args'], capture_output=True, text=True, check=True
    ).stdout
    family, grew = {group}, True
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    while grew:
        found = {int(pid) for pid, parent, _ in rows if int(parent) in family} - family
        family |= found
        grew = bool(found)
    return family - {group}


@pytest.mark.slow
def test_the_demo_leaves_everything_it_promises(tmp_path, repository):
    running = started(tmp_path / 'demo', folder=repository)
    segments = set()
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(running.communicate, timeout=TIMEOUT_S)
        while not outcome.done():
            segments |= set().union(*map(mapped_names, children_of(running.pid)))
            wait([outcome], timeout=0.2)
    text, _ = outcome.result()

    assert running.returncode == 0, text
    assert len(segments) >= NUM_PROCESSES - 1  # each node has one, bringup has none
    assert not remaining(segments)
    for name in demo.RESULTS:
        assert (tmp_path / 'demo' / name).stat().st_size > 1000, text
    assert 'frames expected' in text
    assert ' at 320x240 with 3 modalities ' in text or 'no rate can be told' in text
    assert 'accuracy events+image+points' in text
    assert 'Results:' in text


def test_a_bundle_that_is_not_there_is_said_at_once(tmp_path, repository):
    running = started(tmp_path / 'demo', '--bundle', 'no-such-bundle', folder=repository)

    text, _ = running.communicate(timeout=TIMEOUT_S)

    assert running.returncode == 1
    assert 'The demo failed' in text
    assert 'no-such-bundle' in text
    assert 'Traceback' not in text


def test_a_graph_that_fails_is_shown_with_its_last_words(tmp_path, monkeypatch, capsys):
    words = 'print("[eventdepth] Cannot configure: no memory"); raise SystemExit(3)'
    monkeypatch.setattr(demo, '_command', lambda *_: [sys.executable, '-c', words])

    status = demo.main(['--out', str(tmp_path / 'demo')])

    assert status == 3
    text = capsys.readouterr().out
    assert 'The graph ended with status 3, without depth.mcap' in text
    assert '[eventdepth] Cannot configure: no memory' in text
    assert 'graph.log' in text


def test_a_signal_ends_the_demo_and_its_nodes(tmp_path, repository):
    running = started(tmp_path / 'demo', folder=repository)
    try:
        while len(family := children_of(running.pid)) < NUM_PROCESSES:
            assert running.poll() is None

        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=60.0)
    finally:
        running.kill()

    assert not [pid for pid in family if Path(f'/proc/{pid}').is_dir()]
    assert running.returncode != 0


def test_without_ros_the_library_replays_and_says_so(tmp_path, monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(demo, 'find_spec', lambda _: None)
    monkeypatch.setattr(demo, 'replay', lambda out, bundle: calls.append((out, bundle)) or 0)

    status = demo.main(['--out', str(tmp_path / 'demo'), '--bundle', 'eventdepth-s'])

    assert status == 0
    assert calls == [(tmp_path / 'demo', 'eventdepth-s')]
    text = ' '.join(capsys.readouterr().out.split())
    assert 'No ROS 2 graph on this machine' in text
    assert 'rclpy' in text
    assert 'eventdepth replay' in text


def test_message_types_that_cannot_be_built_are_a_reason(monkeypatch):
    def refuse(name):
        raise MissingDependencyError('a C compiler')

    monkeypatch.setattr(msgs, 'require', refuse)

    assert 'a C compiler' in demo.missing_ros()
