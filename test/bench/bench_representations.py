"""
Events to tensors: every representation beside its plain numpy form, on one core.

    python test/bench/bench_representations.py [--rates 1 10 50] [--size 480 640] [--rounds 5]
                                               [--only NAME ...] [--json FILE] [--markdown FILE]

First the limits of the machine: copying, and adding one number an event in the order of the
events. Then, for a window of 50 ms
of moving edges with noise, ways of each representation in turns: `batch` from decoded events,
`stream` from EVT3 packets of 1 ms, `numpy` from decoded events in plain numpy, tonic and evlib
from decoded events where they are installed; and the ways of writing a normalised voxel grid into
a staging buffer. Every way must give the numbers of the numpy form before its time is taken.
Times are CPU times of all threads, medians and quartile distances over the windows of all rounds;
ratios are medians of the ratios within each turn, and are left out where the load exceeds the
cores.

"""

import argparse
from dataclasses import asdict, dataclass
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

from eventdepth_core.events import (
    event_accumulator,
    event_tensor,
    NO_TIME_US,
    packet_encoder,
    RepresentationSpec,
    stage,
)
import limits
import peers
from streams import edge_stream

WINDOW_US = 50_000
PACKET_US = 1_000
NUM_WINDOWS = 3
MIN_ROUNDS = 5
TOLERANCE = {'rtol': 1e-4, 'atol': 1e-4}
TONIC_SPAN = 'voxel tonic, span events'
SPECS = {
    'voxel e2vid': RepresentationSpec(),
    'voxel tonic': RepresentationSpec(convention='tonic', interval_us=10_000),
    # scaled by the first and the last event, as tonic and evlib do
    TONIC_SPAN: RepresentationSpec(convention='tonic', span='events'),
    'voxel event_cube': RepresentationSpec(convention='event_cube', interval_us=5_000),
    'voxel e2vid split': RepresentationSpec(polarities='split'),
    'histogram 10 bins': RepresentationSpec('histogram', 'stacked', bins=10, interval_us=5_000),
    'count': RepresentationSpec('count', 'plain', bins=1),
    'last_timestamp': RepresentationSpec('last_timestamp', 'plain', bins=1),
    'time_surface linear': RepresentationSpec('time_surface', 'linear', bins=1),
    'time_surface exponential': RepresentationSpec(
        'time_surface', 'exponential', bins=1, decay_us=10_000
    ),
}


@dataclass(frozen=True)
class Row:
    """One way of one representation at one rate, for a window of 50 ms."""

    name: str
    way: str
    rate_mev_s: float
    median_ms: float
    iqr_ms: float
    speed_mev_s: float
    numpy_ratio: float | None


class Windows:
    """Windows of one stream as events and as packets of a millisecond."""

    def __init__(self, size, rate_mev_s):
        self.size = size
        duration_us = NUM_WINDOWS * WINDOW_US
        events = edge_stream(
            size=size, rate_hz=rate_mev_s * 1e6, start_us=0, duration_us=duration_us, seed=1
        )
        encoder = packet_encoder('evt3', size[1], size[0])
        cuts = np.searchsorted(events['t'], np.arange(0, duration_us + 1, PACKET_US))
        packets = [encoder.encode(events[a:b]) for a, b in pairwise(cuts)]
        per_window = WINDOW_US // PACKET_US
        self.packets = [packets[i * per_window : (i + 1) * per_window] for i in range(NUM_WINDOWS)]
        self.events = [
            events[(events['t'] >= i * WINDOW_US) & (events['t'] < (i + 1) * WINDOW_US)]
            for i in range(NUM_WINDOWS)
        ]
        self.num_events = events.size / NUM_WINDOWS


# ---- ways ---------------------------------------------------------------------------------------


class Batch:
    """Decoded events of a window to its tensor."""

    def __init__(self, spec, windows):
        self.spec, self.windows = spec, windows

    def __call__(self, i):
        end_us = (i + 1) * WINDOW_US
        return event_tensor(
            self.windows.events[i], self.spec, size=self.windows.size, end_us=end_us
        )


class Stream:
    """Packets of a window, pushed one by one, to its tensor."""

    def __init__(self, spec, windows):
        height, width = windows.size
        self.accumulator = event_accumulator(spec, width=width, height=height)
        self.windows = windows
        self.out = self.accumulator.tensor(0)

    def __call__(self, i):
        if i == 0:
            self.accumulator.reset()
        for packet in self.windows.packets[i]:
            self.accumulator.push_packet('evt3', packet)
        return self.accumulator.tensor((i + 1) * WINDOW_US, out=self.out)


class PlainNumpy:
    """The same in numpy, as one writes it down."""

    def __init__(self, spec, windows):
        self.spec, self.windows = spec, windows

    def __call__(self, i):
        events, size = self.windows.events[i], self.windows.size
        start_us = i * WINDOW_US
        is_on = (events['p'] > 0).astype(np.int64)
        places = is_on, events['y'].astype(np.int64), events['x'].astype(np.int64)
        if self.spec.representation == 'voxel':
            if self.spec.span == 'events':
                return plain_voxel_of_span(self.spec, events, places, size)
            return plain_voxel(self.spec, events, places, start_us, size)
        if self.spec.representation == 'histogram':
            bins = self.spec.bins
            counts = np.zeros((2, bins, *size), np.int32)
            np.add.at(
                counts, (is_on, (events['t'] - start_us) * bins // WINDOW_US, *places[1:]), 1
            )
            return np.minimum(counts, self.spec.max_count).astype(np.uint8)
        if self.spec.representation == 'count':
            counts = np.zeros((2, *size), np.int32)
            np.add.at(counts, places, 1)
            return counts
        latest_us = np.full((2, *size), NO_TIME_US)
        latest_us[places] = events['t']  # in stream order, the last one stays
        if self.spec.representation == 'last_timestamp':
            return latest_us
        age_us = (start_us + WINDOW_US - np.maximum(latest_us, 0)).astype(np.float32)
        if self.spec.convention == 'linear':
            surface = 1 - age_us / np.float32(WINDOW_US)
        else:
            surface = np.exp(-age_us / np.float32(self.spec.decay_us))
        return np.where(latest_us == NO_TIME_US, np.float32(0), surface)


class Tonic:
    """tonic's own function; it edits polarities of 0, which ours are not."""

    def __init__(self, spec, windows):
        self.spec, self.windows = spec, windows
        self.voxel = peers.module('tonic').functional.to_voxel_grid_numpy

    def __call__(self, i):
        height, width = self.windows.size
        size = (width, height, 2)
        return self.voxel(self.windows.events[i], size, self.spec.bins)[:, 0]


class Evlib:
    """evlib's grid, made dense; its table of the events is made before."""

    def __init__(self, spec, windows):
        self.spec, self.size = spec, windows.size
        self.evlib, polars = peers.module('evlib'), peers.module('polars')
        self.tables = [
            polars.DataFrame({'t': e['t'], 'x': e['x'], 'y': e['y'], 'polarity': e['p']})
            for e in windows.events
        ]

    def __call__(self, i):
        height, width = self.size
        grid = self.evlib.create_voxel_grid(self.tables[i], height, width, self.spec.bins)
        return self.evlib.densify_voxel_grid(grid, self.spec.bins, height, width)[:, 0]


PEERS = {'tonic': Tonic, 'evlib': Evlib}


def plain_voxel_of_span(spec, events, places, size):
    """Add the two shares of each event to bins scaled by the first and the last of them."""
    first_us, last_us = events['t'][[0, -1]].astype(np.float64)
    place = spec.bins * (events['t'] - first_us) / (last_us - first_us)
    k = place.astype(np.int64)
    share = (place - k).astype(np.float32)
    grid = np.zeros((spec.bins + 2, *size), np.float32)  # two planes take what is in no bin
    signed = events['p'].astype(np.float32)
    np.add.at(grid, (k, *places[1:]), signed * (1 - share))
    np.add.at(grid, (k + 1, *places[1:]), signed * share)
    return grid[: spec.bins]


def plain_voxel(spec, events, places, start_us, size):
    """Add the two shares of each event, with np.add.at as research code does."""
    spacing_us = spec.voxel().spacing_us
    lead = 0.5 if spec.convention == 'event_cube' else 0.0
    place = (events['t'] - start_us) / spacing_us - lead
    k = np.floor(place).astype(np.int64)
    share = (place - k).astype(np.float32)
    rows = 2 if spec.is_split else 1
    # a plane more in front and behind takes what is in no bin
    grid = np.zeros((rows, spec.bins + 2, *size), np.float32)
    row = places[0] if spec.is_split else 0
    signed = np.float32(1) if spec.is_split else events['p'].astype(np.float32)
    np.add.at(grid, (row, k + 1, *places[1:]), signed * (1 - share))
    np.add.at(grid, (row, k + 2, *places[1:]), signed * share)
    inside = grid[:, 1:-1]
    return inside if spec.is_split else inside[0]


class Staging:
    """A voxel grid, normalised as E2VID does, into a staging buffer of `dtype`."""

    def __init__(self, windows, dtype, write):
        spec = SPECS['voxel e2vid']
        self.grids = [Batch(spec, windows)(i) for i in range(NUM_WINDOWS)]
        self.out = np.zeros(self.grids[0].shape, dtype)
        self.write = write

    def __call__(self, i):
        self.write(self.grids[i], self.out)
        return self.out


def staged_fused(grid, out):
    """One pass for the sums, one that writes."""
    stage(grid, 'nonzero_mean_std', out)


def staged_numpy(grid, out):
    """Normalise, then copy."""
    is_active = grid != 0
    active = grid[is_active]
    out[...] = np.where(is_active, (grid - active.mean()) / active.std(), np.float32(0))


def staged_std_fused(grid, out):
    """Scale by the spread only, as depth bundles have it."""
    stage(grid, 'nonzero_std', out)


def staged_std_numpy(grid, out):
    """Scale by the spread, then copy: the form that depth bundles are prepared with."""
    active = grid[grid != 0]
    out[...] = grid / (active.std() + np.float32(1e-3))


STAGINGS = {
    'stage float32, mean and std': (np.float32, staged_fused, staged_numpy),
    'stage float16, mean and std': (np.float16, staged_fused, staged_numpy),
    'stage float32, std': (np.float32, staged_std_fused, staged_std_numpy),
    'stage float16, std': (np.float16, staged_std_fused, staged_std_numpy),
}


# ---- measuring ----------------------------------------------------------------------------------


def ways_of(name, windows):
    """Return the ways of a representation or a staging; the numpy form is the reference."""
    if name in STAGINGS:
        dtype, fused, plain = STAGINGS[name]
        return {'fused': Staging(windows, dtype, fused), 'numpy': Staging(windows, dtype, plain)}
    spec = SPECS[name]
    ways = {'batch': Batch(spec, windows), 'numpy': PlainNumpy(spec, windows)}
    if spec.span == 'window':
        return {**ways, 'stream': Stream(spec, windows)}
    return ways | {
        peer: way(spec, windows) for peer, way in PEERS.items() if peers.module(peer) is not None
    }


def check(name, ways):
    """Raise where a way does not give the numbers of the plain form; this also compiles all."""
    for i in range(NUM_WINDOWS):
        plain = np.array(ways['numpy'](i), np.float64)
        for way, make in ways.items():
            tolerance = {'rtol': 2e-3, 'atol': 2e-3} if 'float16' in name else TOLERANCE
            actual = np.array(make(i), np.float64)
            np.testing.assert_allclose(actual, plain, **tolerance, err_msg=f'{name}, {way}')


def measure(name, windows, rate_mev_s, rounds):
    """Return the rows of one representation at one rate."""
    ways = ways_of(name, windows)
    check(name, ways)
    seconds = {way: [] for way in ways}
    for _ in range(rounds):
        for i in range(NUM_WINDOWS):
            for way, make in ways.items():
                start = time.process_time()
                make(i)
                seconds[way].append(time.process_time() - start)
    plain = np.array(seconds['numpy'])
    return [
        row_of(name, way, rate_mev_s, np.array(taken), plain, windows.num_events)
        for way, taken in seconds.items()
    ]


def row_of(name, way, rate_mev_s, seconds, plain, num_events):
    low, median, high = np.percentile(seconds, [25, 50, 75])
    return Row(
        name=name,
        way=way,
        rate_mev_s=rate_mev_s,
        median_ms=median * 1e3,
        iqr_ms=(high - low) * 1e3,
        speed_mev_s=num_events / median * 1e-6,
        numpy_ratio=None if is_overloaded() else float(np.median(plain / seconds)),
    )


def is_overloaded():
    """Return whether others ask for more than the cores, so that ratios would mislead."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def machine_limits(windows, rounds):
    """Return GB/s of copying 64 MB and Mev/s of adding one number an event, in event order."""
    source, target = np.ones(1 << 23), np.zeros(1 << 23)
    events = np.concatenate(windows.events)
    cells = events['y'].astype(np.int64) * windows.size[1] + events['x']
    values = events['p'].astype(np.int64)
    sums = np.zeros(windows.size[0] * windows.size[1], np.int64)
    limits.scatter(cells, values, sums)
    copying, adding = [], []
    for _ in range(rounds):
        start = time.process_time()
        target[:] = source
        middle = time.process_time()
        limits.scatter(cells, values, sums)
        copying.append(middle - start)
        adding.append(time.process_time() - middle)
    copy_gb_s = 2 * source.nbytes / np.median(copying) * 1e-9
    return copy_gb_s, events.size / np.median(adding) * 1e-6


def markdown(rows):
    """Return the rows as one table."""
    lines = [
        '| representation | way | Mev/s offered | ms a window | Mev/s | to numpy |',
        '|---|---|---:|---:|---:|---:|',
    ]
    for row in rows:
        ratio = 'load' if row.numpy_ratio is None else f'{row.numpy_ratio:.1f}x'
        lines.append(
            f'| {row.name} | {row.way} | {row.rate_mev_s:g} | {row.median_ms:.2f} ± '
            f'{row.iqr_ms:.2f} | {row.speed_mev_s:.0f} | {ratio} |'
        )
    return '\n'.join(lines) + '\n'


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--rates', type=float, nargs='+', default=[1, 10, 50], help='Mev/s')
    parser.add_argument('--size', type=int, nargs=2, default=[480, 640], help='height width')
    parser.add_argument('--rounds', type=int, default=MIN_ROUNDS)
    parser.add_argument('--only', nargs='+', default=[*SPECS, *STAGINGS], help='names')
    parser.add_argument('--peers', default=os.environ.get('PEERS'), help='folders of peers')
    parser.add_argument('--json', type=Path)
    parser.add_argument('--markdown', type=Path)
    return parser.parse_args()


def main():
    options = parsed()
    peers.use(options.peers)
    rounds = max(options.rounds, MIN_ROUNDS)
    rows, floors = [], {}
    print(f'{platform.processor() or platform.machine()}, numba {numba.__version__}, 1 thread')
    for rate in options.rates:
        windows = Windows(tuple(options.size), rate)
        floors[rate] = machine_limits(windows, rounds)
        print(
            f'\n{rate:g} Mev/s, load {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores; '
            f'copy {floors[rate][0]:.1f} GB/s, scatter {floors[rate][1]:.0f} Mev/s'
        )
        for name in options.only:
            made = measure(name, windows, rate, rounds)
            rows += made
            print(*markdown(made).splitlines()[2:], sep='\n')
    if options.markdown:
        options.markdown.write_text(markdown(rows))
    if options.json:
        document = {
            'rows': [asdict(row) for row in rows],
            'limits': {rate: list(each) for rate, each in floors.items()},
            'load': os.getloadavg()[0],
            'rounds': rounds,
        }
        options.json.write_text(json.dumps(document, indent=2) + '\n')


if __name__ == '__main__':
    main()
