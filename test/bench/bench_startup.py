"""
Seconds from process start to the first depth: `python test/bench/bench_startup.py [BUNDLE]`.

Each run is a fresh interpreter that imports the library, loads the bundle, takes 50 ms of events
and estimates one frame at 640x480. The first run fills the caches (kernels and bytecode, which is
written even where PYTHONDONTWRITEBYTECODE is set) and is printed as cold; median and
inter-quartile range are over the warm ones. Ends with status 1 where the median is above the goal.

"""

import argparse
import os
from pathlib import Path
import subprocess
import sys
import time

import numpy as np
import onnxruntime
from rich.console import Console

ROOT = Path(__file__).resolve().parents[2]
GOAL_S = 3.0
FIRST_DEPTH = """
import sys
import numpy as np
from eventdepth_core import Camera, DepthPipeline, EVENT_DTYPE, load_bundle, Rig
events = np.zeros(100_000, EVENT_DTYPE)
events['t'] = np.arange(events.size) // 2
events['x'] = np.arange(events.size) * 7 % 640
events['y'] = np.arange(events.size) * 3 % 480
events['p'] = 1
camera = Camera(640, 480, 500.0, 500.0, 320.0, 240.0)
pipeline = DepthPipeline(load_bundle(sys.argv[1]), Rig(event=camera))
pipeline.push_events(events)
frame = pipeline.estimate(50_000)
print(frame.depth_m.shape, flush=True)
"""


def seconds_to_first_depth(bundle: str) -> float:
    """Start a fresh interpreter and return the seconds until it has printed its first depth."""
    environment = {**os.environ, 'PYTHONDONTWRITEBYTECODE': ''}
    start_s = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, '-c', FIRST_DEPTH, bundle],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    ) as child:
        line = child.stdout.readline()
        passed_s = time.perf_counter() - start_s
    if child.returncode or line.strip() != '(480, 640)':
        raise SystemExit(f'Expected a depth of (480, 640), got {line!r}.')
    return passed_s


def measure(bundle: str, num_runs: int) -> float:
    """Print cold and warm start; return the median of the warm ones in seconds."""
    cold_s = seconds_to_first_depth(bundle)
    warm_s = [seconds_to_first_depth(bundle) for _ in range(num_runs)]
    low, middle, high = np.percentile(warm_s, [25, 50, 75])
    Console().print(
        f'{bundle}: process start to first depth, 640x480, events: cold {cold_s:.2f} s, '
        f'warm {middle:.2f} s (IQR {low:.2f} to {high:.2f}, n = {num_runs}; '
        f'load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, python '
        f'{sys.version.split()[0]}, numpy {np.__version__}, onnxruntime '
        f'{onnxruntime.__version__})'
    )
    return float(middle)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument('bundle', nargs='?', default='eventdepth-s', help='name or folder')
    parser.add_argument('--num', type=int, default=5, help='warm runs')
    arguments = parser.parse_args()
    is_met = measure(arguments.bundle, arguments.num) <= GOAL_S
    Console().print(f'goal of {GOAL_S:.0f} s for a warm start: {"met" if is_met else "missed"}')
    sys.exit(0 if is_met else 1)


if __name__ == '__main__':
    main()
