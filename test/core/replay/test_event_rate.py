from eventdepth_core.replay.event_rate import EventRate, first_jump, MAX_INTERVALS
from eventdepth_core.types import EVENT_DTYPE
from hypothesis import given
from hypothesis import strategies as st
import numpy as np


def events_at(times_us):
    events = np.zeros(len(times_us), EVENT_DTYPE)
    events['t'] = times_us
    return events


@given(st.lists(st.integers(0, 900_000), min_size=1, max_size=60), st.data())
def test_the_series_does_not_depend_on_the_cuts(times_us, data):
    times_us = sorted(times_us)
    cut = data.draw(st.integers(0, len(times_us)))
    whole, parts = EventRate(), EventRate()

    whole.add(events_at(times_us))
    for part in (times_us[:cut], times_us[cut:]):
        if part:
            parts.add(events_at(part))

    np.testing.assert_array_equal(whole.series().counts, parts.series().counts)
    assert whole.series().counts.sum() == len(times_us)
    assert whole.played_us == parts.played_us == times_us[-1] - times_us[0]


def test_a_jump_adds_no_played_time():
    rate = EventRate()

    assert not rate.add(events_at([1_000, 21_000]))
    assert rate.add(events_at([900_000_000, 900_030_000]))
    assert rate.add(events_at([5_000, 9_000]))

    assert rate.played_us == 20_000 + 30_000 + 4_000
    assert rate.newest_us == 9_000
    assert rate.series().counts.sum() == 6


def test_a_long_recording_stays_in_bounds_and_loses_no_event():
    rate = EventRate()

    for k in range(100):
        rate.add(events_at([k * 1_500_000, k * 1_500_000 + 1]))

    series = rate.series()
    assert series.counts.size <= MAX_INTERVALS
    assert series.counts.sum() == 200
    assert series.interval_s * series.counts.size >= 148.5


def test_before_the_first_event_the_series_is_empty():
    assert EventRate().series().counts.size == 0
    assert EventRate().played_us == 0


def test_first_jump_finds_silence_and_steps_back_but_not_noise():
    times_us = np.array([100_000, 90_000, 120_000, 5_000_000, 5_000_100])

    assert first_jump(times_us, None) == 3
    assert first_jump(times_us[:3], 110_000) is None
    assert first_jump(times_us[:3], 500_000) == 0
    assert first_jump(times_us[:0], 7) is None


def test_first_jump_measures_a_step_back_from_the_newest_time():
    creeping_us = np.array([200_000, 170_000, 148_000])

    assert first_jump(creeping_us, None) == 2
