"""
The rig of a running robot: from CameraInfo, `/tf_static` and frames, or as it is given.

Law: `rig(is_final=True)` is the rig that a bag with the same messages gives
(`eventdepth_core.recordings.rig_assembly` decides for both). Before that, `rig()` waits until
nothing is missing, because a rig that lacks an extrinsic takes two views for one. A message that
is of no use is counted and named by `missing()`; nothing raises for what a sender sent.

"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from eventdepth_core.errors import DecodeError, InputError
from eventdepth_core.recordings.camera_info import camera_from_info
from eventdepth_core.recordings.messages import RawCameraInfo, RawTransforms
from eventdepth_core.recordings.poses import matrix_from_pose
from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.recordings.rig_assembly import (
    assembled_rig,
    AssembledRig,
    Extrinsics,
    info_topic_beside,
    is_same_rig,
    NamedCamera,
    RigParts,
)
from eventdepth_core.types import Camera, Float64, Rig
from eventdepth_ros.conversions import raw_camera_info, raw_transforms
from eventdepth_ros.rig_advice import Gap, gaps, HeardInfo
from eventdepth_ros.transforms import TransformCollection
import numpy as np
from sensor_msgs.msg import CameraInfo

NUM_POSE_NUMBERS = 7


class RigSource:
    """
    Collects what the sensors say about themselves until there is a rig; one thread only.

    Parameters
    ----------
    topics : mapping
        The resolved topic of each input in use: `events`, `image`, `points`.
    info_topics : mapping, optional
        The resolved CameraInfo topics that do not lie beside their stream; '' = beside.
    extrinsics : Extrinsics, optional
        Those given by hand; they stand above `/tf_static`.
    given : Camera or Rig, optional
        A rig from a file: what comes only fills in the extrinsics that it leaves open.
    frames : mapping, optional
        The frames of the sensors of `given`; those of the messages where it names none.

    """

    def __init__(
        self,
        topics: Mapping[StreamName, str],
        *,
        info_topics: Mapping[StreamName, str] | None = None,
        extrinsics: Extrinsics | None = None,
        given: Camera | Rig | None = None,
        frames: Mapping[StreamName, str] | None = None,
    ) -> None:
        self._streams = {name: StreamSummary(name, '', topic) for name, topic in topics.items()}
        self._info_topics = {name: each for name, each in (info_topics or {}).items() if each}
        self._extrinsics = extrinsics or Extrinsics()
        self._given = Rig(event=given) if isinstance(given, Camera) else given
        self._given_frames = dict(frames or {})
        self._heard: dict[str, HeardInfo] = {}
        self._collection = TransformCollection()
        self._dropped: Counter[str] = Counter()
        self._found: AssembledRig | None = None
        self._taken: AssembledRig | None = None

    @property
    def dropped(self) -> Mapping[str, int]:
        """Camera infos and transforms that were of no use, as counts by reason."""
        return MappingProxyType(self._dropped + Counter(self._collection.dropped))

    @property
    def changed(self) -> bool:
        """Whether what came since the last `rig()` gives another rig; then take it anew."""
        if self._taken is None:
            return False
        found = self._assembled()
        if found is self._taken:
            return False
        if not is_same_rig(found.rig, self._taken.rig):
            return True
        self._taken = found
        return False

    def info_topic(self, stream: StreamName) -> str:
        """Return the topic on which the CameraInfo of a stream is expected."""
        return self._info_topics.get(stream) or info_topic_beside(self._streams[stream].topic)

    def add_camera_info(self, stream: StreamName, message: CameraInfo) -> None:
        """Take in a CameraInfo that came on the `info_topic` of a stream."""
        topic, raw = self.info_topic(stream), raw_camera_info(message)
        known = self._heard.get(topic)
        if known is not None and _is_same_info(known.raw, raw):
            return
        heard = _heard_info(topic, raw)
        if heard.camera is None:
            self._dropped['uncalibrated' if not raw.k.any() else 'unsupported_camera_info'] += 1
            if known is not None and known.camera is not None:
                return
        self._heard[topic] = heard
        self._found = None

    def add_transforms(self, message: Any) -> None:  # noqa: ANN401 - TFMessage is made at run time
        """Take in a message of `/tf_static`, as TFMessage or raw."""
        raw = message if isinstance(message, RawTransforms) else raw_transforms(message)
        if self._collection.add(raw):
            self._found = None

    def add_frame(
        self, stream: StreamName, frame_id: str, size: tuple[int, int] | None = None
    ) -> None:
        """Take in the frame and, for events and images, the (height, width) of a message."""
        known = self._streams[stream]
        height, width = size or (known.height, known.width)
        if (known.frame_id, known.height, known.width) != (frame_id, height, width):
            self._streams[stream] = replace(known, frame_id=frame_id, height=height, width=width)
            self._found = None

    def missing(self) -> tuple[str, ...]:
        """Return what is still missing and what to do about it, empty when nothing is."""
        return tuple(gap.sentence for gap in self._gaps())

    def unusable(self) -> frozenset[StreamName]:
        """
        Return the streams that lack their camera or their extrinsic.

        In the rig of `rig(is_final=True)` they would enter as if seen from where they are not.

        """
        return frozenset(gap.stream for gap in self._gaps())

    def rig(self, *, is_final: bool = False) -> Rig | None:
        """
        Return the rig, None while anything is missing.

        With `is_final` what has not come is taken as never coming: the rig is made of what there
        is, and None only without a camera.

        """
        if not is_final and self.missing():
            return None
        self._taken = self._assembled()
        return self._taken.rig

    def frame(self, stream: StreamName) -> str:
        """Return the frame of a sensor: as given, of its CameraInfo, or of its messages."""
        found = self._assembled()
        camera = {'events': found.event, 'image': found.image}.get(stream)
        heard = self._streams[stream].frame_id if stream in self._streams else ''
        named = '' if camera is None else camera.frame_id
        return self._given_frames.get(stream) or named or heard

    @property
    def reference(self) -> StreamName:
        """The sensor that depth is seen from, by what is in use."""
        return 'events' if 'events' in self._streams else 'image'

    def transform(self, a: str, b: str) -> Float64 | None:
        """Return a_from_b by static transforms, None where they do not connect the frames."""
        return self._collection.transforms.transform(a, b)

    def _gaps(self) -> tuple[Gap, ...]:
        return gaps(self._parts(), self._assembled(), self._heard)

    def _assembled(self) -> AssembledRig:
        if self._found is None:
            self._found = assembled_rig(self._parts())
        return self._found

    def _parts(self) -> RigParts:
        cameras = [each.camera for each in self._heard.values() if each.camera is not None]
        return RigParts(
            streams=self._streams,
            cameras=cameras,
            transforms=self._collection.transforms,
            extrinsics=self._extrinsics,
            info_topics=self._info_topics,
            given=self._given,
            given_frames=self._given_frames,
        )


def extrinsic_from_numbers(numbers: str | Sequence[float], *, name: str) -> Float64 | None:
    """
    Return the (4, 4) transform of x y z qx qy qz qw, None for nothing.

    Parameters
    ----------
    numbers : str or sequence of float
        Seven numbers; in text between spaces or commas.
    name : str
        The parameter, for the error.

    Raises
    ------
    InputError
        For another number of numbers, anything else, or a quaternion of length 0.

    """
    words = numbers.replace(',', ' ').split() if isinstance(numbers, str) else list(numbers)
    if not words:
        return None
    try:
        pose = np.array([float(word) for word in words])
    except ValueError as error:
        raise InputError(f'Expected numbers as {name}, got {numbers!r}.') from error
    if len(pose) != NUM_POSE_NUMBERS:
        raise InputError(
            f'Expected {NUM_POSE_NUMBERS} numbers x y z qx qy qz qw as {name}, got {len(pose)}.'
        )
    try:
        return matrix_from_pose(pose)
    except DecodeError as error:
        raise InputError(f'{name}: {error}') from error


def _heard_info(topic: str, raw: RawCameraInfo) -> HeardInfo:
    """Return a camera info with its camera, or with the reason why it has none."""
    try:
        camera = camera_from_info(raw)
    except DecodeError as error:
        cause = str(error).rstrip('.')
        return HeardInfo(raw, None, f'Expected a camera_info of use on {topic}, got: {cause}')
    if camera is None:
        return HeardInfo(raw, None, f'Expected a calibrated camera_info on {topic}, got K = 0')
    return HeardInfo(raw, NamedCamera(topic, raw.header.frame_id, camera))


def _is_same_info(a: RawCameraInfo, b: RawCameraInfo) -> bool:
    """Return whether two messages differ in nothing but their stamp."""
    return (
        (a.header.frame_id, a.height, a.width, a.distortion_model, a.binning, a.roi)
        == (b.header.frame_id, b.height, b.width, b.distortion_model, b.binning, b.roi)
        and np.array_equal(a.k, b.k)
        and np.array_equal(a.d, b.d)
    )
