"""The sensor clock: delay, drift and jumps."""

from eventdepth_core.errors import InputError
from eventdepth_core.events import SensorClock
import numpy as np
import pytest

OFFSET_US = 1_700_000_000_000_000
PACKET_US = 1_000


def observed(clock, *, delays_us, start_us=0, rate=1.0, offset_us=OFFSET_US):
    """Let packets arrive with these delays; return the jumps and the last sensor time."""
    jumps = []
    for i, delay_us in enumerate(delays_us):
        sensor_us = start_us + i * PACKET_US
        jumps.append(clock.observe(sensor_us, offset_us + round(sensor_us * rate) + delay_us))
    return [jump for jump in jumps if jump is not None], sensor_us


def random_delays(num, seed=0):
    return np.random.default_rng(seed).exponential(800, num).astype(int) + 100


def test_the_least_delay_gives_the_offset():
    clock = SensorClock()

    jumps, sensor_us = observed(clock, delays_us=random_delays(5_000))

    assert jumps == []
    assert abs(clock.offset_us - OFFSET_US - 100) < 60
    assert clock.to_host(sensor_us) == sensor_us + clock.offset_us
    assert clock.to_sensor(clock.to_host(123)) == 123


@pytest.mark.parametrize('drift_ppm', [-80, 80])
def test_a_drift_is_followed_in_both_directions(drift_ppm):
    clock = SensorClock()

    jumps, sensor_us = observed(clock, delays_us=random_delays(60_000), rate=1 + drift_ppm * 1e-6)

    expected_us = OFFSET_US + sensor_us * drift_ppm * 1e-6 + 100
    assert jumps == []
    assert abs(clock.offset_us - expected_us) < 400


def test_a_burst_of_late_packets_is_delay_and_no_jump():
    clock = SensorClock()
    delays = random_delays(3_000)
    delays[1_000:1_800] += np.arange(800, 0, -1) * PACKET_US  # a stall of 0.8 s, then a burst

    jumps, _ = observed(clock, delays_us=delays)

    assert jumps == []
    assert abs(clock.offset_us - OFFSET_US - 100) < 100


def test_sensor_time_that_leaps_ahead_is_a_jump_at_once():
    clock = SensorClock()
    observed(clock, delays_us=[100] * 100)

    jump = clock.observe(12_600_000, OFFSET_US + 100_000)

    assert jump.kind == 'clock'
    assert abs(jump.from_us - OFFSET_US - 100) < 10
    assert jump.to_us == clock.offset_us == OFFSET_US - 12_500_000


def test_sensor_time_that_goes_back_is_a_jump_at_once():
    clock = SensorClock()
    observed(clock, delays_us=[100] * 1_000, start_us=4_000_000)

    jump = clock.observe(0, OFFSET_US + 5_000_000)

    assert jump.to_us == clock.offset_us == OFFSET_US + 5_000_000


def test_a_host_clock_set_ahead_is_a_jump_after_a_while():
    clock = SensorClock(patience_us=500_000)
    observed(clock, delays_us=[100] * 100)

    jumps, _ = observed(clock, delays_us=[3_000_000] * 1_000, start_us=100_000)

    assert len(jumps) == 1
    assert abs(clock.offset_us - OFFSET_US - 3_000_000) < 10


def test_a_clock_without_observation_is_not_ready():
    clock = SensorClock()
    assert not clock.is_ready

    for ask in (lambda: clock.offset_us, lambda: clock.to_host(1), lambda: clock.to_sensor(1)):
        with pytest.raises(InputError, match=r'Expected an observation .* got none'):
            ask()

    clock.observe(0, 5)
    assert clock.is_ready
    clock.reset()
    assert not clock.is_ready


def test_jitter_is_the_mean_delay_above_the_envelope():
    clock = SensorClock()
    generator = np.random.default_rng(4)

    for sensor_us in range(0, 4_000_000, 1_000):
        clock.observe(sensor_us, sensor_us + 50_000 + int(generator.integers(0, 401)))

    assert clock.jitter_us == pytest.approx(200.0, abs=60.0)


def test_drift_is_unknown_at_first_and_then_the_slope_of_the_offset():
    clock = SensorClock()
    clock.observe(0, 1_000)
    assert clock.drift_ppm is None

    for sensor_us in range(1_000, 10_000_000, 1_000):
        clock.observe(sensor_us, 1_000 + sensor_us + sensor_us * 40 // 1_000_000)

    assert clock.drift_ppm == pytest.approx(40.0, abs=5.0)
