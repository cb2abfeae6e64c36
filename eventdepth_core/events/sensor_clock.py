"""
Sensor time to host time: the lower envelope of arrival - sensor time.

A packet can be late but never early, so the smallest difference seen is the best estimate of the
offset. Clocks drift, so the estimate may rise again by `max_drift_ppm` of the time that passes.

Laws: sensor time that goes back, or a difference below the envelope, by more than `max_jump_us` is
neither delay nor drift: a clock has jumped. A difference above it is delay, unless it stays there
for `patience_us`. After a jump the envelope starts anew.

"""

from eventdepth_core.errors import InputError
from eventdepth_core.events.discontinuity import Discontinuity

JITTER_WEIGHT = 0.02
MIN_DRIFT_SPAN_US = 2_000_000


class SensorClock:
    """Maps sensor time to host time from pairs of both, taken as packets arrive; all in µs."""

    def __init__(
        self,
        *,
        max_drift_ppm: float = 200.0,
        max_jump_us: int = 200_000,
        patience_us: int = 1_000_000,
    ) -> None:
        self.max_drift_ppm = max_drift_ppm
        self.max_jump_us = max_jump_us
        self.patience_us = patience_us
        self._envelope_us: float | None = None
        self._last_sensor_us = 0
        self._last_arrival_us = 0
        self._late_since_us: int | None = None
        self._least_late_us = 0
        self._first: tuple[int, float] | None = None  # arrival and envelope at the start
        self._jitter_us = 0.0

    @property
    def is_ready(self) -> bool:
        """Whether an offset is known."""
        return self._envelope_us is not None

    @property
    def offset_us(self) -> int:
        """Host time minus sensor time, µs."""
        if self._envelope_us is None:
            raise InputError('Expected an observation before a time is mapped, got none.')
        return round(self._envelope_us)

    @property
    def jitter_us(self) -> float | None:
        """Mean delay above the envelope over the last observations, µs; None before the first."""
        return None if self._envelope_us is None else self._jitter_us

    @property
    def drift_ppm(self) -> float | None:
        """Change of the offset since the last jump per time passed; None in the first seconds."""
        if self._envelope_us is None or self._first is None:
            return None
        passed_us = self._last_arrival_us - self._first[0]
        if passed_us < MIN_DRIFT_SPAN_US:
            return None
        return 1e6 * (self._envelope_us - self._first[1]) / passed_us

    def to_host(self, sensor_us: int) -> int:
        """Return the host time of a sensor time, µs."""
        return sensor_us + self.offset_us

    def to_sensor(self, host_us: int) -> int:
        """Return the sensor time of a host time, µs."""
        return host_us - self.offset_us

    def observe(self, sensor_us: int, arrival_us: int) -> Discontinuity | None:
        """
        Take in that data up to `sensor_us` arrived at `arrival_us`.

        Returns the jump (from the expected offset to the new one) if a clock has jumped.

        """
        observed_us = arrival_us - sensor_us
        if self._envelope_us is None:
            self._start(observed_us, sensor_us, arrival_us)
            return None
        passed_us = max(arrival_us - self._last_arrival_us, 0)
        expected_us = self._envelope_us + passed_us * self.max_drift_ppm * 1e-6
        offset_us = self._offset_after_jump(sensor_us, arrival_us, expected_us)
        if offset_us is not None:
            self._start(offset_us, sensor_us, arrival_us)
            return Discontinuity('clock', round(expected_us), offset_us)
        self._envelope_us = min(expected_us, float(observed_us))
        delay_us = observed_us - self._envelope_us
        self._jitter_us += JITTER_WEIGHT * (delay_us - self._jitter_us)
        self._last_arrival_us = max(arrival_us, self._last_arrival_us)
        self._last_sensor_us = max(sensor_us, self._last_sensor_us)
        return None

    def reset(self) -> None:
        """Forget the offset."""
        self._envelope_us = None

    def _offset_after_jump(
        self, sensor_us: int, arrival_us: int, expected_us: float
    ) -> int | None:
        observed_us = arrival_us - sensor_us
        went_back = sensor_us < self._last_sensor_us - self.max_jump_us
        if went_back or observed_us < expected_us - self.max_jump_us:
            return observed_us
        if observed_us <= expected_us + self.max_jump_us:
            self._late_since_us = None
            return None
        if self._late_since_us is None:
            self._late_since_us = arrival_us
            self._least_late_us = observed_us
        self._least_late_us = min(self._least_late_us, observed_us)
        is_delay = arrival_us - self._late_since_us < self.patience_us
        return None if is_delay else self._least_late_us

    def _start(self, offset_us: int, sensor_us: int, arrival_us: int) -> None:
        self._envelope_us = float(offset_us)
        self._last_sensor_us = sensor_us
        self._last_arrival_us = arrival_us
        self._late_since_us = None
        self._first = (arrival_us, float(offset_us))
        self._jitter_us = 0.0
