"""
Means of metrics over frames.

Law: a metric is averaged over the frames in which it is a number; counts are summed.

"""

from collections.abc import Mapping, Sequence
import math

SUMMED = ('n', 'num_images')


def mean_metrics(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each metric over `rows`, NaN where it is a number in none of them."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: _mean(name, [row[name] for row in rows if name in row]) for name in names}


def _mean(name: str, values: list[float]) -> float:
    numbers = [float(value) for value in values if math.isfinite(value)]
    total = math.fsum(numbers)
    if name in SUMMED:
        return int(total)
    return total / len(numbers) if numbers else math.nan
