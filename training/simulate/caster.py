"""
Pictures, depth and labels of a staged scene.

Laws: depth is metres along the optical axis at pixel centres (integer coordinates), +inf where
nothing is hit; the tile lists do not change a single value.

"""

from dataclasses import dataclass

from eventdepth_core.types import Camera, Float32, UInt8
import numpy as np
from numpy.typing import NDArray
from training.simulate.caster_kernels import cast_centres, smooth_edges
from training.simulate.parts import Kind
from training.simulate.scene import Scene
from training.simulate.solid_kernels import FAR_M
from training.simulate.stage import lens_of, Stage
from training.simulate.trace_kernels import COLOUR
from training.simulate.tracing import PixelTracer


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """
    `colour` float32 (H, W, 3) linear light and `depth_m` float32 (H, W), +inf = sky.

    `solid` int32 (H, W) is the number of the solid seen, -1 = sky; None of a plain scene.

    """

    colour: Float32
    depth_m: Float32
    solid: NDArray[np.int32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """`kind` uint8 (H, W) class numbers of `Kind`; `thing` int32 (H, W) instances, 0 = none."""

    kind: UInt8
    thing: NDArray[np.int32]


def render(stage: Stage, camera: Camera, *, view: int = -1) -> Picture:
    """Return colour, smoothed at edges by four rays a pixel, and depth at one of the poses."""
    k = view % len(stage.turns)
    if stage.world.lamp.is_on:
        seen = PixelTracer(stage, camera).trace(k, COLOUR, covers_area=True)
        depth_m = np.where(seen.t >= FAR_M, np.inf, seen.t).astype(np.float32)
        colour, solid = seen.light.reshape(*camera.size, 3), seen.solid.reshape(camera.size)
        return Picture(colour, depth_m.reshape(camera.size), solid)
    depth_m = np.empty(camera.size, dtype=np.float32)
    face = np.empty(camera.size, dtype=np.int32)
    colour = np.empty((*camera.size, 3), dtype=np.float32)
    cast_centres(stage, k, lens_of(camera), depth_m, face, colour)
    smooth_edges(stage, k, lens_of(camera), face, colour)
    depth_m[depth_m >= FAR_M] = np.inf
    return Picture(colour, depth_m)


def labels_of(scene: Scene, picture: Picture) -> Labels | None:
    """Return classes and instances of a picture; None of a plain scene."""
    if scene.furnished is None or picture.solid is None:
        return None
    seen = picture.solid >= 0
    number = np.where(seen, picture.solid, 0)
    kind = np.where(seen, scene.furnished.kind[number], np.uint8(Kind.SKY))
    thing = np.where(seen, scene.furnished.thing[number], np.int32(0))
    return Labels(kind.astype(np.uint8), thing.astype(np.int32))
