"""
Any recording as decoded samples: event packets become slices of absolute sensor time, in order.

Encodings of relative time get the whole turns that their first packet tells (`events.turns`), if
it tells any. Law: t, x, y and p of every event are those of the packet decoder, but for one
constant.

"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from eventdepth_core.conversion.event_order import EventOrder, WINDOW_US
from eventdepth_core.conversion.options import ConversionOptions
from eventdepth_core.errors import RecordingError
from eventdepth_core.events import packet_decoder, PacketDecoder, RELATIVE_ENCODINGS
from eventdepth_core.events.turns import turns_before_us
from eventdepth_core.recordings.recording import Recording
from eventdepth_core.types import EventPacket, EventSlice, Sample
import numpy as np

NUM_PROBED_PACKETS = 2000
_STEPPING_KINDS = ('rosbag2', 'raw', 'aedat4')  # drivers whose times may step back a little


class EventDecoding:
    """Decodes the packets of one stream; its state lives from packet to packet."""

    def __init__(self) -> None:
        self._decoder: PacketDecoder | None = None
        self._offset_us = 0

    @property
    def dropped(self) -> Counter[str]:
        """What was in the packets and is no event, as counts by reason."""
        if self._decoder is None:
            return Counter()
        counts = self._decoder.counts
        found = {
            'trigger': counts.num_triggers,
            'out_of_sensor': counts.num_out_of_sensor,
            'before_time': counts.num_before_time,
            'before_address': counts.num_before_address,
        }
        return Counter({reason: number for reason, number in found.items() if number > 0})

    def decode(self, packet: EventPacket) -> EventSlice:
        """
        Return the events of the next packet.

        Raises
        ------
        RecordingError
            If the stream changes its encoding or size.

        """
        decoder = self._opened(packet)
        events = decoder.decode(packet.payload, packet.time_base_ns)
        if self._offset_us:
            events['t'] += self._offset_us
        return EventSlice(events, packet.width, packet.height, packet.arrival_us)

    def _opened(self, packet: EventPacket) -> PacketDecoder:
        now = (packet.encoding, packet.width, packet.height)
        if self._decoder is None:
            self._decoder = packet_decoder(*now)
            self._offset_us = turns_before_us(packet.encoding, packet.time_base_ns)
        before = (self._decoder.encoding, self._decoder.width, self._decoder.height)
        if now != before:
            raise RecordingError(f'Expected one event stream of {before}, got packets of {now}.')
        return self._decoder


class DecodedStream:
    """The samples of a recording, all events as slices in ascending time, moved by the shift."""

    def __init__(self, recording: Recording, options: ConversionOptions) -> None:
        self._recording = recording
        self._decoding = EventDecoding()
        self._shift_us = options.shift_us
        window_us = WINDOW_US if recording.kind in _STEPPING_KINDS else 0
        self._order = EventOrder(window_us, allows_loss=options.allows_loss)

    @property
    def dropped(self) -> Counter[str]:
        """What was not converted so far, as counts by reason."""
        return Counter(self._recording.dropped) + self._decoding.dropped + self._order.dropped

    def add(self, sample: Sample) -> Iterator[Sample]:
        """Yield what is in order once `sample` is there."""
        if isinstance(sample, EventPacket):
            sample = self._decoding.decode(sample)
        if isinstance(sample, EventSlice) and self._shift_us:
            events = sample.events.copy()
            events['t'] += self._shift_us
            sample = replace(sample, events=events)
        yield from self._order.add(sample)

    def flush(self) -> Iterator[Sample]:
        """Yield what waits for its order."""
        yield from self._order.flush()


def clock_offset_us(recording: Recording) -> int:
    """
    Return host time minus sensor time of a bag whose packets tell no absolute time.

    It is the least arrival - newest event over the first packets, because a packet can be late
    but never early; 0 for recordings of one clock.

    """
    events = recording.streams.get('events')
    if recording.kind != 'rosbag2' or events is None or events.encoding not in RELATIVE_ENCODINGS:
        return 0
    decoding = EventDecoding()
    packets = (each for each in recording.samples() if isinstance(each, EventPacket))
    least_us: int | None = None
    for packet in islice(packets, NUM_PROBED_PACKETS):
        times_us = decoding.decode(packet).events['t']
        if times_us.size > 0 and packet.arrival_us is not None:
            late_us = packet.arrival_us - int(np.max(times_us))
            least_us = late_us if least_us is None else min(least_us, late_us)
    return least_us or 0
