"""
The way of a camera: poses as they arrive, and where it was at any time between them.

Between two poses the camera moves along a screw, pose(t) = A exp(u log(A^-1 B)), that is with one
constant twist. Unlike a slerp beside a straight line it commutes with a change of the world and
with one of the moving frame, so it does not matter whether the pose of the base or that of a
camera on a lever arm is interpolated.

The uncertainty of a pose is one formula inside and outside of a pair at t0, t1 = t0 + h with
u = (t - t0) / h: the noise of both poses, and the remainder of a linear interpolation,

    sigma^2 = noise^2 max(1, (1 - u)^2 + u^2) + (acceleration |(t - t0)(t - t1)| / 2)^2

Laws: exact at the stamps that were given; T trajectory(t) = (T trajectory)(t), and likewise from
the right; what is known of a time does not change when poses of later times arrive, unless it was
extrapolated or not known; nothing is known more than `max_extrapolation_us` after a pose without
a successor, before the first pose, or beyond one without a neighbour to take a twist from.

"""

from eventdepth_core.errors import LatePoseError
from eventdepth_core.geometry.rigid_motion import (
    inverse_transforms,
    nearest_rotation,
    transforms_from_twists,
    twists_from_transforms,
)
from eventdepth_core.geometry.timed_poses import (
    PoseLimits,
    PoseStatus,
    PoseStep,
    TimedPose,
    TimedPoses,
)
from eventdepth_core.types import Float64, rigid_transform
import numpy as np
from numpy.typing import ArrayLike, NDArray

ORTHONORMAL_WITHIN = 1e-12
MAX_STEP_RAD = 3.0
"""A larger turn between two poses has no unique screw."""

DEFAULT_LIMITS = PoseLimits()


class Trajectory:
    """Keeps the newest poses, at most `limits.capacity`, the oldest drop out; one writer."""

    def __init__(self, limits: PoseLimits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self._size = 0
        self._epoch = 0
        # Twice the capacity, so that dropping the oldest costs one move in `capacity` pushes.
        room = 2 * limits.capacity
        self._stamps_us = np.zeros(room, np.int64)
        self._poses = np.zeros((room, 4, 4))
        self._twists = np.zeros((room, 6))  # over the step from the pose before
        self._steps_us = np.zeros(room, np.int64)  # length of that step, 0 where none is linked
        self._epochs = np.zeros(room, np.int64)
        self._start = 0
        self._velocity: tuple[Float64, int] | None = None

    def __len__(self) -> int:
        return self._size - self._start

    @property
    def oldest_us(self) -> int | None:
        """Stamp of the oldest pose that is kept in µs, None without any."""
        return int(self._stamps_us[self._start]) if len(self) else None

    @property
    def newest_us(self) -> int | None:
        """Stamp of the newest pose in µs, None without any."""
        return int(self._stamps_us[self._size - 1]) if len(self) else None

    def push(self, world_from_camera: ArrayLike, stamp_us: int) -> PoseStep:
        """
        Store a pose and say how it joins those before it.

        Parameters
        ----------
        world_from_camera : (4, 4)
            Rigid transform, metres.
        stamp_us : int
            Pipeline time, later than that of every pose before, or at least `reset_us` earlier
            than the newest.

        Raises
        ------
        InputError
            If it is not rigid; the trajectory stays as it was.
        LatePoseError
            If it is not later; likewise.

        """
        pose = rigid_transform(world_from_camera, name='world_from_camera')
        rotation = pose[:3, :3]
        if np.abs(rotation @ rotation.T - np.eye(3)).max() > ORTHONORMAL_WITHIN:
            pose[:3, :3] = nearest_rotation(rotation)
        newest_us = self.newest_us
        if newest_us is None:
            self._append(pose, stamp_us)
            return PoseStep.FIRST
        if stamp_us <= newest_us - self.limits.reset_us:
            self.clear()
            self._append(pose, stamp_us)
            return PoseStep.RESET
        if stamp_us <= newest_us:
            raise LatePoseError(
                f'Expected a pose stamped after {newest_us} µs, got one at {stamp_us} µs.'
            )
        return self._follow(pose, stamp_us)

    def pose_at(self, stamp_us: int) -> TimedPose:
        """Return where the camera was at `stamp_us`."""
        poses = self.poses_at(np.array([stamp_us], np.int64))
        return TimedPose(
            stamp_us,
            poses.world_from_camera[0],
            PoseStatus(int(poses.status[0])),
            float(poses.sigma_m[0]),
            float(poses.sigma_rad[0]),
            int(poses.epoch[0]),
        )

    def poses_at(self, stamps_us: NDArray[np.int64]) -> TimedPoses:
        """
        Return where the camera was at each of N times.

        Parameters
        ----------
        stamps_us : int64 (N,)
            Pipeline times in any order.

        """
        stamps_us = np.asarray(stamps_us, np.int64)
        count = len(stamps_us)
        if not len(self):
            return _unknown(stamps_us, self._epoch)
        status, left, pair = self._places(stamps_us)
        epochs = self._epochs[left]
        known = status <= PoseStatus.EXTRAPOLATED
        at_us, left, pair = stamps_us[known], left[known], pair[known]
        step_us = np.maximum(self._steps_us[pair], 1)
        share = (at_us - self._stamps_us[left]) / step_us
        poses = np.full((count, 4, 4), np.nan)
        poses[known] = self._poses[left] @ transforms_from_twists(
            self._twists[pair] * share[:, None]
        )
        since_us = at_us - (self._stamps_us[pair] - self._steps_us[pair])
        limits = self.limits
        sigma_m, sigma_rad = np.full(count, np.inf), np.full(count, np.inf)
        sigma_m[known] = _sigma(since_us, step_us, limits.noise_m, limits.acceleration_m_s2)
        sigma_rad[known] = _sigma(since_us, step_us, limits.noise_rad, limits.acceleration_rad_s2)
        return TimedPoses(stamps_us, poses, status, sigma_m, sigma_rad, epochs)

    def between(self, start_us: int, end_us: int) -> TimedPoses:
        """Return the poses that were given with start_us <= stamp < end_us, in order."""
        stamps_us = self._stamps_us[self._start : self._size]
        first, last = np.searchsorted(stamps_us, [start_us, end_us])
        return self.poses_at(stamps_us[first:last].copy())

    def clear(self) -> None:
        """Forget all poses, as after a jump of the clock; the next begins a new epoch."""
        self._start = self._size = 0
        self._velocity = None
        self._epoch += 1

    def _follow(self, pose: Float64, stamp_us: int) -> PoseStep:
        last = self._size - 1
        step_us = stamp_us - int(self._stamps_us[last])
        last_from_this = inverse_transforms(self._poses[last]) @ pose
        twist = twists_from_transforms(last_from_this[None])[0]
        if self._is_jump(twist, step_us, stamp_us):
            self._epoch += 1
            self._append(pose, stamp_us)
            return PoseStep.JUMP
        if step_us > self.limits.max_gap_us:
            self._velocity = None
            self._append(pose, stamp_us)
            return PoseStep.GAP
        self._velocity = (twist / (step_us * 1e-6), stamp_us)
        self._append(pose, stamp_us)
        self._twists[self._size - 1] = twist
        self._steps_us[self._size - 1] = step_us
        return PoseStep.FOLLOWS

    def _is_jump(self, twist: Float64, step_us: int, stamp_us: int) -> bool:
        """Return whether a step is no motion; velocities compare across a jump of the world."""
        limits, step_s = self.limits, step_us * 1e-6
        moved_m, turned_rad = _lengths(twist)
        if moved_m > limits.max_speed_m_s * step_s + limits.jump_m:
            return True
        if turned_rad > min(limits.max_turn_rad_s * step_s + limits.jump_rad, MAX_STEP_RAD):
            return True
        if self._velocity is None or step_us > limits.max_gap_us:
            return False
        velocity, known_us = self._velocity
        reach_s2 = step_s * (stamp_us - known_us) * 1e-6
        off_m, off_rad = _lengths(twist - velocity * step_s)
        return (
            off_m > limits.jump_m + limits.max_acceleration_m_s2 * reach_s2
            or off_rad > limits.jump_rad + limits.max_acceleration_rad_s2 * reach_s2
        )

    def _append(self, pose: Float64, stamp_us: int) -> None:
        if self._size == len(self._stamps_us):
            self._move_to_front()
        k = self._size
        self._stamps_us[k], self._poses[k], self._epochs[k] = stamp_us, pose, self._epoch
        self._twists[k], self._steps_us[k] = 0.0, 0
        self._size += 1
        self._start = max(self._start, self._size - self.limits.capacity)

    def _move_to_front(self) -> None:
        kept = slice(self._start, self._size)
        for rows in (self._stamps_us, self._poses, self._twists, self._steps_us, self._epochs):
            rows[: len(self)] = rows[kept].copy()
        self._start, self._size = 0, len(self)

    def _places(
        self, stamps_us: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
        """Return the status of each time, the pose before it, the pose that ends its twist."""
        first, last = self._start, self._size - 1
        left = (
            first
            - 1
            + np.searchsorted(self._stamps_us[first : self._size], stamps_us, side='right')
        )
        is_before = left < first
        left = np.maximum(left, first)
        right = np.minimum(left + 1, last)
        since_us = stamps_us - self._stamps_us[left]
        is_between = (right > left) & (self._steps_us[right] > 0)
        is_ahead = (self._steps_us[left] > 0) & (since_us <= self.limits.max_extrapolation_us)
        is_jump = self._epochs[right] != self._epochs[left]
        status = np.select(
            [is_before, (since_us == 0) | is_between, is_ahead, left == last, is_jump],
            [
                PoseStatus.BEFORE,
                PoseStatus.INTERPOLATED,
                PoseStatus.EXTRAPOLATED,
                PoseStatus.AFTER,
                PoseStatus.JUMP,
            ],
            PoseStatus.GAP,
        ).astype(np.uint8)
        return status, left, np.where(is_between, right, left)


def _sigma(
    since_us: NDArray[np.int64], step_us: NDArray[np.int64], noise: float, acceleration: float
) -> Float64:
    """Return the formula of the module docstring; `since_us` is t - t0, `step_us` h."""
    u = since_us / step_us
    growth = np.maximum(1.0, np.square(1.0 - u) + np.square(u))
    remainder_s2 = 0.5e-12 * np.abs(since_us * (since_us - step_us))
    return np.asarray(np.hypot(noise * np.sqrt(growth), acceleration * remainder_s2))


def _lengths(twist: Float64) -> tuple[float, float]:
    return float(np.linalg.norm(twist[:3])), float(np.linalg.norm(twist[3:]))


def _unknown(stamps_us: NDArray[np.int64], epoch: int) -> TimedPoses:
    count = len(stamps_us)
    return TimedPoses(
        stamps_us,
        np.full((count, 4, 4), np.nan),
        np.full(count, PoseStatus.BEFORE, np.uint8),
        np.full(count, np.inf),
        np.full(count, np.inf),
        np.full(count, epoch, np.int64),
    )
