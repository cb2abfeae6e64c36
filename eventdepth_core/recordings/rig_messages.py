"""
A rig as messages: camera_info of its cameras and /tf_static between its sensors.

Laws: sensors that share a view share a frame and one camera_info; the parent of each transform
is the reference camera.

"""

from collections.abc import Iterator
from dataclasses import dataclass

from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import Header, RawTransform, RawTransforms
from eventdepth_core.recordings.poses import pose_from_matrix
from eventdepth_core.types import Camera, Rig
import numpy as np

TF_STATIC = '/tf_static'
CAMERA_INFO_PERIOD_NS = 100_000_000
WORLD_FRAME = 'world'


@dataclass(frozen=True, slots=True)
class FrameNames:
    """The frames of the streams of one recording."""

    events: str = 'camera'
    image: str = 'camera'
    points: str = 'lidar'


@dataclass(frozen=True, slots=True)
class CameraTopic:
    """One camera and where its CameraInfo goes."""

    topic: str
    camera: Camera
    frame_id: str

    def raw(self, stamp_ns: int) -> bytes:
        """Return the CameraInfo of one moment as CDR."""
        return encode_message(info_from_camera(self.camera, Header(stamp_ns, self.frame_id)))


def camera_info_topic(sensor_topic: str) -> str:
    """Return the topic beside a sensor's: `/cam/image_raw/compressed` to `/cam/camera_info`."""
    folder = sensor_topic.removesuffix('/compressed').rpartition('/')[0]
    return f'{folder}/camera_info'


def camera_topics(
    rig: Rig, events_topic: str, image_topic: str, frames: FrameNames
) -> tuple[CameraTopic, ...]:
    """Return the cameras of a rig; '' is the topic of a stream that is not there."""
    found: dict[str, CameraTopic] = {}
    if rig.event is not None and events_topic:
        topic = camera_info_topic(events_topic)
        found[topic] = CameraTopic(topic, rig.event, frames.events)
    image = rig.image or rig.event
    if image is not None and image_topic:
        topic = camera_info_topic(image_topic)
        found.setdefault(topic, CameraTopic(topic, image, frames.image))
    return tuple(found.values())


def static_transforms(
    rig: Rig, frames: FrameNames, stamp_ns: int, *, view_frame: str | None = None
) -> bytes | None:
    """
    Return /tf_static of a rig as CDR, None where it knows no extrinsics.

    `view_frame` is the frame of what is seen in the rectified view of the rig, if anything is.

    """
    reference = frames.image if rig.event is None else frames.events
    known = [(frames.image, rig.event_from_image), (frames.points, rig.event_from_points)]
    if view_frame is not None and rig.rectification is not None:
        event_from_view = np.eye(4)
        event_from_view[:3, :3] = rig.rectification.rotation.T
        known.append((view_frame, event_from_view))
    transforms = tuple(
        RawTransform(Header(stamp_ns, reference), child, pose_from_matrix(reference_from_child))
        for child, reference_from_child in known
        if reference_from_child is not None and child != reference
    )
    return encode_message(RawTransforms(transforms)) if transforms else None


def due_infos(
    cameras: tuple[CameraTopic, ...], last_ns: int | None, now_ns: int
) -> Iterator[tuple[str, bytes]]:
    """Yield (topic, CDR) of each CameraInfo if the last ones are a period old."""
    if last_ns is not None and 0 <= now_ns - last_ns < CAMERA_INFO_PERIOD_NS:
        return
    for each in cameras:
        yield each.topic, each.raw(now_ns)
