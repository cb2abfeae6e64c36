"""
Which camera belongs to which stream, and the rig that follows: one decision for bags and nodes.

A CameraInfo belongs to the stream beside it (`/cam/camera_info` to `/cam/events`), else to the
stream with the same frame; one of another size belongs to neither. Events and images with one
CameraInfo, or one frame, share a view, unless an extrinsic is given for them. A given extrinsic
stands above a given rig (of a file), and that above CameraInfo and static transforms, which then
only fill in the extrinsics that the rig leaves open.

Laws: without a camera there is no rig; the order of cameras and transforms does not matter as
long as no two cameras fit one stream equally well; frames that nothing connects give no extrinsic.

"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from eventdepth_core.recordings.poses import StaticTransforms
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.types import Camera, Float64, Rig
import numpy as np

SAME_TRANSFORM_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class NamedCamera:
    """A calibrated camera, the CameraInfo topic it came on and the frame it lies in."""

    topic: str
    frame_id: str
    camera: Camera


@dataclass(frozen=True, slots=True, eq=False)
class Extrinsics:
    """Transforms (4, 4) in metres that are given by hand; None = from the static transforms."""

    event_from_image: Float64 | None = None
    event_from_points: Float64 | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AssembledRig:
    """
    A rig and where it came from.

    `event` and `image` are the cameras that belong to the streams, also where they share a view;
    `reference_frame` is the frame of the reference camera, else the first that a stream names.

    """

    rig: Rig | None
    reference_frame: str
    event: NamedCamera | None = None
    image: NamedCamera | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RigParts:
    """What is known of a robot: streams, cameras, static transforms, and what is given by hand."""

    streams: Mapping[StreamName, StreamSummary]
    cameras: Sequence[NamedCamera]
    transforms: StaticTransforms
    extrinsics: Extrinsics = field(default_factory=Extrinsics)
    info_topics: Mapping[StreamName, str] = field(default_factory=dict)
    """Where the CameraInfo of a stream comes on, if not beside it."""
    given: Rig | None = None
    given_frames: Mapping[StreamName, str] = field(default_factory=dict)
    """The frames of the sensors of `given`; those of the streams where it names none."""


def info_topic_beside(topic: str) -> str:
    """Return the CameraInfo topic beside an image or event topic."""
    folder = topic.removesuffix('/compressed').rpartition('/')[0]
    return f'{folder}/camera_info'


def assembled_rig(parts: RigParts) -> AssembledRig:
    """Return the rig of the parts, None where no camera belongs to events or images."""
    if parts.given is not None:
        return _completed(parts.given, parts)
    streams = parts.streams
    event = camera_of('events', parts)
    image = camera_of('image' if 'image' in streams else 'depth', parts)
    reference = event or image
    if reference is None:
        seen = [streams[name].frame_id for name in ('events', 'image') if name in streams]
        return AssembledRig(None, next(filter(None, seen), ''))
    has_own_view = event is not None and image is not None and not is_shared(event, image, parts)
    own_image = image if has_own_view or event is None else None
    rig = Rig(
        event=None if event is None else event.camera,
        image=None if own_image is None else own_image.camera,
    )
    rig = _with_extrinsics(rig, reference, image, parts)
    return AssembledRig(rig, reference.frame_id, event, image)


def camera_of(name: StreamName, parts: RigParts) -> NamedCamera | None:
    """Return the camera of the stream's size beside it, else the one with its frame."""
    stream = parts.streams.get(name)
    if stream is None:
        return None
    cameras = parts.cameras
    if stream.height is not None and stream.width is not None:
        size = (stream.height, stream.width)
        cameras = [each for each in cameras if each.camera.size == size]
    info_topic = parts.info_topics.get(name) or info_topic_beside(stream.topic)
    beside = [each for each in cameras if each.topic == info_topic]
    framed = [each for each in cameras if stream.frame_id and each.frame_id == stream.frame_id]
    return next(iter(beside + framed), None)


def is_shared(event: NamedCamera, image: NamedCamera, parts: RigParts) -> bool:
    """Return whether two cameras are one sensor."""
    if parts.extrinsics.event_from_image is not None:
        return False
    is_same_frame = event.frame_id != '' and event.frame_id == image.frame_id
    return event.topic == image.topic or (is_same_frame and event.camera == image.camera)


def unplaced_streams(parts: RigParts, found: AssembledRig) -> frozenset[StreamName]:
    """
    Return the images or points that nothing places: without a camera, or without an extrinsic.

    They must not enter, because they would be taken as seen from where they are not.

    """
    rig, streams = found.rig, parts.streams
    if rig is None:
        return frozenset()
    unplaced: set[StreamName] = set()
    is_stereo = rig.event is not None and rig.image is not None
    if 'image' in streams and (
        found.image is None or (is_stereo and rig.event_from_image is None)
    ):
        unplaced.add('image')
    points = streams.get('points')
    frame = '' if points is None else parts.given_frames.get('points') or points.frame_id
    has_other_frame = frame not in ('', found.reference_frame)
    if points is not None and rig.event_from_points is None and has_other_frame:
        unplaced.add('points')
    return frozenset(unplaced)


def between(transforms: StaticTransforms, a: str, b: str) -> Float64 | None:
    """Return a_from_b, None where nothing says it or a frame has no name."""
    return transforms.transform(a, b) if a and b else None


def is_same_rig(a: Rig | None, b: Rig | None) -> bool:
    """Return whether two rigs have the same cameras and, within 1e-9, the same extrinsics."""
    if a is None or b is None:
        return a is b
    return (
        (a.event, a.image) == (b.event, b.image)
        and a.rectification is b.rectification
        and _is_same_transform(a.event_from_image, b.event_from_image)
        and _is_same_transform(a.event_from_points, b.event_from_points)
    )


def _completed(given: Rig, parts: RigParts) -> AssembledRig:
    """Return a given rig with the extrinsics that it leaves open."""
    frames = {
        name: parts.given_frames.get(name) or stream.frame_id
        for name, stream in parts.streams.items()
    }
    event = _named(given.event, frames.get('events', ''))
    image = _named(given.image, frames.get('image', '')) or event
    reference = event or image
    if reference is None:
        return AssembledRig(None, '')
    rig = _with_extrinsics(given, reference, image, parts)
    return AssembledRig(rig, reference.frame_id, event, image)


def _with_extrinsics(
    rig: Rig, reference: NamedCamera, image: NamedCamera | None, parts: RigParts
) -> Rig:
    """Return the rig with each extrinsic as given by hand, else its own, else from transforms."""
    by_hand, points = parts.extrinsics, parts.streams.get('points')
    is_stereo = rig.event is not None and rig.image is not None and image is not None
    image_frame = image.frame_id if is_stereo and image is not None else ''
    points_frame = '' if points is None else parts.given_frames.get('points') or points.frame_id
    event_from_image = _first(
        by_hand.event_from_image if is_stereo else None,
        rig.event_from_image,
        between(parts.transforms, reference.frame_id, image_frame),
    )
    event_from_points = _first(
        by_hand.event_from_points,
        rig.event_from_points,
        between(parts.transforms, reference.frame_id, points_frame),
    )
    return replace(rig, event_from_image=event_from_image, event_from_points=event_from_points)


def _named(camera: Camera | None, frame_id: str) -> NamedCamera | None:
    return None if camera is None else NamedCamera('', frame_id, camera)


def _first(*candidates: Float64 | None) -> Float64 | None:
    return next((each for each in candidates if each is not None), None)


def _is_same_transform(a: Float64 | None, b: Float64 | None) -> bool:
    if a is None or b is None:
        return a is b
    return np.allclose(a, b, rtol=0.0, atol=SAME_TRANSFORM_TOLERANCE)
