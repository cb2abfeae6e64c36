"""
Samples of a recording on their way into a bag: their events as packets of one encoding.

Three ways, one face: words of a raw file are cut anew, packets of a bag in the wanted encoding
stay as they are, everything else is decoded, put in order and encoded. Law: after `flush_packet`
what follows depends on the samples to come and on what `skip` took in alone, so a conversion can
be taken up there.

"""

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from eventdepth_core.conversion.event_slices import DecodedStream, EventDecoding
from eventdepth_core.conversion.options import ConversionOptions
from eventdepth_core.conversion.plan import keeps_packets, packet_encoding
from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.recordings.recording import Recording
from eventdepth_core.recordings.repacking import SlicePacker, TimedPacket, WordRepacker
from eventdepth_core.types import (
    DepthSample,
    EventPacket,
    EventSlice,
    ImageSample,
    PointsSample,
    PoseSample,
    Sample,
)
import numpy as np

OtherSample = ImageSample | PointsSample | DepthSample | PoseSample


class PacketWay(Protocol):
    """How samples become packets and other samples, in order."""

    @property
    def dropped(self) -> Counter[str]:
        """What was not converted so far, as counts by reason."""

    def add(self, sample: Sample) -> Iterator[TimedPacket | OtherSample]:
        """Yield what can be written once `sample` is there."""

    def skip(self, sample: Sample) -> None:
        """Take in a sample that an earlier run has written."""

    def flush_packet(self) -> Iterator[TimedPacket]:
        """Yield the packet that waits for its length."""

    def flush(self) -> Iterator[TimedPacket | OtherSample]:
        """Yield all that waits, at the end."""


def packet_way(recording: Recording, options: ConversionOptions, first_seq: int) -> PacketWay:
    """Return the way of the events of a recording."""
    if not keeps_packets(recording, options):
        return EncodedWay(recording, options, first_seq)
    if recording.kind == 'raw':
        return WordWay(recording, options.packet_us, first_seq)
    return CopiedWay(recording)


class EncodedWay:
    """Decoded, ordered and encoded events."""

    def __init__(self, recording: Recording, options: ConversionOptions, first_seq: int) -> None:
        self._path = recording.path
        self._stream = DecodedStream(recording, options)
        encoding = packet_encoding(recording, options)
        self._packer = SlicePacker(options.packet_us, encoding, first_seq)

    @property
    def dropped(self) -> Counter[str]:
        """What was not converted so far, as counts by reason."""
        return self._stream.dropped

    def add(self, sample: Sample) -> Iterator[TimedPacket | OtherSample]:
        """Yield what can be written once `sample` is there."""
        for each in self._stream.add(sample):
            yield from self._packed(each)

    def skip(self, sample: Sample) -> None:
        """Take in a sample that an earlier run has written."""
        for each in self._stream.add(sample):
            if isinstance(each, EventSlice):
                self._packer.skip(each)

    def flush_packet(self) -> Iterator[TimedPacket]:
        """Yield the packet that waits for its length."""
        yield from self._packer.flush()

    def flush(self) -> Iterator[TimedPacket | OtherSample]:
        """Yield all that waits, at the end."""
        for each in self._stream.flush():
            yield from self._packed(each)
        yield from self._packer.flush()

    def _packed(self, sample: Sample) -> Iterator[TimedPacket | OtherSample]:
        if isinstance(sample, EventSlice):
            try:
                yield from self._packer.add(sample)
            except InputError as error:
                raise RecordingError(
                    f'Expected events of {self._path} that packets can tell: {error} '
                    '(--shift-us moves all times, against negative ones)'
                ) from error
        elif not isinstance(sample, EventPacket):
            yield from self._packer.flush()
            yield sample


class WordWay:
    """The words of a raw file in packets of the length asked for."""

    def __init__(self, recording: Recording, packet_us: int, first_seq: int) -> None:
        self._recording = recording
        self._repacker = WordRepacker(packet_us, first_seq)

    @property
    def dropped(self) -> Counter[str]:
        """What was not converted so far, as counts by reason."""
        return Counter(self._recording.dropped)

    def add(self, sample: Sample) -> Iterator[TimedPacket | OtherSample]:
        """Yield what can be written once `sample` is there."""
        if isinstance(sample, EventPacket):
            yield from self._repacker.add(sample)

    def skip(self, sample: Sample) -> None:
        """Take in a sample that an earlier run has written."""
        if isinstance(sample, EventPacket):
            self._repacker.skip(sample)

    def flush_packet(self) -> Iterator[TimedPacket]:
        """Yield the packet that waits for its length."""
        yield from self._repacker.flush()

    def flush(self) -> Iterator[TimedPacket | OtherSample]:
        """Yield all that waits, at the end."""
        yield from self._repacker.flush()


class CopiedWay:
    """The packets of a bag as they are: number, stamps and payload."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._decoding = EventDecoding()

    @property
    def dropped(self) -> Counter[str]:
        """What was not converted so far, as counts by reason."""
        return Counter(self._recording.dropped)

    def add(self, sample: Sample) -> Iterator[TimedPacket | OtherSample]:
        """Yield what can be written once `sample` is there."""
        if isinstance(sample, EventSlice):
            return
        if not isinstance(sample, EventPacket):
            yield sample
            return
        times_us = self._decoding.decode(sample).events['t']
        newest_us = int(np.max(times_us)) if times_us.size > 0 else 0
        due_us = newest_us if sample.arrival_us is None else sample.arrival_us
        first_us = due_us if sample.stamp_us is None else sample.stamp_us
        yield TimedPacket(sample, first_us, due_us, times_us.size)

    def skip(self, sample: Sample) -> None:
        """Take in a sample that an earlier run has written."""
        if isinstance(sample, EventPacket):
            self._decoding.decode(sample)

    def flush_packet(self) -> Iterator[TimedPacket]:
        """Yield nothing: no packet waits."""
        yield from ()

    def flush(self) -> Iterator[TimedPacket | OtherSample]:
        """Yield nothing: nothing waits."""
        yield from ()
