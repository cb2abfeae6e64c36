from eventdepth_core.realtime.host_time import HostTime, MAX_STEP_US
from hypothesis import given
from hypothesis import strategies as st


def test_before_a_stamp_there_is_no_time():
    assert HostTime().now(5) is None


def test_time_goes_on_from_the_newest_stamp_by_the_clock_alone():
    host = HostTime()
    host.follow(1_000_000_000)

    assert host.now(77) == 1_000_000_000
    assert host.now(177) == 1_000_000_100


def test_a_new_stamp_is_the_time_at_the_next_look_at_the_clock():
    host = HostTime()
    host.follow(1_000)
    host.now(0)
    host.follow(1_500)
    host.follow(1_200)

    assert host.now(9_000) == 1_500
    assert host.newest_us == 1_500


def test_a_clock_that_goes_back_starts_anew():
    host = HostTime()
    host.follow(1_000)
    host.now(500)

    assert host.now(20) == 1_000
    assert host.now(30) == 1_010


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1))
def test_time_is_never_before_the_newest_stamp(steps):
    host = HostTime()
    clock_us = 0

    for stamp_us, passed_us in steps:
        clock_us += passed_us
        host.follow(stamp_us)
        assert host.now(clock_us) >= host.newest_us


def test_one_look_at_the_clock_lets_a_moment_pass_at_most():
    host = HostTime()
    host.follow(0)
    host.now(0)

    assert host.now(10_000_000) == MAX_STEP_US
    assert host.now(10_000_010) == MAX_STEP_US + 10


def test_a_reset_forgets_the_stamps():
    host = HostTime()
    host.follow(1_000)

    host.reset()

    assert host.newest_us is None
    assert host.now(5) is None
