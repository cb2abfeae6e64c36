"""
Events of a span of time, held as they came and decoded when somebody asks for them.

Law: what comes to a stream after they were held, a reset included, changes nothing in them.

"""

from dataclasses import dataclass

from eventdepth_core.events.evt3 import Evt3Decoder
from eventdepth_core.events.kept_packets import Kept, KeptEvents, KeptWords
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class HeldEvents:
    """Packets that may hold events of [start_us, end_us) of a sensor of (height, width)."""

    packets: tuple[Kept, ...]
    start_us: int
    end_us: int
    size: tuple[int, int]

    @property
    def num_bytes(self) -> int:
        """Bytes that are held."""
        return sum(packet.num_bytes for packet in self.packets)

    def decoded(self) -> Events:
        """Return the events, EVENT_DTYPE[n], in stream order, unrectified."""
        parts = [np.zeros(0, EVENT_DTYPE)]
        for packet in self.packets:
            events = packet.events if isinstance(packet, KeptEvents) else self._of(packet)
            if packet.first_us < self.start_us or packet.last_us >= self.end_us:
                events = events[(events['t'] >= self.start_us) & (events['t'] < self.end_us)]
            parts.append(events)
        return np.concatenate(parts)

    def ascending(self, limit: int) -> tuple[Events, int]:
        """
        Return the events, t ascending.

        Of more than `limit` the newest are given; the number says how many were left out.

        """
        events = self.decoded()
        times_us = events['t']
        if (times_us[1:] < times_us[:-1]).any():
            events = np.asarray(events[np.argsort(times_us, kind='stable')])
        num_left_out = max(0, len(events) - limit)
        return events[num_left_out:], num_left_out

    def _of(self, packet: KeptWords) -> Events:
        decoder = Evt3Decoder(self.size[1], self.size[0])
        decoder.state = packet.state.copy()
        return decoder.decode(packet.words.view(np.uint8))
