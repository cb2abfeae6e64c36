"""
Making and reading data sets: `python test/bench/bench_dataset.py [--num N] [--workers 1 2 4]`.

Prints samples per second of the command with one, two and four workers, with and without its
start; what is left to do after it was killed half-way, and whether the set is then that of an
uninterrupted run; samples per second and memory of reading.

"""

import argparse
import hashlib
import os
from pathlib import Path
import resource
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
from rich.console import Console
from training.simulate.loader import load_shards
from training.simulate.stream import ShardStream

_POLL_S = 0.1


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--num', type=int, default=1000, help='samples, in shards of 250')
    parser.add_argument('--workers', type=int, nargs='+', default=[1, 2, 4])
    options = parser.parse_args()
    console = Console()
    console.print(f'{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {options.num} samples')
    with tempfile.TemporaryDirectory() as folder:
        _scaling(console, Path(folder), options)
        _resumption(console, Path(folder), options.num)
        _reading(console, Path(folder) / str(options.workers[0]))


def _scaling(console: Console, folder: Path, options: argparse.Namespace) -> None:
    first = None
    for workers in options.workers:
        start, cpu_start = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        _command(folder / str(workers), options.num, workers).wait()
        wall_s = time.perf_counter() - start
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = cpu.ru_utime + cpu.ru_stime - cpu_start.ru_utime - cpu_start.ru_stime
        first = first or wall_s
        console.print(
            f'{workers} workers: {options.num / wall_s:5.1f} samples/s of wall time, '
            f'{options.num / cpu_s:5.1f} of CPU time, {first / wall_s:.2f} x one worker'
        )
    sizes = [path.stat().st_size for path in (folder / str(options.workers[0])).rglob('*.tar')]
    console.print(f'{sum(sizes) / options.num / 1e3:.0f} kB a sample, {len(sizes)} shards')


def _resumption(console: Console, folder: Path, num: int) -> None:
    half = folder / 'half'
    command = _command(half, num, 2)
    while len(list(half.rglob('*.tar'))) < max(num // 250 // 2, 1) and command.poll() is None:
        time.sleep(_POLL_S)
    os.killpg(command.pid, signal.SIGKILL)
    command.wait()
    kept = len(list(half.rglob('*.tar')))
    start = time.perf_counter()
    _command(half, num, 2).wait()
    rest_s = time.perf_counter() - start
    start = time.perf_counter()
    _command(half, num, 2).wait()
    checked_s = time.perf_counter() - start
    is_same = _digest(half) == _digest(folder / '2')
    console.print(
        f'killed after {kept} shards: the rest took {rest_s:.1f} s, the set is '
        f'{"the same, byte for byte" if is_same else "ANOTHER ONE"}; '
        f'with nothing left the command takes {checked_s:.1f} s'
    )


def _reading(console: Console, folder: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    stream = ShardStream(folder, 'train').samples(np.random.default_rng(0))
    count = sum(len(sample) for sample in stream)
    stream_s = time.perf_counter() - start
    streamed = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    samples = load_shards(folder, 'train')
    load_s = time.perf_counter() - start
    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    console.print(
        f'mixed stream {count / stream_s:.0f} samples/s with {(streamed - before) / 1e3:.0f} MB '
        f'more; in memory {len(samples) / load_s:.0f} samples/s with '
        f'{(loaded - before) / 1e3:.0f} MB more'
    )


def _command(folder: Path, num: int, workers: int) -> subprocess.Popen:
    command = [sys.executable, '-m', 'training.simulate.dataset', '--out', str(folder)]
    command += ['--num', str(num), '--workers', str(workers)]
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob('*.tar')):
        digest.update(path.read_bytes())
    return digest.hexdigest()


if __name__ == '__main__':
    main()
