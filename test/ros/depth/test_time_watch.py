"""Loops and jumps, told apart from jitter, once for each turn."""

from eventdepth_ros.depth.time_watch import LEFTOVER_S, LOOP_US, TimeWatch
from hypothesis import given
from hypothesis import strategies as st

S_US = 1_000_000


def followed(stamps_us, stream='events', steady_s=0.0):
    watch = TimeWatch()
    return watch, [watch.stamp(stream, stamp_us, steady_s) for stamp_us in stamps_us]


def test_stamps_up_to_the_tolerance_behind_are_jitter():
    _, verdicts = followed([10 * S_US, 10 * S_US - LOOP_US, 10 * S_US])

    assert verdicts == ['ok', 'ok', 'ok']


def test_a_stamp_further_back_is_a_loop_and_later_ones_are_not():
    _, verdicts = followed([10 * S_US, 10 * S_US - LOOP_US - 1, 10 * S_US - LOOP_US])

    assert verdicts == ['ok', 'loop', 'ok']


def test_leftovers_of_the_old_round_are_refused_until_their_stream_turns():
    watch, _ = followed([10 * S_US])
    watch.stamp('image', 10 * S_US, 0.0)

    verdicts = [
        watch.stamp('image', 1 * S_US, 0.1),
        watch.stamp('events', 10 * S_US + 1000, 0.1),
        watch.stamp('events', 1 * S_US, 0.1),
        watch.stamp('events', 1 * S_US + 1000, 0.1),
    ]

    assert verdicts == ['loop', 'leftover', 'ok', 'ok']


def test_a_stream_that_does_not_turn_is_used_again_after_a_moment():
    watch, _ = followed([10 * S_US])
    watch.stamp('image', 10 * S_US, 0.0)
    watch.stamp('image', 1 * S_US, 0.1)

    verdict = watch.stamp('events', 11 * S_US, 0.1 + LEFTOVER_S)

    assert verdict == 'ok'


def test_a_jump_of_the_clock_that_a_stream_has_shown_is_no_second_turn():
    watch, _ = followed([10 * S_US])
    watch.stamp('events', 1 * S_US, 0.1)

    assert not watch.clock_jump(1 * S_US + 20_000, 0.15)
    assert watch.clock_jump(60 * S_US, 0.2)


def test_a_stream_that_follows_a_jump_of_the_clock_is_no_second_turn():
    watch, _ = followed([10 * S_US])

    assert watch.clock_jump(1 * S_US, 0.1)
    assert watch.stamp('events', 10 * S_US + 1000, 0.11) == 'leftover'
    assert watch.stamp('events', 1 * S_US, 0.12) == 'ok'


def test_a_forgotten_stream_may_begin_anywhere():
    watch, _ = followed([10 * S_US])

    watch.forget()

    assert watch.stamp('events', 1 * S_US, 0.1) == 'ok'


@given(st.lists(st.integers(0, LOOP_US), min_size=1, max_size=50))
def test_time_that_goes_on_with_any_jitter_never_loops(jitter_us):
    stamps_us = [k * S_US - each for k, each in enumerate(jitter_us, 1)]

    _, verdicts = followed(stamps_us)

    assert set(verdicts) == {'ok'}
