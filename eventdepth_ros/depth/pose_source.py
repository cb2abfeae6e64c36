"""
Where the reference camera is, from what a robot publishes: transforms, odometry or poses.

Laws: what cannot be used costs that message only and is counted by its reason; poses come with
increasing stamps, but after time has gone back; what comes before the camera's frame or the
static transforms are known is kept, up to a limit, and gives its poses then.

"""

from collections import Counter, deque
from collections.abc import Mapping
from types import MappingProxyType

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.messages import RawOdometry, RawPose, RawTransforms
from eventdepth_core.recordings.poses import matrix_from_pose
from eventdepth_core.recordings.transform_tree import TransformTree
from eventdepth_core.types import Float64, PoseSample
from eventdepth_ros.rig_source import RigSource
import numpy as np

MAX_HELD = 500


class PoseSource:
    """
    Turns transforms, odometry and poses into those of the reference camera; one thread.

    Parameters
    ----------
    source : RigSource
        Knows the frame of the camera and the static transforms.
    fixed_frame : str
        The frame that stands still, for transforms; odometry and poses name their own.
    camera_frame : str
        The frame whose poses are looked for; '' is that of the reference camera.
    frame_from_camera : float64 (4, 4), optional
        Pose of the camera in that frame, or in the frame of the odometry; without one the frame
        is the camera's own, and odometry goes through the static transforms.

    """

    def __init__(
        self,
        source: RigSource,
        *,
        fixed_frame: str,
        camera_frame: str = '',
        frame_from_camera: Float64 | None = None,
    ) -> None:
        self._source = source
        self._camera_frame = camera_frame
        self._frame_from_camera = frame_from_camera
        self._tree = TransformTree(camera_frame, fixed_frame)
        self._dropped: Counter[str] = Counter()
        # What came before it was known how frames connect: the first window needs its poses.
        self._held: deque[RawTransforms | RawOdometry] = deque(maxlen=MAX_HELD)
        self._is_connected = False
        self.num_poses = 0

    @property
    def dropped(self) -> Mapping[str, int]:
        """What was of no use, as counts by reason."""
        return MappingProxyType(self._dropped + self._tree.dropped)

    def add_static(self, transforms: RawTransforms) -> None:
        """Take in transforms that never change."""
        self._tree.add_static(transforms)

    def add_transforms(self, transforms: RawTransforms) -> tuple[PoseSample, ...]:
        """Take in transforms that move; return the poses that they complete, if they do."""
        self._tree.look_for(self._frame())
        if self._is_connected:
            return tuple(map(self._of_camera, self._tree.add(transforms)))
        self._held.append(transforms)
        self._tree.add(transforms)
        if not self._tree.is_connected:
            return ()
        self._is_connected = True
        self._tree.clear()
        held = [each for each in self._held if isinstance(each, RawTransforms)]
        self._held.clear()
        return tuple(self._of_camera(pose) for each in held for pose in self._tree.add(each))

    def add_odometry(self, odometry: RawOdometry) -> tuple[PoseSample, ...]:
        """Take in odometry; return the camera's poses that can be told by now."""
        self._held.append(odometry)
        frame_from_camera = self._frame_from_camera
        if frame_from_camera is None:
            frame_from_camera = self._from_static(odometry.child_frame_id)
        if frame_from_camera is None:
            self._dropped['unconnected_pose'] += len(self._held) == MAX_HELD
            return ()
        held = [each for each in self._held if isinstance(each, RawOdometry)]
        self._held.clear()
        poses = (self._carried(each, frame_from_camera) for each in held)
        return tuple(pose for pose in poses if pose is not None)

    def add_pose(self, pose: RawPose) -> tuple[PoseSample, ...]:
        """Take in a pose of the camera, or of the frame whose pose of the camera is given."""
        odometry = RawOdometry(pose.header, '', pose.pose)
        given = self._frame_from_camera
        found = self._carried(odometry, np.eye(4) if given is None else given)
        return () if found is None else (found,)

    def clear(self) -> None:
        """Forget where everything was; static transforms stay."""
        self._held.clear()
        self._tree.clear()

    def _carried(self, odometry: RawOdometry, frame_from_camera: Float64) -> PoseSample | None:
        try:
            matrix = matrix_from_pose(odometry.pose)
        except DecodeError as error:
            self._dropped[error.reason] += 1
            return None
        self.num_poses += 1
        stamp_us = odometry.header.stamp_ns // 1000
        return PoseSample(matrix @ frame_from_camera, stamp_us, odometry.header.frame_id)

    def _frame(self) -> str:
        return self._camera_frame or self._source.frame(self._source.reference)

    def _from_static(self, child_frame: str) -> Float64 | None:
        frame = self._frame()
        if not child_frame and frame:
            return np.eye(4)
        return self._source.transform(child_frame, frame)

    def _of_camera(self, sample: PoseSample) -> PoseSample:
        self.num_poses += 1
        if self._frame_from_camera is None:
            return sample
        matrix = sample.world_from_camera @ self._frame_from_camera
        return PoseSample(matrix, sample.stamp_us, sample.frame_id)
