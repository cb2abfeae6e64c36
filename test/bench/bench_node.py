"""
What the ROS node adds to inference, and whether it keeps up: `python test/bench/bench_node.py`.

Three processes: a player (`fast_player.py`, EVT3 packets of 1 ms encoded beforehand, best effort,
absolute pacing), the depth node as users run it, and this one, which subscribes to the depth, to
~/debug/latency and to /diagnostics. Overhead is the time from the moment the newest packet is
received to the moment the depth is published, less inference. Lost packets are those the node has
not received of those the player has sent. `decode at the tick` is the same node, except that its
callback only keeps packets and hands them over together when the one comes that closes a depth
period (`late_node.py`).

The figures are medians, with quartile distance, over windows of a run (p99: over the whole run).
Where other processes took more than a tenth of the cores (`foreign_load.py`; our own do not count)
nothing is judged: no ratio is printed, the verdict is "not judged", the status 2. Ends with status
1 where a goal is missed.

"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
import json
import os
from pathlib import Path
import sys
import tempfile
import time

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'ros'))

from diagnostic_msgs.msg import DiagnosticArray
from eventdepth_ros import dds
from foreign_load import ForeignLoad, ForeignWatch, NOT_JUDGED
from harness.bundles import write_tiny_bundle
from harness.session import RosSession
import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Float64MultiArray

HERE = Path(__file__).resolve().parent
NODE = 'eventdepth'
GOAL_P50_MS, GOAL_P99_MS = 3.0, 10.0
P99_UP_TO_MEV_S = 10.0
GOAL_PLAYER, GOAL_TICK_RATIO = 0.99, 1.4
SETTLE_S = 2.0
PARTS = ('accumulate', 'wait', 'publish')


@dataclass(frozen=True)
class Case:
    """One run: which node, which executor, how many events."""

    variant: str
    executor: str
    rate_mev_s: float


@dataclass(frozen=True)
class Row:
    """What one run gave; times in ms, `lost` in packets, shares and `foreign` in cores."""

    variant: str
    executor: str
    rate_mev_s: float
    mev_s: float
    overhead_p50_ms: float
    overhead_iqr_ms: float
    overhead_p99_ms: float
    accumulate_ms: float
    wait_ms: float
    publish_ms: float
    tick_ms: float
    tick_iqr_ms: float
    infer_ms: float
    total_ms: float
    frames: int
    sent: int
    lost: int
    player_rate: float
    player_late_p99_ms: float
    node_cpu: float
    load: float
    foreign: float


class Probe:
    """Listens to the node."""

    def __init__(self, ros: RosSession) -> None:
        node = ros.node('bench')
        self.stages: list[dict[str, float]] = []
        self.values: dict[str, str] = {}
        self.num_images = 0
        topic = f'/{NODE}/debug/latency'
        node.create_subscription(Float64MultiArray, topic, self._take_latency, 100)
        node.create_subscription(DiagnosticArray, '/diagnostics', self._take_status, 50)
        # As bytes: another node would read them in a process of its own.
        node.create_subscription(Image, f'/{NODE}/depth/image', self._count, 5, raw=True)

    @property
    def num_received(self) -> int:
        """The packets that the node says it has received."""
        return int(self.values.get('events: messages', 0))

    def _take_latency(self, message: Float64MultiArray) -> None:
        labels = [dimension.label for dimension in message.layout.dim]
        self.stages.append(dict(zip(labels, message.data, strict=True)))

    def _take_status(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.endswith(': inputs'):
                self.values = {pair.key: pair.value for pair in status.values}

    def _count(self, _: bytes) -> None:
        self.num_images += 1


def run(case: Case, options: argparse.Namespace, folder: Path) -> Row:
    """Run the graph once and return its row."""
    folder.mkdir()
    ros = RosSession(folder, {'OMP_NUM_THREADS': '1'})
    try:
        return _measured(ros, case, options)
    finally:
        ros.close()


def _measured(ros: RosSession, case: Case, options: argparse.Namespace) -> Row:
    probe = Probe(ros)
    seconds = options.windows * options.window_s
    player = ros.start(
        str(HERE / 'fast_player.py'),
        arguments=[
            '--rate-mev-s', str(case.rate_mev_s), '--seconds', str(SETTLE_S + seconds),
            '--size', *map(str, options.size),
        ],
    )  # fmt: skip
    ros.spin_until(lambda: 'ready' in player.text, 60.0, 'the player has its packets')
    node = ros.start(
        'depth' if case.variant == 'incremental' else str(HERE / 'late_node.py'),
        name=NODE,
        parameters={
            'bundle': str(options.bundle_folder),
            'executor': case.executor,
            'rate_hz': options.depth_hz,
            'num_threads': 1,
            'events.topic': '/camera/events',
            'image.topic': '',
            'points.topic': '',
            'rig_file': str(_camera_file(ros.folder, options.size)),
            'diagnostics.period_s': 0.5,
        },
    )
    player.tell('go')
    ros.spin_until(lambda: probe.stages, 60.0, 'the first depth')
    ros.spin_for(SETTLE_S)
    probe.stages.clear()
    others = ForeignWatch()
    begin_s, cpu_s = time.monotonic(), node.cpu_s()
    ros.spin_until(lambda: '{' in player.text, 2 * seconds + 60.0, 'the player is done')
    cpu = (node.cpu_s() - cpu_s) / (time.monotonic() - begin_s)
    load, foreign = os.getloadavg()[0], others.load()
    played = json.loads(player.text[player.text.index('{') :].splitlines()[0])
    outcome = {
        'lost': _settled_loss(ros, probe, played['num_packets']),
        'node_cpu': cpu,
        'load': load,
        'foreign': foreign.cores,
    }
    player.tell('end')
    return _row(case, probe.stages, {**played, **outcome}, options.windows)


def _camera_file(folder: Path, size: Sequence[int]) -> Path:
    """Write the player's camera, so that the node is warm before it subscribes."""
    height, width = size
    matrix = [500.0, 0.0, (width - 1) / 2, 0.0, 500.0, (height - 1) / 2, 0.0, 0.0, 1.0]
    path = folder / 'camera.yaml'
    path.write_text(
        f'image_width: {width}\nimage_height: {height}\n'
        f'camera_matrix: {{rows: 3, cols: 3, data: {matrix}}}\n'
        'distortion_model: plumb_bob\n'
        'distortion_coefficients: {rows: 1, cols: 5, data: [0.0, 0.0, 0.0, 0.0, 0.0]}\n'
    )
    return path


def _settled_loss(ros: RosSession, probe: Probe, num_sent: int) -> int:
    """Return how many packets are missing once the node's count stands still."""
    deadline_s = time.monotonic() + 5.0
    while probe.num_received < num_sent and time.monotonic() < deadline_s:
        ros.spin_for(0.1)
    return num_sent - probe.num_received


def _row(
    case: Case,
    stages: Sequence[dict[str, float]],
    outcome: dict[str, float],
    num_windows: int,
) -> Row:
    """Return the row of a run."""
    overhead, tick = _column(stages, 'overhead'), _column(stages, 'tensor')
    p50, p50_iqr = over_windows(overhead, num_windows)
    tick_ms, tick_iqr = over_windows(tick, num_windows)
    return Row(
        **asdict(case),
        mev_s=outcome['mev_s'],
        overhead_p50_ms=p50,
        overhead_iqr_ms=p50_iqr,
        overhead_p99_ms=float(np.percentile(overhead, 99)),
        **{f'{name}_ms': float(np.median(_column(stages, name))) for name in PARTS},
        tick_ms=tick_ms,
        tick_iqr_ms=tick_iqr,
        infer_ms=float(np.median(_column(stages, 'infer'))),
        total_ms=float(np.median(_column(stages, 'total'))),
        frames=len(stages),
        sent=int(outcome['num_packets']),
        lost=int(outcome['lost']),
        player_rate=outcome['rate_of_nominal'],
        player_late_p99_ms=outcome['late_p99_ms'],
        node_cpu=outcome['node_cpu'],
        load=outcome['load'],
        foreign=outcome['foreign'],
    )


def over_windows(values: np.ndarray, num_windows: int) -> tuple[float, float]:
    """Return the median of the windows' medians, and their quartile distance."""
    medians = [float(np.median(part)) for part in np.array_split(values, num_windows)]
    low, median, high = np.percentile(medians, [25, 50, 75])
    return float(median), float(high - low)


def _column(stages: Sequence[dict[str, float]], name: str) -> np.ndarray:
    return np.array([stage[name] for stage in stages])


def misses(row: Row) -> list[str]:
    """Return the goals that a row of the node itself misses."""
    if row.variant != 'incremental':
        return []
    where = f'{row.executor}, {row.rate_mev_s:g} Mev/s'
    faults = []
    if row.overhead_p50_ms > GOAL_P50_MS:
        faults.append(f'{where}: overhead p50 {row.overhead_p50_ms:.2f} > {GOAL_P50_MS} ms')
    if row.rate_mev_s <= P99_UP_TO_MEV_S and row.overhead_p99_ms > GOAL_P99_MS:
        faults.append(f'{where}: overhead p99 {row.overhead_p99_ms:.2f} > {GOAL_P99_MS} ms')
    if row.lost:
        faults.append(f'{where}: {row.lost} of {row.sent} packets lost')
    if row.player_rate < GOAL_PLAYER:
        faults.append(f'{where}: player at {row.player_rate:.3f} of nominal')
    return faults


def markdown(rows: Sequence[Row]) -> str:
    """Return the table."""
    head = (
        '| node | executor | Mev/s | overhead p50 (IQR) / p99 ms '
        '| accumulate + wait + publish ms | tick ms (IQR) | inference ms '
        '| total ms | frames | lost / sent | player rate | node CPU | load | foreign |\n'
        '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n'
    )
    return head + ''.join(
        f'| {row.variant} | {row.executor} | {row.mev_s:.1f} '
        f'| {row.overhead_p50_ms:.2f} ({row.overhead_iqr_ms:.2f}) / {row.overhead_p99_ms:.2f} '
        f'| {row.accumulate_ms:.2f} + {row.wait_ms:.2f} + {row.publish_ms:.2f} '
        f'| {row.tick_ms:.2f} ({row.tick_iqr_ms:.2f}) | {row.infer_ms:.1f} | {row.total_ms:.1f} '
        f'| {row.frames} | {row.lost} / {row.sent} | {row.player_rate:.4f} '
        f'| {row.node_cpu:.2f} | {row.load:.1f} | {row.foreign:.2f} |\n'
        for row in rows
    )


def ratios(rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    """Return the sentences about ratios, and which goals they miss."""
    by_case = {(row.variant, row.executor, row.rate_mev_s): row for row in rows}
    sentences, faults = [], []
    for (variant, executor, rate), row in by_case.items():
        slowest = by_case.get((variant, executor, min(r.rate_mev_s for r in rows)))
        if rate == max(r.rate_mev_s for r in rows) and slowest is not None and row is not slowest:
            ratio = row.tick_ms / slowest.tick_ms
            sentence = f'tick {rate:g}:{slowest.rate_mev_s:g} Mev/s, {variant}, {executor}: '
            sentences.append(f'{sentence}{ratio:.2f}')
            if variant == 'incremental' and ratio > GOAL_TICK_RATIO:
                faults.append(f'{sentences[-1]} > {GOAL_TICK_RATIO}')
        late = by_case.get(('at the tick', executor, rate))
        if variant == 'incremental' and late is not None:
            gain = late.overhead_p50_ms / row.overhead_p50_ms
            sentences.append(
                f'decode at the tick : incremental, {rate:g} Mev/s, {executor}: '
                f'overhead p50 {gain:.1f}'
            )
    return sentences, faults


@dataclass(frozen=True)
class Verdict:
    """What the rows say: sentences, goals missed, and why nothing is judged ('' = it is)."""

    sentences: list[str]
    missed: list[str]
    not_judged: str

    @property
    def lines(self) -> list[str]:
        """What is printed."""
        if self.not_judged:
            return [f'NOT JUDGED: {self.not_judged}']
        return [*self.sentences, *(f'MISSED {fault}' for fault in self.missed)]

    @property
    def status(self) -> int:
        """The exit status."""
        return NOT_JUDGED if self.not_judged else int(bool(self.missed))


def verdict(rows: Sequence[Row]) -> Verdict:
    """Judge the rows, unless others had too much of the machine in one of them."""
    cores = len(os.sched_getaffinity(0))
    busiest = ForeignLoad(max(row.foreign for row in rows), cores)
    if busiest.is_too_much:
        return Verdict([], [], busiest.sentence)
    sentences, faults = ratios(rows)
    return Verdict(sentences, [fault for row in rows for fault in misses(row)] + faults, '')


def main() -> int:
    """Measure and print; return 1 where a goal is missed, 2 where none can be judged."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--rates', type=float, nargs='+', default=[1, 10, 50], help='Mev/s')
    parser.add_argument('--executors', nargs='+', default=['single', 'events'])
    parser.add_argument('--size', type=int, nargs=2, default=[480, 640], help='height width')
    parser.add_argument('--windows', type=int, default=5)
    parser.add_argument('--window-s', type=float, default=3.0)
    parser.add_argument('--depth-hz', type=float, default=20.0)
    parser.add_argument('--bundle', default='tiny', help='tiny, a name or a folder')
    parser.add_argument('--no-late', action='store_true', help='without decode at the tick')
    parser.add_argument('--json', type=Path)
    options = parser.parse_args()
    os.environ |= {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', **dds.environment()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ['ROS_LOG_DIR'] = name
        options.bundle_folder = (
            write_tiny_bundle(folder / 'tiny') if options.bundle == 'tiny' else options.bundle
        )
        rows = _rows(options, folder)
    judged = verdict(rows)
    print(
        f'\nbundle {options.bundle}, {options.size[1]}x{options.size[0]}, {options.depth_hz:g} Hz'
    )
    print(f'\n{markdown(rows)}')
    print('\n'.join(judged.lines))
    document = {
        'rows': [asdict(row) for row in rows],
        'ratios': judged.sentences,
        'missed': judged.missed,
        'not_judged': judged.not_judged,
    }
    print(json.dumps(document))
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + '\n')
    return judged.status


def _rows(options: argparse.Namespace, folder: Path) -> list[Row]:
    cases = [Case('incremental', name, r) for name in options.executors for r in options.rates]
    if not options.no_late:
        cases += [Case('at the tick', options.executors[0], rate) for rate in options.rates]
    rows = []
    for i, case in enumerate(cases):
        rows.append(run(case, options, folder / str(i)))
        print(rows[-1], flush=True)
    return rows


if __name__ == '__main__':
    sys.exit(main())
