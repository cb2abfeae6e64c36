"""
An event camera before a scene: thresholds that differ by pixel, noise, hot pixels, EVENT_DTYPE.

Laws: events are sorted by time, inside the sensor and inside [start, start + window); equal
generators give equal events; no change of light and no noise give no events.

"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from eventdepth_core.types import Camera, EVENT_DTYPE, Events, Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.event_kernels import crossings_of_frames, crossings_of_scene, order_by_time
from training.simulate.solids import log_uniform
from training.simulate.stage import lens_of, Sensor, Sink, Stage

MIN_THRESHOLD = 0.03
_LONG_AGO_US = -(2**40)
_EVENTS_PER_PIXEL = 4


@dataclass(frozen=True, slots=True)
class SensorModel:
    """
    What one event camera is like.

    Thresholds in log intensity, `mismatch` their relative spread over pixels, `dark` the light
    that is added before the logarithm, noise in events per second and pixel.

    """

    on_threshold: float = 0.2
    off_threshold: float = 0.2
    mismatch: float = 0.03
    dark: float = 0.02
    noise_hz: float = 0.1
    num_hot_pixels: int = 0
    hot_hz: float = 200.0
    refractory_us: int = 0


class _Times(NamedTuple):
    start_us: int
    duration_us: int
    num_steps: int


_Simulate: TypeAlias = Callable[[Sink, Float64], None]


def random_sensor_model(rng: np.random.Generator) -> SensorModel:
    """Draw a camera: threshold log-U(.1, .45), 15 % ON/OFF asymmetry, 2-12 % mismatch."""
    threshold, asymmetry = log_uniform(rng, 0.1, 0.45), np.exp(0.15 * rng.normal())
    return SensorModel(
        on_threshold=float(threshold * asymmetry),
        off_threshold=float(threshold / asymmetry),
        mismatch=float(rng.uniform(0.02, 0.12)),
        dark=0.02 / log_uniform(rng, 0.3, 1.3),
        noise_hz=float(rng.choice([0.0, 0.2, 1.0, 4.0])),
        num_hot_pixels=int(rng.integers(1, 12)) if rng.random() < 0.3 else 0,
        hot_hz=log_uniform(rng, 100.0, 1200.0),
    )


class EventCamera:
    """
    Simulates window after window; what a pixel has seen so far carries over.

    `width`, `height` in pixels; the generator draws mismatch, first references and noise.

    """

    def __init__(
        self, model: SensorModel, *, width: int, height: int, rng: np.random.Generator
    ) -> None:
        self.model = model
        self.width = width
        self.height = height
        self._rng = rng
        self._sensor = self._draw_sensor()
        share = rng.random(width * height)
        span = self._sensor.on_threshold + self._sensor.off_threshold
        self._residual = share * span - self._sensor.off_threshold
        self._last_us = np.full(width * height, _LONG_AGO_US, dtype=np.int64)
        self._hot = rng.choice(width * height, min(model.num_hot_pixels, width * height), False)
        self._hot_sign = rng.choice(np.array([-1, 1], dtype=np.int8), len(self._hot))

    @property
    def residual(self) -> Float64:
        """Log intensity above the reference of each pixel, float64 (H * W,)."""
        return self._residual

    def window(self, stage: Stage, camera: Camera, *, start_us: int, duration_us: int) -> Events:
        """Return the events while the camera passes the poses of `stage` in equal steps."""
        lens = lens_of(camera)
        times = _Times(start_us, duration_us, num_steps=max(len(stage.turns) - 1, 1))
        return self._collect(
            lambda sink, residual: crossings_of_scene(
                stage, lens, camera.size, self._sensor, sink, residual
            ),
            times,
        )

    def frames(self, log_frames: Float64, *, start_us: int, duration_us: int) -> Events:
        """Return the events of log intensity frames (S + 1, H, W), equally spaced in time."""
        flat = np.ascontiguousarray(log_frames, dtype=np.float64).reshape(len(log_frames), -1)
        times = _Times(start_us, duration_us, num_steps=max(len(log_frames) - 1, 1))
        return self._collect(
            lambda sink, residual: crossings_of_frames(flat, self._sensor, sink, residual), times
        )

    def _draw_sensor(self) -> Sensor:
        count = self.width * self.height
        spread = 1.0 + self.model.mismatch * self._rng.standard_normal((2, count))
        return Sensor(
            on_threshold=np.maximum(self.model.on_threshold * spread[0], MIN_THRESHOLD),
            off_threshold=np.maximum(self.model.off_threshold * spread[1], MIN_THRESHOLD),
            dark=self.model.dark,
            refractory_us=self.model.refractory_us,
        )

    def _collect(self, simulate: _Simulate, times: _Times) -> Events:
        capacity = _EVENTS_PER_PIXEL * self.width * self.height
        while True:
            sink, residual = self._sink(capacity, times), self._residual.copy()
            simulate(sink, residual)
            if sink.num_events[0] <= capacity:
                break
            capacity = int(sink.num_events[0])
        self._residual = residual
        self._last_us = sink.last_us - times.duration_us
        return self._sorted_events(sink, times)

    def _sink(self, capacity: int, times: _Times) -> Sink:
        return Sink(
            t=np.empty(capacity, dtype=np.int64),
            pixel=np.empty(capacity, dtype=np.int64),
            p=np.empty(capacity, dtype=np.int8),
            num_events=np.zeros(1, dtype=np.int64),
            last_us=self._last_us.copy(),
            step_us=times.duration_us / times.num_steps,
            duration_us=times.duration_us,
        )

    def _sorted_events(self, sink: Sink, times: _Times) -> Events:
        count = int(sink.num_events[0])
        noise = self._noise(times.duration_us)
        t = np.concatenate([sink.t[:count], noise[0]])
        pixel = np.concatenate([sink.pixel[:count], noise[1]])
        polarity = np.concatenate([sink.p[:count], noise[2]])
        order = order_by_time(t, times.duration_us)
        events = np.empty(len(t), dtype=EVENT_DTYPE)
        events['t'] = t[order] + times.start_us
        events['y'], events['x'] = np.divmod(pixel[order], self.width)
        events['p'] = polarity[order]
        return events

    def _noise(
        self, duration_us: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]:
        seconds, pixels = duration_us * 1e-6, self.width * self.height
        background = int(self._rng.poisson(self.model.noise_hz * seconds * pixels))
        fired = self._rng.poisson(self.model.hot_hz * seconds, len(self._hot))
        count = background + int(fired.sum())
        t = self._rng.integers(0, duration_us, count)
        pixel = np.concatenate(
            [self._rng.integers(0, pixels, background), np.repeat(self._hot, fired)]
        )
        sign = self._rng.choice(np.array([-1, 1], dtype=np.int8), background)
        return t, pixel, np.concatenate([sign, np.repeat(self._hot_sign, fired)])
