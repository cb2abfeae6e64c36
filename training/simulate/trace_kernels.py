"""
Compiled tracing of a list of rays through any scene: range, incidence, light and its source.

One kernel serves pictures, events and LiDAR, so that the caster is compiled once.

"""

from typing import NamedTuple

from eventdepth_core.types import Float32, Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.compilation import inlined, kernel
from training.simulate.stage import Hit, Stage
from training.simulate.surface_kernels import nearest_surface, seen_surface
from training.simulate.texel_kernels import (
    bilinear_colour,
    COLOUR_UNIT,
    mip_level,
    sky_luma,
    sky_point,
    trilinear_luma,
    Triple,
)

RANGE, INCIDENCE, LUMA, COLOUR = 0, 1, 2, 3


class Rays(NamedTuple):
    """
    Rays from any of the poses of a stage.

    `direction` float64 (N, 3) in the camera axes of `pose` int64 (N,); `tile` int64 (N,) whose
    list holds for a ray.

    """

    direction: Float64
    tile: NDArray[np.int64]
    pose: NDArray[np.int64]


class Seen(NamedTuple):
    """
    What rays met: `t`, `cosine` (N,), `face` keys and `solid` int32 (N,), `light` (N, 3).

    `cosine` is that of ray and normal, 1 where nothing is met; `light` is RGB, or the luma in its
    first column; `face` is equal on one lit side of a solid.

    """

    t: Float64
    cosine: Float64
    face: NDArray[np.int32]
    solid: NDArray[np.int32]
    light: Float32


def empty_seen(count: int) -> Seen:
    """Return room for what `count` rays meet."""
    return Seen(
        t=np.empty(count),
        cosine=np.ones(count),
        face=np.empty(count, dtype=np.int32),
        solid=np.empty(count, dtype=np.int32),
        light=np.zeros((count, 3), dtype=np.float32),
    )


@inlined
def arriving_luma(stage: Stage, i: int, shade: Triple) -> float:
    """Return the luma of the light on a surface of solid i."""
    lamp = stage.world.lamp
    if lamp.is_on:
        luma: float = shade[0] * lamp.luma + shade[1] * lamp.ambient_luma + stage.world.glow[i]
        return luma
    return shade[0] + shade[1]


@inlined
def reflected_colour(
    stage: Stage, i: int, texel: tuple[float, float, int], level: float, shade: Triple
) -> Triple:
    """Return R, G, B of a surface of solid i."""
    surfaces, lamp = stage.surfaces, stage.world.lamp
    floor = int(level)
    sharp = bilinear_colour(stage.planes.colour, texel[2], floor, texel[0], texel[1])
    soft = bilinear_colour(stage.planes.colour, texel[2], floor + 1, texel[0], texel[1])
    red_light, green_light, blue_light = (
        shade[0] + shade[1],
        shade[0] + shade[1],
        shade[0] + shade[1],
    )
    if lamp.is_on:
        glow = stage.world.glow[i]
        red_light = shade[0] * lamp.colour[0] + shade[1] * lamp.ambient[0] + glow
        green_light = shade[0] * lamp.colour[1] + shade[1] * lamp.ambient[1] + glow
        blue_light = shade[0] * lamp.colour[2] + shade[1] * lamp.ambient[2] + glow
    coarse = level - floor
    red_light *= surfaces.tint[i, 0] * COLOUR_UNIT
    green_light *= surfaces.tint[i, 1] * COLOUR_UNIT
    blue_light *= surfaces.tint[i, 2] * COLOUR_UNIT
    return (
        red_light * (sharp[0] + coarse * (soft[0] - sharp[0])),
        green_light * (sharp[1] + coarse * (soft[1] - sharp[1])),
        blue_light * (sharp[2] + coarse * (soft[2] - sharp[2])),
    )


@kernel
def trace_rays(stage: Stage, rays: Rays, pixel_angle: float, detail: int, seen: Seen) -> None:
    """Fill `seen` as far as `detail` says: RANGE, INCIDENCE, LUMA or COLOUR."""
    surfaces, planes = stage.surfaces, stage.planes
    for n in range(rays.tile.shape[0]):
        ray = (rays.direction[n, 0], rays.direction[n, 1], rays.direction[n, 2])
        k = rays.pose[n]
        hit: Hit = nearest_surface(stage, k, rays.tile[n], ray)
        t, i, _ = hit
        seen.t[n], seen.solid[n] = t, i
        if detail == RANGE:
            continue
        if i < 0:
            seen.face[n], seen.cosine[n] = -1, 1.0
            if detail == INCIDENCE:
                continue
            if detail == LUMA:
                seen.light[n, 0] = sky_luma(planes.luma, stage.turns, k, surfaces, ray)
                continue
            u, v = sky_point(stage.turns, k, surfaces, ray)
            red, green, blue = bilinear_colour(planes.colour, surfaces.sky[0], 1, u, v)
            seen.light[n, 0] = 0.45 + 0.5 * COLOUR_UNIT * red
            seen.light[n, 1] = 0.45 + 0.5 * COLOUR_UNIT * green
            seen.light[n, 2] = 0.5 + 0.5 * COLOUR_UNIT * blue
            continue
        key, texel, shade = seen_surface(stage, k, hit, ray)
        seen.face[n], seen.cosine[n] = key, shade[2]
        if detail == INCIDENCE:
            continue
        level = mip_level(t, pixel_angle, surfaces.texture_scale[i], shade[2])
        if detail == LUMA:
            luma = trilinear_luma(planes.luma, texel[2], level, texel[0], texel[1])
            seen.light[n, 0] = luma * arriving_luma(stage, i, shade) * surfaces.tint_luma[i]
        else:
            seen.light[n] = reflected_colour(stage, i, texel, level, shade)


@inlined
def is_seen_apart(seen: Seen, one: int, other: int, contrast: float) -> bool:
    """Whether two pixels show different faces in different light."""
    if seen.face[one] == seen.face[other]:
        return False
    first, second = seen.light[one, 0], seen.light[other, 0]
    return bool(abs(first - second) >= contrast * max(first, second))


@kernel
def edge_pixels(
    seen: Seen, size: tuple[int, int], contrast: float, found: NDArray[np.int64]
) -> int:
    """
    Write the numbers of the pixels with a neighbour of another face; return how many.

    Neighbours whose light differs by less than `contrast` of the brighter one do not count.

    """
    height, width = size
    count = 0
    for y in range(height):
        for x in range(width):
            n = y * width + x
            if (
                (x > 0 and is_seen_apart(seen, n, n - 1, contrast))
                or (x + 1 < width and is_seen_apart(seen, n, n + 1, contrast))
                or (y > 0 and is_seen_apart(seen, n, n - width, contrast))
                or (y + 1 < height and is_seen_apart(seen, n, n + width, contrast))
            ):
                found[count] = n
                count += 1
    return count
