"""Free flight: a slanted backdrop, sometimes a floor, and things at any depth before it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from training.simulate.families.base import free_motion, Layout, Motion
from training.simulate.solids import (
    heading_rotation,
    log_uniform,
    Pose,
    random_rotation,
    rotation_about,
    Shape,
    Solid,
    solid,
)

_SHAPES = (Shape.BOX, Shape.BOX, Shape.ELLIPSOID, Shape.CYLINDER)


@dataclass(frozen=True, slots=True)
class FlyFamily:
    """Things of random shape, size and depth: little can be learned but parallax."""

    name: ClassVar[str] = 'fly'

    def layout(self, rng: np.random.Generator) -> Layout:
        """Draw a backdrop at 2 to 25 m and 3 to 15 things before it."""
        far = log_uniform(rng, 2.0, 25.0)
        slant = (0.25 * rng.normal(), 0.35 * rng.normal(), 0.0)
        solids = [
            solid(
                Shape.BOX,
                (0.0, 0.0, far + 1.0),
                (6 * far, 6 * far, 0.5),
                rotation=rotation_about(slant),
            )
        ]
        if rng.random() < 0.5:
            tilt = rotation_about((0.1 * rng.normal(), 0.0, 0.1 * rng.normal()))
            floor = (0.0, 0.3 * far + 0.5, 0.0)
            solids.append(solid(Shape.BOX, floor, (6 * far, 0.5, 6 * far), rotation=tilt))
        solids += [_thing(rng, far) for _ in range(rng.integers(3, 16))]
        return Layout(tuple(solids), (far, far, far), texture_size_m=far / 6)

    def viewpoint(
        self,
        rng: np.random.Generator,
        layout: Layout,  # noqa: ARG002
    ) -> Pose:
        """Draw a camera near the origin that looks at the backdrop."""
        angles = rng.normal(size=3) * np.array([0.08, 0.08, 0.15])
        return Pose(heading_rotation(*angles), 0.02 * rng.normal(size=3))

    def motion(self, rng: np.random.Generator) -> Motion:
        """Draw a free motion."""
        return free_motion(rng)


def _thing(rng: np.random.Generator, far: float) -> Solid:
    distance = log_uniform(rng, 0.15, 1.0) * far
    half = np.exp(rng.uniform(np.log(0.03), np.log(0.3), 3)) * distance
    centre = (
        rng.uniform(-0.8, 0.8) * distance,
        rng.uniform(-0.6, 0.6) * distance,
        distance,
    )
    shape = _SHAPES[rng.integers(len(_SHAPES))]
    return solid(shape, centre, half, rotation=random_rotation(rng))
