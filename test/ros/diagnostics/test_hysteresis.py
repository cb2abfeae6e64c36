from itertools import pairwise
import math

from eventdepth_core.errors import InputError
from eventdepth_ros.diagnostics import Hysteresis, Level, Thresholds
from hypothesis import given
from hypothesis import strategies as st
import pytest

LIMITS = Thresholds(10.0, 5.0, 100.0, 50.0, raise_s=1.0, clear_s=3.0)


def levels(values, step_s=0.5, limits=LIMITS):
    hysteresis = Hysteresis(limits)
    return [hysteresis.update(value, k * step_s) for k, value in enumerate(values)]


def test_a_value_has_to_stay_before_the_level_rises():
    assert levels([20, 20, 20, 20]) == [Level.OK, Level.OK, Level.WARN, Level.WARN]


def test_a_spike_changes_nothing():
    assert set(levels([0, 200, 0, 200, 0, 200])) == {Level.OK}


def test_a_level_clears_later_and_lower_than_it_was_raised():
    found = levels([20] * 4 + [7] * 10 + [4] * 8)

    assert found[13] == Level.WARN  # between the two thresholds it stays
    assert found[19] == Level.WARN
    assert found[-1] == Level.OK


def test_an_error_becomes_a_warning_first():
    found = levels([200] * 4 + [60] * 4 + [30] * 8)

    assert found[3] == Level.ERROR
    assert found[7] == Level.ERROR
    assert found[-1] == Level.WARN


def test_nan_is_no_trouble():
    assert set(levels([math.nan] * 5)) == {Level.OK}


def test_durations_of_zero_act_at_once():
    at_once = Thresholds(10.0, 5.0, 100.0, 50.0, raise_s=0.0, clear_s=0.0)

    assert levels([20, 200, 0], limits=at_once) == [Level.WARN, Level.ERROR, Level.OK]


def test_a_clock_that_goes_back_keeps_the_level():
    hysteresis = Hysteresis(LIMITS)
    for now_s in (100.0, 101.0, 102.0):
        hysteresis.update(20.0, now_s)

    assert hysteresis.update(20.0, 1.0) == Level.WARN


@given(st.lists(st.floats(0.0, 300.0), max_size=60))
def test_the_level_never_changes_faster_than_its_durations(values):
    found = [Level.OK, *levels(values, step_s=0.4)]

    changes = [k for k in range(1, len(found)) if found[k] != found[k - 1]]
    assert all(later - earlier >= 3 for earlier, later in pairwise(changes))


def test_thresholds_in_the_wrong_order_are_refused():
    with pytest.raises(InputError, match='Expected warn_clear <= warn_raise'):
        Thresholds(10.0, 20.0, 100.0, 50.0)
