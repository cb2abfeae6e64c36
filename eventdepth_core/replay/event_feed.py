"""
Pushes event samples into the pipeline, in parts that end where an estimate needs them to.

Laws: what the pipeline refuses is not counted as seen; the pipeline sees a gap in the sequence
numbers exactly where the recording has one, however packets are cut; pipeline time is sensor time
unless the host's times are passed on, which is done where the driver's own time starts anywhere.

"""

from collections import Counter
from dataclasses import fields

from eventdepth_core.errors import EventDepthError, InputError, StreamChangedError
from eventdepth_core.events import PacketCounts
from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.replay.event_source import EventSource, PacketReader, SliceSource
from eventdepth_core.replay.observer import EventObserver
from eventdepth_core.replay.stage_clock import StageClock
from eventdepth_core.types import EventPacket, EventSlice


class EventFeed:
    """
    The event stream of a recording on its way into a pipeline.

    `is_mapped` says whether the host's times are passed on, so that pipeline time is host time;
    `drops` counts what never reached the pipeline.

    Raises
    ------
    InputError
        If the pipeline takes no events.

    """

    def __init__(
        self,
        pipeline: DepthPipeline,
        observer: EventObserver,
        clock: StageClock,
        *,
        is_mapped: bool,
    ) -> None:
        self.is_mapped = is_mapped
        self.drops: Counter[str] = Counter()
        if pipeline.events is None:
            raise InputError('Expected a pipeline that takes events, got one without.')
        self._pipeline = pipeline
        self._stream = pipeline.events
        self._observer = observer
        self._clock = clock
        self._reader = PacketReader()
        self._accepted: tuple[str, int, int] | None = None
        self._seq = 0
        self._num_slices = 0

    @property
    def num_packets(self) -> int:
        """Event samples that were taken in."""
        return self.decoding.num_packets + self._num_slices

    @property
    def decoding(self) -> PacketCounts:
        """What the packet decoders have met, over all encodings that came."""
        totals = [decoder.counts for decoder in self._reader.decoders]
        return PacketCounts(
            *(sum(getattr(each, field.name) for each in totals) for field in fields(PacketCounts))
        )

    def open(self, sample: EventPacket | EventSlice) -> EventSource | None:
        """Return the events of a sample; None, and counted, if it is refused."""
        if isinstance(sample, EventSlice):
            return self._opened_slice(sample)
        if not self._is_accepted(sample):
            self._reader.pass_over(sample)
            return None
        with self._clock.stage('observe'):
            return self._reader.open(sample)

    def push(self, source: EventSource, first: int, last: int) -> None:
        """
        Push the events [first, last) of a sample and count them.

        Raises
        ------
        EventDepthError
            If the pipeline refuses them; it has counted that.

        """
        with self._clock.stage('observe'):
            part = source.part(first, last)
        if isinstance(part, EventSlice):
            with self._clock.stage('accumulate'):
                self._pipeline.push_events(part.events)
        else:
            self._seq += 2 if source.is_after_loss and first == 0 else 1
            self._push_packet(part)
        with self._clock.stage('observe'):
            self._observer.add(source.events[first:last])
        if last == source.events.size and last > 0:
            self._observe(source)

    def meet(self, source: EventSource) -> None:
        """Let the first events of a stream say how the clocks stand to each other."""
        self._observe(source)

    def to_sensor_us(self, stamp_us: int) -> int:
        """Return the sensor time of a pipeline time."""
        return self._stream.to_sensor_us(stamp_us)

    def to_pipeline_us(self, sensor_us: int) -> int:
        """Return the pipeline time of a sensor time."""
        return self._stream.to_pipeline_us(sensor_us)

    def _observe(self, source: EventSource) -> None:
        if self.is_mapped and source.host_us is not None:
            self._stream.observe(int(source.events['t'][0]), source.host_us)

    def _opened_slice(self, sample: EventSlice) -> SliceSource | None:
        camera = self._pipeline.rig.event
        if camera is None or camera.size != (sample.height, sample.width):
            self.drops[StreamChangedError.reason] += 1
            return None
        self._num_slices += 1
        return SliceSource(sample)

    def _is_accepted(self, packet: EventPacket) -> bool:
        """Ask the pipeline, without bytes, whether it takes packets of this kind."""
        key = (packet.encoding, packet.width, packet.height)
        if key == self._accepted:
            return True
        self._seq += 1
        try:
            self._pipeline.push_packet(*key, packet.time_base_ns, b'', seq=self._seq)
        except EventDepthError:
            return False
        self._accepted = key
        return True

    def _push_packet(self, part: EventPacket) -> None:
        with self._clock.stage('accumulate'):
            self._pipeline.push_packet(
                part.encoding,
                part.width,
                part.height,
                part.time_base_ns,
                part.payload,
                seq=self._seq,
            )
