"""
Compiled look-up of textures: mip levels, bilinear and trilinear texels, the sky.

Law: the mip level may be chosen once per window, the texel position never is.

"""

import math
from typing import TypeAlias

from eventdepth_core.types import Float64, UInt8
import numpy as np
from numpy.typing import NDArray
from training.simulate.compilation import inlined
from training.simulate.scene import Surfaces
from training.simulate.stage import Ray
from training.simulate.textures import level_offsets, NUM_LEVELS, TILE

Triple: TypeAlias = tuple[float, float, float]

COLOUR_UNIT = 1.0 / 255.0
_OFFSETS = level_offsets()
_MAX_LEVEL = NUM_LEVELS - 1.01
_LUMA_UNIT = 1.0 / 65535.0


@inlined
def mip_level(t: float, pixel_angle: float, scale: float, slope: float) -> float:
    """Return the level at which a texel is as wide as the pixel's footprint."""
    footprint = t * pixel_angle * scale * TILE / math.sqrt(max(slope, 0.04))
    return min(math.log2(max(footprint, 1.0)), _MAX_LEVEL)


@inlined
def texel_corners(level: int, u: float, v: float) -> tuple[int, int, int, int, float, float]:
    """Return the four texel indices around (u, v) on a level and the two weights."""
    side = TILE >> level
    x, y = u * side, v * side
    x_floor, y_floor = math.floor(x), math.floor(y)
    x_weight, y_weight = x - x_floor, y - y_floor
    mask = side - 1
    left, top = np.int64(x_floor) & mask, np.int64(y_floor) & mask
    right, bottom = (left + 1) & mask, (top + 1) & mask
    upper, lower = _OFFSETS[level] + top * side, _OFFSETS[level] + bottom * side
    return upper + left, upper + right, lower + left, lower + right, x_weight, y_weight


@inlined
def bilinear_luma(luma: NDArray[np.uint16], texture: int, level: int, u: float, v: float) -> float:
    """Return the interpolated luma of one mip level, in 1/65535."""
    a, b, c, d, fx, fy = texel_corners(level, u, v)
    upper = luma[texture, a] + fx * (np.float64(luma[texture, b]) - luma[texture, a])
    lower = luma[texture, c] + fx * (np.float64(luma[texture, d]) - luma[texture, c])
    value: float = upper + fy * (lower - upper)
    return value


@inlined
def trilinear_luma(
    luma: NDArray[np.uint16], texture: int, level: float, u: float, v: float
) -> float:
    """Return the luma in [0, 1] at a broken mip level."""
    floor = int(level)
    coarse = level - floor
    sharp = bilinear_luma(luma, texture, floor, u, v)
    soft = bilinear_luma(luma, texture, floor + 1, u, v)
    return (sharp + coarse * (soft - sharp)) * _LUMA_UNIT


@inlined
def bilinear_colour(colour: UInt8, texture: int, level: int, u: float, v: float) -> Triple:
    """Return the interpolated R, G, B of one mip level, in 1/255."""
    a, b, c, d, fx, fy = texel_corners(level, u, v)
    wa, wb, wc, wd = (1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy
    red = wa * colour[texture, a, 0] + wb * colour[texture, b, 0]
    red += wc * colour[texture, c, 0] + wd * colour[texture, d, 0]
    green = wa * colour[texture, a, 1] + wb * colour[texture, b, 1]
    green += wc * colour[texture, c, 1] + wd * colour[texture, d, 1]
    blue = wa * colour[texture, a, 2] + wb * colour[texture, b, 2]
    blue += wc * colour[texture, c, 2] + wd * colour[texture, d, 2]
    return red, green, blue


@inlined
def sky_point(turns: Float64, k: int, surfaces: Surfaces, ray: Ray) -> tuple[float, float]:
    """Return (u, v) of the sky's texture in a ray's world direction."""
    dx, dy, dz = ray
    wx = turns[k, 0, 0] * dx + turns[k, 0, 1] * dy + turns[k, 0, 2] * dz
    wy = turns[k, 1, 0] * dx + turns[k, 1, 1] * dy + turns[k, 1, 2] * dz
    wz = turns[k, 2, 0] * dx + turns[k, 2, 1] * dy + turns[k, 2, 2] * dz
    length = math.sqrt(wx * wx + wy * wy + wz * wz)
    u = 0.5 + 0.3 * math.atan2(wx, wz) + surfaces.texture_offset[0, 0]
    return u, 0.5 + 0.3 * wy / length


@inlined
def sky_luma(
    luma: NDArray[np.uint16], turns: Float64, k: int, surfaces: Surfaces, ray: Ray
) -> float:
    """Return the luma of the sky: bright, with the texture as clouds."""
    u, v = sky_point(turns, k, surfaces, ray)
    return 0.455 + 0.5 * bilinear_luma(luma, surfaces.sky[0], 1, u, v) * _LUMA_UNIT
