"""
Pictures and depth of a staged scene.

Laws: depth is metres along the optical axis at pixel centres (integer coordinates), +inf where
nothing is hit; the tile lists do not change a single value.

"""

from dataclasses import dataclass

from eventdepth_core.types import Camera, Float32
import numpy as np
from training.simulate.caster_kernels import cast_centres, FAR_M, smooth_edges
from training.simulate.stage import lens_of, Stage


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """`colour` float32 (H, W, 3) linear light and `depth_m` float32 (H, W), +inf = sky."""

    colour: Float32
    depth_m: Float32


def render(stage: Stage, camera: Camera, *, view: int = -1) -> Picture:
    """Return colour, smoothed at edges by four rays a pixel, and depth at one of the poses."""
    k = view % len(stage.turns)
    depth_m = np.empty(camera.size, dtype=np.float32)
    face = np.empty(camera.size, dtype=np.int32)
    colour = np.empty((*camera.size, 3), dtype=np.float32)
    cast_centres(stage, k, lens_of(camera), depth_m, face, colour)
    smooth_edges(stage, k, lens_of(camera), face, colour)
    depth_m[depth_m >= FAR_M] = np.inf
    return Picture(colour, depth_m)
