"""
The rig of a bag, from its CameraInfo messages and static transforms.

Which CameraInfo belongs to which stream, and what shares a view, is decided in `rig_assembly`.
What cannot be read costs that message only, counted by its reason.

"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.bag import Bag
from eventdepth_core.recordings.camera_info import camera_from_info
from eventdepth_core.recordings.definitions import CAMERA_INFO, TF_MESSAGE
from eventdepth_core.recordings.message_codecs import decode_message
from eventdepth_core.recordings.messages import Message, RawCameraInfo, RawTransforms
from eventdepth_core.recordings.poses import StaticTransforms
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.recordings.rectified_view import rectified_view
from eventdepth_core.recordings.rig_assembly import (
    assembled_rig,
    NamedCamera,
    RigParts,
    unplaced_streams,
)
from eventdepth_core.types import Rig

MAX_TRANSFORM_MESSAGES = 1000


@dataclass(frozen=True, slots=True)
class BagFrames:
    """
    The rig of a bag, the frame of its reference camera, and the transforms between frames.

    `unplaced` are the streams of which nothing says where they look from.

    """

    rig: Rig | None
    reference_frame: str
    transforms: StaticTransforms
    dropped: Counter[str]
    unplaced: frozenset[StreamName] = frozenset()


def read_frames(bag: Bag, streams: Mapping[StreamName, StreamSummary]) -> BagFrames:
    """Return what the bag says about its sensors; unreadable messages are counted."""
    dropped: Counter[str] = Counter()
    transforms = _static_transforms(bag, dropped)
    cameras = _camera_topics(bag, dropped)
    parts = RigParts(streams, cameras, transforms)
    view = rectified_view(parts)
    if view is not None:  # the depth's camera is the event camera, turned
        parts = replace(parts, streams={k: v for k, v in streams.items() if k != 'depth'})
    found = assembled_rig(parts)
    if view is not None and found.rig is not None:
        found = replace(found, rig=replace(found.rig, rectification=view))
    unplaced = unplaced_streams(parts, found)
    return BagFrames(found.rig, found.reference_frame, transforms, dropped, unplaced)


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


def _camera_topics(bag: Bag, dropped: Counter[str]) -> list[NamedCamera]:
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
            found.append(NamedCamera(topic.name, message.header.frame_id, camera))
    return found


def _decoded(bag: Bag, topic: str, type_name: str, dropped: Counter[str]) -> Iterator[Message]:
    """Yield the messages of one topic that can be decoded."""
    for stored in bag.messages([topic]):
        try:
            yield decode_message(type_name, stored.raw)
        except DecodeError as error:
            dropped[error.reason] += 1
