"""
How things are put together: blocks in the axes of a thing, put into the world at a place.

A thing stands on y = 0 of its own axes, x right, y down, z to its front.

"""

from dataclasses import dataclass

from eventdepth_core.types import Float64
import numpy as np
from training.simulate.models import model_id, model_mesh, MODELS
from training.simulate.parts import Drift, Kind, Part
from training.simulate.solids import rotation_about, Shape, solid


@dataclass(frozen=True, slots=True)
class Block:
    """One solid of a thing, in its axes; `is_fitted`: its front shows one tile, not many."""

    centre: tuple[float, float, float]
    half: tuple[float, float, float]
    materials: tuple[str, ...]
    shape: Shape = Shape.BOX
    kind: Kind | None = None
    glow: float = 0.0
    tint: tuple[float, float, float] | None = None
    is_fitted: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing stands: its origin in the world, metres, and how far its front is turned."""

    x: float
    z: float
    yaw: float = 0.0
    y: float = 0.0

    @property
    def rotation(self) -> Float64:
        """World_from_thing."""
        return rotation_about((0.0, self.yaw, 0.0))

    @property
    def position_m(self) -> Float64:
        """The origin in the world."""
        return np.array([self.x, self.y, self.z])


def put(
    blocks: list[Block], kind: Kind, place: Place, thing: int, drift: Drift | None = None
) -> list[Part]:
    """Return the parts of a thing at a place."""
    turned = place.rotation
    return [
        Part(
            solid=solid(
                block.shape,
                place.position_m + turned @ np.array(block.centre),
                block.half,
                rotation=turned.T,
            ),
            kind=kind if block.kind is None else block.kind,
            materials=block.materials,
            thing=thing,
            glow=block.glow,
            tint=block.tint,
            drift=drift,
            tile_m=2.0 * max(block.half[:2]) if block.is_fitted else None,
        )
        for block in blocks
    ]


def put_model(
    model: tuple[str, int],
    kind: Kind,
    place: Place,
    thing: int,
    *,
    scale: float | Float64 = 1.0,
    drift: Drift | None = None,
) -> Part:
    """Return a mesh (category, variant) that stands at a place."""
    category, variant = model
    half = model_mesh(category, variant).half_m * scale
    centre = place.position_m - np.array([0.0, half[1], 0.0])
    return Part(
        solid=solid(Shape.MESH, centre, half, rotation=place.rotation.T),
        kind=kind,
        materials=MODELS[category].materials,
        thing=thing,
        model=model_id(category, variant),
        drift=drift,
    )


def walking(yaw: float, *, speed_m_s: float, span_m: float) -> Drift:
    """Return a walk to and fro along a heading that starts at full speed."""
    heading = np.array([np.sin(yaw), 0.0, np.cos(yaw)])
    return Drift(sway_m=span_m * heading, sway_hz=speed_m_s / (2 * np.pi * span_m))
