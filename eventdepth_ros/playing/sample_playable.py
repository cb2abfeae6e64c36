"""
A recording without topics (raw, aedat4, text, KITTI) as topics.

Samples become messages on the names given; the rig becomes camera_info every 100 ms and
/tf_static. Poses are sent twice: as PoseStamped for who evaluates, and on /tf, from `odom` to the
reference camera, for who wants to know where it is. Time is the recording's own; one that begins
at 0 is played a second later, because a stamp of 0 means "no stamp" in ROS. Decoded events are
sent as `mono`, which keeps absolute time; raw files keep their encoding.

"""

from collections.abc import Iterator
from dataclasses import replace

from eventdepth_core.recordings.definitions import (
    CAMERA_INFO,
    EVENT_PACKET,
    IMAGE,
    POINT_CLOUD,
    POSE_STAMPED,
    TF_MESSAGE,
)
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import (
    Header,
    Message,
    RawEventPacket,
    RawPose,
    RawTransform,
    RawTransforms,
)
from eventdepth_core.recordings.point_codec import raw_points
from eventdepth_core.recordings.poses import pose_from_matrix
from eventdepth_core.recordings.recording import Recording, StreamName
from eventdepth_core.types import (
    DepthSample,
    EventPacket,
    EventSlice,
    ImageSample,
    PointsSample,
    PoseSample,
)
from eventdepth_ros.playing.playable import Playable, TimedMessage, TopicNames, Track
from eventdepth_ros.playing.repacking import SlicePacker, TimedPacket, WordRepacker
from eventdepth_ros.playing.rig_messages import (
    camera_info_topic,
    camera_topics,
    due_infos,
    FrameNames,
    ODOMETRY_FRAME,
    static_transforms,
    TF,
    TF_STATIC,
    WORLD_FRAME,
)

DEFAULT_PACKET_US = 1000
OWN_IMAGE_TOPIC = '/camera_rgb/image_raw'
SHIFT_US = 1_000_000
_TYPES: dict[StreamName, str] = {
    'events': EVENT_PACKET,
    'image': IMAGE,
    'points': POINT_CLOUD,
    'depth': IMAGE,
    'pose': POSE_STAMPED,
}


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
        self._names = _settled_names(recording, names or TopicNames())
        self._frames = _frame_names(recording)
        rig = recording.rig
        has_events = rig is None or rig.event is not None
        self._reference_frame = self._frames.events if has_events else self._frames.image
        first_us = recording.start_us
        if first_us is None:
            first_us = next((time_us for time_us, _ in self._timed_samples(0)), 0)
        self._shift_us = SHIFT_US if first_us <= 0 else 0
        self.start_ns = 1000 * (first_us + self._shift_us)
        if recording.end_us is not None:
            self.end_ns = 1000 * (recording.end_us + self._shift_us)
        streams = recording.streams
        self._cameras = (
            ()
            if rig is None
            else camera_topics(
                rig,
                self._names.events if 'events' in streams else '',
                self._image_topic(),
                self._frames,
            )
        )
        self.latched = tuple(self._latched())
        self.tracks = tuple(self._tracks())

    @property
    def dropped(self) -> dict[str, int]:
        """What could not be read so far, as counts by reason."""
        return dict(self._recording.dropped)

    def messages(self) -> Iterator[TimedMessage]:
        """Yield the samples as messages, from the beginning."""
        last_ns: int | None = None
        for time_us, message in self._timed_samples(self._shift_us):
            stamp_ns = 1000 * time_us
            for topic, raw in due_infos(self._cameras, last_ns, stamp_ns):
                last_ns = stamp_ns
                yield TimedMessage(topic, stamp_ns, raw)
            topic, content = message
            yield TimedMessage(topic, stamp_ns, encode_message(content))

    def close(self) -> None:
        """Release the recording."""
        self._recording.close()

    def _timed_samples(self, shift_us: int) -> Iterator[tuple[int, tuple[str, Message]]]:
        """Yield (due time in µs, (topic, message)) of all samples."""
        packer = SlicePacker(self._packet_us)
        if self._recording.kind == 'raw':
            blocks = (each for each in self._recording.samples() if isinstance(each, EventPacket))
            for timed in WordRepacker(self._packet_us).packets(blocks):
                yield self._timed_packet(timed, shift_us)
            return
        for sample in self._recording.samples():
            if isinstance(sample, EventSlice):
                full = packer.add(_shifted(sample, shift_us))
                yield from (self._timed_packet(each, shift_us=0) for each in full)
                continue
            yield from (self._timed_packet(each, shift_us=0) for each in packer.flush())
            if not isinstance(sample, EventPacket):
                stamp_us = sample.stamp_us + shift_us
                yield stamp_us, self._message(sample, 1000 * stamp_us)
                if isinstance(sample, PoseSample):
                    yield stamp_us, (TF, self._transforms(sample, 1000 * stamp_us))
        yield from (self._timed_packet(each, shift_us=0) for each in packer.flush())

    def _timed_packet(self, timed: TimedPacket, shift_us: int) -> tuple[int, tuple[str, Message]]:
        """Return a packet, stamped at its first event and due at its newest."""
        packet = timed.packet
        message = RawEventPacket(
            header=Header(1000 * (timed.first_us + shift_us), self._frames.events),
            height=packet.height,
            width=packet.width,
            seq=packet.seq or 0,
            time_base_ns=packet.time_base_ns,
            encoding=packet.encoding,
            payload=packet.payload,
        )
        return timed.newest_us + shift_us, (self._names.events, message)

    def _message(
        self, sample: ImageSample | PointsSample | DepthSample | PoseSample, stamp_ns: int
    ) -> tuple[str, Message]:
        """Return (topic, message) of a sample."""
        names, frames = self._names, self._frames
        if isinstance(sample, ImageSample):
            encoding = 'mono8' if sample.image.ndim == 2 else 'rgb8'
            return names.image, raw_image(sample.image, encoding, Header(stamp_ns, frames.image))
        if isinstance(sample, PointsSample):
            return names.points, raw_points(sample.points_m, Header(stamp_ns, frames.points))
        if isinstance(sample, DepthSample):
            header = Header(stamp_ns, frames.image)
            return names.depth, raw_image(sample.depth_m, '32FC1', header)
        pose = pose_from_matrix(sample.world_from_camera)
        return names.pose, RawPose(Header(stamp_ns, WORLD_FRAME), pose)

    def _transforms(self, sample: PoseSample, stamp_ns: int) -> RawTransforms:
        header = Header(stamp_ns, ODOMETRY_FRAME)
        pose = pose_from_matrix(sample.world_from_camera)
        return RawTransforms((RawTransform(header, self._reference_frame, pose),))

    def _image_topic(self) -> str:
        streams = self._recording.streams
        if 'image' in streams:
            return self._names.image
        return self._names.depth if 'depth' in streams and 'events' not in streams else ''

    def _latched(self) -> Iterator[TimedMessage]:
        rig, start_ns = self._recording.rig, self.start_ns or 0
        raw = None if rig is None else static_transforms(rig, self._frames, start_ns)
        if raw is not None:
            yield TimedMessage(TF_STATIC, start_ns, raw)

    def _tracks(self) -> Iterator[Track]:
        for name in self._recording.streams:
            yield Track(getattr(self._names, name), _TYPES[name])
        if 'pose' in self._recording.streams:
            yield Track(TF, TF_MESSAGE)
        for camera in self._cameras:
            yield Track(camera.topic, CAMERA_INFO)
        if self.latched:
            yield Track(TF_STATIC, TF_MESSAGE, len(self.latched))


def _shifted(event_slice: EventSlice, shift_us: int) -> EventSlice:
    if shift_us == 0:
        return event_slice
    events = event_slice.events.copy()
    events['t'] += shift_us
    return replace(event_slice, events=events)


def _settled_names(recording: Recording, names: TopicNames) -> TopicNames:
    """Return the names with an image of its own camera in a folder of its own."""
    rig = recording.rig
    has_two_views = rig is not None and rig.event is not None and rig.image is not None
    if has_two_views and camera_info_topic(names.image) == camera_info_topic(names.events):
        return replace(names, image=OWN_IMAGE_TOPIC)
    return names


def _frame_names(recording: Recording) -> FrameNames:
    rig, named = recording.rig, FrameNames()
    if rig is not None and rig.event is not None and rig.image is not None:
        named = FrameNames(image='camera_rgb')
    found = {name: stream.frame_id for name, stream in recording.streams.items()}
    return FrameNames(
        events=found.get('events') or named.events,
        image=found.get('image') or found.get('depth') or named.image,
        points=found.get('points') or named.points,
    )
