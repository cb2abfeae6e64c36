"""
What the solids of a world are: kinds, materials, motions, and the lamp that lights them.

A thing (a chair, a house, a person) is one or more parts with the same number. A part that moves
is at c + v t + s (sin(2 pi f t + phase) - sin(phase)); at t = 0 all parts are where they were put.

"""

from dataclasses import dataclass, field
from enum import IntEnum

from eventdepth_core.types import Float64
import numpy as np
from training.simulate.solids import Solid


class Kind(IntEnum):
    """The semantic classes; the number is what label images hold."""

    SKY = 0
    TERRAIN = 1
    ROAD = 2
    PAVEMENT = 3
    BUILDING = 4
    VEGETATION = 5
    POLE = 6
    FENCE = 7
    VEHICLE = 8
    PERSON = 9
    FLOOR = 10
    CEILING = 11
    WALL = 12
    DOOR = 13
    WINDOW = 14
    TABLE = 15
    CHAIR = 16
    SOFA = 17
    SHELF = 18
    BED = 19
    LAMP = 20
    CLUTTER = 21
    UNKNOWN = 255


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """How a part moves: `velocity_m_s` (3,), and a swing of `sway_m` (3,) at `sway_hz`."""

    velocity_m_s: Float64 = field(default_factory=lambda: np.zeros(3))
    sway_m: Float64 = field(default_factory=lambda: np.zeros(3))
    sway_hz: float = 0.0
    sway_phase: float = 0.0

    def offset_m(self, t_s: float) -> Float64:
        """Return how far the part is from where it was put, float64 (3,)."""
        swing = np.sin(2 * np.pi * self.sway_hz * t_s + self.sway_phase) - np.sin(self.sway_phase)
        offset: Float64 = self.velocity_m_s * t_s + self.sway_m * swing
        return offset


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """
    One solid of a world.

    `materials` one for all faces, or one a face (2 axis + side) or slot of a mesh; `thing` the
    instance; `model` the mesh or height field; `glow` light of its own; `tint` None = drawn;
    `tile_m` the side of a texture that is laid out from the middle, None = the material's.

    """

    solid: Solid
    kind: Kind
    materials: tuple[str, ...]
    thing: int = 0
    model: int = -1
    drift: Drift | None = None
    glow: float = 0.0
    tint: tuple[float, float, float] | None = None
    tile_m: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Lamp:
    """
    A light with shadows, and what comes from everywhere.

    It shines from `position_m` on what is within `reach_m` of `target_m`; `colour` and `ambient`
    are RGB, full scale 1; its light falls to a half at `half_m`, inf for the sun.

    """

    position_m: Float64
    target_m: Float64
    reach_m: float
    colour: tuple[float, float, float]
    ambient: tuple[float, float, float]
    half_m: float = np.inf


def rgb(colour: Float64) -> tuple[float, float, float]:
    """Return an array (3,) as a tuple."""
    red, green, blue = (float(part) for part in colour)
    return red, green, blue


@dataclass(frozen=True, slots=True, eq=False)
class Details:
    """
    What turns a layout of solids into a world.

    `fields` float64 (F, G, G): heights of the height fields over their half extents, y down.

    """

    parts: tuple[Part, ...]
    lamp: Lamp
    fields: Float64
