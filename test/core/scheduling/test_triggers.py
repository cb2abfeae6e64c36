from eventdepth_core.scheduling.triggers import RateTriggers, StampTriggers
from eventdepth_core.types import ImageSample, PoseSample
from hypothesis import given
from hypothesis import strategies as st
import numpy as np


def taken(triggers, until_us):
    stamps = []
    while (stamp_us := triggers.peek()) is not None and stamp_us <= until_us:
        triggers.pop()
        stamps.append(stamp_us)
    return stamps


def image(stamp_us):
    return ImageSample(np.zeros((2, 3), np.uint8), stamp_us)


def test_twenty_hertz_are_the_multiples_of_fifty_ms():
    triggers = RateTriggers(20.0)

    triggers.start(1_003_000)

    assert taken(triggers, 1_200_000) == [1_050_000, 1_100_000, 1_150_000, 1_200_000]


def test_the_grid_begins_strictly_after_the_start():
    triggers = RateTriggers(20.0)

    triggers.start(50_000)

    assert triggers.peek() == 100_000


def test_a_grid_that_was_not_started_gives_nothing():
    assert RateTriggers(20.0).peek() is None


@given(st.floats(0.1, 1000.0), st.integers(0, 2_000_000_000_000_000))
def test_the_grid_keeps_its_rate_at_any_time_and_never_repeats(rate_hz, start_us):
    triggers = RateTriggers(rate_hz)
    triggers.start(start_us)

    stamps = []
    for _ in range(50):
        stamps.append(triggers.peek())
        triggers.pop()

    steps = np.diff(stamps)
    period_us = 1e9 / round(1000 * rate_hz)
    assert stamps[0] > start_us
    assert stamps[0] - start_us <= period_us + 1
    assert (steps > 0).all()
    assert np.abs(steps - period_us).max() <= 1


def test_a_jump_emits_nothing_for_the_time_between():
    triggers = RateTriggers(20.0)
    triggers.start(0)
    taken(triggers, 100_000)

    triggers.jump(100_000, 9_000_000)

    assert triggers.peek() == 9_050_000


def test_stamps_come_in_order_once_and_of_one_kind():
    triggers = StampTriggers(ImageSample)

    for stamp_us in (30, 10, 20, 20):
        triggers.add(image(stamp_us))
    triggers.add(PoseSample(np.eye(4), 15))

    assert taken(triggers, 100) == [10, 20, 30]


def test_a_late_stamp_is_left_out():
    triggers = StampTriggers(ImageSample)
    triggers.add(image(30))
    taken(triggers, 30)

    triggers.add(image(25))

    assert triggers.peek() is None


def test_after_a_jump_back_early_stamps_count_again_and_far_ones_are_dropped():
    triggers = StampTriggers(ImageSample)
    triggers.add(image(60_000_000))
    taken(triggers, 60_000_000)
    triggers.add(image(60_100_000))
    triggers.jump(60_000_000, 5_000)

    triggers.add(image(7_000))

    assert taken(triggers, 2**60) == [7_000]


def test_stamps_before_the_start_and_over_a_silence_still_count():
    triggers = StampTriggers(ImageSample)
    for stamp_us in (10, 9_000_000):
        triggers.add(image(stamp_us))

    triggers.start(1_000)
    triggers.jump(1_000, 5_000_000)

    assert taken(triggers, 2**60) == [10, 9_000_000]
