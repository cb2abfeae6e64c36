"""Events for the fixtures: plain columns, so that a writer does not depend on our own types."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Columns:
    """`t` int64 µs ascending, `x`, `y` uint16, `p` bool."""

    t: np.ndarray
    x: np.ndarray
    y: np.ndarray
    p: np.ndarray


def random_columns(seed, num_events, size, duration_us, start_us=0):
    """Return random events of a sensor of (height, width); several share a time."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.integers(start_us, start_us + duration_us, num_events))
    height, width = size
    return Columns(
        times,
        rng.integers(0, width, num_events).astype(np.uint16),
        rng.integers(0, height, num_events).astype(np.uint16),
        rng.random(num_events) < 0.5,
    )
