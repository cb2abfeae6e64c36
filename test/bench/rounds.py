"""
Measuring in interleaved rounds, and what may be said of the result.

In each round every path handles the windows of the stream one after the other, as they come, so
that load and clock rates hit all alike. Laws: the first round warms up and is not counted, nor is
the first window of a path in any round, which finds the caches full of what other paths left; a
ratio is the median of the ratios of single turns; nobody gets a ratio from a machine whose load
exceeds its cores.

"""

from dataclasses import dataclass
import os
import time

import numpy as np

MIN_ROUNDS = 5
TOTAL = 'total'
EVICT_BYTES = 64 << 20


class Stopwatch:
    """Laps of one run: seconds of wall time and of CPU time of all threads of this process."""

    def start(self):
        """Begin the run and forget what was before."""
        self.wall_s, self.cpu_s = {}, {}
        self.go_on()

    def go_on(self):
        """Begin the next lap here; what happened since the last one is in none."""
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def lap(self, name=TOTAL):
        """End the lap `name`; a further lap of the same name is added to it."""
        cpu, wall = time.process_time(), time.perf_counter()
        self.cpu_s[name] = self.cpu_s.get(name, 0.0) + cpu - self._cpu
        self.wall_s[name] = self.wall_s.get(name, 0.0) + wall - self._wall
        self.go_on()


@dataclass(frozen=True, eq=False)
class Samples:
    """Seconds of each turn of one lap: CPU and wall time, and the turn they belong to."""

    cpu_s: np.ndarray
    wall_s: np.ndarray
    turns: np.ndarray


@dataclass(frozen=True)
class Times:
    """Median and distance of the quartiles, ms; `p99_ms` of the wall time."""

    cpu_ms: float
    cpu_iqr_ms: float
    wall_ms: float
    wall_iqr_ms: float
    p99_ms: float
    num_samples: int


@dataclass(frozen=True)
class Load:
    """How busy the machine was: the highest load average seen, and its cores."""

    average: float
    cores: int

    @property
    def is_quiet(self):
        """Whether ratios may be printed."""
        return self.average <= self.cores

    def over(self, other):
        """Return the higher load of two."""
        return max(self, other, key=lambda load: load.average)


def current_load():
    """Return the load of the last minute."""
    return Load(os.getloadavg()[0], os.cpu_count() or 1)


def measure(paths, num_windows, num_rounds, *, is_cold=False):
    """
    Run every path on every window in turns and return {(path, lap): Samples} and the load.

    A path has `window(i, watch)`, which calls `watch.lap`; where it has laps of several names,
    their sum is the lap `TOTAL`. With `is_slow` it runs in as few rounds as make `MIN_ROUNDS`
    samples. `is_cold` empties the caches before each window.

    """
    watch = Stopwatch()
    laps = {}
    load = current_load()
    lead = 1 if num_windows > 1 and not is_cold else 0
    few = -(-MIN_ROUNDS // (num_windows - lead))
    for turn in range(num_rounds + 1):
        for name, path in paths.items():
            if getattr(path, 'is_slow', False) and turn > few:
                continue
            for i in range(num_windows):
                if is_cold:
                    empty_caches()
                watch.start()
                path.window(i, watch)
                if turn and i >= lead:
                    _note(laps, name, watch, turn * num_windows + i)
        load = load.over(current_load())
    return {key: Samples(*np.array(rows).T) for key, rows in laps.items()}, load


_FOREIGN = np.zeros(EVICT_BYTES, np.uint8)


def empty_caches():
    """Fill the caches with what no path needs."""
    np.add(_FOREIGN, 1, out=_FOREIGN)


def _note(laps, name, watch, turn):
    if TOTAL not in watch.cpu_s:
        watch.cpu_s[TOTAL] = sum(watch.cpu_s.values())
        watch.wall_s[TOTAL] = sum(watch.wall_s.values())
    for lap, cpu_s in watch.cpu_s.items():
        laps.setdefault((name, lap), []).append((cpu_s, watch.wall_s[lap], turn))


def times_of(samples):
    """Return the statistics of samples."""
    cpu, wall = samples.cpu_s * 1e3, samples.wall_s * 1e3
    cpu_quartiles, wall_quartiles = (np.percentile(each, [25, 50, 75]) for each in (cpu, wall))
    return Times(
        cpu_ms=float(cpu_quartiles[1]),
        cpu_iqr_ms=float(cpu_quartiles[2] - cpu_quartiles[0]),
        wall_ms=float(wall_quartiles[1]),
        wall_iqr_ms=float(wall_quartiles[2] - wall_quartiles[0]),
        p99_ms=float(np.percentile(wall, 99)),
        num_samples=cpu.size,
    )


def ratio(samples, reference, load):
    """Return how many times the CPU time of `reference` samples need; None on a busy machine."""
    if not load.is_quiet:
        return None
    _, mine, theirs = np.intersect1d(samples.turns, reference.turns, return_indices=True)
    return float(np.median(samples.cpu_s[mine] / reference.cpu_s[theirs]))


def ratio_text(value, form='.2f'):
    """Return a ratio for a table: 'load' where there is none."""
    return 'load' if value is None else f'{value:{form}}'


def slope(x, y):
    """Return (a, b, R²) of y = a + b x by least squares."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    b, a = np.polyfit(x, y, 1)
    residual, spread = np.sum((y - a - b * x) ** 2), np.sum((y - y.mean()) ** 2)
    return float(a), float(b), float(1.0 - residual / spread) if spread else 1.0
