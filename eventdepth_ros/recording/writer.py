"""
Writes messages into a bag in a thread of its own.

The queue is bounded in bytes; when it is full the oldest message is dropped and counted by its
topic, so that a slow disk costs messages and never memory. Laws: messages = written + dropped;
what was put is in the bag, in order, once `close` has returned True.

"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
import threading
from types import MappingProxyType

from eventdepth_core.errors import EventDepthError
from eventdepth_core.recordings import McapRecorder
from eventdepth_core.recordings.bag_metadata import QosProfile


@dataclass(frozen=True, slots=True, eq=False)
class RecordedMessage:
    """CDR bytes of one topic at `stamp_ns`; `qos` as its publishers offered it."""

    topic: str
    type_name: str
    raw: bytes
    stamp_ns: int
    qos: tuple[QosProfile, ...] = (QosProfile(),)


class BagWriter:
    """The queue and its thread; at most `max_bytes` wait."""

    def __init__(self, recorder: McapRecorder, max_bytes: int) -> None:
        self._recorder = recorder
        self._max_bytes = max_bytes
        self._changed = threading.Condition()
        self._waiting: deque[RecordedMessage] = deque()
        self._num_bytes = 0
        self._is_closing = False
        self._is_complete = False
        self._error: Exception | None = None
        self._num_written: Counter[str] = Counter()
        self._num_dropped: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._run, name='bag-writer', daemon=True)
        self._thread.start()

    @property
    def error(self) -> Exception | None:
        """Why nothing is written any more, None while all is well."""
        return self._error

    @property
    def num_written(self) -> Mapping[str, int]:
        """Messages in the bag by topic."""
        return MappingProxyType(self._num_written)

    @property
    def num_dropped(self) -> Mapping[str, int]:
        """Messages that did not fit into the queue, by topic."""
        return MappingProxyType(self._num_dropped)

    def put(self, message: RecordedMessage) -> None:
        """Queue a message; drop the oldest ones if there is no room."""
        with self._changed:
            if self._error is not None or self._is_closing:
                self._num_dropped[message.topic] += 1
                return
            self._waiting.append(message)
            self._num_bytes += len(message.raw)
            while self._num_bytes > self._max_bytes and len(self._waiting) > 1:
                oldest = self._waiting.popleft()
                self._num_bytes -= len(oldest.raw)
                self._num_dropped[oldest.topic] += 1
            self._changed.notify_all()

    def close(self, timeout_s: float) -> bool:
        """Write what waits and complete the bag; False if that took too long or failed."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        return self._is_complete

    def _run(self) -> None:
        try:
            while (message := self._next()) is not None:
                self._recorder.add_topic(message.topic, message.type_name, message.qos)
                self._recorder.write(
                    message.topic, message.type_name, message.raw, message.stamp_ns
                )
                self._num_written[message.topic] += 1
            self._recorder.close()
            self._is_complete = True
        except (EventDepthError, OSError) as error:
            with self._changed:
                self._error = error
                self._num_dropped.update(message.topic for message in self._waiting)
                self._waiting.clear()

    def _next(self) -> RecordedMessage | None:
        """Return the next message, None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closing)
            if not self._waiting:
                return None
            message = self._waiting.popleft()
            self._num_bytes -= len(message.raw)
            return message
