"""
The rig of a bag, from its CameraInfo messages and static transforms.

A CameraInfo belongs to the stream beside it (`/cam/camera_info` to `/cam/events`), else to the
stream with the same frame; one of another size belongs to neither. Events and images with one
CameraInfo, or one frame, share a view.

"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.bag import Bag
from eventdepth_core.recordings.camera_info import camera_from_info
from eventdepth_core.recordings.definitions import CAMERA_INFO, TF_MESSAGE
from eventdepth_core.recordings.message_codecs import decode_message
from eventdepth_core.recordings.messages import Message, RawCameraInfo, RawTransforms
from eventdepth_core.recordings.poses import StaticTransforms
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.types import Camera, Float64, Rig

MAX_TRANSFORM_MESSAGES = 1000


@dataclass(frozen=True, slots=True)
class BagFrames:
    """The rig of a bag, the frame of its reference camera, and the transforms between frames."""

    rig: Rig | None
    reference_frame: str
    transforms: StaticTransforms
    dropped: Counter[str]


@dataclass(frozen=True, slots=True)
class _CameraTopic:
    topic: str
    frame_id: str
    camera: Camera


def read_frames(bag: Bag, streams: Mapping[StreamName, StreamSummary]) -> BagFrames:
    """Return what the bag says about its sensors; unreadable messages are counted."""
    dropped: Counter[str] = Counter()
    transforms = _static_transforms(bag, dropped)
    cameras = _camera_topics(bag, dropped)
    event = _camera_of(streams.get('events'), cameras)
    image = _camera_of(streams.get('image') or streams.get('depth'), cameras)
    if event is None and image is None:
        seen = [streams[name].frame_id for name in ('events', 'image') if name in streams]
        return BagFrames(None, next(filter(None, seen), ''), transforms, dropped)
    if event is None or (image is not None and _is_shared(event, image)):
        event, image = (event, None) if event is not None else (None, image)
    reference = event or image
    frame = '' if reference is None else reference.frame_id
    rig = Rig(
        event=None if event is None else event.camera,
        image=None if image is None else image.camera,
        event_from_image=_between(transforms, event, None if image is None else image.frame_id),
        event_from_points=_between(transforms, reference, _frame_of(streams.get('points'))),
    )
    return BagFrames(rig, frame, transforms, dropped)


def _static_transforms(bag: Bag, dropped: Counter[str]) -> StaticTransforms:
    """Return all transforms on topics named tf_static."""
    transforms = StaticTransforms()
    for topic in bag.topics:
        if topic.type_name == TF_MESSAGE and topic.name.endswith('tf_static'):
            messages = _decoded(bag, topic.name, TF_MESSAGE, dropped)
            for message in islice(messages, MAX_TRANSFORM_MESSAGES):
                _add(transforms, message, dropped)
    return transforms


def _add(transforms: StaticTransforms, message: Message, dropped: Counter[str]) -> None:
    if not isinstance(message, RawTransforms):
        return
    for transform in message.transforms:
        try:
            transforms.add(transform)
        except DecodeError:
            dropped['bad_transform'] += 1


def _camera_topics(bag: Bag, dropped: Counter[str]) -> list[_CameraTopic]:
    """Return the first calibrated camera of each CameraInfo topic."""
    found = []
    for topic in bag.topics:
        if topic.type_name != CAMERA_INFO:
            continue
        message = next(_decoded(bag, topic.name, CAMERA_INFO, dropped), None)
        if not isinstance(message, RawCameraInfo):
            continue
        try:
            camera = camera_from_info(message)
        except DecodeError:
            dropped['unsupported_camera_info'] += 1
            continue
        if camera is not None:
            found.append(_CameraTopic(topic.name, message.header.frame_id, camera))
    return found


def _decoded(bag: Bag, topic: str, type_name: str, dropped: Counter[str]) -> Iterator[Message]:
    """Yield the messages of one topic that can be decoded."""
    for stored in bag.messages([topic]):
        try:
            yield decode_message(type_name, stored.raw)
        except DecodeError as error:
            dropped[error.reason] += 1


def _camera_of(stream: StreamSummary | None, cameras: list[_CameraTopic]) -> _CameraTopic | None:
    """Return the camera of the stream's size beside it, else the one with its frame."""
    if stream is None:
        return None
    if stream.height is not None and stream.width is not None:
        size = (stream.height, stream.width)
        cameras = [each for each in cameras if each.camera.size == size]
    folder = stream.topic.removesuffix('/compressed').rpartition('/')[0]
    beside = [each for each in cameras if each.topic == f'{folder}/camera_info']
    framed = [each for each in cameras if stream.frame_id and each.frame_id == stream.frame_id]
    return next(iter(beside + framed), None)


def _is_shared(event: _CameraTopic, image: _CameraTopic) -> bool:
    """Return whether two cameras are one sensor."""
    is_same_frame = event.frame_id != '' and event.frame_id == image.frame_id
    return event.topic == image.topic or (is_same_frame and event.camera == image.camera)


def _frame_of(stream: StreamSummary | None) -> str | None:
    return None if stream is None else stream.frame_id


def _between(
    transforms: StaticTransforms, camera: _CameraTopic | None, frame: str | None
) -> Float64 | None:
    """Return camera_from_frame, None where the bag does not say it."""
    if camera is None or frame is None or not camera.frame_id or not frame:
        return None
    return transforms.transform(camera.frame_id, frame)
