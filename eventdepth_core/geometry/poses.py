"""
Poses of the reference camera, as they arrive from odometry or TF.

Laws: a pose is a rigid transform; stamps increase strictly; of more than `capacity` poses the
oldest go.

"""

from collections import deque

from eventdepth_core.errors import InputError
from eventdepth_core.types import PoseSample, rigid_transform
from numpy.typing import ArrayLike

DEFAULT_CAPACITY = 2048
"""About ten seconds at 200 Hz."""


class PoseBuffer:
    """Keeps the newest poses; one writer, at most `capacity` of them, the oldest drop out."""

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        if capacity < 1:
            raise InputError(f'Expected a capacity of at least 1 pose, got {capacity}.')
        self._samples: deque[PoseSample] = deque(maxlen=capacity)

    def __len__(self) -> int:
        return len(self._samples)

    @property
    def newest_us(self) -> int | None:
        """Stamp of the newest pose in µs, None without any."""
        return self._samples[-1].stamp_us if self._samples else None

    def push(self, world_from_camera: ArrayLike, stamp_us: int) -> None:
        """
        Store a pose.

        Parameters
        ----------
        world_from_camera : (4, 4)
            Rigid transform, metres.
        stamp_us : int
            Pipeline time, later than that of every pose before.

        Raises
        ------
        InputError
            If it is not rigid or not later; the buffer stays as it was.

        """
        pose = rigid_transform(world_from_camera, name='world_from_camera')
        newest_us = self.newest_us
        if newest_us is not None and stamp_us <= newest_us:
            raise InputError(
                f'Expected a pose stamped after {newest_us} µs, got one at {stamp_us} µs.'
            )
        pose.setflags(write=False)
        self._samples.append(PoseSample(pose, stamp_us))

    def between(self, start_us: int, end_us: int) -> tuple[PoseSample, ...]:
        """Return the poses with start_us <= stamp < end_us, in order."""
        return tuple(sample for sample in self._samples if start_us <= sample.stamp_us < end_us)

    def clear(self) -> None:
        """Forget all poses, as after a jump of the clock."""
        self._samples.clear()
