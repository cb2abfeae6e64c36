"""
What is known of a camera's motion at a time, and what is taken for motion at all.

Law: a pose is known (`INTERPOLATED` or `EXTRAPOLATED`) exactly where it and its sigmas are finite.

"""

from dataclasses import dataclass
from enum import Enum, IntEnum

from eventdepth_core.errors import InputError
from eventdepth_core.types import Bool, Float64
import numpy as np
from numpy.typing import NDArray


class PoseStep(Enum):
    """How a new pose joined those before it."""

    FIRST = 'first'
    FOLLOWS = 'follows'
    GAP = 'gap'
    """Too long after the pose before: the time between is not known."""
    JUMP = 'jump'
    """No motion of a camera: the world was moved, and a new epoch begins."""
    RESET = 'reset'
    """Its stamp went far back: all poses before were forgotten, and a new epoch begins."""


class PoseStatus(IntEnum):
    """What is known of the camera at a time."""

    INTERPOLATED = 0
    EXTRAPOLATED = 1
    GAP = 2
    """Between two poses that are too far apart in time."""
    JUMP = 3
    """Between two poses with no common world."""
    BEFORE = 4
    """Before the oldest pose that is kept, or without any."""
    AFTER = 5
    """After the newest pose, further than may be extrapolated."""


@dataclass(frozen=True, slots=True)
class PoseLimits:
    """
    What a trajectory takes for motion, and how uncertain its poses are.

    A step is a jump when it is faster than `max_speed_m_s` or `max_turn_rad_s`, or when it
    departs from the motion before it by more than `jump_m` (`jump_rad`) and what an acceleration
    of `max_acceleration_m_s2` (`max_acceleration_rad_s2`) explains.

    Raises
    ------
    InputError
        For a limit that is not positive; noise, acceleration and extrapolation may be 0.

    """

    capacity: int = 4096
    max_gap_us: int = 200_000
    max_extrapolation_us: int = 20_000
    reset_us: int = 1_000_000
    max_speed_m_s: float = 60.0
    max_turn_rad_s: float = 40.0
    jump_m: float = 0.05
    jump_rad: float = 0.1
    max_acceleration_m_s2: float = 100.0
    max_acceleration_rad_s2: float = 400.0
    noise_m: float = 1e-3
    noise_rad: float = 1e-3
    acceleration_m_s2: float = 2.0
    acceleration_rad_s2: float = 5.0

    def __post_init__(self) -> None:
        may_be_zero = (
            'max_extrapolation_us', 'noise_m', 'noise_rad', 'acceleration_m_s2',
            'acceleration_rad_s2',
        )  # fmt: skip
        for name in self.__slots__:
            value = getattr(self, name)
            if not np.isfinite(value) or value < 0 or (value == 0 and name not in may_be_zero):
                raise InputError(f'Expected a positive limit as PoseLimits.{name}, got {value}.')


@dataclass(frozen=True, slots=True, eq=False)
class TimedPoses:
    """
    The camera at N times.

    `world_from_camera` float64 (N, 4, 4), NaN where it is not known; `status` uint8 (N,) of
    `PoseStatus`; `sigma_m` and `sigma_rad` float64 (N,), inf where it is not known; `epoch` int64
    (N,): poses of different epochs have no common world.

    """

    stamps_us: NDArray[np.int64]
    world_from_camera: Float64
    status: NDArray[np.uint8]
    sigma_m: Float64
    sigma_rad: Float64
    epoch: NDArray[np.int64]

    @property
    def known(self) -> Bool:
        """Where the camera is known, bool (N,)."""
        return self.status <= PoseStatus.EXTRAPOLATED


@dataclass(frozen=True, slots=True, eq=False)
class TimedPose:
    """The camera at one time, as in `TimedPoses`."""

    stamp_us: int
    world_from_camera: Float64
    status: PoseStatus
    sigma_m: float
    sigma_rad: float
    epoch: int

    @property
    def is_known(self) -> bool:
        """Whether there is a pose."""
        return self.status <= PoseStatus.EXTRAPOLATED
