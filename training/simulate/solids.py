"""
Solids of a scene: oriented boxes, ellipsoids, capped cylinders, the inside of a room, models.

A solid is the set |R (p - c) / h| <= 1 in the norm of its shape, with rotation R
(local_from_world), centre c and half extents h. World and camera axes: x right, y down, z forward.

"""

from dataclasses import dataclass
from enum import IntEnum

from eventdepth_core.types import Float64
import numpy as np


class Shape(IntEnum):
    """What a solid is; the number is what the kernels see."""

    BOX = 0
    ELLIPSOID = 1
    CYLINDER = 2
    ROOM = 3
    MESH = 4
    FIELD = 5


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """
    One solid: `centre_m` (3,), `half_m` (3,) half extents, `local_from_world` (3, 3), float64.

    A cylinder stands along its local y; a room is a box seen from inside; a mesh and a height
    field fill their box, the field over its local x and z, seen from above.

    """

    shape: Shape
    centre_m: Float64
    half_m: Float64
    local_from_world: Float64


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A camera in the world: `rotation` (3, 3) world_from_camera and `position_m` (3,)."""

    rotation: Float64
    position_m: Float64

    @property
    def matrix(self) -> Float64:
        """The rigid 4x4 world_from_camera."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = self.position_m
        return matrix


def solid(
    shape: Shape,
    centre_m: tuple[float, float, float] | Float64,
    half_m: tuple[float, float, float] | Float64,
    *,
    rotation: Float64 | None = None,
) -> Solid:
    """Return a solid; half extents below 2 cm are raised to 2 cm."""
    return Solid(
        shape=shape,
        centre_m=np.asarray(centre_m, dtype=np.float64),
        half_m=np.maximum(np.asarray(half_m, dtype=np.float64), 0.02),
        local_from_world=np.eye(3) if rotation is None else rotation,
    )


def rotation_about(vector_rad: tuple[float, float, float] | Float64) -> Float64:
    """Return the rotation matrix of an axis times angle vector (Rodrigues), float64 (3, 3)."""
    vector = np.asarray(vector_rad, dtype=np.float64)
    angle = float(np.sqrt(vector @ vector))
    if angle == 0.0:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turned: Float64 = np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
    return turned


def heading_rotation(yaw_rad: float, pitch_rad: float, roll_rad: float) -> Float64:
    """Return world_from_camera of a camera turned by yaw (y), then pitch (x), then roll (z)."""
    turned: Float64 = (
        rotation_about((0.0, yaw_rad, 0.0))
        @ rotation_about((pitch_rad, 0.0, 0.0))
        @ rotation_about((0.0, 0.0, roll_rad))
    )
    return turned


def random_rotation(rng: np.random.Generator) -> Float64:
    """Return a rotation about a random axis by a normal angle."""
    return rotation_about(rng.normal(size=3))


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Return one draw whose logarithm is uniform between those of `low` and `high`."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def is_inside_any(solids: tuple[Solid, ...], position_m: Float64, *, margin: float) -> bool:
    """Whether a point lies inside a solid (rooms, fields excepted) blown up by `margin`."""
    for item in solids:
        if item.shape in {Shape.ROOM, Shape.FIELD}:
            continue
        local = item.local_from_world @ (position_m - item.centre_m) / item.half_m
        if np.abs(local).max() < margin:
            return True
    return False
