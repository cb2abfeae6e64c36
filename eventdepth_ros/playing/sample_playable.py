"""
A recording without topics (raw, aedat4, text, KITTI) as topics.

Samples become messages on the names given; the rig becomes camera_info every 100 ms and
/tf_static. Time is the recording's own; one that begins at 0 is played a second later, because a
stamp of 0 means "no stamp" in ROS. Decoded events are sent as `mono`, which keeps absolute time;
raw files keep their encoding.

"""

from collections.abc import Iterator
from dataclasses import replace

from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.recording import Recording
from eventdepth_core.recordings.repacking import SlicePacker, WordRepacker
from eventdepth_core.recordings.sample_messages import SampleMessages, TopicMessage
from eventdepth_core.types import EventPacket, EventSlice
from eventdepth_ros.playing.playable import Playable, TimedMessage, TopicNames

DEFAULT_PACKET_US = 1000
SHIFT_US = 1_000_000


class SamplePlayable(Playable):
    """An opened recording, which it closes; events in packets of `packet_us` or longer."""

    def __init__(
        self,
        recording: Recording,
        names: TopicNames | None = None,
        packet_us: int = DEFAULT_PACKET_US,
    ) -> None:
        self._recording = recording
        self._packet_us = packet_us
        self._messages = SampleMessages(recording, names or TopicNames())
        first_us = recording.start_us
        if first_us is None:
            first_us = next((each.due_us for each in self._timed_samples(0)), 0)
        self._shift_us = SHIFT_US if first_us <= 0 else 0
        self.start_ns = 1000 * (first_us + self._shift_us)
        if recording.end_us is not None:
            self.end_ns = 1000 * (recording.end_us + self._shift_us)
        self.latched = tuple(self._messages.latched(self.start_ns))
        self.tracks = tuple(self._messages.tracks())

    @property
    def dropped(self) -> dict[str, int]:
        """What could not be read so far, as counts by reason."""
        return dict(self._recording.dropped)

    def messages(self) -> Iterator[TimedMessage]:
        """Yield the samples as messages, from the beginning."""
        last_ns: int | None = None
        for each in self._timed_samples(self._shift_us):
            stamp_ns = 1000 * each.due_us
            for topic, raw in self._messages.infos(last_ns, stamp_ns):
                last_ns = stamp_ns
                yield TimedMessage(topic, stamp_ns, raw)
            yield TimedMessage(each.topic, stamp_ns, encode_message(each.message))

    def close(self) -> None:
        """Release the recording."""
        self._recording.close()

    def _timed_samples(self, shift_us: int) -> Iterator[TopicMessage]:
        """Yield the messages of all samples, their times moved by `shift_us`."""
        if self._recording.kind == 'raw':
            blocks = (each for each in self._recording.samples() if isinstance(each, EventPacket))
            for timed in WordRepacker(self._packet_us).packets(blocks):
                yield self._messages.packet(timed, shift_us)
            return
        packer = SlicePacker(self._packet_us)
        for sample in self._recording.samples():
            if isinstance(sample, EventSlice):
                full = packer.add(_shifted(sample, shift_us))
                yield from (self._messages.packet(each) for each in full)
                continue
            yield from (self._messages.packet(each) for each in packer.flush())
            if not isinstance(sample, EventPacket):
                yield self._messages.sample(sample, shift_us)
        yield from (self._messages.packet(each) for each in packer.flush())


def _shifted(event_slice: EventSlice, shift_us: int) -> EventSlice:
    if shift_us == 0:
        return event_slice
    events = event_slice.events.copy()
    events['t'] += shift_us
    return replace(event_slice, events=events)
