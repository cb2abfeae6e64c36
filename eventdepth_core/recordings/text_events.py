"""
Event text files in pieces: bounded memory, exact times.

A first line of two integers is the sensor size `width height`. Laws: the pieces joined are the
same for any piece size; events are ascending in time inside a piece (a file with small backward
steps is sorted); an event older than the piece before is counted and left out.

"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from eventdepth_core.events.time_kernels import is_ascending
from eventdepth_core.recordings.text_event_kernels import parse_events
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np

READ_BYTES = 1 << 20
EDGE_BYTES = 1 << 14
MIN_LINE_BYTES = 8


def read_text_events(
    path: Path, dropped: Counter[str], *, read_bytes: int = READ_BYTES
) -> Iterator[Events]:
    """
    Yield EVENT_DTYPE[n], t ascending, µs.

    What is no event is counted in `dropped` as `bad_line`, an event that comes too late as
    `late_event`.

    """
    newest_us = np.iinfo(np.int64).min
    with path.open('rb') as file:
        if text_event_size(path) is not None:
            file.readline()
        rest = b''
        while block := file.read(read_bytes):
            rest, events = _parse(rest + block, dropped)
            if len(events) > 0 and events['t'][0] < newest_us:
                is_late = events['t'] < newest_us
                dropped['late_event'] += int(is_late.sum())
                events = events[~is_late]
            if len(events) > 0:
                newest_us = events['t'][-1]
                yield events
        rest, events = _parse(rest + b'\n', dropped)
        if len(events) > 0:
            yield events


def text_event_bounds(path: Path) -> tuple[int, int] | None:
    """Return the times in µs of the first and the last event, None without events."""
    with path.open('rb') as file:
        head = _parse(file.read(EDGE_BYTES), Counter())[1]
        start = max(path.stat().st_size - EDGE_BYTES, 0)
        file.seek(start)
        if start > 0:
            file.readline()  # the rest of a line
        tail = _parse(file.read() + b'\n', Counter())[1]
    if len(tail) == 0:
        return None
    return int(head['t'][0] if len(head) > 0 else tail['t'][0]), int(tail['t'][-1])


def text_event_size(path: Path) -> tuple[int, int] | None:
    """Return (height, width) from a first line `width height`, None without one."""
    with path.open('rb') as file:
        fields = file.readline(100).split()
    if len(fields) == 2 and all(field.isdigit() for field in fields):
        return int(fields[1]), int(fields[0])
    return None


def text_event_extent(path: Path) -> tuple[int, int]:
    """Return the smallest (height, width) that holds every event; reads the whole file."""
    height, width = 0, 0
    for events in read_text_events(path, Counter()):
        height = max(height, int(events['y'].max()) + 1)
        width = max(width, int(events['x'].max()) + 1)
    return height, width


def _parse(text: bytes, dropped: Counter[str]) -> tuple[bytes, Events]:
    """Return the unfinished last line and the events of the whole lines, sorted by time."""
    events = np.empty(len(text) // MIN_LINE_BYTES + 1, EVENT_DTYPE)
    num_events, num_bytes, num_bad = parse_events(np.frombuffer(text, np.uint8), events)
    if num_bad > 0:
        dropped['bad_line'] += num_bad
    events = events[:num_events]
    if not is_ascending(events):
        events = events[np.argsort(events['t'], kind='stable')]
    return text[num_bytes:], events
