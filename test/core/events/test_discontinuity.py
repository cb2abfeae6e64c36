"""Sequence numbers: gaps, restarts, wraps."""

from eventdepth_core.events.discontinuity import Discontinuity, SequenceWatch
import pytest


def follow(*numbers):
    """Return what each number breaks, at times of 10 µs each."""
    watch = SequenceWatch()
    return [
        watch.follow(number, from_us=10 * i, to_us=10 * i + 10) for i, number in enumerate(numbers)
    ]


def test_numbers_one_after_the_other_break_nothing_even_over_the_wrap():
    assert follow(1, 2, 3) == [None] * 3
    assert follow((1 << 64) - 1, 0, 1) == [None] * 3


def test_a_gap_says_how_many_packets_are_lost_and_between_which_times():
    assert follow(5, 9)[1] == Discontinuity('gap', 10, 20, num_lost=3)
    assert follow((1 << 64) - 1, 2)[1] == Discontinuity('gap', 10, 20, num_lost=2)


@pytest.mark.parametrize('numbers', [(5, 5), (5, 4), (900, 0)])
def test_a_number_that_goes_back_or_comes_twice_is_a_restart(numbers):
    assert follow(*numbers)[1] == Discontinuity('restart', 10, 20)


def test_packets_without_numbers_break_nothing():
    assert follow(None, 5, None, 9) == [None] * 4


def test_after_a_reset_any_number_is_the_first():
    watch = SequenceWatch()
    watch.follow(5, from_us=0, to_us=1)

    watch.reset()

    assert watch.follow(99, from_us=1, to_us=2) is None
