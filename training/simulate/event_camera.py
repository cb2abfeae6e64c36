"""
An event camera before a scene: thresholds that differ by pixel, noise, hot pixels, EVENT_DTYPE.

Laws: events are sorted by time, inside the sensor and inside [start, start + window); equal
generators give equal events; no change of light and no noise give no events.

"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from eventdepth_core.types import Camera, EVENT_DTYPE, Events, Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.event_kernels import (
    crossings_of_frames,
    crossings_of_lights,
    crossings_of_scene,
    order_by_time,
)
from training.simulate.focus import Focus, light_of_stage
from training.simulate.pixel import empty_sink, empty_state, PixelState, Sink
from training.simulate.sensor_model import drawn_sensor, SensorModel, with_leak
from training.simulate.stage import lens_of, Stage

_EVENTS_PER_PIXEL = 4
_ONE_RAY = Focus(blur_px=0.0, covers_area=False)


class _Times(NamedTuple):
    start_us: int
    duration_us: int
    num_steps: int


_Simulate: TypeAlias = Callable[[Sink, PixelState], None]


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
        sensor = drawn_sensor(model, width * height, rng)
        self._state = empty_state(width * height)
        share = rng.random(width * height)
        span = sensor.on_threshold + sensor.off_threshold
        self._state.residual[:] = share * span - sensor.off_threshold
        self._hot = rng.choice(width * height, min(model.num_hot_pixels, width * height), False)
        self._hot_sign = rng.choice(np.array([-1, 1], dtype=np.int8), len(self._hot))
        self._sensor = with_leak(sensor, model, rng)
        if sensor.is_noisy:
            self._state.wait[:] = rng.exponential(size=width * height)
            self._state.seed[:] = rng.integers(0, 2**63, width * height, dtype=np.uint64)

    @property
    def residual(self) -> Float64:
        """Log intensity above the reference of each pixel, float64 (H * W,)."""
        return self._state.residual

    def window(
        self,
        stage: Stage,
        camera: Camera,
        *,
        start_us: int,
        duration_us: int,
        focus: Focus | None = None,
    ) -> Events:
        """
        Return the events while the camera passes the poses of `stage` in equal steps.

        Without focus a pixel looks along one ray: faster, but an edge passes in one sub-frame.

        """
        lens = lens_of(camera)
        times = _Times(start_us, duration_us, num_steps=max(len(stage.turns) - 1, 1))
        if focus is None and stage.world.lamp.is_on:
            focus = _ONE_RAY
        if focus is not None:
            light = light_of_stage(stage, camera, focus).reshape(len(stage.turns), -1)
            return self._collect(
                lambda sink, state: crossings_of_lights(light, self._sensor, sink, state), times
            )
        return self._collect(
            lambda sink, state: crossings_of_scene(
                stage, lens, camera.size, self._sensor, sink, state
            ),
            times,
        )

    def frames(self, log_frames: Float64, *, start_us: int, duration_us: int) -> Events:
        """Return the events of log intensity frames (S + 1, H, W), equally spaced in time."""
        flat = np.ascontiguousarray(log_frames, dtype=np.float64).reshape(len(log_frames), -1)
        times = _Times(start_us, duration_us, num_steps=max(len(log_frames) - 1, 1))
        return self._collect(
            lambda sink, state: crossings_of_frames(flat, self._sensor, sink, state), times
        )

    def _collect(self, simulate: _Simulate, times: _Times) -> Events:
        capacity = _EVENTS_PER_PIXEL * self.width * self.height
        while True:
            state = self._state.copy()
            sink = empty_sink(
                capacity, state.last_us, times.duration_us, num_steps=times.num_steps, origin_us=0
            )
            simulate(sink, state)
            if sink.num_events[0] <= capacity:
                break
            capacity = int(sink.num_events[0])
        self._state = state._replace(last_us=state.last_us - times.duration_us)
        return self._sorted_events(sink, times)

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
