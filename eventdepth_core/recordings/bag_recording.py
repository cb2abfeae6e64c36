"""
A ROS 2 bag as one stream of typed samples.

Streams are found by message type; among several topics of one kind the first by name is taken
and the others are listed. Images in a depth encoding are the depth stream. Poses are PoseStamped
or Odometry, else transforms, where they connect one of `FIXED_FRAMES` with the reference camera.

Law: a message that cannot be decoded costs that message only, counted by its reason.

"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from eventdepth_core.errors import DecodeError, EventDepthError, RecordingError
from eventdepth_core.recordings.bag import Bag
from eventdepth_core.recordings.bag_rig import BagFrames, is_static_topic, read_frames
from eventdepth_core.recordings.bag_samples import sample_from_message
from eventdepth_core.recordings.definitions import (
    COMPRESSED_IMAGE,
    EVENT_ARRAY,
    EVENT_PACKET,
    IMAGE,
    ODOMETRY,
    POINT_CLOUD,
    POSE_STAMPED,
    TF_MESSAGE,
)
from eventdepth_core.recordings.image_codec import DEPTH_ENCODINGS, image_from_compressed
from eventdepth_core.recordings.message_codecs import decode_message
from eventdepth_core.recordings.messages import (
    Message,
    RawCompressedImage,
    RawEventPacket,
    RawImage,
    RawTransforms,
)
from eventdepth_core.recordings.recording import (
    Recording,
    STREAM_NAMES,
    StreamName,
    StreamSummary,
)
from eventdepth_core.recordings.storage import BagTopic
from eventdepth_core.recordings.transform_tree import TransformTree
from eventdepth_core.types import Sample

NUM_PROBED_MESSAGES = 20
COMPRESSED_DEPTH = 'compressedDepth'  # a PNG behind a header of its own, no picture

FIXED_FRAMES = ('odom', 'world', 'map')
"""In the order in which they are tried; `map` last, because it jumps."""
NUM_PROBED_TRANSFORMS = 500

_STREAM_BY_TYPE: dict[str, StreamName] = {
    EVENT_PACKET: 'events',
    EVENT_ARRAY: 'events',
    IMAGE: 'image',
    COMPRESSED_IMAGE: 'image',
    POINT_CLOUD: 'points',
    POSE_STAMPED: 'pose',
    ODOMETRY: 'pose',
}


class BagRecording(Recording):
    """
    An opened bag; `topics` chooses a topic by stream name.

    Raises RecordingError if nothing in it is readable or a chosen topic is not there.

    """

    kind = 'rosbag2'

    def __init__(self, path: Path, topics: Mapping[StreamName, str] | None = None) -> None:
        super().__init__(path)
        self._bag = Bag(path)
        self._fixed_frame = ''
        chosen = dict(topics or {})
        moving = _moving_transforms(self._bag)
        given = {} if chosen.get('pose') not in moving else {'pose': chosen.pop('pose')}
        try:
            self.streams = _chosen_streams(self._bag, chosen)
            self._frames: BagFrames = read_frames(self._bag, self.streams)
            self._take_transforms(moving, given.get('pose'))
        except RecordingError:
            self.close()
            raise
        self._type_names = {
            each.topic: (each.name, each.type_name) for each in self.streams.values()
        }
        self.rig = self._frames.rig
        self.unplaced = self._frames.unplaced
        self.camera_source = 'none' if self.rig is None else 'recording'
        self.start_us = None if self._bag.start_ns is None else self._bag.start_ns // 1000
        self.end_us = None if self._bag.end_ns is None else self._bag.end_ns // 1000

    @property
    def dropped(self) -> Mapping[str, int]:
        """What was skipped so far, as counts by reason."""
        return MappingProxyType(self._dropped + self._bag.damage() + self._frames.dropped)

    def samples(self) -> Iterator[Sample]:
        """Yield every sample in order of its record time."""
        self._dropped = Counter()
        tree = self._tree(self._fixed_frame)
        for stored in self._bag.messages(self._type_names):
            name, type_name = self._type_names[stored.topic]
            try:
                message = decode_message(type_name, stored.raw)
                if isinstance(message, RawTransforms):
                    yield from tree.add(message)
                    continue
                sample = sample_from_message(message, name, stored.stamp_ns, self._frames)
            except EventDepthError as error:
                self._dropped[error.reason] += 1
                continue
            yield sample
        self._dropped += tree.dropped

    def close(self) -> None:
        """Release the files."""
        self._bag.close()

    def _take_transforms(self, moving: Mapping[str, BagTopic], chosen: str | None) -> None:
        """Take the poses from transforms where nothing else gives them, or where asked to."""
        if chosen is None and 'pose' in self.streams:
            return
        for topic in moving.values() if chosen is None else (moving[chosen],):
            fixed_frame = self._connected_frame(topic)
            if fixed_frame is not None:
                self._fixed_frame = fixed_frame
                summary = StreamSummary('pose', TF_MESSAGE, topic.name, topic.count)
                self.streams = {**self.streams, 'pose': summary}
                return
        if chosen is not None:
            raise RecordingError(
                f'Expected transforms that connect one of {", ".join(FIXED_FRAMES)} with '
                f'{self._frames.reference_frame!r} on {chosen}, got none.'
            )

    def _connected_frame(self, topic: BagTopic) -> str | None:
        """Return the fixed frame that the first transforms connect with the camera."""
        trees = {frame: self._tree(frame) for frame in FIXED_FRAMES}
        for stored in islice(self._bag.messages([topic.name]), NUM_PROBED_TRANSFORMS):
            try:
                message = decode_message(topic.type_name, stored.raw)
            except EventDepthError:
                continue
            for frame, tree in trees.items():
                if isinstance(message, RawTransforms) and tree.add(message):
                    return frame
        return None

    def _tree(self, fixed_frame: str) -> TransformTree:
        tree = TransformTree(self._frames.reference_frame, fixed_frame)
        tree.add_static(self._frames.constant)
        return tree


def _moving_transforms(bag: Bag) -> dict[str, BagTopic]:
    topics = (each for each in bag.topics if each.type_name == TF_MESSAGE)
    return {each.name: each for each in topics if not is_static_topic(each)}


def _chosen_streams(bag: Bag, topics: dict[StreamName, str]) -> Mapping[StreamName, StreamSummary]:
    """Return one topic for each kind of stream that the bag has."""
    candidates: dict[StreamName, list[StreamSummary]] = {}
    for topic in bag.topics:
        if topic.type_name in _STREAM_BY_TYPE:
            summary = _summary(bag, topic)
            if COMPRESSED_DEPTH not in summary.encoding:
                candidates.setdefault(summary.name, []).append(summary)
    for name, topic_name in topics.items():
        if topic_name not in [each.topic for each in candidates.get(name, [])]:
            found = {key: [each.topic for each in value] for key, value in candidates.items()}
            raise RecordingError(
                f'Expected {name} on topic {topic_name!r} in {bag.path}, got {found}.'
            )
    if not candidates:
        raise RecordingError(
            f'Expected a topic of events, images, points or poses in {bag.path}, got '
            f'{[(each.name, each.type_name) for each in bag.topics]}.'
        )
    return {
        name: _pick(candidates[name], topics.get(name))
        for name in STREAM_NAMES
        if name in candidates
    }


def _pick(candidates: list[StreamSummary], topic: str | None) -> StreamSummary:
    """Return the chosen or first summary, with the other topics as its alternatives."""
    chosen = next((each for each in candidates if each.topic == topic), candidates[0])
    others = tuple(each.topic for each in candidates if each is not chosen)
    return replace(chosen, alternatives=others)


def _summary(bag: Bag, topic: BagTopic) -> StreamSummary:
    """Return what the first readable message of a topic says about it."""
    message = _first_message(bag, topic)
    name = _STREAM_BY_TYPE[topic.type_name]
    if isinstance(message, RawImage) and message.encoding in DEPTH_ENCODINGS:
        name = 'depth'
    encoding = ''
    width: int | None = None
    height: int | None = None
    if isinstance(message, (RawEventPacket, RawImage)):
        encoding, width, height = message.encoding, message.width, message.height
    elif isinstance(message, RawCompressedImage):
        encoding, (height, width) = message.format, _compressed_size(message)
    return StreamSummary(
        name=name,
        type_name=topic.type_name,
        topic=topic.name,
        count=topic.count,
        encoding=encoding,
        width=width,
        height=height,
        frame_id=_frame_id(message),
    )


def _compressed_size(message: RawCompressedImage) -> tuple[int | None, int | None]:
    try:
        height, width = image_from_compressed(message).shape[:2]
    except DecodeError:
        return None, None
    return height, width


def _frame_id(message: Message | None) -> str:
    return '' if message is None or isinstance(message, RawTransforms) else message.header.frame_id


def _first_message(bag: Bag, topic: BagTopic) -> Message | None:
    """Return the first message of a topic that can be decoded, None without one."""
    for i, stored in enumerate(bag.messages([topic.name])):
        try:
            return decode_message(topic.type_name, stored.raw)
        except EventDepthError:
            if i >= NUM_PROBED_MESSAGES:
                return None
    return None
