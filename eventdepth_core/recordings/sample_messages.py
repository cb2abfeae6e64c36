"""
Typed samples as messages on topics: what a recording without topics looks like in a graph or bag.

The rig becomes camera_info every 100 ms and /tf_static. Law: a message is stamped with its
sample's time, an event packet with that of its first event.

"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from eventdepth_core.errors import InputError
from eventdepth_core.recordings.definitions import (
    CAMERA_INFO,
    EVENT_PACKET,
    IMAGE,
    POINT_CLOUD,
    POSE_STAMPED,
    TF_MESSAGE,
)
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.messages import Header, Message, RawEventPacket, RawPose
from eventdepth_core.recordings.point_codec import raw_points
from eventdepth_core.recordings.poses import pose_from_matrix
from eventdepth_core.recordings.recording import Recording, StreamName
from eventdepth_core.recordings.rectified_view import view_frame
from eventdepth_core.recordings.repacking import TimedPacket
from eventdepth_core.recordings.rig_messages import (
    camera_info_topic,
    camera_topics,
    CameraTopic,
    due_infos,
    FrameNames,
    static_transforms,
    TF_STATIC,
    WORLD_FRAME,
)
from eventdepth_core.recordings.topics import TimedMessage, TopicNames, Track
from eventdepth_core.types import DepthSample, ImageSample, PointsSample, PoseSample

OWN_IMAGE_TOPIC = '/camera_rgb/image_raw'
_TYPES: dict[StreamName, str] = {
    'events': EVENT_PACKET,
    'image': IMAGE,
    'points': POINT_CLOUD,
    'depth': IMAGE,
    'pose': POSE_STAMPED,
}


@dataclass(frozen=True, slots=True, eq=False)
class TopicMessage:
    """A message for a topic, due at `due_us` of the recording's clock."""

    due_us: int
    topic: str
    message: Message


class SampleMessages:
    """
    Topics, frames and messages of the samples of one recording, on the `names` given.

    `streams` are those that are wanted, None for all.

    """

    def __init__(
        self,
        recording: Recording,
        names: TopicNames,
        streams: Collection[StreamName] | None = None,
    ) -> None:
        self._recording = recording
        wanted = recording.streams if streams is None else streams
        self._streams = tuple(name for name in recording.streams if name in wanted)
        self.names = _settled_names(recording, names)
        self._frames = _frame_names(recording)
        streams = {name: recording.streams[name] for name in self._streams}
        self._view_frame = view_frame(recording.rig, streams, self._frames.events)
        self._depth_frame = self._view_frame or _depth_frame(recording, self._frames)
        self._cameras = self._camera_topics()

    def packet(self, timed: TimedPacket, shift_us: int = 0) -> TopicMessage:
        """Return the message of a packet, due at its newest event."""
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
        return TopicMessage(timed.newest_us + shift_us, self.names.events, message)

    def sample(
        self, sample: ImageSample | PointsSample | DepthSample | PoseSample, shift_us: int = 0
    ) -> TopicMessage:
        """Return the message of any other sample."""
        due_us = sample.stamp_us + shift_us
        topic, message = self._message(sample, 1000 * due_us)
        return TopicMessage(due_us, topic, message)

    def infos(self, last_ns: int | None, now_ns: int) -> Iterator[tuple[str, bytes]]:
        """Yield (topic, CDR) of each camera_info if the last ones are a period old."""
        yield from due_infos(self._cameras, last_ns, now_ns)

    def latched(self, start_ns: int) -> Iterator[TimedMessage]:
        """Yield what stands before everything else: the static transforms."""
        rig = self._recording.rig
        is_alone = len(self._streams) < 2  # nothing to stand in relation to
        if rig is None or is_alone:
            return
        raw = static_transforms(rig, self._frames, start_ns, view_frame=self._view_frame)
        if raw is not None:
            yield TimedMessage(TF_STATIC, start_ns, raw)

    def tracks(self) -> Iterator[Track]:
        """Yield the topics."""
        for name in self._streams:
            yield Track(getattr(self.names, name), _TYPES[name])
        for camera in self._cameras:
            yield Track(camera.topic, CAMERA_INFO)
        latched = tuple(self.latched(0))
        if latched:
            yield Track(TF_STATIC, TF_MESSAGE, len(latched))

    def _message(
        self, sample: ImageSample | PointsSample | DepthSample | PoseSample, stamp_ns: int
    ) -> tuple[str, Message]:
        """Return (topic, message) of a sample."""
        names, frames = self.names, self._frames
        if isinstance(sample, ImageSample):
            encoding = 'mono8' if sample.image.ndim == 2 else 'rgb8'
            return names.image, raw_image(sample.image, encoding, Header(stamp_ns, frames.image))
        if isinstance(sample, PointsSample):
            return names.points, raw_points(sample.points_m, Header(stamp_ns, frames.points))
        if isinstance(sample, DepthSample):
            header = Header(stamp_ns, self._depth_frame)
            return names.depth, raw_image(sample.depth_m, '32FC1', header)
        pose = pose_from_matrix(sample.world_from_camera)
        return names.pose, RawPose(Header(stamp_ns, WORLD_FRAME), pose)

    def _camera_topics(self) -> tuple[CameraTopic, ...]:
        rig, streams = self._recording.rig, self._streams
        if rig is None:
            return ()
        events_topic = self.names.events if 'events' in streams else ''
        cameras = camera_topics(rig, events_topic, self._image_topic(), self._frames)
        if self._view_frame is None or rig.rectification is None:
            return cameras
        topic = camera_info_topic(self.names.depth)
        if topic in {each.topic for each in cameras}:
            raise InputError(
                f'Expected rectified depth in a folder of its own, got {self.names.depth}, beside '
                f'which {topic} is that of another camera.'
            )
        return (*cameras, CameraTopic(topic, rig.rectification.camera, self._view_frame))

    def _image_topic(self) -> str:
        streams = self._streams
        if 'image' in streams:
            return self.names.image
        return self.names.depth if 'depth' in streams and 'events' not in streams else ''


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


def _depth_frame(recording: Recording, frames: FrameNames) -> str:
    """Return the frame of the depth: its own, or that of the one camera of its size."""
    depth, events = (recording.streams.get(name) for name in ('depth', 'events'))
    if depth is not None and depth.frame_id:
        return depth.frame_id
    rig = recording.rig
    if depth is None or events is None or rig is None or rig.image is None:
        return frames.image
    is_of_events = (depth.height, depth.width) == (events.height, events.width)
    return frames.events if is_of_events else frames.image
