"""
Event packets of at least a given length out of blocks and slices of any size.

Drivers send packets of 1 ms or so, a raw file is read in blocks of 64 KiB. Laws: the payloads
joined are the file; a packet is closed once its events span the length, so its first and newest
event are less than that, or one piece of a block, apart; the stamp of a packet is that of its
first event.

"""

from collections.abc import Iterator
from dataclasses import dataclass

from eventdepth_core.events import packet_decoder, packet_encoder
from eventdepth_core.types import EventPacket, Events, EventSlice
import numpy as np

WORD_BYTES = 8  # a whole number of words of every encoding of raw files
MAX_PIECE_BYTES = 1 << 16
_SLICE_ENCODING = 'mono'


@dataclass(frozen=True, slots=True)
class TimedPacket:
    """A packet and the times of its first and newest event in µs."""

    packet: EventPacket
    first_us: int
    newest_us: int


class WordRepacker:
    """Cuts the words of a raw recording anew; `packet_us` is the least length."""

    def __init__(self, packet_us: int) -> None:
        self._packet_us = packet_us
        self._piece_bytes = 512
        self._pieces: list[bytes] = []
        self._first_us: int | None = None
        self._newest_us = 0
        self._seq = 0
        self._block: EventPacket | None = None

    def packets(self, blocks: Iterator[EventPacket]) -> Iterator[TimedPacket]:
        """Yield the packets of all blocks of one stream."""
        decoder = None
        for block in blocks:
            self._block = block
            decoder = decoder or packet_decoder(block.encoding, block.width, block.height)
            start = 0
            while start < len(block.payload):
                piece = block.payload[start : start + self._piece_bytes]
                start += len(piece)
                self._add(piece, decoder.decode(piece, block.time_base_ns))
                if self._first_us is not None and self._span_us >= self._packet_us:
                    yield self._closed()
        if self._pieces:
            yield self._closed()

    @property
    def _span_us(self) -> int:
        return 0 if self._first_us is None else self._newest_us - self._first_us

    def _add(self, piece: bytes, events: Events) -> None:
        self._pieces.append(piece)
        if events.size == 0:
            return
        first_us, newest_us = int(events['t'][0]), int(events['t'][-1])
        self._first_us = first_us if self._first_us is None else self._first_us
        self._newest_us = max(self._newest_us, newest_us)
        self._adapt(newest_us - first_us)

    def _adapt(self, piece_us: int) -> None:
        """Aim at pieces of an eighth to a half of a packet."""
        if 2 * piece_us > self._packet_us:
            self._piece_bytes = max(self._piece_bytes // 2, WORD_BYTES)
        elif 8 * piece_us < self._packet_us:
            self._piece_bytes = min(2 * self._piece_bytes, MAX_PIECE_BYTES)

    def _closed(self) -> TimedPacket:
        block = self._block
        if block is None:
            raise ValueError('Expected a block before a packet is closed, got none.')
        first_us = self._newest_us if self._first_us is None else self._first_us
        packet = EventPacket(
            block.encoding,
            block.width,
            block.height,
            block.time_base_ns,
            b''.join(self._pieces),
            self._seq,
        )
        self._seq += 1
        self._pieces, self._first_us = [], None
        return TimedPacket(packet, first_us, self._newest_us)


class SlicePacker:
    """
    Encodes slices of decoded events; the encoding keeps absolute time.

    Slices wait until they span `packet_us`, or until `flush`.

    """

    def __init__(self, packet_us: int) -> None:
        self._packet_us = packet_us
        self._waiting: list[Events] = []
        self._size = (0, 0)
        self._seq = 0

    def add(self, event_slice: EventSlice) -> Iterator[TimedPacket]:
        """Yield the packets that are full now."""
        self._size = (event_slice.height, event_slice.width)
        if event_slice.events.size == 0:
            return
        if self._waiting and event_slice.events['t'][0] < self._waiting[-1]['t'][-1]:
            yield from self.flush()  # time went back
        self._waiting.append(event_slice.events)
        events = np.concatenate(self._waiting)
        start = 0
        times = events['t']
        while times[-1] - times[start] >= self._packet_us:
            end = int(np.searchsorted(times, times[start] + self._packet_us))
            yield self._packed(events[start:end])
            start = end
        self._waiting = [events[start:]] if start < events.size else []

    def flush(self) -> Iterator[TimedPacket]:
        """Yield what waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            yield self._packed(np.concatenate(waiting))

    def _packed(self, events: Events) -> TimedPacket:
        height, width = self._size
        first_us, newest_us = int(events['t'][0]), int(events['t'][-1])
        time_base_ns = 1000 * first_us
        payload = packet_encoder(_SLICE_ENCODING, width, height).encode(events, time_base_ns)
        packet = EventPacket(_SLICE_ENCODING, width, height, time_base_ns, payload, self._seq)
        self._seq += 1
        return TimedPacket(packet, first_us, newest_us)
