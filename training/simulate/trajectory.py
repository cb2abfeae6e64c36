"""
How a camera moves: short windows for training, long smooth ways for recordings.

Laws: the last pose of a window is where image and depth belong; the camera never comes nearer
to a surface than it was told by `clearance_m`.

"""

from dataclasses import dataclass

from eventdepth_core.types import Camera, Float64
import numpy as np
from training.simulate.families.base import Family
from training.simulate.solids import log_uniform, Pose, rotation_about

MIN_STEPS = 4
MAX_STEPS = 20


@dataclass(frozen=True, slots=True)
class Pace:
    """
    How finely a window is cut: most pixels move less than `step_px` a sub-frame, if allowed.

    `mover_px` is how far something moves by itself.

    """

    min_steps: int = MIN_STEPS
    max_steps: int = MAX_STEPS
    step_px: float = 0.75
    mover_px: float = 0.0

    def steps(self, moved_px: float) -> int:
        """Return the number of sub-frames for pixels that move so far."""
        most_px = max(moved_px, self.mover_px)
        return int(np.clip(np.ceil(most_px / self.step_px), self.min_steps, self.max_steps))


_RECORDED_PACE = Pace()


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What a coarse depth picture says: `depth_m` float64 (N,) of the rays that hit something."""

    depth_m: Float64

    @property
    def median_m(self) -> float:
        """The median depth in metres."""
        return float(np.median(self.depth_m))

    @property
    def clearance_m(self) -> float:
        """The smallest depth in metres."""
        return float(self.depth_m.min())


def window_poses(
    rng: np.random.Generator,
    family: Family,
    start: Pose,
    surroundings: Surroundings,
    camera: Camera,
    *,
    pace: Pace = _RECORDED_PACE,
) -> tuple[Pose, ...]:
    """
    Draw the poses of a window's sub-frames, S + 1 of them, the first at `start`.

    The flow at median depth is log-uniform in [0.5, 9] px unless the family sets the speed;
    S follows the flow of the camera's motion, or what `pace` knows to move by itself.

    """
    flow_px = log_uniform(rng, 0.5, 9.0)
    motion = family.motion(rng)
    distance = motion.speed_m
    if distance is None:
        distance = flow_px * surroundings.median_m / camera.fx
    distance = min(distance, 0.25 * surroundings.clearance_m + 0.02)
    turn = rng.normal(size=3) * np.array([1.0, 1.0, 0.6]) / camera.fx
    turn *= 0.0 if rng.random() < 0.25 else log_uniform(rng, 0.1, 5.0)
    bend = rng.uniform(-0.3, 0.3)
    moved_px = camera.fx * (
        distance / float(np.quantile(surroundings.depth_m, 0.1)) + float(np.linalg.norm(turn))
    )
    steps = pace.steps(moved_px)
    way = start.rotation @ motion.direction * distance
    share = np.linspace(0.0, 1.0, steps + 1)
    share = share + bend * share * (1.0 - share)
    return tuple(
        Pose(start.rotation @ rotation_about(turn * part), start.position_m + way * part)
        for part in share
    )
