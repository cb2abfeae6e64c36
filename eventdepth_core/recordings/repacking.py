"""
Event packets of at least a given length out of blocks and slices of any size.

Drivers send packets of 1 ms or so, a raw file is read in blocks of 64 KiB. Laws: the payloads
joined are the file; a packet is closed once its events span the length, so its first and newest
event are less than that, or one piece of a block, apart; the stamp of a packet is that of its
first event; encodings of relative time carry the turns before it (`events.turns`).

"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eventdepth_core.events import packet_decoder, packet_encoder, PacketDecoder, PacketEncoder
from eventdepth_core.events.turns import TURN_US, turns_ns
from eventdepth_core.types import EVENT_DTYPE, EventPacket, Events, EventSlice
import numpy as np

WORD_BYTES = 8  # a whole number of words of every encoding of raw files
FIRST_PIECE_BYTES = 512
MAX_PIECE_BYTES = 1 << 16
_RECORD = np.dtype(f'V{EVENT_DTYPE.itemsize}')


@dataclass(frozen=True, slots=True)
class TimedPacket:
    """A packet, the times of its first and newest event in µs, and how many there are."""

    packet: EventPacket
    first_us: int
    newest_us: int
    num_events: int = 0


class WordRepacker:
    """
    Cuts the words of a raw recording anew; `packet_us` is the least length.

    After a `flush` what follows depends on the blocks to come and on the decoder's state alone,
    so a stream can be taken up there: `skip` the blocks before, and go on from `first_seq`.

    """

    def __init__(self, packet_us: int, first_seq: int = 0) -> None:
        self._packet_us = packet_us
        self._piece_bytes = FIRST_PIECE_BYTES
        self._pieces: list[bytes] = []
        self._first_us: int | None = None
        self._newest_us = 0
        self._num_events = 0
        self._seq = first_seq
        self._block: EventPacket | None = None
        self._decoder: PacketDecoder | None = None

    def packets(self, blocks: Iterable[EventPacket]) -> Iterator[TimedPacket]:
        """Yield the packets of all blocks of one stream."""
        for block in blocks:
            yield from self.add(block)
        yield from self.flush()

    def add(self, block: EventPacket) -> Iterator[TimedPacket]:
        """Yield the packets that are full with this block."""
        decoder = self._opened(block)
        start = 0
        while start < len(block.payload):
            piece = block.payload[start : start + self._piece_bytes]
            start += len(piece)
            self._add(piece, decoder.decode(piece, block.time_base_ns))
            if self._first_us is not None and self._span_us >= self._packet_us:
                yield self._closed(block)

    def flush(self) -> Iterator[TimedPacket]:
        """Yield what waits for its length."""
        if self._pieces and self._block is not None:
            yield self._closed(self._block)
        self._piece_bytes = FIRST_PIECE_BYTES

    def skip(self, block: EventPacket) -> None:
        """Take in the time of a block that is not wanted."""
        events = self._opened(block).decode(block.payload, block.time_base_ns)
        if events.size > 0:
            self._newest_us = max(self._newest_us, int(events['t'][-1]))

    @property
    def _span_us(self) -> int:
        return 0 if self._first_us is None else self._newest_us - self._first_us

    def _opened(self, block: EventPacket) -> PacketDecoder:
        self._block = block
        if self._decoder is None:
            self._decoder = packet_decoder(block.encoding, block.width, block.height)
        return self._decoder

    def _add(self, piece: bytes, events: Events) -> None:
        self._pieces.append(piece)
        if events.size == 0:
            return
        self._num_events += events.size
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

    def _closed(self, block: EventPacket) -> TimedPacket:
        first_us = self._newest_us if self._first_us is None else self._first_us
        packet = EventPacket(
            block.encoding,
            block.width,
            block.height,
            _time_base_ns(block.encoding, first_us),
            b''.join(self._pieces),
            self._seq,
        )
        timed = TimedPacket(packet, first_us, self._newest_us, self._num_events)
        self._seq += 1
        self._pieces, self._first_us, self._num_events = [], None, 0
        return timed


class SlicePacker:
    """
    Encodes slices of decoded events; mono, the default, is the one that takes any order.

    Slices wait until they span `packet_us`, or until `flush`; after one the stream can be taken
    up: `skip` the slices before, and go on from `first_seq`.

    """

    def __init__(self, packet_us: int, encoding: str = 'mono', first_seq: int = 0) -> None:
        self._packet_us = packet_us
        self._encoding = encoding
        self._waiting: list[Events] = []
        self._size = (0, 0)
        self._seq = first_seq
        self._encoder: PacketEncoder | None = None

    def add(self, event_slice: EventSlice) -> Iterator[TimedPacket]:
        """Yield the packets that are full now."""
        if event_slice.events.size == 0:
            return
        self._open(event_slice)
        if self._waiting and event_slice.events['t'][0] < self._waiting[-1]['t'][-1]:
            yield from self.flush()  # time went back
        self._waiting.append(event_slice.events)
        newest_us = int(event_slice.events['t'][-1])
        if newest_us - int(self._waiting[0]['t'][0]) < self._packet_us:
            return
        events = self._waited()
        times_us = np.ascontiguousarray(events['t'])  # searched without a copy each time
        start = 0
        while newest_us - times_us[start] >= self._packet_us:
            end = int(np.searchsorted(times_us, times_us[start] + self._packet_us))
            yield self._packed(events[start:end])
            start = end
        self._waiting = [events[start:]] if start < events.size else []

    def flush(self) -> Iterator[TimedPacket]:
        """Yield what waits."""
        if self._waiting:
            events = self._waited()
            self._waiting = []
            yield self._packed(events)

    def skip(self, event_slice: EventSlice) -> None:
        """Take in the time of a slice that is not wanted."""
        if event_slice.events.size > 0:
            self._open(event_slice).encode(event_slice.events[-1:], self._base_ns(event_slice))

    def _waited(self) -> Events:
        if len(self._waiting) == 1:
            return self._waiting[0]
        # as bytes: field by field, as numpy copies records, takes several times as long
        records = [part.view(_RECORD) for part in self._waiting]
        return np.concatenate(records).view(EVENT_DTYPE)

    def _open(self, event_slice: EventSlice) -> PacketEncoder:
        self._size = (event_slice.height, event_slice.width)
        if self._encoder is None:
            height, width = self._size
            self._encoder = packet_encoder(self._encoding, width, height)
        return self._encoder

    def _base_ns(self, event_slice: EventSlice) -> int:
        return _time_base_ns(self._encoding, int(event_slice.events['t'][-1]))

    def _packed(self, events: Events) -> TimedPacket:
        height, width = self._size
        encoder = self._encoder or packet_encoder(self._encoding, width, height)
        first_us, newest_us = int(events['t'][0]), int(events['t'][-1])
        time_base_ns = _time_base_ns(self._encoding, first_us)
        payload = encoder.encode(events, time_base_ns)
        packet = EventPacket(self._encoding, width, height, time_base_ns, payload, self._seq)
        self._seq += 1
        return TimedPacket(packet, first_us, newest_us, events.size)


def _time_base_ns(encoding: str, first_us: int) -> int:
    """Return the time base of a packet whose first event is at `first_us`."""
    return turns_ns(encoding, first_us) if encoding in TURN_US else 1000 * first_us
