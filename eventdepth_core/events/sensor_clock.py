"""
Sensor time to host time: the lower envelope of arrival - sensor time.

A packet can be late but never early, so the smallest difference seen is the best estimate of the
offset. Clocks drift, so the envelope moves on by the drift that the last minute showed and may
rise by its error beside that: envelope = min(envelope + (drift + error) * passed, observed).

Laws: constant delays give a constant offset, to the microsecond; at any one moment `to_host` and
`to_sensor` are exact inverses. Sensor time that goes back, or a difference below the envelope, by
more than `max_jump_us` and what the longest drift explains is neither delay nor drift: a clock
has jumped. A difference above it is delay, unless it stays there for `patience_us`, or a silence
ends with whole turns of the sensor's clock missing. After a jump the envelope starts anew.

"""

from typing import Final

from eventdepth_core.errors import InputError
from eventdepth_core.events.discontinuity import Discontinuity, DiscontinuityKind
from eventdepth_core.events.sensor_clock_drift import BLOCK_US, DriftEstimate

JITTER_WEIGHT: Final = 0.02
RELAX_US: Final = 15_000_000
"""An envelope that no observation touched for so long may rise at any rate that clocks have."""

HOLD_US: Final = 1.0
"""The offset moves when the envelope is further away, so that rounding never makes it wander."""

# The turns of a sensor's clock and how many of each are looked for.
_TURNS_US: Final = ((1 << 24, 64), (1 << 31, 4), (1 << 34, 4))


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
        self._base_us: int  # the first offset; what follows counts from there
        self._envelope_us: float
        self._held_us: int
        self._untouched_us: int
        self._last_sensor_us: int
        self._last_arrival_us: int
        self._late_since_us: int | None
        self._least_late_us: int
        self._jitter_us: float
        self._start(0, 0, 0)
        self.reset()

    @property
    def is_ready(self) -> bool:
        """Whether an offset is known."""
        return self._is_ready

    @property
    def offset_us(self) -> int:
        """Host time minus sensor time, µs."""
        if not self._is_ready:
            raise InputError('Expected an observation before a time is mapped, got none.')
        return self._base_us + self._held_us

    @property
    def jitter_us(self) -> float | None:
        """Mean delay above the envelope over the last observations, µs; None before the first."""
        return self._jitter_us if self._is_ready else None

    @property
    def drift_ppm(self) -> float | None:
        """Change of the offset per time over the last minute; None in the first seconds."""
        return self._drift.ppm if self._is_ready else None

    def to_host(self, sensor_us: int) -> int:
        """Return the host time of a sensor time, µs."""
        return sensor_us + self.offset_us

    def to_sensor(self, host_us: int) -> int:
        """Return the sensor time of a host time, µs."""
        return host_us - self.offset_us

    def observe(self, sensor_us: int, arrival_us: int) -> Discontinuity | None:
        """
        Take in that data up to `sensor_us` arrived at `arrival_us`.

        Returns the jump (from the expected offset to the new one) if a clock has jumped: `wrap`
        by whole turns of a sensor's clock, `loop` where both times went back, `reset` where only
        sensor time did, else `clock`.

        """
        if not self._is_ready:
            self._start(arrival_us - sensor_us, sensor_us, arrival_us)
            return None
        passed_us = max(arrival_us - self._last_arrival_us, 0)
        expected_us = self._envelope_us + passed_us * self._rise_ppm() * 1e-6
        observed_us = arrival_us - sensor_us - self._base_us  # since the start, so that floats do
        jump = self._jump(sensor_us, arrival_us, expected_us)
        if jump is not None:
            self._start(jump.to_us, sensor_us, arrival_us)
            return jump
        is_touched = observed_us <= expected_us
        # a silence is no time without touch
        self._untouched_us = 0 if is_touched else self._untouched_us + min(passed_us, BLOCK_US)
        self._envelope_us = min(expected_us, float(observed_us))
        if abs(self._envelope_us - self._held_us) > HOLD_US:
            self._held_us = round(self._envelope_us)
        self._drift.observe(arrival_us, observed_us)
        delay_us = observed_us - self._envelope_us
        self._jitter_us += JITTER_WEIGHT * (delay_us - self._jitter_us)
        self._last_arrival_us = max(arrival_us, self._last_arrival_us)
        self._last_sensor_us = max(sensor_us, self._last_sensor_us)
        return None

    def reset(self) -> None:
        """Forget the offset."""
        self._is_ready = False

    def _start(self, offset_us: int, sensor_us: int, arrival_us: int) -> None:
        self._is_ready = True
        self._base_us = offset_us
        self._held_us = 0
        self._envelope_us = 0.0
        self._drift = DriftEstimate(self.max_drift_ppm)
        self._untouched_us = 0
        self._last_sensor_us = sensor_us
        self._last_arrival_us = arrival_us
        self._late_since_us = None
        self._least_late_us = 0
        self._jitter_us = 0.0

    def _rise_ppm(self) -> float:
        """Return how fast the envelope may rise."""
        drift_ppm = min(max(self._drift.ppm or 0.0, -self.max_drift_ppm), self.max_drift_ppm)
        if self._untouched_us > RELAX_US:
            return max(drift_ppm, 0.0) + self.max_drift_ppm
        return drift_ppm + self._drift.error_ppm

    def _jump(self, sensor_us: int, arrival_us: int, expected_us: float) -> Discontinuity | None:
        offset_us = arrival_us - sensor_us
        late_us = offset_us - self._base_us - expected_us
        passed_us = max(arrival_us - self._last_arrival_us, 0)
        limit_us = self.max_jump_us + passed_us * self.max_drift_ppm * 1e-6
        went_back = sensor_us < self._last_sensor_us - self.max_jump_us
        if went_back and arrival_us < self._last_arrival_us - self.max_jump_us:
            return self._discontinuity('loop', expected_us, offset_us)
        has_lost_turns = late_us > limit_us and self._is_turns(passed_us, late_us)
        if went_back or late_us < -limit_us or has_lost_turns:
            return self._discontinuity(
                self._kind(late_us, went_back=went_back), expected_us, offset_us
            )
        if late_us <= limit_us:
            self._late_since_us = None
            return None
        if self._late_since_us is None:
            self._late_since_us = arrival_us
            self._least_late_us = offset_us
        self._least_late_us = min(self._least_late_us, offset_us)
        if arrival_us - self._late_since_us < self.patience_us:
            return None
        return self._discontinuity(
            self._kind(late_us, went_back=False), expected_us, self._least_late_us
        )

    def _discontinuity(
        self, kind: DiscontinuityKind, expected_us: float, offset_us: int
    ) -> Discontinuity:
        return Discontinuity(kind, self._base_us + round(expected_us), offset_us)

    def _kind(self, late_us: float, *, went_back: bool) -> DiscontinuityKind:
        if self._num_turns_us(late_us):
            return 'wrap'
        return 'reset' if went_back else 'clock'

    def _is_turns(self, passed_us: int, late_us: float) -> bool:
        """Return whether a silence hid the turns that are missing."""
        turns_us = self._num_turns_us(late_us)
        return 0 < turns_us <= passed_us + self.max_jump_us

    def _num_turns_us(self, late_us: float) -> int:
        """Return the whole turns of a sensor's clock that a difference is made of, 0 if none."""
        for turn_us, most in _TURNS_US:
            num_turns = round(late_us / turn_us)
            is_close = abs(late_us - num_turns * turn_us) <= self.max_jump_us
            if is_close and 0 < abs(num_turns) <= most:
                return num_turns * turn_us
        return 0
