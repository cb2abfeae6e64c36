"""
How fast recordings are converted, on one core, and how much memory that takes.

    python test/bench/bench_convert.py [--rates 1 10 50] [--events 4000000] [--rounds 5]
                                       [--only raw text mono dsec] [--json FILE]

One stream of moving edges at each rate is written as a raw EVT3 file, an event text folder, a bag
of mono packets and a DSEC-style event file. Each is converted to a bag and to an event file, each
time in a process of its own after a small conversion that warms it up; every result is read back
and must hold the events of the stream. Printed are medians and quartile distances of CPU time
over the rounds, million events a second of CPU and of wall time, and the peak memory of the
process. Files come from the page cache.

"""

import argparse
import json
import os
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
import time

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from eventdepth_core.conversion import ConversionOptions, convert
from eventdepth_core.conversion.event_slices import DecodedStream
from eventdepth_core.events import encode
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import EventSlice
from streams import edge_stream

SIZE = (480, 640)
START_US = 16_700_000  # so that the 24 bits of EVT3 turn over
NUM_WARM_EVENTS = 20_000
TARGETS = ('bag', 'dsec')
SOURCES = ('raw', 'text', 'mono', 'dsec')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--rates', type=float, nargs='+', default=[1, 10, 50], metavar='MEV_S')
    parser.add_argument('--events', type=int, default=4_000_000)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--only', nargs='+', choices=SOURCES, default=SOURCES)
    parser.add_argument('--json', type=Path)
    parser.add_argument('--one', nargs=3, metavar=('IN', 'OUT', 'FORM'), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measured(*arguments.one)))
        return
    print(f'{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {arguments.rounds} rounds')
    rows = []
    for rate in arguments.rates:
        with TemporaryDirectory(prefix='bench_convert_') as folder:
            rows += benched(Path(folder), rate, arguments)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(rows, indent=1))


def benched(folder, rate, arguments):
    """Return and print the rows of one rate."""
    events = stream(rate, arguments.events)
    sources = written(folder, events, arguments.only)
    rows = []
    for name, path in sources.items():
        for form in TARGETS:
            runs = [run(path, folder / 'out', form) for _ in range(arguments.rounds)]
            check(folder / 'out', events)
            rows.append(row(name, form, rate, runs))
            print(line(rows[-1]), flush=True)
    return rows


def stream(rate, num_events):
    duration_us = int(num_events / rate)
    return edge_stream(
        size=SIZE, rate_hz=rate * 1e6, start_us=START_US, duration_us=duration_us, seed=1
    )


def written(folder, events, names=SOURCES):
    """Write the stream in each form by name; the small ones beside are to warm up."""
    for label, part in (('', events), ('_warm', events[:NUM_WARM_EVENTS])):
        raw = folder / f'raw{label}.raw'
        header = f'% evt 3.0\n% geometry {SIZE[1]}x{SIZE[0]}\n% end\n'.encode()
        raw.write_bytes(header + encode('evt3', part, SIZE[1], SIZE[0]))
        if 'text' in names:
            write_text(folder / f'text{label}', part)
        if 'mono' in names:
            convert(raw, folder / f'mono{label}', ConversionOptions(encoding='mono'))
        if 'dsec' in names:
            convert(raw, folder / f'dsec{label}', ConversionOptions(form='dsec'))
    return {name: folder / ('raw.raw' if name == 'raw' else name) for name in names}


def write_text(folder, events):
    folder.mkdir()
    columns = (events['t'] // 1_000_000, events['t'] % 1_000_000, events['x'], events['y'])
    rows = zip(*(each.tolist() for each in (*columns, events['p'] > 0)), strict=True)
    lines = (f'{s}.{us:06d} {x} {y} {int(on)}\n' for s, us, x, y, on in rows)
    (folder / 'events.txt').write_text(f'{SIZE[1]} {SIZE[0]}\n' + ''.join(lines))


def run(source, target, form):
    command = [sys.executable, __file__, '--one', str(source), str(target), form]
    environment = {**os.environ, 'OMP_NUM_THREADS': '1', 'NUMBA_NUM_THREADS': '1'}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout)


def measured(source, target, form):
    """Convert once, warmed up, and return what it took."""
    path = Path(source)
    warm = path.with_name(f'{path.stem}_warm{path.suffix}')
    options = ConversionOptions(form=form, overwrite=True)
    convert(warm, target, options)
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    summary = convert(source, target, options)
    return {
        'cpu_s': time.process_time() - cpu_s,
        'wall_s': time.perf_counter() - wall_s,
        'num_events': summary.counts['events'],
        'peak_mib': peak_mib(),
    }


def peak_mib():
    """Return the most memory of this process; not of the one it was forked from."""
    status = Path('/proc/self/status').read_text()
    line = next(each for each in status.splitlines() if each.startswith('VmHWM'))
    return int(line.split()[1]) / 1024


def check(path, events):
    """Raise unless the conversion holds the events of the stream."""
    found = []
    with open_recording(path) as recording:
        decoded = DecodedStream(recording, ConversionOptions())
        for sample in recording.samples():
            found += [each.events for each in decoded.add(sample) if isinstance(each, EventSlice)]
        found += [each.events for each in decoded.flush() if isinstance(each, EventSlice)]
    np.testing.assert_array_equal(np.concatenate(found), events)


def row(name, form, rate, runs):
    cpu_s = np.array([each['cpu_s'] for each in runs])
    wall_s = np.median([each['wall_s'] for each in runs])
    num_events = runs[0]['num_events']
    low, high = np.percentile(cpu_s, [25, 75])
    return {
        'source': name,
        'target': form,
        'rate_mev_s': rate,
        'num_events': num_events,
        'cpu_s': float(np.median(cpu_s)),
        'cpu_iqr_s': float(high - low),
        'mev_per_cpu_s': float(num_events / np.median(cpu_s) / 1e6),
        'mev_per_wall_s': float(num_events / wall_s / 1e6),
        'peak_mib': max(each['peak_mib'] for each in runs),
    }


def line(row):
    return (
        f'{row["source"]:>4} -> {row["target"]:<5} at {row["rate_mev_s"]:>4g} Mev/s: '
        f'{row["mev_per_cpu_s"]:6.1f} Mev/s of CPU ({row["cpu_s"]:.2f} s, IQR '
        f'{row["cpu_iqr_s"]:.2f}), {row["mev_per_wall_s"]:6.1f} of wall, '
        f'peak {row["peak_mib"]:.0f} MiB'
    )


if __name__ == '__main__':
    main()
