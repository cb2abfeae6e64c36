"""What every scene family offers: a layout, a viewpoint in it, a direction to move in."""

from dataclasses import dataclass
from typing import Protocol

from eventdepth_core.types import Float64
import numpy as np
from training.simulate.parts import Details
from training.simulate.solids import Pose, Solid


@dataclass(frozen=True, slots=True)
class Layout:
    """
    The solids of one scene.

    `extent_m` is the free space in x, y, z; `texture_size_m` the side that one texture covers;
    `details` make it a world: one part for each solid.

    """

    solids: tuple[Solid, ...]
    extent_m: tuple[float, float, float]
    texture_size_m: float
    details: Details | None = None


def world_layout(details: Details, extent_m: tuple[float, float, float]) -> Layout:
    """Return the layout of a world."""
    solids = tuple(part.solid for part in details.parts)
    return Layout(solids, extent_m, texture_size_m=1.0, details=details)


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """`direction` (3,) unit vector in camera axes; `speed_m` a window, None = by the flow."""

    direction: Float64
    speed_m: float | None = None


class Family(Protocol):
    """A kind of scene; all draws come from the given generator."""

    @property
    def name(self) -> str:
        """The name that data sets and cards use."""

    def layout(self, rng: np.random.Generator) -> Layout:
        """Draw the solids."""

    def viewpoint(self, rng: np.random.Generator, layout: Layout) -> Pose:
        """Draw a camera pose; it may lie inside a solid and is then drawn again."""

    def motion(self, rng: np.random.Generator) -> Motion:
        """Draw how the camera moves during a window."""


def free_motion(rng: np.random.Generator) -> Motion:
    """Draw a motion in any direction, sideways more often than not."""
    if rng.random() < 0.3:
        direction = np.array([rng.choice([-1.0, 1.0]), 0.05 * rng.normal(), 0.05 * rng.normal()])
    else:
        direction = rng.normal(size=3) * np.array([1.0, 1.0, 0.6])
    return Motion(direction / np.linalg.norm(direction))
