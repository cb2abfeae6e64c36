"""The schedule of a player, on a clock of the test's own."""

from eventdepth_core.errors import InputError
from eventdepth_ros.playing.pacing import Pacer
import pytest

MS = 1_000_000
STAMPS = [7_000_000_000 + 5 * MS * i for i in range(200)]


class Clock:
    """A steady clock that stands still until it is moved."""

    def __init__(self):
        self.now_ns = 123_456

    def __call__(self):
        return self.now_ns


@pytest.fixture
def clock():
    return Clock()


@pytest.mark.parametrize('rate', [0.5, 1.0, 3.0])
def test_messages_are_due_in_proportion_to_their_stamps(clock, rate):
    pacer = Pacer(rate, now_ns=clock)

    due = [pacer.due_ns(stamp) for stamp in STAMPS]

    assert due[0] == clock.now_ns
    assert due[-1] - due[0] == pytest.approx((STAMPS[-1] - STAMPS[0]) / rate, abs=1)


def test_slow_publishing_does_not_make_the_schedule_drift(clock):
    pacer = Pacer(1.0, now_ns=clock)
    start_ns = clock.now_ns

    for stamp in STAMPS:
        clock.now_ns = max(clock.now_ns, pacer.due_ns(stamp)) + 2 * MS
        pacer.played(stamp)

    assert clock.now_ns == start_ns + STAMPS[-1] - STAMPS[0] + 2 * MS
    assert pacer.report().achieved_rate == pytest.approx(1.0, abs=0.01)
    assert pacer.report().num_late == 0


def test_a_pause_moves_what_is_due_and_costs_no_rate(clock):
    pacer = Pacer(2.0, now_ns=clock)
    before = pacer.due_ns(STAMPS[0]), pacer.due_ns(STAMPS[-1])
    pacer.played(STAMPS[0])

    clock.now_ns += 40 * MS
    pacer.pause(40 * MS)

    assert pacer.due_ns(STAMPS[-1]) == before[1] + 40 * MS
    clock.now_ns = pacer.due_ns(STAMPS[-1])
    pacer.played(STAMPS[-1])
    assert pacer.report().achieved_rate == pytest.approx(2.0)


def test_lateness_is_counted(clock):
    pacer = Pacer(1.0, now_ns=clock)
    pacer.due_ns(STAMPS[0])

    for late_ms in (5, 11, 300):
        clock.now_ns = pacer.due_ns(STAMPS[3]) + late_ms * MS
        pacer.played(STAMPS[3])

    report = pacer.report()
    assert (report.num_messages, report.num_late, report.num_slips) == (3, 2, 0)
    assert report.max_late_ms == 300.0


def test_being_far_behind_slips_the_schedule_instead_of_bursting(clock):
    pacer = Pacer(1.0, now_ns=clock, max_late_ns=100 * MS)
    pacer.due_ns(STAMPS[0])

    clock.now_ns += 1000 * MS
    pacer.played(STAMPS[0])

    assert pacer.due_ns(STAMPS[1]) == clock.now_ns + 5 * MS
    assert pacer.report().num_slips == 1


def test_the_time_of_the_recording_follows_the_schedule(clock):
    pacer = Pacer(4.0, now_ns=clock)
    pacer.due_ns(STAMPS[0])

    assert pacer.stamp_at(clock.now_ns + 10 * MS) == STAMPS[0] + 40 * MS


def test_nothing_played_is_a_report_of_zeros(clock):
    report = Pacer(1.0, now_ns=clock).report()

    assert (report.num_messages, report.achieved_rate, report.max_late_ms) == (0, 0.0, 0.0)


@pytest.mark.parametrize('rate', [0.0, -1.0])
def test_a_rate_that_never_ends_is_refused(rate):
    with pytest.raises(InputError, match='Expected a rate > 0'):
        Pacer(rate)
