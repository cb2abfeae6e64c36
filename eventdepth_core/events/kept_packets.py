"""
The recent past of a stream, as it came, so that any window of it can be decoded again exactly.

EVT3 words are kept raw with the packet decoder's state in front of them; events of other
encodings are kept as events. Bounded by age and by bytes; what no longer fits, the oldest goes.

"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

MAX_KEPT_BYTES: Final = 128 << 20


@dataclass(frozen=True, slots=True, eq=False)
class KeptWords:
    """EVT3 words with the state before them; their times lie in [first_us, last_us]."""

    words: NDArray[np.uint16]
    state: NDArray[np.int64]
    first_us: int
    last_us: int

    @property
    def num_bytes(self) -> int:
        """Bytes of the words."""
        return self.words.nbytes


@dataclass(frozen=True, slots=True, eq=False)
class KeptEvents:
    """Events, EVENT_DTYPE[n]; their times lie in [first_us, last_us]."""

    events: Events
    first_us: int
    last_us: int

    @property
    def num_bytes(self) -> int:
        """Bytes of the events."""
        return self.events.nbytes


Kept: TypeAlias = KeptWords | KeptEvents


class KeptPackets:
    """Packets of the last `max_age_us`, oldest first, at most `max_bytes` and at least one."""

    def __init__(self, max_age_us: int, *, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self._max_age_us = max_age_us
        self._max_bytes = max_bytes
        self.forget()

    def forget(self) -> None:
        """Become empty; nothing is complete before the next packet."""
        self._packets: deque[Kept] = deque()
        self._num_bytes = 0
        self._complete_from_us: int | None = None

    @property
    def complete_from_us(self) -> int | None:
        """The time from which on every event that came is still here, µs; None if empty."""
        return self._complete_from_us

    def append(self, packet: Kept) -> None:
        """Keep `packet` and let go of what is too old or too much."""
        if self._complete_from_us is None:
            self._complete_from_us = packet.first_us
        self._packets.append(packet)
        self._num_bytes += packet.num_bytes
        oldest_us = packet.last_us - self._max_age_us
        while len(self._packets) > 1 and (
            self._packets[0].last_us < oldest_us or self._num_bytes > self._max_bytes
        ):
            gone = self._packets.popleft()
            self._num_bytes -= gone.num_bytes
            self._complete_from_us = max(self._complete_from_us, gone.last_us + 1)

    def overlapping(self, start_us: int, end_us: int) -> Iterator[Kept]:
        """Yield the packets that may hold events of [start_us, end_us), oldest first."""
        for packet in self._packets:
            if packet.last_us >= start_us and packet.first_us < end_us:
                yield packet
