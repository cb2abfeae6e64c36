"""
An event camera that looks at images, one sub-frame after the other.

Laws: events are sorted by time, inside the sensor and in [previous stamp, stamp); equal seeds
give equal events, however the sequence is cut into calls; constant light without leak and noise
gives none; two events of a pixel are never nearer than the refractory time.

"""

from eventdepth_core.errors import InputError
from eventdepth_core.types import EVENT_DTYPE, Events, Float32, Float64
import numpy as np
from training.simulate.event_kernels import crossings_of_light, levels_of_light, order_by_time
from training.simulate.pixel import empty_sink, empty_state
from training.simulate.sensor_model import (
    drawn_sensor,
    SensorModel,
    with_leak,
    with_steady_noise,
)

_FIRST_CAPACITY = 4096


class SequenceCamera:
    """
    Turns light over time into events; what pixels have seen carries over from call to call.

    `width`, `height` in pixels; the seed draws mismatch, noise and, unless `starts_settled`, how
    near each pixel is to its thresholds at the first image.

    """

    def __init__(
        self,
        model: SensorModel,
        *,
        width: int,
        height: int,
        seed: int = 0,
        starts_settled: bool = False,
    ) -> None:
        self.model = model
        self.width, self.height = width, height
        rng = np.random.default_rng(seed)
        count = width * height
        sensor = with_leak(drawn_sensor(model, count, rng), model, rng)
        self._sensor = with_steady_noise(sensor, model, rng)
        self._state, self._next = empty_state(count), empty_state(count)
        self._state.wait[:] = rng.exponential(size=count)
        self._state.seed[:] = rng.integers(0, 2**63, count, dtype=np.uint64)
        share = rng.random(count)
        if not starts_settled:
            span = self._sensor.on_threshold + self._sensor.off_threshold
            self._state.residual[:] = share * span - self._sensor.off_threshold
        self._stamp_us: int | None = None
        self._capacity = _FIRST_CAPACITY

    @property
    def thresholds(self) -> tuple[Float64, Float64]:
        """ON and OFF thresholds of the pixels, float64 (H, W) each."""
        size = (self.height, self.width)
        return self._sensor.on_threshold.reshape(size), self._sensor.off_threshold.reshape(size)

    @property
    def residual(self) -> Float64:
        """Level of each pixel above its reference, float64 (H, W)."""
        return self._state.residual.reshape(self.height, self.width)

    def advance(self, light: Float32, stamp_us: int) -> Events:
        """
        Return the events between the last call's stamp and this one's.

        Parameters
        ----------
        light : float32 (H, W)
            Linear light at `stamp_us`, full scale 1; its level changes evenly since the last call.
        stamp_us : int
            Later than the last one.

        Returns
        -------
        EVENT_DTYPE[n]
            None at the first call, which only shows the pixels what there is.

        Raises
        ------
        InputError
            For light of another size, or a stamp that is not later.

        """
        if light.shape != (self.height, self.width):
            raise InputError(
                f'Expected light of shape {(self.height, self.width)}, got {light.shape}.'
            )
        flat = np.ascontiguousarray(light, dtype=np.float32).ravel()
        if self._stamp_us is None:
            levels_of_light(flat, self._sensor, self._state.target)
            self._stamp_us = stamp_us
            return np.empty(0, EVENT_DTYPE)
        if stamp_us <= self._stamp_us:
            raise InputError(f'Expected a stamp after {self._stamp_us} µs, got {stamp_us} µs.')
        start_us, self._stamp_us = self._stamp_us, stamp_us
        return self._events(flat, start_us, stamp_us - start_us)

    def _events(self, flat: Float32, start_us: int, duration_us: int) -> Events:
        known, state = self._state, self._next
        while True:
            sink = empty_sink(
                self._capacity, state.last_us, duration_us, num_steps=1, origin_us=start_us
            )
            crossings_of_light(flat, self._sensor, sink, known, state)
            count = int(sink.num_events[0])
            if count <= self._capacity:
                break
            self._capacity = 2 * count
        self._state, self._next = state, known
        order = order_by_time(sink.t[:count], duration_us)
        events = np.zeros(count, dtype=EVENT_DTYPE)
        events['t'] = sink.t[order] + start_us
        events['y'], events['x'] = np.divmod(sink.pixel[order], self.width)
        events['p'] = sink.p[order]
        return events
