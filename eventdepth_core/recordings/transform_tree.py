"""
Poses of a camera in a fixed frame, out of the transforms of a running robot.

The way from the fixed frame to the camera is a chain of transforms, some of which never change.
Each that moves has its own stamps; a pose is made for the newest time that all of them have
reached, the others interpolated. Laws: one moving transform gives one pose for each of its
messages, with exactly its numbers; stamps of poses increase, but after a stamp that goes far
back; what is no rigid motion costs that transform only.

"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from eventdepth_core.errors import DecodeError, LatePoseError
from eventdepth_core.geometry import PoseLimits, PoseStep, Trajectory
from eventdepth_core.recordings.messages import RawTransform, RawTransforms
from eventdepth_core.recordings.poses import inverse, matrix_from_pose
from eventdepth_core.types import Float64, PoseSample
import numpy as np

DEFAULT_FIXED_FRAME = 'odom'
"""Odometry drifts and never jumps; `map` jumps at each loop closure."""

MAX_FRAMES = 10_000
_LIMITS = PoseLimits(max_gap_us=1_000_000)


@dataclass(frozen=True, slots=True)
class _Link:
    """Where a frame hangs: at `parent`, by a constant transform or by a moving one."""

    parent: str
    constant: Float64 | None
    moving: Trajectory | None


_Chain: TypeAlias = tuple[tuple[_Link, bool], ...]
"""Links, and whether each leads upward, from a frame to its parent."""


class TransformTree:
    """
    The frames of a robot, and where the camera is among them.

    Parameters
    ----------
    fixed_frame, camera_frame : str
        The frame that stands still, and the optical frame of the reference camera; '' for a
        camera that is not known yet.

    """

    def __init__(self, camera_frame: str = '', fixed_frame: str = DEFAULT_FIXED_FRAME) -> None:
        self._fixed_frame = _name(fixed_frame)
        self._camera_frame = _name(camera_frame)
        self._links: dict[str, _Link] = {}
        self._known_chain: _Chain | None = None  # an empty one is looked for anew
        self._newest_us: int | None = None
        self.dropped: Counter[str] = Counter()

    @property
    def camera_frame(self) -> str:
        """The frame whose poses are given."""
        return self._camera_frame

    @property
    def is_connected(self) -> bool:
        """Whether the frames are connected."""
        return bool(self._chain())

    def look_for(self, camera_frame: str) -> None:
        """Give the poses of this frame from now on."""
        if _name(camera_frame) != self._camera_frame:
            self._camera_frame = _name(camera_frame)
            self._known_chain = None

    def add_static(self, message: RawTransforms) -> None:
        """Take in transforms that never change."""
        for transform, matrix in self._usable(message):
            self._hang(transform.child_frame_id, _Link(_parent(transform), matrix, None))

    def add(self, message: RawTransforms) -> tuple[PoseSample, ...]:
        """Take in transforms of one moment; return the pose that they complete, if they do."""
        for transform, matrix in self._usable(message):
            self._follow(transform, matrix)
        pose = self._pose()
        return () if pose is None else (pose,)

    def clear(self) -> None:
        """Forget where everything was; constant transforms stay."""
        self._newest_us = None
        for link in self._links.values():
            if link.moving is not None:
                link.moving.clear()

    def _usable(self, message: RawTransforms) -> Iterator[tuple[RawTransform, Float64]]:
        for transform in message.transforms:
            parent, child = _parent(transform), _name(transform.child_frame_id)
            if not parent or not child or parent == child:
                self.dropped['bad_frame'] += 1
                continue
            try:
                yield transform, matrix_from_pose(transform.pose)
            except DecodeError:
                self.dropped['bad_transform'] += 1

    def _hang(self, child_frame: str, link: _Link) -> None:
        child = _name(child_frame)
        if child in self._links or len(self._links) < MAX_FRAMES:
            self._links[child] = link
            self._known_chain = None
        else:
            self.dropped['too_many_frames'] += 1

    def _follow(self, transform: RawTransform, matrix: Float64) -> None:
        child, parent = _name(transform.child_frame_id), _parent(transform)
        link = self._links.get(child)
        if link is None or link.moving is None or link.parent != parent:
            self._hang(child, _Link(parent, None, Trajectory(_LIMITS)))
            link = self._links.get(child)
        if link is None or link.moving is None:
            return
        try:
            step = link.moving.push(matrix, transform.header.stamp_ns // 1000)
        except LatePoseError:
            self.dropped['late_transform'] += 1
            return
        if step is PoseStep.RESET:
            self._newest_us = None

    def _pose(self) -> PoseSample | None:
        chain = self._chain()
        moving = [link.moving for link, _ in chain if link.moving is not None]
        newest = [each.newest_us for each in moving]
        stamps_us = [stamp_us for stamp_us in newest if stamp_us is not None]
        if not stamps_us or len(stamps_us) < len(moving):
            return None
        stamp_us = min(stamps_us)
        if self._newest_us is not None and stamp_us <= self._newest_us:
            return None
        fixed_from_camera = np.eye(4)
        for link, is_upward in chain:
            transform = _at(link, stamp_us)
            if transform is None:
                return None
            fixed_from_camera = fixed_from_camera @ (
                inverse(transform) if is_upward else transform
            )
        self._newest_us = stamp_us
        return PoseSample(fixed_from_camera, stamp_us, self._fixed_frame)

    def _chain(self) -> _Chain:
        """Return the links from the fixed frame to the camera, none if they are not connected."""
        if self._known_chain is None:
            self._known_chain = self._found_chain()
        return self._known_chain

    def _found_chain(self) -> _Chain:
        neighbours: dict[str, list[tuple[str, _Link, bool]]] = {}
        for child, link in self._links.items():
            neighbours.setdefault(link.parent, []).append((child, link, False))
            neighbours.setdefault(child, []).append((link.parent, link, True))
        reached: dict[str, _Chain] = {self._fixed_frame: ()}
        waiting = deque([self._fixed_frame])
        while waiting:
            frame = waiting.popleft()
            if frame == self._camera_frame:
                return reached[frame]
            for neighbour, link, is_upward in neighbours.get(frame, ()):
                if neighbour not in reached:
                    reached[neighbour] = (*reached[frame], (link, is_upward))
                    waiting.append(neighbour)
        return ()


def _at(link: _Link, stamp_us: int) -> Float64 | None:
    if link.moving is None:
        return link.constant
    pose = link.moving.pose_at(stamp_us)
    return pose.world_from_camera if pose.is_known else None


def _parent(transform: RawTransform) -> str:
    return _name(transform.header.frame_id)


def _name(frame: str) -> str:
    return frame.lstrip('/')
