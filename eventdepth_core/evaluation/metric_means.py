"""
Means of metrics over frames.

Laws: a metric is averaged over the frames in which it is a number; counts are summed; the running
means are those of all rows at once, bit for bit, in memory that does not grow with the rows.

"""

from collections.abc import Mapping, Sequence
import math

SUMMED = ('n', 'num_images')


def mean_metrics(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each metric over `rows`, NaN where it is a number in none of them."""
    means = RunningMeans()
    for row in rows:
        means.add(row)
    return means.values()


class RunningMeans:
    """The means of the rows added so far."""

    def __init__(self) -> None:
        self.num_rows = 0
        self._sums: dict[str, ExactSum] = {}

    def add(self, row: Mapping[str, float]) -> None:
        """Take in the metrics of one frame."""
        self.num_rows += 1
        for name, value in row.items():
            total = self._sums.setdefault(name, ExactSum())
            if math.isfinite(value):
                total.add(float(value))

    def values(self) -> dict[str, float]:
        """Return the mean of each metric, NaN where it was a number in no row."""
        return {name: _mean(name, total) for name, total in self._sums.items()}


class ExactSum:
    """
    A sum without rounding: parts that do not overlap, as `math.fsum` keeps them (Shewchuk 1997).

    There are as many parts as the exponents of the numbers need, a few dozen at most.

    """

    def __init__(self) -> None:
        self.num = 0
        self._parts: list[float] = []

    def add(self, value: float) -> None:
        """Add a finite number."""
        self.num += 1
        kept = 0
        for part in self._parts:
            large, small = (value, part) if abs(value) >= abs(part) else (part, value)
            value = large + small
            rest = small - (value - large)
            if rest:
                self._parts[kept] = rest
                kept += 1
        self._parts[kept:] = [value]

    @property
    def total(self) -> float:
        """The sum, rounded once."""
        return math.fsum(self._parts)


def _mean(name: str, total: ExactSum) -> float:
    if name in SUMMED:
        return int(total.total)
    return total.total / total.num if total.num else math.nan
