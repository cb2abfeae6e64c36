"""Streets: ground, rows of buildings, vehicles, poles and trees, sometimes a far wall."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from training.simulate.families.base import free_motion, Layout, Motion
from training.simulate.solids import (
    heading_rotation,
    log_uniform,
    Pose,
    rotation_about,
    Shape,
    Solid,
    solid,
)

_STREET_END_M = 90.0


@dataclass(frozen=True, slots=True)
class DriveFamily:
    """A street seen from 1.0 to 2.3 m above the ground; the camera height is y = 0."""

    name: ClassVar[str] = 'drive'

    def layout(self, rng: np.random.Generator) -> Layout:
        """Draw the street."""
        ground = rng.uniform(1.0, 2.3)
        turned = rotation_about((0.0, rng.uniform(-3.0, 3.0), 0.0))
        solids = [solid(Shape.BOX, (0.0, ground + 1.0, 0.0), (300.0, 1.0, 300.0), rotation=turned)]
        for side in (-1, 1):
            if rng.random() >= 0.15:
                solids += _buildings(rng, side, ground)
        solids += [_vehicle(rng, ground) for _ in range(rng.integers(1, 9))]
        for _ in range(rng.integers(0, 9)):
            solids += _pole(rng, ground)
        if rng.random() < 0.6:
            solids.append(_far_wall(rng, ground))
        return Layout(tuple(solids), (20.0, 2 * ground, _STREET_END_M), texture_size_m=4.0)

    def viewpoint(
        self,
        rng: np.random.Generator,
        layout: Layout,  # noqa: ARG002
    ) -> Pose:
        """Draw a camera on the lane that looks along the street."""
        position = np.array([rng.uniform(-2.5, 2.5), 0.0, rng.uniform(-3.0, 3.0)])
        angles = rng.normal(size=3) * np.array([0.12, 0.05, 0.03])
        return Pose(heading_rotation(*angles), position)

    def motion(self, rng: np.random.Generator) -> Motion:
        """Draw forward driving at 2 to 20 m/s, sometimes a free motion."""
        if rng.random() < 0.8:
            direction = np.array([0.05 * rng.normal(), 0.0, 1.0])
            return Motion(direction / np.linalg.norm(direction), rng.uniform(0.1, 1.0))
        return free_motion(rng)


def _buildings(rng: np.random.Generator, side: int, ground: float) -> list[Solid]:
    solids = []
    start, offset = -10.0, rng.uniform(4.0, 14.0)
    while start < _STREET_END_M:
        length = rng.uniform(4.0, 25.0)
        half = (rng.uniform(2.0, 8.0), rng.uniform(2.0, 12.0), length / 2)
        if rng.random() < 0.8:
            distance = offset + half[0] + rng.uniform(-1.0, 2.0)
            centre = (side * distance, ground - half[1], start + length / 2)
            solids.append(solid(Shape.BOX, centre, half))
        start += length + rng.uniform(0.0, 8.0)
    return solids


def _vehicle(rng: np.random.Generator, ground: float) -> Solid:
    half = (rng.uniform(0.8, 1.1), rng.uniform(0.6, 1.2), rng.uniform(1.7, 3.0))
    centre = (rng.uniform(-9.0, 9.0), ground - half[1], log_uniform(rng, 4.0, 55.0))
    yaw = 0.15 * rng.normal() + rng.choice([0.0, 0.0, 1.57])
    return solid(Shape.BOX, centre, half, rotation=rotation_about((0.0, yaw, 0.0)))


def _pole(rng: np.random.Generator, ground: float) -> list[Solid]:
    side = rng.choice([-1.0, 1.0]) * rng.uniform(2.5, 10.0)
    distance, half_height = log_uniform(rng, 4.0, 60.0), rng.uniform(1.0, 4.0)
    centre = (side, ground - half_height, distance)
    half = (rng.uniform(0.08, 0.35), half_height, rng.uniform(0.08, 0.35))
    solids = [solid(Shape.CYLINDER, centre, half)]
    if rng.random() < 0.5:
        crown = (side, ground - 2 * half_height, distance)
        solids.append(solid(Shape.ELLIPSOID, crown, rng.uniform(0.8, 2.5, 3)))
    return solids


def _far_wall(rng: np.random.Generator, ground: float) -> Solid:
    centre = (rng.uniform(-20.0, 20.0), ground - 6.0, rng.uniform(50.0, 120.0))
    half = (rng.uniform(20.0, 80.0), rng.uniform(4.0, 16.0), 2.0)
    turned = rotation_about((0.0, 0.3 * rng.normal(), 0.0))
    return solid(Shape.BOX, centre, half, rotation=turned)
