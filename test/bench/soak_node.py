"""
The depth node for a long time: `python test/bench/soak_node.py [--minutes 30]`.

A driver process (640x480, 1 Mev/s, images at 10 Hz, points at 5 Hz, in real time) and the depth
node. Memory, threads, open files and latency are sampled; at the end the slope of memory after
the warm-up, the change of threads and files, and the drift of the overhead's p99 from the first
to the last third decide. Where other processes took more than a tenth of the cores
(`foreign_load.py`; our own do not count) the drift is "not judged" and the status is 2. Ends with
status 1 where something grows.

"""

import argparse
from dataclasses import asdict, dataclass
import json
import os
from pathlib import Path
import sys
import tempfile
import time

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'ros'))

from eventdepth_ros import dds
from foreign_load import ForeignLoad, ForeignWatch, NOT_JUDGED
from harness.bundles import write_tiny_bundle
from harness.children import ChildNode
from harness.depth_node import DepthWatch, NODE, start_depth
from harness.session import RosSession
import numpy as np
from std_msgs.msg import Float64MultiArray

WARM_SHARE = 0.25
MAX_SLOPE_KB_MIN = 100.0
MAX_DRIFT, SLACK_MS = 0.10, 1.0
MAX_KEPT = 20


@dataclass(frozen=True)
class Sample:
    """The node at one moment; latencies since the sample before."""

    minute: float
    memory_kb: int
    threads: int
    files: int
    cpu_s: float
    frames: int
    overhead_p50_ms: float
    overhead_p99_ms: float


class Soak:
    """A graph that runs, and what it looked like."""

    def __init__(self, ros: RosSession, bundle: Path | str, depth_hz: float) -> None:
        self.ros = ros
        self.watch = DepthWatch(ros)
        self.overheads: list[float] = []
        self.samples: list[Sample] = []
        self._started_s = time.monotonic()
        self.driver = ros.start(
            'harness.driver',
            arguments=[
                '--size', '480', '640', '--rate-hz', '1e6', '--packet-us', '1000',
                '--image-us', '100000', '--points-us', '200000',
            ],
        )  # fmt: skip
        self.node: ChildNode = start_depth(ros, bundle, rate_hz=depth_hz, use_sim_time=False)
        node = ros.node('soak')
        topic = f'/{NODE}/debug/latency'
        node.create_subscription(Float64MultiArray, topic, self._take, 100)

    def sample(self, period_s: float) -> Sample:
        """Let a period pass and look."""
        self.overheads.clear()
        num_before = self.watch.count('drops', 'frames')
        self.ros.spin_for(period_s)
        self._forget_images()
        overheads = np.array(self.overheads or [np.nan])
        sample = Sample(
            minute=(time.monotonic() - self._started_s) / 60.0,
            memory_kb=self.node.memory_kb(),
            threads=self.node.num_threads(),
            files=self.node.num_files(),
            cpu_s=self.node.cpu_s(),
            frames=self.watch.count('drops', 'frames') - num_before,
            overhead_p50_ms=float(np.median(overheads)),
            overhead_p99_ms=float(np.percentile(overheads, 99)),
        )
        self.samples.append(sample)
        return sample

    def _take(self, message: Float64MultiArray) -> None:
        labels = [dimension.label for dimension in message.layout.dim]
        self.overheads.append(message.data[labels.index('overhead')])

    def _forget_images(self) -> None:
        watch = self.watch
        for kept in (watch.images, watch.infos, watch.stds, watch.masks):
            del kept[:-MAX_KEPT]


def verdict(samples: list[Sample], foreign: ForeignLoad) -> tuple[dict[str, float], list[str]]:
    """Return the figures that decide, and what is wrong."""
    warm = samples[round(WARM_SHARE * len(samples)) :]
    minutes = np.array([sample.minute for sample in warm])
    slope_kb_min = float(np.polyfit(minutes, [sample.memory_kb for sample in warm], 1)[0])
    third = max(len(warm) // 3, 1)
    first_ms, last_ms = (
        float(np.median([sample.overhead_p99_ms for sample in part]))
        for part in (warm[:third], warm[-third:])
    )
    figures = {
        'slope_kb_min': slope_kb_min,
        'files_change': warm[-1].files - warm[0].files,
        'threads_change': warm[-1].threads - warm[0].threads,
        'p99_first_ms': first_ms,
        'p99_last_ms': last_ms,
    }
    faults = []
    if slope_kb_min > MAX_SLOPE_KB_MIN:
        faults.append(f'memory grows by {slope_kb_min:.0f} kB/min > {MAX_SLOPE_KB_MIN:g}')
    faults += [f'{name} is {figures[name]}' for name in figures if name.endswith('change')
               and figures[name] > 0]  # fmt: skip
    if not foreign.is_too_much and last_ms > first_ms * (1.0 + MAX_DRIFT) + SLACK_MS:
        faults.append(f'overhead p99 drifts from {first_ms:.2f} to {last_ms:.2f} ms')
    return figures, faults


def main() -> int:
    """Soak and say what was seen; return 1 where something grows, 2 where drift is not judged."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--minutes', type=float, default=30.0)
    parser.add_argument('--sample-s', type=float, default=10.0)
    parser.add_argument('--depth-hz', type=float, default=10.0)
    parser.add_argument('--bundle', default='tiny', help='tiny, a name or a folder')
    parser.add_argument('--json', type=Path)
    options = parser.parse_args()
    os.environ |= {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', **dds.environment()}
    with tempfile.TemporaryDirectory() as name:
        os.environ['ROS_LOG_DIR'] = name
        is_tiny = options.bundle == 'tiny'
        bundle = write_tiny_bundle(Path(name) / 'tiny') if is_tiny else options.bundle
        ros, others = RosSession(Path(name)), ForeignWatch()
        try:
            soak = _soak(ros, bundle, options)
            sums_agree = soak.watch.sums_agree()
            foreign = others.load()
        finally:
            ros.close()
    figures, faults = verdict(soak.samples, foreign)
    faults += [] if sums_agree else ['triggers are not images + drops + pending']
    document = {
        'bundle': options.bundle,
        'minutes': options.minutes,
        **figures,
        'load': os.getloadavg()[0],
        'foreign_cores': foreign.cores,
        'not_judged': foreign.sentence if foreign.is_too_much else '',
        'faults': faults,
        'samples': [asdict(sample) for sample in soak.samples],
    }
    print(json.dumps({**document, 'samples': len(soak.samples)}, indent=2))
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + '\n')
    if foreign.is_too_much and not faults:
        print(f'NOT JUDGED: {foreign.sentence}')
        return NOT_JUDGED
    return 1 if faults else 0


def _soak(ros: RosSession, bundle: Path | str, options: argparse.Namespace) -> Soak:
    soak = Soak(ros, bundle, options.depth_hz)
    ros.spin_until(lambda: soak.watch.images, 60.0, 'the first depth')
    end_s = time.monotonic() + 60.0 * options.minutes
    while time.monotonic() < end_s:
        print(soak.sample(options.sample_s), flush=True)
        if not soak.node.is_alive:
            raise AssertionError(f'The node died.\n{ros.report()}')
    return soak


if __name__ == '__main__':
    sys.exit(main())
