"""
The demo: `python -m eventdepth_ros.demo --out out/demo`.

Starts the real graph on the shipped recording (player, depth, evaluator, recorder and event image
as processes of their own, over Fast DDS on this machine only, in a domain that nobody uses) and
leaves depth.mcap, report.html, preview.png, metrics.json and graph.log. Where ROS 2 cannot be
installed the same recording goes through `eventdepth replay`, and the demo says so.

"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
import os
from pathlib import Path
import signal
import subprocess
import sys
from tempfile import TemporaryDirectory

from eventdepth_core import load_bundle
from eventdepth_core.errors import EventDepthError, MissingDependencyError
from eventdepth_core.install import installed_file
from eventdepth_ros import msgs
from eventdepth_ros.demo_domain import claimed_domain
from eventdepth_ros.demo_summary import keeping, read_metrics, summary_table
from rich.console import Console

RECORDING = ('config', 'demo')
RESULTS = ('depth.mcap', 'report.html', 'preview.png', 'metrics.json')
TIMEOUT_S = 240.0
NUM_SHOWN_LINES = 25
MESSAGE_PACKAGES = ('event_camera_msgs', 'tf2_msgs')


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; return the exit status."""
    given = _parser().parse_args(arguments)
    console = Console()
    missing = missing_ros()
    if missing is not None:
        console.print(f'No ROS 2 graph on this machine ({missing})', highlight=False)
        console.print('The same recording through `eventdepth replay` instead:')
        return replay(given.out, given.bundle)
    try:
        return run_graph(given.out, given.bundle, console)
    except EventDepthError as error:
        console.print(f'The demo failed: {error}', style='red', highlight=False)
        return 1


def missing_ros() -> str | None:
    """Return why the graph cannot be started here, None where it can."""
    try:
        if find_spec('rclpy') is None:
            raise MissingDependencyError('rclpy', 'ros')
        for name in MESSAGE_PACKAGES:
            msgs.require(name)
    except EventDepthError as error:
        return str(error)
    return None


def replay(out: Path, bundle: str) -> int:
    """Run the recording through the library without ROS; return the exit status."""
    from eventdepth_core.cli import main as run_command

    recording = installed_file(*RECORDING)
    return run_command(['replay', str(recording), '--bundle', bundle, '--out', str(out)])


def run_graph(out: Path, bundle: str, console: Console) -> int:
    """
    Run the graph to its end and print what it made; return the exit status.

    Raises
    ------
    EventDepthError
        If the recording or the metrics are missing, or for a bundle that cannot be loaded.

    """
    load_bundle(bundle)  # what is wrong with it is said at once
    out.mkdir(parents=True, exist_ok=True)
    for name in RESULTS:
        (out / name).unlink(missing_ok=True)
    log = out / 'graph.log'
    with console.status('player, depth, evaluator, recorder and event image are running ...'):
        status = _run_bringup(_command(out, bundle), log)
    missing = [name for name in RESULTS if not (out / name).is_file()]
    if status != 0 or missing:
        _show_failure(console, status, missing, log)
        return status or 1
    metrics = read_metrics(out / 'metrics.json')
    console.print(summary_table(metrics, keeping(metrics)))
    console.print(f'Results: {out}', soft_wrap=True)
    return 0


def _command(out: Path, bundle: str) -> list[str]:
    recording = installed_file(*RECORDING)
    assignments = {
        'bag': recording,
        'out': out.resolve(),
        'bundle': bundle,
        'rig_file': recording / 'rig.yaml',
        'trigger': 'image',
    }
    words = [f'{name}:={value}' for name, value in assignments.items()]
    return [sys.executable, '-m', 'eventdepth_ros.bringup', 'demo', *words]


def _run_bringup(command: list[str], log: Path) -> int:
    """Run the graph in a domain of its own, on the loopback only, its output into `log`."""
    with (
        claimed_domain() as domain,
        TemporaryDirectory(prefix='eventdepth_demo_') as ros_log,
        log.open('wb') as output,
    ):
        environment = {
            **os.environ,
            'ROS_DOMAIN_ID': str(domain),
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
            'ROS_LOG_DIR': ros_log,
        }
        running = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,  # Ctrl-C in a terminal reaches us only; we pass it on once
        )
        with _signals_passed_on(running):
            return _status_of(running)


def _status_of(running: subprocess.Popen[bytes]) -> int:
    """Wait for the graph; one that takes too long is told to end, and given the time for it."""
    try:
        return running.wait(TIMEOUT_S)
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGINT)
        return running.wait() or 1


@contextmanager
def _signals_passed_on(running: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the graph instead of leaving it alone."""
    before = {
        number: signal.signal(number, lambda *_: running.send_signal(signal.SIGINT))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show_failure(console: Console, status: int, missing: list[str], log: Path) -> None:
    lacks = f', without {", ".join(missing)}' if missing else ''
    console.print(f'The graph ended with status {status}{lacks}. Its last words:', style='red')
    lines = log.read_text(errors='replace').splitlines()
    console.print('\n'.join(lines[-NUM_SHOWN_LINES:]), markup=False, highlight=False)
    console.print(f'All of them: {log}', soft_wrap=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='python -m eventdepth_ros.demo')
    parser.add_argument(
        '--out', type=Path, default=Path('out/demo'), help='folder for the results'
    )
    parser.add_argument('--bundle', default='eventdepth-s', help='name or folder of the bundle')
    return parser


if __name__ == '__main__':
    sys.exit(main())
