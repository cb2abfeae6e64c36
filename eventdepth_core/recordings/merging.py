"""
Events and everything beside them, merged in time.

Laws: a sample with stamp t comes after every event before t and before every event from t on;
cutting loses no event; at equal stamps the order of the entries is kept.

"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from eventdepth_core.types import Events, EventSlice, Sample
import numpy as np

MAX_SLICE_EVENTS = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A sample that is read when its time comes; `read` gives None where it cannot be."""

    stamp_us: int
    read: Callable[[], Sample | None]


def merged(
    blocks: Iterable[Events],
    entries: Sequence[Entry],
    size: tuple[int, int],
    dropped: Counter[str],
) -> Iterator[Sample]:
    """
    Yield slices of events and samples in time order.

    Parameters
    ----------
    blocks : iterable of EVENT_DTYPE[n]
        Ascending in time, µs, within and over the blocks.
    entries : sequence of Entry
        Ascending in time.
    size : (int, int)
        (height, width) of the sensor; events outside are counted as `out_of_sensor`.
    dropped : Counter
        What is left out, by reason; counted on the way.

    """
    height, width = size
    for piece in _pieces(blocks, entries):
        if isinstance(piece, Entry):
            sample = piece.read()
            if sample is not None:
                yield sample
            continue
        is_inside = (piece['x'] < width) & (piece['y'] < height)
        if is_inside.all():
            yield EventSlice(piece, width, height)
            continue
        dropped['out_of_sensor'] += int((~is_inside).sum())
        yield EventSlice(piece[is_inside], width, height)


def ascending(blocks: Iterable[Events], dropped: Counter[str]) -> Iterator[Events]:
    """
    Yield blocks that ascend in time; a block with small backward steps is sorted.

    An event older than the block before is counted as `late_event` and left out.

    """
    newest_us = np.iinfo(np.int64).min
    for block in blocks:
        events = block
        if (np.diff(events['t']) < 0).any():
            events = events[np.argsort(events['t'], kind='stable')]
        if len(events) > 0 and events['t'][0] < newest_us:
            is_late = events['t'] < newest_us
            dropped['late_event'] += int(is_late.sum())
            events = events[~is_late]
        if len(events) > 0:
            newest_us = events['t'][-1]
            yield events


def _pieces(blocks: Iterable[Events], entries: Sequence[Entry]) -> Iterator[Events | Entry]:
    waiting = iter(entries)
    entry = next(waiting, None)
    for block in blocks:
        rest = block
        while entry is not None and len(rest) > 0 and entry.stamp_us <= rest['t'][-1]:
            cut = int(np.searchsorted(rest['t'], entry.stamp_us))
            yield from _slices(rest[:cut])
            yield entry
            rest, entry = rest[cut:], next(waiting, None)
        yield from _slices(rest)
    while entry is not None:
        yield entry
        entry = next(waiting, None)


def _slices(events: Events) -> Iterator[Events]:
    for start in range(0, len(events), MAX_SLICE_EVENTS):
        yield events[start : start + MAX_SLICE_EVENTS]
