"""The sensor clock: delay, drift and jumps, over seconds and over simulated hours."""

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


def simulated(*, hours, rate_hz, drift_ppm=0.0, mean_delay_us=0.0, silences_s=(), stalls_s=()):
    """
    Return sensor times, arrivals and true offsets; `drift_ppm` may be a function of seconds.

    Delays are exponential; in a stall of (start, end) everything waits for its end.

    """
    sensor_us = np.arange(int(hours * 3600 * rate_hz)) * (1e6 / rate_hz)
    for start_s, end_s in silences_s:
        sensor_us = sensor_us[(sensor_us < start_s * 1e6) | (sensor_us >= end_s * 1e6)]
    ppm = (
        drift_ppm(sensor_us * 1e-6) if callable(drift_ppm) else np.full(sensor_us.size, drift_ppm)
    )
    drifted_us = np.concatenate([[0], np.cumsum(ppm[1:] * np.diff(sensor_us) * 1e-6)])
    generator = np.random.default_rng(11)
    arrival_us = sensor_us + drifted_us + generator.exponential(mean_delay_us, sensor_us.size)
    for start_s, end_s in stalls_s:
        is_stalled = (sensor_us >= start_s * 1e6) & (sensor_us < end_s * 1e6)
        arrival_us[is_stalled] = np.maximum(arrival_us[is_stalled], end_s * 1e6)
    arrival_us = np.maximum.accumulate(arrival_us)
    to_int = np.int64
    return (
        sensor_us.astype(to_int),
        (OFFSET_US + arrival_us).astype(to_int),
        (OFFSET_US + drifted_us).astype(to_int),
    )


def offset_errors(clock, times):
    """Let the packets arrive; return the error of the offset after each and the jumps."""
    jumps, errors_us = [], []
    for sensor_us, arrival_us, offset_us in zip(
        *(column.tolist() for column in times), strict=True
    ):
        jump = clock.observe(sensor_us, arrival_us)
        jumps += [] if jump is None else [jump]
        errors_us.append(clock.offset_us - offset_us)
    return np.array(errors_us), jumps


@pytest.mark.parametrize('drift_ppm', [-100, -10, 0, 100])
def test_an_hour_of_random_delays_stays_within_50_us(drift_ppm):
    clock = SensorClock()
    times = simulated(hours=1, rate_hz=50, drift_ppm=drift_ppm, mean_delay_us=1_000)

    errors_us, jumps = offset_errors(clock, times)

    settled = errors_us[60 * 50 :]
    assert jumps == []
    assert -10 <= settled.min() <= settled.max() <= 150
    assert np.percentile(np.abs(settled), 99) < 50
    assert clock.drift_ppm == pytest.approx(drift_ppm, abs=2.0)
    assert 600 < clock.jitter_us < 1_500


def test_a_drift_that_changes_with_temperature_is_followed():
    def drift_ppm(seconds):
        return 40 + 20 * np.sin(2 * np.pi * seconds / 1_800)

    clock = SensorClock()
    times = simulated(hours=1, rate_hz=50, drift_ppm=drift_ppm, mean_delay_us=1_000)

    errors_us, jumps = offset_errors(clock, times)

    settled = errors_us[60 * 50 :]
    assert jumps == []
    assert np.abs(settled).max() < 150
    assert clock.drift_ppm == pytest.approx(40, abs=6)


def test_a_crystal_that_steps_by_50_ppm_is_caught_up_with():
    clock = SensorClock()
    times = simulated(
        hours=0.3,
        rate_hz=50,
        drift_ppm=lambda seconds: np.where(seconds < 400, 0, 50),
        mean_delay_us=1_000,
    )

    errors_us, jumps = offset_errors(clock, times)

    assert jumps == []
    assert np.abs(errors_us[60 * 50 :]).max() < 1_500
    assert np.abs(errors_us[600 * 50 :]).max() < 150


@pytest.mark.parametrize('drift_ppm', [-100, 100])
def test_silences_and_stalls_are_no_jumps(drift_ppm):
    clock = SensorClock()
    times = simulated(
        hours=1,
        rate_hz=50,
        drift_ppm=drift_ppm,
        mean_delay_us=500,
        silences_s=[(300, 340), (600, 2_400)],
        stalls_s=[(200, 200.8), (450, 450.9), (2_500, 2_500.15)],
    )

    errors_us, jumps = offset_errors(clock, times)

    assert jumps == []
    assert np.percentile(np.abs(errors_us[60 * 50 :]), 99) < 100
    assert np.abs(errors_us[-1_000 * 50 :]).max() < 150


def test_exact_stamps_give_an_offset_that_never_moves():
    clock = SensorClock()
    times = simulated(hours=0.5, rate_hz=100)

    errors_us, jumps = offset_errors(clock, times)

    assert jumps == []
    assert not errors_us.any()
    assert clock.drift_ppm == 0


def test_stamps_that_are_rounded_to_either_side_do_not_make_the_offset_wander():
    clock = SensorClock()
    offsets = []
    for i in range(30_000):
        clock.observe(i * 1_000, OFFSET_US + i * 1_000 + i * 7 % 3 % 2)
        offsets.append(clock.offset_us)

    assert set(offsets) == {OFFSET_US}


def test_mapping_is_an_exact_round_trip_while_the_offset_moves():
    clock = SensorClock()
    for sensor_us, arrival_us, _ in zip(
        *simulated(hours=0.05, rate_hz=100, drift_ppm=90, mean_delay_us=700), strict=True
    ):
        clock.observe(int(sensor_us), int(arrival_us))
        for time_us in (0, -7, int(sensor_us), 1 << 40):
            assert clock.to_sensor(clock.to_host(time_us)) == time_us


def jump_after_an_hour(*, sensor_us, passed_us):
    """Return what a packet with this time, so much later, is taken for after an hour."""
    clock = SensorClock()
    last_us = 3_600_000_000
    for time_us in range(last_us - 10_000_000, last_us + 1, 10_000):
        clock.observe(time_us, OFFSET_US + time_us)
    return clock.observe(last_us + sensor_us, OFFSET_US + last_us + passed_us)


@pytest.mark.parametrize(
    ('kind', 'sensor_us', 'passed_us'),
    [
        ('wrap', 10_000 - (1 << 24), 10_000),  # a wrap that was not unwrapped
        ('wrap', 3_000_000, 3_000_000 + (1 << 24)),  # a turn lost in a silence
        ('wrap', 20_000 + 2 * (1 << 24), 20_000),  # turns that were not there
        ('wrap', 10_000 - (1 << 31), 10_000),
        ('reset', -3_599_000_000, 40_000),  # the sensor was switched off and on
        ('reset', -500_000, 40_000),
        ('loop', -9_000_000, -9_000_000),  # a recording begins again
        ('clock', 5_000_000, 10_000),
        ('clock', 10_000, -5_000_000),  # the host's clock was set back
        (None, 200_000_000, 200_010_000),
        (None, 10_000, 700_000),  # late
    ],
)
def test_a_jump_is_named_by_what_happened(kind, sensor_us, passed_us):
    jump = jump_after_an_hour(sensor_us=sensor_us, passed_us=passed_us)

    if kind is None:
        assert jump is None
    else:
        assert jump.kind == kind
        assert jump.to_us - jump.from_us == pytest.approx(passed_us - sensor_us, abs=2_000)
