"""What is published, in which order and how fast, into an outlet that writes it down."""

import threading
import time

from eventdepth_core.errors import RecordingError
from eventdepth_ros.playing.playable import Playable, TimedMessage, Track
from eventdepth_ros.playing.playback import BURST_MESSAGES, Playback, PlaybackOptions
import pytest

MS = 1_000_000
WAIT_S = 20.0
START_NS = 9_000_000_000


class Notes(Playable):
    """Messages every `step_ms` on one topic, one latched message before them."""

    def __init__(self, num, step_ms, fault_at=None):
        self.tracks = (Track('/a', 'std_msgs/msg/String'), Track('/static', 'x', 1))
        self.latched = (TimedMessage('/static', 0, b'static'),)
        self.num, self.step_ms, self.fault_at = num, step_ms, fault_at

    def messages(self):
        for i in range(self.num):
            if i == self.fault_at:
                raise RecordingError('Expected a page, got a hole.')
            yield TimedMessage('/a', START_NS + i * self.step_ms * MS, bytes([i % 256]))

    @property
    def dropped(self):
        return {}


class Notebook:
    """An outlet that keeps what it is given, with the time."""

    def __init__(self, topics=('/a', '/static')):
        self.topics = frozenset(topics)
        self.messages, self.clocks, self.times_s = [], [], []
        self.num_waits, self.is_listened_to = 0, True
        self.has_message = threading.Event()

    def publish(self, message):
        self.messages.append(message)
        self.times_s.append(time.monotonic())
        self.has_message.set()

    def publish_clock(self, stamp_ns):
        self.clocks.append((len(self.messages), stamp_ns))

    def is_awaited(self):
        return self.is_listened_to

    def wait_for_all_acked(self, timeout_s):
        self.num_waits += 1
        return True


class Played:
    """One playback and how it ended."""

    def __init__(self, playable, outlet=None, **options):
        self.outlet = outlet or Notebook()
        self.reports, self.errors, self.is_over = [], [], threading.Event()
        options.setdefault('end_delay_s', 0.0)
        self.playback = Playback(
            playable,
            self.outlet,
            PlaybackOptions(**options),
            on_pass=self.reports.append,
            on_end=self._end,
        )
        self.playback.start()

    def _end(self, error):
        self.errors.append(error)
        self.is_over.set()

    def finished(self):
        assert self.is_over.wait(WAIT_S)
        return self

    @property
    def stamps_ms(self):
        return [(m.stamp_ns - START_NS) // MS for m in self.outlet.messages if m.topic == '/a']


def wait_until(condition):
    deadline_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline_s
        threading.Event().wait(0.002)


def test_latched_messages_come_first_and_all_others_in_order():
    played = Played(Notes(50, 1)).finished()

    assert played.outlet.messages[0].raw == b'static'
    assert played.stamps_ms == list(range(50))
    assert played.errors == [None]


@pytest.mark.parametrize('rate', [1.0, 4.0])
def test_a_recording_takes_its_time(rate):
    played = Played(Notes(101, 4), rate=rate).finished()

    took_s = played.outlet.times_s[-1] - played.outlet.times_s[1]
    assert took_s == pytest.approx(0.4 / rate, rel=0.1, abs=0.03)
    assert played.reports[0].achieved_rate == pytest.approx(rate, rel=0.1)


def test_a_stretch_is_cut_out():
    played = Played(Notes(200, 10), rate=20.0, start_s=0.5, duration_s=0.3).finished()

    assert played.stamps_ms == list(range(500, 800, 10))


def test_topics_nobody_takes_are_left_out():
    played = Played(Notes(20, 1), Notebook(topics=['/static'])).finished()

    assert [m.topic for m in played.outlet.messages] == ['/static']
    assert played.errors == [None]


def test_a_looped_recording_begins_anew_with_its_own_stamps():
    played = Played(Notes(10, 1), is_looped=True)

    wait_until(lambda: len(played.reports) >= 3)
    played.playback.stop()

    assert played.stamps_ms[:25] == (3 * list(range(10)))[:25]
    assert sum(m.topic == '/static' for m in played.outlet.messages) >= 3
    assert played.errors == []


def test_looping_over_nothing_ends():
    played = Played(Notes(0, 1), is_looped=True).finished()

    assert played.errors == [None]


def test_a_pause_holds_and_resuming_goes_on_at_the_same_place():
    played = Played(Notes(100, 5))
    wait_until(lambda: len(played.stamps_ms) > 10)

    played.playback.set_paused(is_paused=True)
    time.sleep(0.05)  # a message that was on its way
    num_at_pause = len(played.stamps_ms)
    time.sleep(0.3)
    num_after = len(played.stamps_ms)
    played.playback.set_paused(is_paused=False)

    played.finished()
    assert num_after == num_at_pause < 100
    assert played.stamps_ms == list(range(0, 500, 5))
    assert played.reports[0].achieved_rate == pytest.approx(1.0, rel=0.1)
    assert played.reports[0].num_slips == 0


def test_starting_paused_waits_for_the_word():
    played = Played(Notes(5, 1), is_paused=True)
    wait_until(played.outlet.has_message.is_set)
    time.sleep(0.1)
    before = list(played.stamps_ms)

    played.playback.set_paused(is_paused=False)

    assert before == []
    assert played.finished().stamps_ms == [0, 1, 2, 3, 4]


def test_the_clock_ascends_never_lags_and_goes_on_while_lingering():
    played = Played(Notes(100, 3), clock_period_s=0.01, end_delay_s=0.2).finished()

    clocks = played.outlet.clocks
    stamps = [stamp for _, stamp in clocks]
    assert stamps == sorted(stamps)
    assert stamps[-1] > START_NS + 400 * MS
    for i, message in enumerate(played.outlet.messages[1:], start=1):
        before = max((stamp for num, stamp in clocks if num <= i), default=0)
        assert message.stamp_ns - before <= 60 * MS  # 10 ms, and what a busy machine sleeps longer
    assert len(clocks) >= 20


def test_the_clock_stands_still_in_a_pause():
    played = Played(Notes(1000, 1), clock_period_s=0.01)
    wait_until(lambda: len(played.stamps_ms) > 20)

    played.playback.set_paused(is_paused=True)
    time.sleep(0.05)
    first = len(played.outlet.clocks)
    wait_until(lambda: len(played.outlet.clocks) > first + 5)
    during = {stamp for _, stamp in played.outlet.clocks[first : first + 5]}
    played.playback.stop()

    assert len(during) == 1


def test_catching_up_waits_for_the_readers():
    played = Played(Notes(10 * BURST_MESSAGES, 1), rate=1000.0).finished()

    assert played.outlet.num_waits >= 5
    assert len(played.stamps_ms) == 10 * BURST_MESSAGES


def test_nothing_is_played_before_someone_listens():
    outlet = Notebook()
    outlet.is_listened_to = False
    played = Played(Notes(3, 1), outlet)
    wait_until(outlet.has_message.is_set)
    time.sleep(0.1)
    before = list(played.stamps_ms)

    outlet.is_listened_to = True

    assert before == []
    assert played.finished().stamps_ms == [0, 1, 2]


def test_waiting_in_vain_is_an_error():
    outlet = Notebook()
    outlet.is_listened_to = False

    played = Played(Notes(3, 1), outlet, wait_timeout_s=0.05).finished()

    assert 'Expected a subscriber' in str(played.errors[0])
    assert played.stamps_ms == []


def test_a_fault_in_the_recording_ends_the_playback_with_it():
    played = Played(Notes(10, 1, fault_at=5)).finished()

    assert str(played.errors[0]) == 'Expected a page, got a hole.'
    assert played.stamps_ms == [0, 1, 2, 3, 4]


def test_stopping_ends_the_threads_at_once():
    played = Played(Notes(10, 10_000))
    wait_until(lambda: played.stamps_ms == [0])
    started_s = time.monotonic()

    played.playback.stop()

    assert time.monotonic() - started_s < 1.0
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {'playback', 'read-ahead'}
    assert played.errors == []
