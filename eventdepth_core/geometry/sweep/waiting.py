"""
Events that wait for their poses: bounded, and thinned when more come than can vote.

Of a slice of time at most `max_event_rate_hz` times its length stay, evenly chosen in the order of
time. Law: what stays depends on the events and the edges of the slices alone.

"""

from dataclasses import dataclass

from eventdepth_core.geometry.sweep.options import SweepOptions
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

_NOTHING = (np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int16))


@dataclass(frozen=True, slots=True, eq=False)
class TakenEvents:
    """
    `t_us` int64 (n,) ascending, `pixels` int32 (n,) row-major, `signs` int16 (n,) polarities.

    `num_thinned` says how many were left out.

    """

    t_us: NDArray[np.int64]
    pixels: NDArray[np.int32]
    signs: NDArray[np.int16]
    num_thinned: int


@dataclass(frozen=True, slots=True)
class Silence:
    """No events from `start_us`, just after an event, to that at `end_us`."""

    start_us: int
    end_us: int


class WaitingEvents:
    """A queue of events; beyond `max_waiting_events` the oldest packets go. One writer."""

    def __init__(self, sensor_width: int, options: SweepOptions) -> None:
        self._width = sensor_width
        self._options = options
        self.clear()

    def __len__(self) -> int:
        return self._num_events

    def clear(self) -> None:
        """Forget all."""
        self._packets: list[tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int16]]] = []
        self._num_events = 0
        self._silences: list[Silence] = []
        self._newest_us: int | None = None

    @property
    def first_us(self) -> int | None:
        """Time of the oldest event, None without any."""
        return int(self._packets[0][0][0]) if self._packets else None

    def push(self, events: Events) -> int:
        """Append events (t ascending) and return how many had to go."""
        pixels = events['y'].astype(np.int32) * np.int32(self._width) + events['x']
        self._packets.append((events['t'].astype(np.int64), pixels, events['p'].astype(np.int16)))
        self._num_events += len(events)
        self._note_silences(self._packets[-1][0])
        num_gone = 0
        while self._num_events > self._options.max_waiting_events and len(self._packets) > 1:
            gone = len(self._packets.pop(0)[0])
            self._num_events -= gone
            num_gone += gone
        return num_gone

    def silences_before(self, end_us: int) -> list[Silence]:
        """Return, once, the silences longer than `max_memory_us` that end before a time."""
        ended = [each for each in self._silences if each.end_us < end_us]
        self._silences = self._silences[len(ended) :]
        return ended

    def _note_silences(self, t_us: NDArray[np.int64]) -> None:
        steps_us = np.diff(t_us, prepend=t_us[0] if self._newest_us is None else self._newest_us)
        for i in np.flatnonzero(steps_us > self._options.max_memory_us):
            self._silences.append(Silence(int(t_us[i] - steps_us[i]) + 1, int(t_us[i])))
        self._newest_us = int(t_us[-1])

    def take(self, edges_us: NDArray[np.int64]) -> TakenEvents:
        """Take the events before the last edge; those of each slice between edges are thinned."""
        t_us, pixels, signs = self._before(int(edges_us[-1]))
        starts = np.searchsorted(t_us, edges_us)
        starts[0] = 0
        sizes = np.diff(starts)
        rate_hz = self._options.max_event_rate_hz
        if rate_hz is None:
            return TakenEvents(t_us, pixels, signs, 0)
        limits = np.ceil(np.diff(edges_us) * 1e-6 * rate_hz).astype(np.int64)
        if (sizes <= limits).all():
            return TakenEvents(t_us, pixels, signs, 0)
        index = np.arange(len(t_us)) - np.repeat(starts[:-1], sizes)
        limit, size = np.repeat(np.minimum(limits, sizes), sizes), np.repeat(sizes, sizes)
        kept = (index + 1) * limit // size > index * limit // size
        return TakenEvents(t_us[kept], pixels[kept], signs[kept], int(len(t_us) - kept.sum()))

    def _before(
        self, end_us: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int16]]:
        taken = [_NOTHING]
        while self._packets and self._packets[0][0][0] < end_us:
            t_us, pixels, signs = self._packets.pop(0)
            cut = int(np.searchsorted(t_us, end_us))
            taken.append((t_us[:cut], pixels[:cut], signs[:cut]))
            self._num_events -= cut
            if cut < len(t_us):
                self._packets.insert(0, (t_us[cut:], pixels[cut:], signs[cut:]))
                break
        t_us, pixels, signs = (np.concatenate(each) for each in zip(*taken, strict=True))
        return t_us, pixels, signs
