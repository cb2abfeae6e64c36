"""
Compiled pictures of light: one ray a pixel, four where faces meet.

Laws: a pixel whose neighbours show the same face keeps the light of its centre; the four rays lie
on a rotated grid, so that an edge along rows or columns passes a pixel in four steps, not two.

"""

from eventdepth_core.types import Float32
import numpy as np
from numpy.typing import NDArray
from training.simulate.caster_kernels import (
    mip_level,
    nearest_hit,
    sky_luma,
    surface_point,
    trilinear_luma,
)
from training.simulate.compilation import inlined, kernel
from training.simulate.stage import Lens, Ray, Stage

NUM_EDGE_RAYS = 4


@inlined
def seen_light(stage: Stage, k: int, tile: int, ray: Ray, pixel_angle: float) -> tuple[float, int]:
    """Return the luma that a ray meets and the key of the face it comes from."""
    hit = nearest_hit(stage.views, k, stage.surfaces.shape, stage.tiles, tile, ray)
    i = hit[1]
    if i < 0:
        return sky_luma(stage.planes.luma, stage.turns, k, stage.surfaces, ray), -1
    u, v, texture, shade, slope = surface_point(stage.views, k, stage.surfaces, hit, ray)
    level = mip_level(hit[0], pixel_angle, stage.surfaces.texture_scale[i], slope)
    light = trilinear_luma(stage.planes.luma, texture, level, u, v)
    return light * shade * stage.surfaces.tint_luma[i], 4 * i + hit[2]


@kernel
def cast_light(stage: Stage, k: int, lens: Lens, light: Float32, face: NDArray[np.int32]) -> None:
    """Cast one ray through each pixel centre: fill luma and face key."""
    pixel_angle = 1.0 / lens.fx
    for y in range(light.shape[0]):
        for x in range(light.shape[1]):
            tile = (y >> 4) * stage.tiles.columns + (x >> 4)
            ray = ((x - lens.cx) / lens.fx, (y - lens.cy) / lens.fy, 1.0)
            light[y, x], face[y, x] = seen_light(stage, k, tile, ray, pixel_angle)


@kernel
def average_edges(
    stage: Stage, k: int, lens: Lens, face: NDArray[np.int32], light: Float32
) -> None:
    """Replace the luma of pixels at the border of two faces by the mean of four rays."""
    height, width = face.shape
    pixel_angle = 1.0 / lens.fx
    for y in range(height):
        for x in range(width):
            here = face[y, x]
            is_edge = (
                (x > 0 and face[y, x - 1] != here)
                or (x + 1 < width and face[y, x + 1] != here)
                or (y > 0 and face[y - 1, x] != here)
                or (y + 1 < height and face[y + 1, x] != here)
            )
            if not is_edge:
                continue
            tile = (y >> 4) * stage.tiles.columns + (x >> 4)
            total = 0.0
            for corner in range(NUM_EDGE_RAYS):
                # offsets (-3, 1), (-1, -3), (1, 3), (3, -1) eighths of a pixel
                column = x + 0.25 * corner - 0.375
                row = y + (0.125, -0.375, 0.375, -0.125)[corner]
                ray = ((column - lens.cx) / lens.fx, (row - lens.cy) / lens.fy, 1.0)
                total += seen_light(stage, k, tile, ray, pixel_angle)[0]
            light[y, x] = total / NUM_EDGE_RAYS
