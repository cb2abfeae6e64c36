"""
A bounded record of what ran when in which thread, written as a Chrome trace.

The file opens in chrome://tracing and in Perfetto: complete events (ph X) with microseconds of
the monotonic clock, one track per thread name. Laws: at most `capacity` spans are held, the
oldest go first; adding never waits for a writer; a reader of the path finds the old file or the
whole new one, never half of one.

"""

from collections import deque
import json
import os
from pathlib import Path
from typing import Final, NamedTuple, TYPE_CHECKING

if TYPE_CHECKING:
    from eventdepth_core.realtime import LiveFrame

NS_PER_US: Final = 1_000
EXECUTOR: Final = 'executor'
INFERENCE: Final = 'inference'
WINDOW: Final = 'window'  # no threads: tracks of their own, since spans of one track must nest
MAILBOX: Final = 'mailbox'


class Span(NamedTuple):
    """One stretch of work; times in ns of the monotonic clock."""

    thread: str
    name: str
    start_ns: int
    end_ns: int
    facts: dict[str, object]


class Trace:
    """Spans of the last while; `add` may be called from any thread."""

    def __init__(self, capacity: int = 20_000) -> None:
        self._spans: deque[Span] = deque(maxlen=capacity)  # append is atomic

    def add(self, thread: str, name: str, start_ns: int, end_ns: int, **facts: object) -> None:
        """Record that `name` ran in `thread` from `start_ns` to `end_ns`."""
        self._spans.append(Span(thread, name, start_ns, end_ns, facts))

    def add_frame(self, live_frame: 'LiveFrame', published_ns: int) -> None:
        """Record the way of one frame: capture, wait, infer and publish."""
        stamp_us = live_frame.frame.stamp_us
        times_ns = (
            live_frame.received_ns,
            live_frame.captured_ns,
            live_frame.started_ns,
            live_frame.finished_ns,
            published_ns,
        )
        threads = (WINDOW, MAILBOX, INFERENCE, INFERENCE)
        names = ('capture', 'wait', 'infer', 'publish')
        for i, (thread, name) in enumerate(zip(threads, names, strict=True)):
            self.add(thread, name, times_ns[i], times_ns[i + 1], stamp_us=stamp_us)

    def __len__(self) -> int:
        return len(self._spans)

    def clear(self) -> None:
        """Forget all spans."""
        self._spans.clear()

    def write(self, path: str | Path) -> Path:
        """
        Write the spans held now and return the path.

        Raises
        ------
        OSError
            If the folder cannot be made or the file cannot be written.

        """
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f'.{path.name}.{os.getpid()}')
        try:
            partial.write_text(chrome_trace(tuple(self._spans.copy())), encoding='utf-8')
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return path


def chrome_trace(spans: tuple[Span, ...], process_name: str = 'eventdepth') -> str:
    """Return spans as the JSON text of a Chrome trace, ordered by their start."""
    pid = os.getpid()
    tracks = {name: tid for tid, name in enumerate(dict.fromkeys(s.thread for s in spans), 1)}
    events: list[dict[str, object]] = [
        _metadata('process_name', process_name, pid, 0),
        *(_metadata('thread_name', name, pid, tid) for name, tid in tracks.items()),
        *(
            {
                'ph': 'X',
                'name': span.name,
                'cat': span.thread,
                'ts': span.start_ns / NS_PER_US,
                'dur': max(span.end_ns - span.start_ns, 0) / NS_PER_US,
                'pid': pid,
                'tid': tracks[span.thread],
                'args': span.facts,
            }
            for span in sorted(spans, key=lambda span: span.start_ns)
        ),
    ]
    return json.dumps({'displayTimeUnit': 'ms', 'traceEvents': events})


def _metadata(kind: str, name: str, pid: int, tid: int) -> dict[str, object]:
    return {'ph': 'M', 'name': kind, 'pid': pid, 'tid': tid, 'args': {'name': name}}
