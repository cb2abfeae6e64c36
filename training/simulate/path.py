"""
A long smooth way of a camera: a steady drive plus slow swaying, as functions of time.

position(t) = start + R (velocity t + sum a (sin(2 pi f t + phase) - sin(phase))), rotation alike.
Laws: at t = 0 the camera stands at the start; the way is smooth; it is a function of its numbers.

"""

from dataclasses import dataclass
from typing import Protocol

from eventdepth_core.types import Float64
import numpy as np
from training.simulate.solids import Pose, rotation_about


class Path(Protocol):
    """A way of a camera through the world."""

    def pose(self, t_s: float) -> Pose:
        """Return the pose at `t_s` seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class SmoothPath:
    """
    A way that starts at `start`.

    `velocity_m_s` (3,), `sway_m` (3,) and `turn_rad` (3,) amplitudes in the axes of the start,
    `sway_hz`, `sway_phase`, `turn_hz`, `turn_phase` (3,).

    """

    start: Pose
    velocity_m_s: Float64
    sway_m: Float64
    sway_hz: Float64
    sway_phase: Float64
    turn_rad: Float64
    turn_hz: Float64
    turn_phase: Float64

    def pose(self, t_s: float) -> Pose:
        """Return the pose at `t_s` seconds."""
        swayed = self.sway_m * _swing(self.sway_hz, self.sway_phase, t_s)
        turned = self.turn_rad * _swing(self.turn_hz, self.turn_phase, t_s)
        way = self.velocity_m_s * t_s + swayed
        return Pose(
            self.start.rotation @ rotation_about(turned),
            self.start.position_m + self.start.rotation @ way,
        )

    def poses(self, start_s: float, end_s: float, num_steps: int) -> tuple[Pose, ...]:
        """Return `num_steps` + 1 poses, equally spaced in time, both ends included."""
        return poses_between(self, start_s, end_s, num_steps)


def poses_between(path: Path, start_s: float, end_s: float, num_steps: int) -> tuple[Pose, ...]:
    """Return `num_steps` + 1 poses of a path, equally spaced in time, both ends included."""
    return tuple(path.pose(float(t)) for t in np.linspace(start_s, end_s, num_steps + 1))


def random_path(
    rng: np.random.Generator, start: Pose, *, speed_m_s: float, is_forward: bool
) -> SmoothPath:
    """Draw a way whose typical speed is `speed_m_s`, forward or swaying about the start."""
    sway_hz = rng.uniform(0.25, 0.5, 3)
    share = np.array([1.0, 0.5, 0.5]) * (0.05 if is_forward else 1.0)
    turn_hz = rng.uniform(0.2, 0.5, 3)
    return SmoothPath(
        start=start,
        velocity_m_s=np.array([0.0, 0.0, speed_m_s if is_forward else 0.0]),
        sway_m=share * speed_m_s / (2 * np.pi * sway_hz),
        sway_hz=sway_hz,
        sway_phase=rng.uniform(0.0, 2 * np.pi, 3),
        turn_rad=np.deg2rad(rng.uniform(0.5, 3.0, 3)),
        turn_hz=turn_hz,
        turn_phase=rng.uniform(0.0, 2 * np.pi, 3),
    )


def _swing(frequency_hz: Float64, phase: Float64, t_s: float) -> Float64:
    swing: Float64 = np.sin(2 * np.pi * frequency_hz * t_s + phase) - np.sin(phase)
    return swing
