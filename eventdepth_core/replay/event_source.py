"""
One event sample as events that can be pushed in parts, cut between any two sensor times.

An estimate at t sees the events before the first one at or after t in stream order, and nothing
behind it. So that this holds however the bytes were split into packets, a packet that reaches
beyond t is cut there. Laws: the parts of a packet, one after the other, are its payload; a part
that ends before event i holds exactly the events before i.

"""

import copy
from typing import Protocol

from eventdepth_core.events import packet_decoder, PacketDecoder
from eventdepth_core.events.packet_decoder import WORD_BYTES
from eventdepth_core.types import EventPacket, Events, EventSlice


class EventSource(Protocol):
    """
    Events of one sample, EVENT_DTYPE[n] in stream order, and parts of it to push.

    `host_us` is the host's time of the first of them, None where nobody has written it down.

    """

    events: Events
    host_us: int | None

    def part(self, first: int, last: int) -> EventPacket | EventSlice:
        """Return what carries the events [first, last); the last part carries the rest."""

    @property
    def is_after_loss(self) -> bool:
        """Whether packets before this one are missing."""


class SliceSource:
    """The parts of decoded events."""

    def __init__(self, event_slice: EventSlice) -> None:
        self._slice = event_slice
        self.events = event_slice.events
        self.host_us = event_slice.arrival_us
        self.is_after_loss = False

    def part(self, first: int, last: int) -> EventSlice:
        """Return the events [first, last)."""
        whole = self._slice
        return EventSlice(
            whole.events[first:last], whole.width, whole.height, whole.arrival_us, whole.stream
        )


class PacketSource:
    """
    The parts of a packet.

    `decoder` decodes the stream's packets in order; it is advanced by this one.

    """

    def __init__(
        self, packet: EventPacket, decoder: PacketDecoder, *, is_after_loss: bool
    ) -> None:
        self._packet = packet
        self.host_us = packet.stamp_us or packet.arrival_us
        self.is_after_loss = is_after_loss
        self._before = copy.deepcopy(decoder)
        self.events = decoder.decode(packet.payload, packet.time_base_ns)

    def part(self, first: int, last: int) -> EventPacket:
        """Return the packet with the part of the payload for the events [first, last)."""
        packet = self._packet
        start = 0 if first == 0 else self._end_of(first)
        end = len(packet.payload) if last == self.events.size else self._end_of(last)
        return EventPacket(
            encoding=packet.encoding,
            width=packet.width,
            height=packet.height,
            time_base_ns=packet.time_base_ns,
            payload=packet.payload[start:end],
            stamp_us=packet.stamp_us,
            arrival_us=packet.arrival_us,
            stream=packet.stream,
        )

    def _end_of(self, num_events: int) -> int:
        """Return the bytes of the shortest prefix that holds the first `num_events` events."""
        word = WORD_BYTES[self._packet.encoding]
        low, high = 0, len(self._packet.payload) // word
        while low < high:
            middle = (low + high) // 2
            if self._num_events_in(middle * word) >= num_events:
                high = middle
            else:
                low = middle + 1
        return low * word

    def _num_events_in(self, num_bytes: int) -> int:
        decoder = copy.deepcopy(self._before)
        prefix = self._packet.payload[:num_bytes]
        return int(decoder.decode(prefix, self._packet.time_base_ns).size)


class PacketReader:
    """Decodes the packets of a stream in order, beside the pipeline."""

    def __init__(self) -> None:
        self._decoders: dict[tuple[str, int, int], PacketDecoder] = {}
        self._last_seq: int | None = None

    @property
    def decoders(self) -> tuple[PacketDecoder, ...]:
        """The packet decoders so far, one per encoding and size."""
        return tuple(self._decoders.values())

    def open(self, packet: EventPacket) -> PacketSource:
        """
        Decode a packet.

        Raises
        ------
        DecodeError
            For an encoding without a packet decoder.

        """
        key = (packet.encoding, packet.width, packet.height)
        if key not in self._decoders:
            self._decoders[key] = packet_decoder(*key)
        decoder = self._decoders[key]
        is_after_loss = self._has_gap(packet)
        if is_after_loss:
            decoder.resynchronise()
        return PacketSource(packet, decoder, is_after_loss=is_after_loss)

    def pass_over(self, packet: EventPacket) -> None:
        """Note a packet that is not decoded; what follows it starts without addresses."""
        self._has_gap(packet)
        for decoder in self._decoders.values():
            decoder.resynchronise()

    def _has_gap(self, packet: EventPacket) -> bool:
        """Note the sequence number and return whether packets before this one are missing."""
        if packet.seq is None:
            return False
        has_gap = self._last_seq is not None and packet.seq != self._last_seq + 1
        self._last_seq = packet.seq
        return has_gap
