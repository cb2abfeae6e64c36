"""
A recording into a ROS 2 bag in MCAP: packets, images, points, depth, poses, cameras, transforms.

A bag folder is written in files of a given size. At each border the packet that waits is closed
and the journal says how far the source was read; an interrupted conversion goes on from there.
Law: a conversion that was interrupted and resumed, however often, gives the bytes of one that
was not.

"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
import time
from typing import Any

from eventdepth_core.conversion.event_packets import OtherSample, packet_way
from eventdepth_core.conversion.event_slices import clock_offset_us
from eventdepth_core.conversion.journal import Journal
from eventdepth_core.conversion.options import ConversionOptions
from eventdepth_core.conversion.plan import (
    ConversionPlan,
    keeps_packets,
    PARTIAL_SUFFIX,
    wanted_streams,
)
from eventdepth_core.conversion.progress import ConversionSummary, OnProgress, Ticker
from eventdepth_core.recordings.bag_metadata import BagRecord, FileRecord, QosProfile, TopicRecord
from eventdepth_core.recordings.definitions import CAMERA_INFO, TF_MESSAGE
from eventdepth_core.recordings.mcap_recorder import McapRecorder
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.recording import Recording, StreamName
from eventdepth_core.recordings.repacking import TimedPacket
from eventdepth_core.recordings.sample_messages import SampleMessages, TopicMessage

LATCHED = QosProfile(depth=1, durability='transient_local')


@dataclass(slots=True)
class _Cursor:
    """How far a conversion is; what the journal keeps."""

    num_samples: int = 0
    num_packets: int = 0
    counts: dict[StreamName, int] = field(default_factory=dict)
    infos_ns: int | None = None
    start_us: int | None = None
    end_us: int | None = None

    def add(self, name: StreamName, number: int, due_us: int) -> None:
        """Count what was written and when it was."""
        self.counts[name] = self.counts.get(name, 0) + number
        self.start_us = due_us if self.start_us is None else min(self.start_us, due_us)
        self.end_us = due_us if self.end_us is None else max(self.end_us, due_us)


class BagConversion:
    """One conversion into a bag, planned before."""

    def __init__(
        self, recording: Recording, plan: ConversionPlan, options: ConversionOptions
    ) -> None:
        self._recording = recording
        self._target = plan.target
        self._options = options
        partial = plan.target.with_name(f'{plan.target.name}{PARTIAL_SUFFIX}')
        self._journal = Journal(partial, recording.path, options)
        self._streams = wanted_streams(recording, options)
        self._messages = SampleMessages(recording, options.names, self._streams)
        self._types = {track.topic: track.type_name for track in self._messages.tracks()}
        self._is_alone = self._streams == ('events',)
        self._keeps = keeps_packets(recording, options)
        self._file_bytes = 0

    def run(self, on_progress: OnProgress | None) -> ConversionSummary:
        """Convert and return what was written."""
        started_s = time.monotonic()
        recorder, cursor = self._opened()
        way = packet_way(self._recording, self._options, cursor.num_packets)
        num_resumed, num_skipped = cursor.counts.get('events', 0), cursor.num_samples
        offset_us = self._clock_offset_us()
        ticker = Ticker(on_progress, self._recording)
        with recorder:
            if num_skipped == 0:
                self._write_latched(recorder)
            for i, sample in enumerate(self._recording.samples()):
                if i < num_skipped:
                    way.skip(sample)
                    ticker.tell(num_resumed, None, is_skipping=True)
                    continue
                self._write(recorder, cursor, way.add(sample), offset_us)
                ticker.tell(cursor.counts.get('events', 0), cursor.end_us)
                if self._is_full(recorder):
                    self._write(recorder, cursor, way.flush_packet(), offset_us)
                    self._end_file(recorder, cursor, num_samples=i + 1)
            self._write(recorder, cursor, way.flush(), offset_us)
            self._journal.remove()
        ticker.end(cursor.counts.get('events', 0))
        return ConversionSummary(
            target=self._target,
            counts=dict(cursor.counts),
            dropped=dict(way.dropped),
            start_us=cursor.start_us,
            end_us=cursor.end_us,
            num_resumed=num_resumed,
            clock_offset_us=offset_us,
            wall_s=time.monotonic() - started_s,
        )

    def _opened(self) -> tuple[McapRecorder, _Cursor]:
        """Return a recorder and where the conversion begins."""
        overwrite = self._options.overwrite
        state: Any = self._journal.read() if self._options.resume else None  # Any: JSON
        if state is None:
            return McapRecorder(self._target, overwrite=overwrite), _Cursor()
        cursor = _Cursor(**state['cursor'])
        recorder = McapRecorder(self._target, overwrite=overwrite, resumed=_bag(state['bag']))
        return recorder, cursor

    def _clock_offset_us(self) -> int:
        """Return what events need to share the clock of what is written beside them."""
        if self._is_alone or self._keeps:
            return 0
        return clock_offset_us(self._recording)

    def _write_latched(self, recorder: McapRecorder) -> None:
        start_us = (self._recording.start_us or 0) + self._options.shift_us
        for latched in self._messages.latched(1000 * max(start_us, 0)):
            recorder.add_topic(latched.topic, TF_MESSAGE, (LATCHED,))
            recorder.write(latched.topic, TF_MESSAGE, latched.raw, latched.stamp_ns)

    def _write(
        self,
        recorder: McapRecorder,
        cursor: _Cursor,
        items: Iterator[TimedPacket | OtherSample],
        offset_us: int,
    ) -> None:
        for item in items:
            name = _stream_name(item)
            if name not in self._streams:
                continue
            if isinstance(item, TimedPacket):
                timed = self._messages.packet(item, offset_us)
                cursor.num_packets += 1
                cursor.add('events', item.num_events, timed.due_us)
            else:
                timed = self._messages.sample(item, self._options.shift_us)
                cursor.add(name, 1, timed.due_us)
            self._write_message(recorder, cursor, timed)

    def _write_message(self, recorder: McapRecorder, cursor: _Cursor, timed: TopicMessage) -> None:
        stamp_ns = 1000 * timed.due_us
        for topic, raw in self._messages.infos(cursor.infos_ns, stamp_ns):
            cursor.infos_ns = stamp_ns
            recorder.write(topic, CAMERA_INFO, raw, stamp_ns)
        raw = encode_message(timed.message)
        recorder.write(timed.topic, self._types[timed.topic], raw, stamp_ns)
        self._file_bytes += len(raw)

    def _is_full(self, recorder: McapRecorder) -> bool:
        return recorder.is_folder and 0 < self._options.split_bytes <= self._file_bytes

    def _end_file(self, recorder: McapRecorder, cursor: _Cursor, *, num_samples: int) -> None:
        """Begin the next file and note in the journal that the last one is complete."""
        recorder.next_file()
        self._file_bytes = 0
        cursor.num_samples = num_samples
        complete = asdict(recorder.bag)
        complete['files'] = complete['files'][:-1]
        self._journal.write({'cursor': asdict(cursor), 'bag': complete})


def _stream_name(item: TimedPacket | OtherSample) -> StreamName:
    if isinstance(item, TimedPacket):
        return 'events'
    names: dict[str, StreamName] = {
        'ImageSample': 'image',
        'PointsSample': 'points',
        'DepthSample': 'depth',
        'PoseSample': 'pose',
    }
    return names[type(item).__name__]


def _bag(state: dict[str, Any]) -> BagRecord:  # Any: JSON
    """Return the record of a bag out of a journal."""
    topics = [
        TopicRecord(**{**each, 'qos': tuple(QosProfile(**qos) for qos in each['qos'])})
        for each in state['topics']
    ]
    return BagRecord([FileRecord(**each) for each in state['files']], topics)
