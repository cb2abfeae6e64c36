"""
Plays a `Playable` in a thread of its own: latched messages, then every message when it is due.

Laws: the schedule is absolute (see `pacing`); at the end of a pass a looped playback begins anew,
latched messages included, with the stamps of the recording; what is published back to back
waits for its readers every `BURST_MESSAGES`, so that catching up never overruns a reliable queue;
/clock never lags behind a message by more than half its period.

"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
import threading
import time
from typing import Protocol

from eventdepth_core.errors import EventDepthError
from eventdepth_ros.playing.pacing import Pacer, PaceReport
from eventdepth_ros.playing.playable import Playable, TimedMessage
from eventdepth_ros.playing.read_ahead import ReadAhead

BURST_MESSAGES = 100
ACK_S = 0.1
LAST_ACK_S = 3.5  # Fast DDS asks its readers every 3 s unless a profile says otherwise
LINGER_POLL_S = 0.02
FILL_S = 5.0
WAIT_POLL_S = 0.02
_JOIN_S = 1.0
_S_TO_NS = 1_000_000_000


class Outlet(Protocol):
    """Where messages go."""

    @property
    def topics(self) -> frozenset[str]:
        """The recorded topics that are taken."""

    def publish(self, message: TimedMessage) -> None:
        """Publish one message of such a topic."""

    def publish_clock(self, stamp_ns: int) -> None:
        """Publish the recording's time."""

    def is_awaited(self) -> bool:
        """Return whether everyone who must listen does."""

    def wait_for_all_acked(self, timeout_s: float) -> bool:
        """Wait until every reliable reader has everything."""


@dataclass(frozen=True, slots=True)
class PlaybackOptions:
    """Speed, stretch and end of a playback; `duration_s` 0.0 = to the end."""

    rate: float = 1.0
    is_looped: bool = False
    start_s: float = 0.0
    duration_s: float = 0.0
    wait_timeout_s: float = 60.0
    end_delay_s: float = 0.5
    clock_period_s: float | None = None
    is_paused: bool = False


class Playback:
    """
    The thread that plays; `on_pass` gets the report of each pass, `on_end` an error or None.

    Both are called in this thread; `on_end` once, and not after `stop`.

    """

    def __init__(
        self,
        playable: Playable,
        outlet: Outlet,
        options: PlaybackOptions,
        *,
        on_pass: Callable[[PaceReport], None],
        on_end: Callable[[Exception | None], None],
    ) -> None:
        self._playable = playable
        self._outlet = outlet
        self._options = options
        self._on_pass = on_pass
        self._on_end = on_end
        self._changed = threading.Condition()
        self._is_paused = options.is_paused
        self._is_stopped = False
        self._pacer = Pacer(options.rate)
        self._next_clock_ns = 0
        self._num_in_burst = 0
        self._thread = threading.Thread(target=self._run, name='playback', daemon=True)

    @property
    def is_paused(self) -> bool:
        """Whether playing stands still on request."""
        return self._is_paused

    def start(self) -> None:
        """Begin to play."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; harmless when repeated."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def set_paused(self, *, is_paused: bool) -> None:
        """Stand still, or go on where it stood."""
        with self._changed:
            self._is_paused = is_paused
            self._changed.notify_all()

    def _run(self) -> None:
        error: Exception | None = None
        try:
            self._play()
        except (EventDepthError, OSError, ValueError, RuntimeError) as raised:
            error = raised
        if not self._is_stopped:
            self._on_end(error)

    def _play(self) -> None:
        self._publish_latched()
        reader = ReadAhead(self._selected)
        try:
            self._wait_for_subscriptions()
            reader.fill(FILL_S)
            while self._play_pass(reader) and self._options.is_looped:
                reader.close()
                reader = ReadAhead(self._selected)
                self._publish_latched()
        finally:
            reader.close()
        if not self._is_stopped:
            self._linger()

    def _play_pass(self, reader: ReadAhead) -> bool:
        """Play once to the end; False if it was stopped."""
        pacer = self._pacer = Pacer(self._options.rate)
        self._next_clock_ns = 0
        position_ns: int | None = None
        for message in reader:
            newest_ns = position_ns or message.stamp_ns
            position_ns = max(newest_ns, message.stamp_ns)
            if not self._wait_until(position_ns, pacer):
                return False
            self._outlet.publish(message)
            pacer.played(position_ns)
            self._bound_burst()
        self._on_pass(pacer.report())
        return not self._is_stopped and position_ns is not None

    def _wait_until(self, stamp_ns: int, pacer: Pacer) -> bool:
        """Sleep until a stamp is due; False if stopped."""
        while not self._is_stopped:
            now_ns = time.monotonic_ns()
            if self._is_paused:
                pacer.due_ns(stamp_ns)
                self._stand_still(pacer)
                continue
            due_ns = pacer.due_ns(stamp_ns)
            self._tick_clock(
                now_ns, min(stamp_ns, pacer.stamp_at(now_ns)), is_batch=now_ns >= due_ns
            )
            if now_ns >= due_ns:
                return True
            self._num_in_burst = 0
            wake_ns = due_ns if self._next_clock_ns == 0 else min(due_ns, self._next_clock_ns)
            with self._changed:
                if not self._is_paused and not self._is_stopped:
                    self._changed.wait(max(wake_ns - now_ns, 0) / _S_TO_NS)
        return False

    def _stand_still(self, pacer: Pacer) -> None:
        """Wait for the end of a pause; the clock goes on to tell the same time."""
        began_ns = time.monotonic_ns()
        stamp_ns = pacer.stamp_at(began_ns)
        while self._is_paused and not self._is_stopped:
            self._tick_clock(time.monotonic_ns(), stamp_ns, is_batch=False)
            with self._changed:
                self._changed.wait_for(
                    lambda: not self._is_paused or self._is_stopped, self._options.clock_period_s
                )
        pacer.pause(time.monotonic_ns() - began_ns)

    def _linger(self) -> None:
        """
        Stay for those who still work, and until every reliable reader has everything.

        The clock goes on meanwhile, or the last window of those who live by it never closes.

        """
        began_s = time.monotonic()
        while not self._is_stopped:
            passed_s = time.monotonic() - began_s
            is_acked = passed_s > LAST_ACK_S or self._outlet.wait_for_all_acked(0.0)
            left_s = self._options.end_delay_s - passed_s
            if left_s <= 0 and is_acked:
                return
            now_ns = time.monotonic_ns()
            if self._pacer.is_started:
                self._tick_clock(now_ns, self._pacer.stamp_at(now_ns), is_batch=False)
            period_s = self._options.clock_period_s or LINGER_POLL_S
            self._sleep(min(left_s, period_s) if left_s > 0 else period_s)

    def _tick_clock(self, now_ns: int, stamp_ns: int, *, is_batch: bool) -> None:
        """Publish the time if it is due, or half due before messages."""
        period_s = self._options.clock_period_s
        if period_s is None:
            return
        period_ns = round(period_s * _S_TO_NS)
        early_ns = period_ns // 2 if is_batch else 0
        if now_ns >= self._next_clock_ns - early_ns:
            self._outlet.publish_clock(stamp_ns)
            self._next_clock_ns = now_ns + period_ns

    def _bound_burst(self) -> None:
        self._num_in_burst += 1
        if self._num_in_burst >= BURST_MESSAGES:
            self._outlet.wait_for_all_acked(ACK_S)
            self._num_in_burst = 0

    def _publish_latched(self) -> None:
        for message in self._playable.latched:
            if message.topic in self._outlet.topics:
                self._outlet.publish(message)

    def _wait_for_subscriptions(self) -> None:
        end_s = time.monotonic() + self._options.wait_timeout_s
        while not self._outlet.is_awaited() and not self._is_stopped:
            if time.monotonic() > end_s:
                raise NoSubscriberError(
                    'Expected a subscriber on each topic of wait_for within '
                    f'{self._options.wait_timeout_s:g} s, got none on some.'
                )
            self._sleep(WAIT_POLL_S)

    def _sleep(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped, seconds)

    def _selected(self) -> Iterator[TimedMessage]:
        """Yield the messages of the topics and of the stretch that are played."""
        topics, first_ns = self._outlet.topics, None
        start_ns = round(self._options.start_s * _S_TO_NS)
        duration_ns = round(self._options.duration_s * _S_TO_NS)
        for message in self._playable.messages():
            if message.topic not in topics:
                continue
            first_ns = message.stamp_ns if first_ns is None else first_ns
            offset_ns = message.stamp_ns - first_ns - start_ns
            if offset_ns < 0:
                continue
            if 0 < duration_ns <= offset_ns:
                return
            yield message


class NoSubscriberError(EventDepthError):
    """Nobody listened to a topic within the time given."""

    reason = 'no_subscriber'
