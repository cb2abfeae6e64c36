"""
Bytes to voxel grid: the accumulator beside its sketches, a plain numpy form and the memory floor.

    python test/bench/bench_tensor.py [--rates 1 10 50] [--size 480 640] [--rounds 5] [--json FILE]

Every path handles the same windows of 50 ms in packets of 1 ms, in turns, so that load and clock
rates hit all of them alike; time is the CPU time of the one thread. Ratios are medians over the
windows of a run; > 1 means that the accumulator needs less time. The sketches, modules dec and
dec3, lie in the folder that `--sketches` or SKETCHES names; without one they are left out.

"""

import argparse
from dataclasses import asdict, dataclass
import importlib
from itertools import pairwise
import json
import os
from pathlib import Path
import platform
import sys
import time

import numba
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from eventdepth_core.events import packet_decoder, packet_encoder, VoxelAccumulator, VoxelSpec
import limits
from streams import edge_stream

SPEC = VoxelSpec()
START_US = 15_000_000
PACKET_US = 1_000
NUM_WINDOWS = 4


@dataclass(frozen=True)
class Row:
    """One path at one rate: milliseconds for a window of 50 ms, median and quartile distance."""

    path: str
    rate_mev_s: float
    median_ms: float
    iqr_ms: float
    speed_mev_s: float
    ratio: float


class Stream:
    """The windows of one stream as packets, words and events."""

    def __init__(self, size, rate_mev_s):
        self.size = size
        duration_us = NUM_WINDOWS * SPEC.window_us
        self.events = edge_stream(
            size=size, rate_hz=rate_mev_s * 1e6, start_us=START_US, duration_us=duration_us, seed=1
        )
        encoder = packet_encoder('evt3', size[1], size[0])
        edges = START_US + np.arange(0, duration_us + 1, PACKET_US)
        cuts = np.searchsorted(self.events['t'], edges)
        packets = [encoder.encode(self.events[a:b]) for a, b in pairwise(cuts)]
        per_window = SPEC.window_us // PACKET_US
        self.windows = [packets[i * per_window : (i + 1) * per_window] for i in range(NUM_WINDOWS)]
        self.words = [[np.frombuffer(p, '<u2') for p in window] for window in self.windows]
        self.num_events = self.events.size / NUM_WINDOWS


class Product:
    """The accumulator: packets in, one tensor at the end of each window."""

    def __init__(self, stream, part):
        self.stream = stream
        self.part = part
        height, width = stream.size
        self.accumulator = VoxelAccumulator(SPEC, width=width, height=height)
        self.out = np.empty((SPEC.bins, height, width), np.float32)

    def window(self, i):
        """Return the seconds of the part that is measured."""
        if i == 0:
            self.accumulator.reset()
        start = time.thread_time()
        for packet in self.stream.windows[i]:
            self.accumulator.push_packet('evt3', packet)
        arrival = time.thread_time()
        self.accumulator.tensor(START_US + (i + 1) * SPEC.window_us, out=self.out)
        end = time.thread_time()
        return {'arrival': arrival - start, 'tick': end - arrival, 'sum': end - start}[self.part]


class Sketch:
    """The sketch's fused float32 kernel: clear, then two additions an event."""

    def __init__(self, stream, module):
        self.stream = stream
        self.kernel = module.fused_voxel
        self.state = np.zeros(10, np.int64)
        self.grid = np.zeros((SPEC.bins + 1) * stream.size[0] * stream.size[1], np.float32)

    def window(self, i):
        if i == 0:
            self.state[:] = 0
        height, width = self.stream.size
        scale = (SPEC.bins - 1) / SPEC.window_us
        start_us = START_US + i * SPEC.window_us
        start = time.thread_time()
        self.grid.fill(0)
        for words in self.stream.words[i]:
            self.kernel(words, self.state, self.grid, start_us, scale, SPEC.bins, width, height)
        return time.thread_time() - start


class MomentSketch:
    """The sketch's packed moments: clear, one addition an event, then the pass to float32."""

    def __init__(self, stream, module):
        self.stream = stream
        self.module = module
        self.state = np.zeros(10, np.int64)
        self.num_cells = stream.size[0] * stream.size[1]
        self.moments = np.zeros((SPEC.bins - 1) * self.num_cells + 64, np.int64)
        self.out = np.empty(SPEC.bins * self.num_cells, np.float32)

    def window(self, i):
        height, width = self.stream.size
        edges = START_US + i * SPEC.window_us + np.arange(SPEC.bins) * SPEC.spacing_us
        if i == 0:
            self.state[:] = 0
            self.state[7] = START_US
        start = time.thread_time()
        self.moments.fill(0)
        for words in self.stream.words[i]:
            self.module.moments_branchy(
                words, self.state, self.moments, edges, SPEC.bins, width, height
            )
        self.module.moments_to_voxel(self.moments, self.out, edges, SPEC.bins, self.num_cells)
        return time.thread_time() - start


class PlainNumpy:
    """Decoded events, then np.add.at twice, as research code does it."""

    def __init__(self, stream):
        self.stream = stream
        self.decoder = packet_decoder('evt3', stream.size[1], stream.size[0])

    def window(self, i):
        start = time.thread_time()
        if i == 0:
            self.decoder.reset()
        events = np.concatenate([self.decoder.decode(p) for p in self.stream.windows[i]])
        place = (events['t'] - (START_US + i * SPEC.window_us)) / SPEC.spacing_us
        k = place.astype(np.int64)
        num_cells = self.stream.size[0] * self.stream.size[1]
        cells = k * num_cells + events['y'].astype(np.int64) * self.stream.size[1] + events['x']
        grid = np.zeros((SPEC.bins + 1) * num_cells, np.float32)
        np.add.at(grid, cells, events['p'] * (1 - place + k))
        np.add.at(grid, cells + num_cells, events['p'] * (place - k))
        return time.thread_time() - start


class Floor:
    """Read the words, clear the sums, add one number an event, write the grid: no decoding."""

    def __init__(self, stream):
        num_cells = stream.size[0] * stream.size[1]
        ticks = stream.events['t'] - START_US
        interval = ticks % SPEC.window_us // SPEC.interval_us
        cells = interval * num_cells + stream.events['y'].astype(np.int64) * stream.size[1]
        cells += stream.events['x']
        cuts = np.searchsorted(ticks, np.arange(NUM_WINDOWS + 1) * SPEC.window_us)
        self.cells = [cells[a:b] for a, b in pairwise(cuts)]
        self.values = [stream.events['p'][a:b].astype(np.int64) for a, b in pairwise(cuts)]
        self.words = [np.concatenate(window) for window in stream.words]
        self.sums = np.zeros((SPEC.bins - 1) * num_cells, np.int64)
        self.out = np.zeros(SPEC.bins * num_cells, np.float32)

    def window(self, i):
        start = time.thread_time()
        limits.read_words(self.words[i])
        self.sums.fill(0)
        limits.scatter(self.cells[i], self.values[i], self.sums)
        limits.read_words(self.sums)
        self.out.fill(0)
        return time.thread_time() - start


def measure(size, rate_mev_s, rounds, sketches):
    """Return the rows of one rate."""
    stream = Stream(size, rate_mev_s)
    paths = {
        'accumulator': Product(stream, 'sum'),
        'accumulator on arrival': Product(stream, 'arrival'),
        'accumulator at the tick': Product(stream, 'tick'),
        'memory floor': Floor(stream),
        'plain numpy': PlainNumpy(stream),
    }
    if sketches is not None:
        paths['sketch fused float32'] = Sketch(stream, sketches[0])
        paths['sketch moments'] = MomentSketch(stream, sketches[1])
    seconds = {name: [] for name in paths}
    for turn in range(rounds + 1):
        for i in range(NUM_WINDOWS):
            for name, path in paths.items():
                if name == 'plain numpy' and turn > 2:
                    continue
                elapsed = path.window(i)
                if turn:
                    seconds[name].append(elapsed)
    reference = np.array(seconds['accumulator'])
    return [_row(name, rate_mev_s, np.array(s), reference, stream) for name, s in seconds.items()]


def _row(name, rate_mev_s, seconds, reference, stream):
    low, median, high = np.percentile(seconds, [25, 50, 75])
    return Row(
        path=name,
        rate_mev_s=rate_mev_s,
        median_ms=median * 1e3,
        iqr_ms=(high - low) * 1e3,
        speed_mev_s=stream.num_events / median * 1e-6,
        ratio=float(np.median(seconds / reference[: seconds.size])),
    )


def load_sketches(folder):
    """Return the modules dec and dec3 of the sketches, None where there is no such folder."""
    if not folder or not Path(folder, 'dec3.py').exists():
        return None
    os.environ.setdefault('NUMBA_CACHE_DIR', '/tmp/eventdepth-sketches')
    numba.config.CACHE_DIR = os.environ['NUMBA_CACHE_DIR']
    sys.path.insert(0, str(folder))
    return importlib.import_module('dec'), importlib.import_module('dec3')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--rates', type=float, nargs='+', default=[1, 10, 50], help='Mev/s')
    parser.add_argument('--size', type=int, nargs=2, default=[480, 640], help='height width')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--sketches', default=os.environ.get('SKETCHES'), help='folder')
    parser.add_argument('--json', type=Path)
    options = parser.parse_args()
    sketches = load_sketches(options.sketches)
    rows = []
    print(f'{platform.processor() or platform.machine()}, numba {numba.__version__}')
    for rate in options.rates:
        rows += measure(tuple(options.size), rate, options.rounds, sketches)
        print(f'\n{rate:g} Mev/s, load {os.getloadavg()[0]:.1f}')
        for row in rows:
            if row.rate_mev_s == rate:
                print(
                    f'  {row.path:26s} {row.median_ms:8.2f} ms ± {row.iqr_ms:5.2f} '
                    f'{row.speed_mev_s:8.1f} Mev/s   x {row.ratio:.2f}'
                )
    if options.json:
        document = {'rows': [asdict(row) for row in rows], 'load': os.getloadavg()[0]}
        options.json.write_text(json.dumps(document, indent=2) + '\n')


if __name__ == '__main__':
    main()
