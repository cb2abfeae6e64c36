"""
Read a stream of messages ahead in a thread, so that unpacking does not disturb the pace.

The buffer is bounded in messages and bytes; a full one makes the reader wait, nothing is dropped.
Laws: the order is that of the source; what the source raises is raised where it is read; `close`
ends the thread.

"""

from collections import deque
from collections.abc import Callable, Iterator
import threading

from eventdepth_core.errors import EventDepthError
from eventdepth_ros.playing.playable import TimedMessage

MAX_MESSAGES = 4000
MAX_BYTES = 64 << 20
_JOIN_S = 1.0


class ReadAhead:
    """Iterates over `source()`, which runs in a thread of its own."""

    def __init__(
        self,
        source: Callable[[], Iterator[TimedMessage]],
        *,
        max_messages: int = MAX_MESSAGES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._source = source
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._changed = threading.Condition()
        self._messages: deque[TimedMessage] = deque()
        self._num_bytes = 0
        self._is_closed = False
        self._is_done = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._read, name='read-ahead', daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[TimedMessage]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._messages or self._is_done or self._is_closed)
                if self._is_closed or not self._messages:
                    break
                message = self._messages.popleft()
                self._num_bytes -= len(message.raw)
                self._changed.notify_all()
            yield message
        if self._error is not None:
            raise self._error

    def fill(self, timeout_s: float) -> None:
        """Wait until the buffer is half full or the source has ended."""
        with self._changed:
            self._changed.wait_for(self._is_filled, timeout_s)

    def close(self) -> None:
        """End the thread; harmless when repeated."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join(_JOIN_S)

    def _is_filled(self) -> bool:
        num_messages, num_bytes = len(self._messages), self._num_bytes
        is_half = 2 * num_messages >= self._max_messages or 2 * num_bytes >= self._max_bytes
        return is_half or self._is_done or self._is_closed

    def _has_room(self) -> bool:
        is_full = len(self._messages) >= self._max_messages or self._num_bytes >= self._max_bytes
        return self._is_closed or not is_full

    def _read(self) -> None:
        try:
            for message in self._source():
                with self._changed:
                    self._changed.wait_for(self._has_room)
                    if self._is_closed:
                        return
                    self._messages.append(message)
                    self._num_bytes += len(message.raw)
                    self._changed.notify_all()
        except (EventDepthError, OSError, ValueError) as error:
            self._error = error
        finally:
            with self._changed:
                self._is_done = True
                self._changed.notify_all()
