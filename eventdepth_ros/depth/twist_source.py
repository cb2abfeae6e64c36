"""
Where the reference camera is, from the velocities that a robot publishes.

Linear velocity from a twist, angular velocity from a gyroscope or from the same twist, both turned
into the frame of the twist by the static transforms and integrated. Laws: what cannot be used
costs that message only and is counted by its reason; what comes before the frames are connected is
not integrated later: the first window has no poses then.

"""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from eventdepth_core.geometry.dead_reckoning import DeadReckoning, ReckonedPose
from eventdepth_core.recordings.messages import RawRotationRate, RawTransforms, RawTwist
from eventdepth_core.types import Float64, PoseSample
from eventdepth_ros.rig_source import RigSource
import numpy as np


class TwistSource:
    """
    Turns velocities into poses of the reference camera; one thread.

    Parameters
    ----------
    source : RigSource
        Knows the frame of the camera and the static transforms.
    camera_frame : str
        The frame of the camera; '' is that of the reference camera's messages.
    frame_from_camera : float64 (4, 4), optional
        Pose of the camera in the frame of the twist; without one the static transforms say it.
    uses_gyroscope : bool
        Whether angular velocities come apart; else they are those of the twist.
    max_gap_us : int
        Nothing is known between messages that are further apart.

    """

    def __init__(
        self,
        source: RigSource,
        *,
        camera_frame: str = '',
        frame_from_camera: Float64 | None = None,
        uses_gyroscope: bool = False,
        max_gap_us: int = 200_000,
    ) -> None:
        self._source = source
        self._camera_frame = camera_frame
        self._frame_from_camera = frame_from_camera
        self._uses_gyroscope = uses_gyroscope
        self._reckoning = DeadReckoning(max_gap_us=max_gap_us)
        self._twist_frame: str | None = None
        self._dropped: Counter[str] = Counter()
        self.num_poses = 0

    @property
    def dropped(self) -> Mapping[str, int]:
        """What was of no use, as counts by reason."""
        late = Counter(late_twist=self._reckoning.num_late)
        return MappingProxyType(self._dropped + late)

    def add_static(self, transforms: RawTransforms) -> None:
        """Do nothing: static transforms are looked up where the rig keeps them."""

    def add_twist(self, twist: RawTwist) -> tuple[PoseSample, ...]:
        """Take a twist in its own frame in; return the camera's poses that are known by now."""
        if not np.isfinite(twist.linear).all() or not np.isfinite(twist.angular).all():
            self._dropped['undecodable'] += 1
            return ()
        self._twist_frame = twist.header.frame_id
        stamp_us = twist.header.stamp_ns // 1000
        found = self._reckoning.add_linear(twist.linear, stamp_us)
        if not self._uses_gyroscope:
            found += self._reckoning.add_angular(twist.angular, stamp_us)
        return self._of_camera(found)

    def add_rotation_rate(self, rate: RawRotationRate) -> tuple[PoseSample, ...]:
        """Take an angular velocity in; return the camera's poses that are known by now."""
        if not self._uses_gyroscope:
            return ()
        if not np.isfinite(rate.angular).all():
            self._dropped['undecodable'] += 1
            return ()
        twist_from_gyroscope = self._turn(rate.header.frame_id)
        if twist_from_gyroscope is None:
            self._dropped['unconnected_gyroscope'] += self._twist_frame is not None
            return ()
        angular = twist_from_gyroscope[:3, :3] @ rate.angular
        return self._of_camera(self._reckoning.add_angular(angular, rate.header.stamp_ns // 1000))

    def clear(self) -> None:
        """Forget all velocities; static transforms stay."""
        self._reckoning.clear()

    def _turn(self, frame: str) -> Float64 | None:
        """Return twist_from_frame; None before a twist, or where nothing connects them."""
        if self._twist_frame is None:
            return None
        if not frame:
            return np.eye(4)
        return self._source.transform(self._twist_frame, frame)

    def _of_camera(self, reckoned: tuple[ReckonedPose, ...]) -> tuple[PoseSample, ...]:
        if not reckoned:
            return ()
        frame_from_camera = self._frame_from_camera
        if frame_from_camera is None:
            camera = self._camera_frame or self._source.frame(self._source.reference)
            frame_from_camera = np.eye(4) if not self._twist_frame else self._turn(camera)
        if frame_from_camera is None:
            self._dropped['unconnected_pose'] += len(reckoned)
            return ()
        self.num_poses += len(reckoned)
        return tuple(
            PoseSample(each.world_from_body @ frame_from_camera, each.stamp_us, 'reckoned')
            for each in reckoned
        )
