"""
Throughput of the dataset readers and loaders on files in true layout: medians of 5 rounds.

    PYTHONPATH=. python test/bench/bench_loaders.py [--page]

Writes DSEC (2 s, 640 x 480, 10 Mev/s, blosc-zstd) and MVSEC (2 s, 346 x 260, 1 Mev/s, gzip) into
a temporary folder first; events are random, which compresses worse than real ones. The files are
in the page cache. `--page` puts the table into docs/datasets.md.

"""

import os
from pathlib import Path
import statistics
import subprocess
import sys
from tempfile import TemporaryDirectory
import time

import numpy as np
from tables import machine, markdown, put_into_page

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'test'))

from eventdepth_core.events import VoxelSpec  # noqa: E402 - the layouts lie beside
from eventdepth_core.recordings import open_recording  # noqa: E402
from eventdepth_core.types import EventSlice  # noqa: E402
from layouts.dsec import write_dsec  # noqa: E402
from layouts.mvsec import write_mvsec  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402
from training.data.datasets import collate_frames, IndexedFrames, StreamFrames  # noqa: E402
from training.data.pictures import DepthPicture, six_views, train_picture  # noqa: E402

NUM_ROUNDS = 5
SPEC = VoxelSpec(bins=5, window_us=50_000, interval_us=12_500)
PAGE = ROOT / 'docs' / 'datasets.md'


def rate(work):
    """Return the median of what `work` does a second; it returns how much it did."""
    rates = []
    work()  # compiles and fills the page cache
    for _ in range(NUM_ROUNDS):
        start_s = time.perf_counter()
        amount = work()
        rates.append(amount / (time.perf_counter() - start_s))
    return statistics.median(rates)


def events_of(path):
    """Return how many events a recording gives, in millions."""
    with open_recording(path) as recording:
        recording._entries = lambda: []  # events alone
        slices = (each for each in recording.samples() if isinstance(each, EventSlice))
        return sum(len(each.events) for each in slices) / 1e6


def memory_mib(path):
    """Return by how much a process grows while it reads the events, in MiB."""
    code = """
import re
import sys
from pathlib import Path

from eventdepth_core.recordings import open_recording

def held_mib():
    return int(re.search('VmRSS:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) / 1024

with open_recording(sys.argv[1]) as recording:
    recording._entries = lambda: []
    before_mib = held_mib()
    print(max(held_mib() for _ in recording.samples()) - before_mib)
"""
    words = [sys.executable, '-c', code, str(path)]
    return float(subprocess.run(words, capture_output=True, check=True, cwd=ROOT).stdout)


def frames_of(dataset, workers=0):
    loader = DataLoader(dataset, batch_size=4, collate_fn=collate_frames, num_workers=workers)
    return sum(len(batch.stamp_us) for batch in loader)


def transformed(transform, count=20):
    rng = np.random.default_rng(0)
    picture = DepthPicture(
        rng.integers(0, 256, (480, 640, 3), dtype=np.uint8),
        rng.uniform(1, 9, (480, 640)).astype(np.float32),
    )
    for _ in range(count):
        transform(rng, picture)
    return count


def rows(folder):
    dsec = write_dsec(folder / 'dsec', num_disparities=20, num_events=20_000_000).folder
    mvsec = write_mvsec(folder / 'mvsec', num_frames=40, num_events=2_000_000).folder
    yield 'DSEC, events as a stream', rate(lambda: events_of(dsec)), 'Mev/s'
    yield 'MVSEC, events as a stream', rate(lambda: events_of(mvsec)), 'Mev/s'
    yield 'memory that streaming these 20 Mev of DSEC takes', memory_mib(dsec), 'MiB'
    plain = IndexedFrames(dsec, SPEC, with_image=False)
    yield 'DSEC by index, 50 ms = 0.5 Mev a frame', rate(lambda: frames_of(plain)), 'frames/s'
    shared = IndexedFrames(dsec, SPEC, with_image=False, splat='bilinear')
    yield 'the same, splat bilinear', rate(lambda: frames_of(shared)), 'frames/s'
    pictures = IndexedFrames(dsec, SPEC)
    yield (
        'the same as the first, with the image warped',
        rate(lambda: frames_of(pictures)),
        'frames/s',
    )
    yield 'that in 2 workers', rate(lambda: frames_of(pictures, 2)), 'frames/s'
    stream = StreamFrames([mvsec], SPEC)
    yield 'MVSEC as a stream, all modalities', rate(lambda: frames_of(stream)), 'frames/s'
    yield 'six views of 640 x 480', rate(lambda: transformed(six_views)), 'pictures/s'
    yield "FastDepth's training picture", rate(lambda: transformed(train_picture)), 'pictures/s'


def main():
    with TemporaryDirectory(prefix='eventdepth_loaders_') as folder:
        measured = [(name, f'{value:.3g}', unit) for name, value, unit in rows(Path(folder))]
    table = markdown(('what', 'median', 'unit'), measured)
    facts = ', '.join(f'{key} {value}' for key, value in machine().items() if key != 'threads')
    facts += f'; load {os.getloadavg()[0]:.1f} while measuring'
    print(f'{table}\n{facts}')
    if '--page' in sys.argv:
        put_into_page(PAGE, 'loaders', f'{table}\n{facts}; medians of {NUM_ROUNDS} rounds.\n')


if __name__ == '__main__':
    main()
