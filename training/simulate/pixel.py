"""
What the kernels of the event camera are given: the sensor, its pixels' state, a place for events.

Levels are what a pixel compares: log (or linear) intensity behind the photoreceptor. Times in the
kernels are µs from the start of a step or window, plus `origin_us` where pixels compare them.

"""

from typing import NamedTuple

from eventdepth_core.types import Float64
import numpy as np
from numpy.typing import NDArray

LONG_AGO_US = -(2**40)


class Sensor(NamedTuple):
    """
    An event camera drawn for each pixel; arrays are (H * W,).

    Thresholds in levels; `dark` is added to the light; `cutoff_hz` of the photoreceptor at
    light + dark = 1, 0 = without limit; `leak_per_us` in levels; noise in events per µs, that of
    `shot_per_us` at darkness and `shot_bright` times it in full light; `hot_sign` is 0 where a
    pixel is not hot; the kernels make noise only where `is_noisy`.

    """

    on_threshold: Float64
    off_threshold: Float64
    leak_per_us: Float64
    steady_per_us: Float64
    hot_sign: NDArray[np.int8]
    dark: float
    cutoff_hz: float
    shot_per_us: float
    shot_bright: float
    refractory_us: int
    is_linear: bool
    is_noisy: bool


class PixelState(NamedTuple):
    """
    What pixels remember, arrays (H * W,).

    `target` is the level that the light asks for, `lag` how far the photoreceptor is behind it,
    `residual` its level above the reference; `wait` the noise clock's distance to the next noise
    event (a unit-rate Poisson process) and `seed` the state of its random numbers.

    """

    target: Float64
    lag: Float64
    residual: Float64
    last_us: NDArray[np.int64]
    wait: Float64
    seed: NDArray[np.uint64]

    def copy(self) -> 'PixelState':
        """Return a state that can be written without changing this one."""
        return PixelState(*(array.copy() for array in self))


class Sink(NamedTuple):
    """
    Where the kernels put events: `t` µs from the window's start, `pixel` = y W + x, `p` +-1.

    `num_events` (1,) also counts those beyond the capacity; `last_us` (H * W,) is the time of each
    pixel's last event, from `origin_us` before the window's start on.

    """

    t: NDArray[np.int64]
    pixel: NDArray[np.int64]
    p: NDArray[np.int8]
    num_events: NDArray[np.int64]
    last_us: NDArray[np.int64]
    step_us: float
    duration_us: int
    origin_us: int


def empty_state(count: int) -> PixelState:
    """Return the state of `count` pixels that have not seen anything yet."""
    return PixelState(
        target=np.zeros(count),
        lag=np.zeros(count),
        residual=np.zeros(count),
        last_us=np.full(count, LONG_AGO_US, dtype=np.int64),
        wait=np.full(count, np.inf),
        seed=np.zeros(count, dtype=np.uint64),
    )


def empty_sink(
    capacity: int, last_us: NDArray[np.int64], duration_us: int, *, num_steps: int, origin_us: int
) -> Sink:
    """Return a sink for `capacity` events of a window of `num_steps` equal steps."""
    return Sink(
        t=np.empty(capacity, dtype=np.int64),
        pixel=np.empty(capacity, dtype=np.int64),
        p=np.empty(capacity, dtype=np.int8),
        num_events=np.zeros(1, dtype=np.int64),
        last_us=last_us,
        step_us=duration_us / num_steps,
        duration_us=duration_us,
        origin_us=origin_us,
    )
