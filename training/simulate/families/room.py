"""Rooms and table tops: the inside of a box with furniture, floating things and pictures."""

from dataclasses import dataclass

import numpy as np
from training.simulate.families.base import free_motion, Layout, Motion
from training.simulate.solids import (
    heading_rotation,
    Pose,
    random_rotation,
    rotation_about,
    Shape,
    Solid,
    solid,
)

_SHAPES = (Shape.BOX, Shape.BOX, Shape.BOX, Shape.ELLIPSOID, Shape.CYLINDER)


@dataclass(frozen=True, slots=True)
class RoomFamily:
    """A room whose lengths are scaled by a factor between `min_scale` and `max_scale`."""

    name: str
    min_scale: float
    max_scale: float
    texture_size_m: float

    def layout(self, rng: np.random.Generator) -> Layout:
        """Draw walls, 3 to 12 pieces of furniture and up to 3 pictures or shelves."""
        scale = rng.uniform(self.min_scale, self.max_scale)
        extent = np.array(
            [
                rng.uniform(3.0, 9.0) * scale,
                rng.uniform(2.3, 4.0) * max(scale, 0.6),
                rng.uniform(3.0, 11.0) * scale,
            ]
        )
        solids = [solid(Shape.ROOM, (0.0, 0.0, 0.0), extent / 2)]
        solids += [_furniture(rng, extent, scale) for _ in range(rng.integers(3, 13))]
        solids += [_picture(rng, extent, scale) for _ in range(rng.integers(0, 4))]
        width, height, depth = (float(length) for length in extent)
        return Layout(tuple(solids), (width, height, depth), self.texture_size_m)

    def viewpoint(self, rng: np.random.Generator, layout: Layout) -> Pose:
        """Draw a camera in the free space that looks roughly towards the middle."""
        width, height, depth = layout.extent_m
        position = np.array(
            [
                rng.uniform(-0.42, 0.42) * width,
                rng.uniform(-0.35, 0.35) * height,
                rng.uniform(-0.47, 0.30) * depth,
            ]
        )
        yaw = np.arctan2(
            -position[0] + 0.25 * width * rng.normal(),
            -position[2] + rng.uniform(0.0, 0.5) * depth,
        )
        return Pose(heading_rotation(yaw, 0.15 * rng.normal(), 0.08 * rng.normal()), position)

    def motion(self, rng: np.random.Generator) -> Motion:
        """Draw a hand-held motion."""
        return free_motion(rng)


def _furniture(rng: np.random.Generator, extent: np.ndarray, scale: float) -> Solid:
    half = np.exp(rng.uniform(np.log(0.08), np.log(0.9), 3)) * max(scale, 0.4)
    if rng.random() < 0.3:
        half = half.mean() * rng.uniform(0.7, 1.3, 3)
    shape = _SHAPES[rng.integers(len(_SHAPES))]
    stands = rng.random() < 0.65
    height = extent[1] / 2 - half[1] if stands else rng.uniform(-0.5, 0.5) * extent[1]
    centre = (
        rng.uniform(-0.95, 0.95) * extent[0] / 2,
        height,
        rng.uniform(-0.95, 0.95) * extent[2] / 2,
    )
    is_upright = rng.random() < 0.8
    turned = (
        rotation_about((0.0, rng.uniform(-3.2, 3.2), 0.0)) if is_upright else random_rotation(rng)
    )
    return solid(shape, centre, half, rotation=turned)


def _picture(rng: np.random.Generator, extent: np.ndarray, scale: float) -> Solid:
    half_a, half_b = rng.uniform(0.2, 0.8, 2) * scale
    thickness = rng.uniform(0.02, 0.3) * scale
    side = rng.choice([-0.5, 0.5])
    height = rng.uniform(-0.3, 0.2) * extent[1]
    if rng.random() < 0.5:
        centre = (side * extent[0], height, rng.uniform(-0.4, 0.4) * extent[2])
        return solid(Shape.BOX, centre, (thickness, half_a, half_b))
    centre = (rng.uniform(-0.4, 0.4) * extent[0], height, side * extent[2])
    return solid(Shape.BOX, centre, (half_b, half_a, thickness))
