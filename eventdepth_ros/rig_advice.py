"""
What a rig still lacks, as sentences that say what to do, and which stream cannot be used so far.

Every sentence has the form "Expected ..., got ...: do ...".

"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eventdepth_core.recordings.messages import RawCameraInfo
from eventdepth_core.recordings.recording import StreamName
from eventdepth_core.recordings.rig_assembly import (
    AssembledRig,
    between,
    info_topic_beside,
    NamedCamera,
    RigParts,
)

RIG_FILE = 'or name a calibration file in rig_file'
STATIC_TRANSFORM = 'publish it (static_transform_publisher, robot_state_publisher), or set'


@dataclass(frozen=True, slots=True, eq=False)
class HeardInfo:
    """The newest CameraInfo of a topic: the camera in it, or why there is none."""

    raw: RawCameraInfo
    camera: NamedCamera | None
    trouble: str = ''


@dataclass(frozen=True, slots=True)
class Gap:
    """What `stream` lacks: without it, the stream would enter as if seen from elsewhere."""

    stream: StreamName
    sentence: str


def gaps(parts: RigParts, found: AssembledRig, heard: Mapping[str, HeardInfo]) -> tuple[Gap, ...]:
    """Return what is missing before `found` is all that `parts` can become."""
    return (*_cameras(parts, found, heard), *_extrinsics(parts, found))


def _cameras(
    parts: RigParts, found: AssembledRig, heard: Mapping[str, HeardInfo]
) -> Iterator[Gap]:
    cameras: tuple[tuple[StreamName, NamedCamera | None], ...] = (
        ('events', found.event),
        ('image', found.image),
    )
    for name, camera in cameras:
        if name in parts.streams and camera is None:
            yield Gap(name, _camera(name, parts, heard))


def _camera(name: StreamName, parts: RigParts, heard: Mapping[str, HeardInfo]) -> str:
    """Return why no camera belongs to a stream."""
    if parts.given is not None:
        return f'Expected a camera of {name} in rig_file, got none: add it, or do without {name}.'
    topic = parts.info_topics.get(name) or info_topic_beside(parts.streams[name].topic)
    info = heard.get(topic)
    if info is None:
        return (
            f'Expected the camera_info of {name} on {topic}, got none: start the driver with its '
            f'calibration, set {name}.camera_info_topic, {RIG_FILE}.'
        )
    if info.camera is None:
        return f'{info.trouble}: calibrate the camera, {RIG_FILE}.'
    stream, camera = parts.streams[name], info.camera.camera
    return (
        f'Expected a camera_info of {stream.width} x {stream.height} for {name} on {topic}, got '
        f'{camera.width} x {camera.height}: calibrate at the size in use, or set '
        f'{name}.camera_info_topic.'
    )


def _extrinsics(parts: RigParts, found: AssembledRig) -> Iterator[Gap]:
    rig, points = found.rig, parts.streams.get('points')
    if rig is None:
        return
    is_stereo = rig.event is not None and rig.image is not None and 'image' in parts.streams
    if is_stereo and rig.event_from_image is None and found.image is not None:
        yield from _transform(parts, found.reference_frame, found.image.frame_id, 'image')
    if points is None or rig.event_from_points is not None:
        return
    if points.frame_id:
        yield from _transform(parts, found.reference_frame, points.frame_id, 'points')
        return
    yield Gap(
        'points',
        f'Expected points with a frame_id on {points.topic}, got none yet: start the driver, or '
        f'set extrinsics.event_from_points.',
    )


def _transform(parts: RigParts, camera: str, frame: str, name: StreamName) -> Iterator[Gap]:
    """Yield a gap where nothing connects the frame of a camera with that of a stream."""
    if not camera or not frame:
        yield Gap(
            name,
            f'Expected a frame_id from the reference camera and from {name}, got {camera!r} and '
            f'{frame!r}: set frame_id in the driver, or set extrinsics.event_from_{name}.',
        )
    elif between(parts.transforms, camera, frame) is None:
        yield Gap(
            name,
            f'Expected static transforms that connect {camera!r} and {frame!r} on /tf_static, '
            f'got none: {STATIC_TRANSFORM} extrinsics.event_from_{name} (x y z qx qy qz qw).',
        )
