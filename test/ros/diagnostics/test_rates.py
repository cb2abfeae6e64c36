from eventdepth_ros.diagnostics import CounterRate, RateMeter
from eventdepth_ros.diagnostics.rates import NUM_SLOTS
from hypothesis import given
from hypothesis import strategies as st
import pytest


def meter_of(times_s, amount=1.0, window_s=2.0):
    meter = RateMeter(window_s)
    for now_s in times_s:
        meter.add(now_s, amount)
    return meter


def test_a_steady_stream_gives_its_rate():
    meter = meter_of([0.01 * k for k in range(1000)])

    assert meter.per_second(9.99) == pytest.approx(100.0, rel=0.03)


def test_the_first_second_is_divided_by_what_has_passed():
    meter = meter_of([0.1 * k for k in range(6)])

    assert meter.per_second(0.5) == pytest.approx(12.0)


def test_silence_brings_the_rate_to_zero():
    assert meter_of([0.0, 0.1]).per_second(2.2) == 0.0


def test_nothing_added_is_no_rate():
    assert RateMeter().per_second(5.0) == 0.0


def test_a_clock_that_goes_back_starts_anew():
    meter = meter_of([100.0, 100.1, 1.0, 1.5])

    assert meter.per_second(1.5) == pytest.approx(4.0)


@given(st.lists(st.floats(0.0, 0.5), max_size=300))
def test_memory_is_bounded(steps_s):
    meter, now_s = RateMeter(), 0.0
    for step_s in steps_s:
        now_s += step_s
        meter.add(now_s)

    assert len(meter._slots) <= NUM_SLOTS + 1


def test_a_total_gives_its_growth():
    rate = CounterRate(2.0)
    for k in range(10):
        rate.update(50 * k, float(k))

    assert (rate.growth, rate.per_second) == (100, 50.0)


def test_a_total_that_falls_starts_anew():
    rate = CounterRate()
    for total, now_s in ((100, 0.0), (120, 1.0), (3, 2.0), (5, 3.0)):
        rate.update(total, now_s)

    assert rate.growth == 2


def test_one_look_is_no_rate():
    rate = CounterRate()
    rate.update(1000, 0.0)

    assert (rate.growth, rate.per_second) == (0.0, 0.0)
