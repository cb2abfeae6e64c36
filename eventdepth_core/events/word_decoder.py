"""
What all packet decoders share: payload to words, totals, the state between payloads.

Each encoding gives the type of its word, a fresh state and the kernel call.

"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from eventdepth_core.events import tally_kernels as place
from eventdepth_core.events.arguments import payload_octets
from eventdepth_core.events.packet_counts import fresh_tally, packet_counts, PacketCounts
from eventdepth_core.types import Events, TRIGGER_DTYPE
import numpy as np
from numpy.typing import NDArray

NO_TRIGGERS = np.zeros(0, TRIGGER_DTYPE)


class WordDecoder(ABC):
    """
    Base of the packet decoders: `decode` splits the payload into words and counts.

    `state` is the int64 array in which the kernels keep what must survive from payload to
    payload; a copy of it is a snapshot from which decoding can start anew.

    """

    encoding: ClassVar[str]
    # the element type differs by encoding: 16-bit, 32-bit or a record
    word_dtype: ClassVar[np.dtype[Any]]
    # the places of the state that lost packets make unknown
    address_places: ClassVar[tuple[int, ...]] = ()

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.reset()

    @property
    def triggers(self) -> NDArray[np.void]:
        """External triggers of the last payload: TRIGGER_DTYPE[m], µs."""
        return self._triggers

    @property
    def counts(self) -> PacketCounts:
        """The totals since the last `reset`, frozen."""
        return packet_counts(self.tally)

    def reset(self) -> None:
        """Forget everything, as if no payload had come."""
        self.state = self._fresh_state()
        self.tally = fresh_tally()
        self._triggers = NO_TRIGGERS

    def resynchronise(self) -> None:
        """Forget addresses after lost packets and keep the time."""
        self.state[list(self.address_places)] = place.UNKNOWN

    def decode(
        self, payload: bytes | bytearray | memoryview | NDArray[np.uint8], time_base_ns: int = 0
    ) -> Events:
        """Return the events of `payload` in stream order: EVENT_DTYPE[n], µs."""
        words = self.words(payload)
        events, self._triggers = self._decode_words(words, time_base_ns)
        self.tally[place.EVENTS] += events.size
        self.tally[place.TRIGGERS] += self._triggers.size
        return events

    # the element type differs by encoding
    def words(self, payload: bytes | bytearray | memoryview | NDArray[np.uint8]) -> NDArray[Any]:
        """Return the whole words of `payload`, a view if contiguous, and count its bytes."""
        octets = payload_octets(payload)
        surplus = octets.size % self.word_dtype.itemsize
        self.tally[place.PACKETS] += 1
        self.tally[place.BYTES] += octets.size
        self.tally[place.DROPPED_BYTES] += surplus
        words = octets[: octets.size - surplus].view(self.word_dtype)
        # one array type for every kind of payload, so that no kernel compiles in mid stream
        words.flags.writeable = False
        return words

    @abstractmethod
    def _fresh_state(self) -> NDArray[np.int64]:
        """Return the state before the first payload."""

    @abstractmethod
    def _decode_words(
        self, words: NDArray[Any], time_base_ns: int
    ) -> tuple[Events, NDArray[np.void]]:
        """Return events and triggers of `words` and update state and tally."""
