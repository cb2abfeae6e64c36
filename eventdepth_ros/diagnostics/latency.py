"""
Distributions of latencies in bounded memory.

Bucket k holds [MIN_MS * GROWTH^k, MIN_MS * GROWTH^(k+1)); a percentile is the geometric middle of
its bucket, so it lies within 2.5 % of the exact one from 1 µs to 100 s.

Laws: no value gives NaN with count 0; `max_ms` is exact; p50 <= p95 <= p99 <= max; what is not a
finite number is not counted; a window forgets what is older than two of its halves.

"""

from collections.abc import Mapping
from dataclasses import dataclass
import math
from typing import Final

MIN_MS: Final = 1e-3
MAX_MS: Final = 1e5
GROWTH: Final = 1.05
SHARES: Final = (0.50, 0.95, 0.99)
NUM_BUCKETS: Final = math.ceil(math.log(MAX_MS / MIN_MS) / math.log(GROWTH)) + 1


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """Percentiles of one stage over `num` runs, in milliseconds."""

    num: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class LatencyHistogram:
    """
    Counts latencies in logarithmic buckets over the last one to two times `half_window` values.

    Two generations of at most `half_window` values are held; the older one is dropped when the
    newer one is full. `half_window` None keeps all.

    """

    def __init__(self, half_window: int | None = 500) -> None:
        self._half_window = half_window
        self._older = _Generation()
        self._newer = _Generation()

    def add(self, latency_ms: float) -> None:
        """Count one latency."""
        if not math.isfinite(latency_ms):
            return
        if self._half_window is not None and self._newer.num >= self._half_window:
            self._older, self._newer = self._newer, _Generation()
        self._newer.add(latency_ms)

    def summary(self) -> LatencySummary:
        """Return the percentiles of what is held."""
        num = self._older.num + self._newer.num
        if num == 0:
            return LatencySummary(0, math.nan, math.nan, math.nan, math.nan)
        max_ms = max(self._older.max_ms, self._newer.max_ms)
        p50_ms, p95_ms, p99_ms = (min(at_ms, max_ms) for at_ms in self._percentiles_ms(num))
        return LatencySummary(num, p50_ms, p95_ms, p99_ms, max_ms)

    def _percentiles_ms(self, num: int) -> list[float]:
        ranks = [max(1, math.ceil(share * num)) for share in SHARES]
        found: list[float] = []
        seen = 0
        both = zip(self._older.counts, self._newer.counts, strict=True)
        for bucket, (num_older, num_newer) in enumerate(both):
            seen += num_older + num_newer
            while len(found) < len(ranks) and seen >= ranks[len(found)]:
                found.append(MIN_MS * math.pow(GROWTH, bucket + 0.5))
            if len(found) == len(ranks):
                break
        return found


class StageLatencies:
    """A `LatencyHistogram` per stage, in the order in which the stages first came."""

    def __init__(self, half_window: int | None = 500) -> None:
        self._half_window = half_window
        self._stages: dict[str, LatencyHistogram] = {}

    def add(self, latencies_ms: Mapping[str, float]) -> None:
        """Count one latency of each stage."""
        for stage, latency_ms in latencies_ms.items():
            if stage not in self._stages:
                self._stages[stage] = LatencyHistogram(self._half_window)
            self._stages[stage].add(latency_ms)

    def summaries(self) -> dict[str, LatencySummary]:
        """Return the percentiles of each stage."""
        return {stage: histogram.summary() for stage, histogram in self._stages.items()}


class _Generation:
    """Counts by bucket, their number and the largest value."""

    __slots__ = ('counts', 'max_ms', 'num')

    def __init__(self) -> None:
        self.counts = [0] * NUM_BUCKETS
        self.num = 0
        self.max_ms = -math.inf

    def add(self, latency_ms: float) -> None:
        """Count one finite latency."""
        self.counts[_bucket(latency_ms)] += 1
        self.num += 1
        self.max_ms = max(self.max_ms, latency_ms)


def _bucket(latency_ms: float) -> int:
    if latency_ms <= MIN_MS:
        return 0
    shown_ms = min(latency_ms, MAX_MS)
    return min(NUM_BUCKETS - 1, int(math.log(shown_ms / MIN_MS) / math.log(GROWTH)))
