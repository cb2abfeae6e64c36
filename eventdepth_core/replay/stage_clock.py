"""
Wall and CPU time of each stage of a replay.

CPU time is that of the whole process, threads of the engine included, so that recorded seconds
divided by it is a multiple of real time on one core, whatever else runs on the machine. Law:
stages do not nest; the time of a stage is counted once.

"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
import time

from eventdepth_core.replay.thinning import Thinned
from eventdepth_core.report import Latency
import numpy as np

MAX_RUNS = 20_000
NS_PER_S = 1e9
NS_PER_MS = 1e6


class StageClock:
    """Adds up the time of named stages and keeps a choice of the wall times of their runs."""

    def __init__(self) -> None:
        self._wall_ns: defaultdict[str, int] = defaultdict(int)
        self._cpu_ns: defaultdict[str, int] = defaultdict(int)
        self._runs_ms: defaultdict[str, Thinned[float]] = defaultdict(_bounded)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what runs inside as one run of the stage, an error included."""
        wall_ns, cpu_ns = time.perf_counter_ns(), time.process_time_ns()
        try:
            yield
        finally:
            elapsed_ns = time.perf_counter_ns() - wall_ns
            self._cpu_ns[name] += time.process_time_ns() - cpu_ns
            self._wall_ns[name] += elapsed_ns
            self._runs_ms[name].append(elapsed_ns / NS_PER_MS)

    def record(self, name: str, elapsed_ms: float) -> None:
        """Keep a run that was timed elsewhere; it counts in no sum."""
        self._runs_ms[name].append(elapsed_ms)

    @property
    def wall_s(self) -> Mapping[str, float]:
        """Wall seconds by stage, in the order in which the stages first ran."""
        return {name: ns / NS_PER_S for name, ns in self._wall_ns.items()}

    @property
    def cpu_s(self) -> Mapping[str, float]:
        """CPU seconds by stage, in the order in which the stages first ran."""
        return {name: ns / NS_PER_S for name, ns in self._cpu_ns.items()}

    def runs_ms(self, name: str) -> tuple[float, ...]:
        """Return wall milliseconds of runs of one stage, evenly chosen if there are very many."""
        return self._runs_ms[name].items()

    def latencies(self) -> tuple[Latency, ...]:
        """Return the distribution of the wall time of each stage."""
        return tuple(_latency(name, runs) for name, runs in self._runs_ms.items())


def _bounded() -> Thinned[float]:
    return Thinned(MAX_RUNS)


def _latency(stage: str, runs: Thinned[float]) -> Latency:
    runs_ms = np.asarray(runs.items())
    p50_ms, p95_ms = (float(value) for value in np.percentile(runs_ms, (50, 95)))
    return Latency(stage, runs.num_seen, p50_ms, p95_ms, float(runs_ms.max()))
