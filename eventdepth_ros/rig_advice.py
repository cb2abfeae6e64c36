"""
What a rig still lacks, as sentences that say what to do.

Every sentence has the form "Expected ..., got ...: do ...".

"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eventdepth_core.recordings.messages import RawCameraInfo
from eventdepth_core.recordings.recording import StreamName
from eventdepth_core.recordings.rig_assembly import (
    AssembledRig,
    between,
    camera_of,
    info_topic_beside,
    is_shared,
    NamedCamera,
    RigParts,
)

CAMERA_STREAMS: tuple[StreamName, ...] = ('events', 'image')
RIG_FILE = 'or name a calibration file in rig.file'
STATIC_TRANSFORM = 'publish it (static_transform_publisher, robot_state_publisher), or set'


@dataclass(frozen=True, slots=True, eq=False)
class HeardInfo:
    """The newest CameraInfo of a topic: the camera in it, or why there is none."""

    raw: RawCameraInfo
    camera: NamedCamera | None
    trouble: str = ''


def missing_parts(
    parts: RigParts, found: AssembledRig, heard: Mapping[str, HeardInfo]
) -> tuple[str, ...]:
    """Return what is missing before `found` is all that `parts` can become."""
    return (*_cameras(parts, heard), *_extrinsics(parts, found))


def _cameras(parts: RigParts, heard: Mapping[str, HeardInfo]) -> Iterator[str]:
    for name in CAMERA_STREAMS:
        if name in parts.streams and camera_of(name, parts) is None:
            topic = parts.info_topics.get(name) or info_topic_beside(parts.streams[name].topic)
            yield _camera(name, topic, parts, heard.get(topic))


def _camera(name: StreamName, topic: str, parts: RigParts, info: HeardInfo | None) -> str:
    """Return why no camera belongs to a stream."""
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


def _extrinsics(parts: RigParts, found: AssembledRig) -> Iterator[str]:
    event, image, given = found.event, found.image, parts.extrinsics
    is_wanted = given.event_from_image is None
    if is_wanted and event and image and not is_shared(event, image, parts):
        yield from _transform(parts, event.frame_id, image.frame_id, 'image')
    if 'points' not in parts.streams or found.rig is None or given.event_from_points is not None:
        return
    points = parts.streams['points']
    if not points.frame_id:
        yield (
            f'Expected points with a frame_id on {points.topic}, got none yet: start the driver, '
            f'or set extrinsics.event_from_points.'
        )
        return
    yield from _transform(parts, found.reference_frame, points.frame_id, 'points')


def _transform(parts: RigParts, camera: str, frame: str, name: str) -> Iterator[str]:
    """Yield a sentence where nothing connects two frames."""
    if not camera or not frame:
        yield (
            f'Expected a frame_id in the camera_info of both cameras, got {camera!r} and '
            f'{frame!r}: set frame_id in the driver, or set extrinsics.event_from_{name}.'
        )
    elif between(parts.transforms, camera, frame) is None:
        yield (
            f'Expected static transforms that connect {camera!r} and {frame!r} on /tf_static, '
            f'got none: {STATIC_TRANSFORM} extrinsics.event_from_{name} (x y z qx qy qz qw).'
        )
