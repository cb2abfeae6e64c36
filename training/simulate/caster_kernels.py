"""
Compiled ray caster: nearest hit among the solids of a tile, Lambert shading, mip-mapped texels.

Rays and hits as in `stage`; no hit is (FAR_M, -1, -1).

Laws: the order of a tile's list does not change the result; the mip level may
be chosen once per window, the texel position never is.

"""

import math
from typing import TypeAlias

from eventdepth_core.types import Float32, Float64, UInt8
import numpy as np
from numpy.typing import NDArray
from training.simulate.compilation import inlined, kernel
from training.simulate.lens_kernels import centre_ray, inner_ray
from training.simulate.scene import Surfaces
from training.simulate.stage import Hit, Lens, Ray, Stage
from training.simulate.textures import level_offsets, NUM_LEVELS, TILE
from training.simulate.tiles import TileLists

Triple: TypeAlias = tuple[float, float, float]

FAR_M = 1e9
_NEAR_M = 1e-3
_TINY = 1e-12
_OFFSETS = level_offsets()
_MAX_LEVEL = NUM_LEVELS - 1.01
_LUMA_UNIT = 1.0 / 65535.0
_COLOUR_UNIT = 1.0 / 255.0


@inlined
def local_ray(views: Float64, k: int, i: int, dx: float, dy: float, dz: float) -> Ray:
    """Return the ray's direction in the unit coordinates of solid i at pose k."""
    ex = views[k, i, 0] * dx + views[k, i, 1] * dy + views[k, i, 2] * dz
    ey = views[k, i, 3] * dx + views[k, i, 4] * dy + views[k, i, 5] * dz
    ez = views[k, i, 6] * dx + views[k, i, 7] * dy + views[k, i, 8] * dz
    if abs(ex) < _TINY:
        ex = _TINY
    if abs(ey) < _TINY:
        ey = _TINY
    if abs(ez) < _TINY:
        ez = _TINY
    return ex, ey, ez


@inlined
def slab_hit(
    lx: float, ly: float, lz: float, ex: float, ey: float, ez: float, is_room: bool
) -> tuple[float, int]:
    """Return (t, axis) of a ray with the unit cube; a room is hit from inside."""
    ix, iy, iz = 1.0 / ex, 1.0 / ey, 1.0 / ez
    ux, uy, uz = abs(ix), abs(iy), abs(iz)
    mx, my, mz = -lx * ix, -ly * iy, -lz * iz
    leave = min(mx + ux, my + uy, mz + uz)
    if is_room:
        axis = 0 if leave == mx + ux else (1 if leave == my + uy else 2)
        return leave, axis
    enter = max(mx - ux, my - uy, mz - uz)
    if leave < enter:
        return FAR_M, -1
    axis = 0 if enter == mx - ux else (1 if enter == my - uy else 2)
    return enter, axis


@inlined
def ellipsoid_hit(
    lx: float, ly: float, lz: float, ex: float, ey: float, ez: float
) -> tuple[float, int]:
    """Return (t, -1) of a ray with the unit sphere."""
    a = ex * ex + ey * ey + ez * ez
    b = lx * ex + ly * ey + lz * ez
    c = lx * lx + ly * ly + lz * lz - 1.0
    root = b * b - a * c
    if root < 0.0:
        return FAR_M, -1
    return (-b - math.sqrt(root)) / a, -1


@inlined
def cylinder_hit(
    lx: float, ly: float, lz: float, ex: float, ey: float, ez: float
) -> tuple[float, int]:
    """Return (t, axis) of a ray with the unit cylinder along y; axis 1 is a cap."""
    a = ex * ex + ez * ez
    b = lx * ex + lz * ez
    c = lx * lx + lz * lz - 1.0
    root = b * b - a * c
    if root < 0.0:
        return FAR_M, -1
    side = (-b - math.sqrt(root)) / a
    if side >= _NEAR_M and abs(ly + side * ey) <= 1.0:
        return side, -1
    cap = ((-1.0 if ey > 0.0 else 1.0) - ly) / ey
    px, pz = lx + cap * ex, lz + cap * ez
    if px * px + pz * pz > 1.0:
        return FAR_M, -1
    return cap, 1


@inlined
def nearest_hit(
    views: Float64, k: int, shapes: NDArray[np.int64], tiles: TileLists, tile: int, ray: Ray
) -> Hit:
    """Return (t, solid, axis) of the nearest surface that a ray of tile `tile` meets at pose k."""
    best, solid, face_axis = FAR_M, -1, -1
    dx, dy, dz = ray
    for member in range(tiles.first[tile], tiles.first[tile + 1]):
        i = tiles.members[member]
        if tiles.nearest_m[i] >= best:
            break
        ex, ey, ez = local_ray(views, k, i, dx, dy, dz)
        lx, ly, lz = views[k, i, 9], views[k, i, 10], views[k, i, 11]
        shape = shapes[i]
        if shape == 1:
            t, axis = ellipsoid_hit(lx, ly, lz, ex, ey, ez)
        elif shape == 2:
            t, axis = cylinder_hit(lx, ly, lz, ex, ey, ez)
        else:
            t, axis = slab_hit(lx, ly, lz, ex, ey, ez, shape == 3)
        if _NEAR_M <= t < best:
            best, solid, face_axis = t, i, axis
    return best, solid, face_axis


@inlined
def surface_point(
    views: Float64, k: int, surfaces: Surfaces, hit: Hit, ray: Ray
) -> tuple[float, float, int, float, float]:
    """
    Return (u, v, texture, cosine, slope) of a hit.

    u, v in textures; cosine of the light's incidence; slope of the surface to the ray.

    """
    t, i, axis = hit
    dx, dy, dz = ray
    ex, ey, ez = local_ray(views, k, i, dx, dy, dz)
    px, py, pz = views[k, i, 9] + t * ex, views[k, i, 10] + t * ey, views[k, i, 11] + t * ez
    hx, hy, hz = surfaces.half_m[i, 0], surfaces.half_m[i, 1], surfaces.half_m[i, 2]
    light_x, light_y, light_z = surfaces.light[i, 0], surfaces.light[i, 1], surfaces.light[i, 2]
    face = 0
    if axis == 0:
        u, v = py * hy, pz * hz
        cosine, slope = light_x, ex * hx
        face = 1 if px > 0 else 0
    elif axis == 1:
        u, v = px * hx, pz * hz
        cosine, slope = light_y, ey * hy
        face = 3 if py > 0 else 2
    elif axis == 2:
        u, v = px * hx, py * hy
        cosine, slope = light_z, ez * hz
        face = 5 if pz > 0 else 4
    else:
        u = math.atan2(pz, px) * hx
        nx, ny, nz = px / hx, 0.0, pz / hz
        if surfaces.shape[i] == 1:
            v = math.acos(max(-1.0, min(1.0, py))) * hy
            ny = py / hy
        else:
            v = py * hy
        length = math.sqrt(nx * nx + ny * ny + nz * nz + _TINY)
        cosine = (nx * light_x + ny * light_y + nz * light_z) / length
        slope = (px * ex + ny * hy * ey + pz * ez) / length
    scale = surfaces.texture_scale[i]
    u = u * scale + surfaces.texture_offset[i, 0]
    v = v * scale + surfaces.texture_offset[i, 1]
    shade = surfaces.ambient[0] + (1.0 - surfaces.ambient[0]) * abs(cosine)
    length = math.sqrt(dx * dx + dy * dy + dz * dz)
    return u, v, surfaces.texture[i, face], shade, abs(slope) / length


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


@inlined
def shade_colour(stage: Stage, k: int, hit: Hit, ray: Ray, pixel_angle: float) -> Triple:
    """Return R, G, B of a hit, or of the sky without one; reflectance times light."""
    surfaces, colour = stage.surfaces, stage.planes.colour
    t, i, _ = hit
    if i < 0:
        u, v = sky_point(stage.turns, k, surfaces, ray)
        red, green, blue = bilinear_colour(colour, surfaces.sky[0], 1, u, v)
        unit = 0.5 * _COLOUR_UNIT
        return 0.45 + unit * red, 0.45 + unit * green, 0.5 + unit * blue
    u, v, texture, shade, slope = surface_point(stage.views, k, surfaces, hit, ray)
    level = mip_level(t, pixel_angle, surfaces.texture_scale[i], slope)
    floor = int(level)
    coarse = level - floor
    sharp = bilinear_colour(colour, texture, floor, u, v)
    soft = bilinear_colour(colour, texture, floor + 1, u, v)
    unit = shade * _COLOUR_UNIT
    return (
        surfaces.tint[i, 0] * unit * (sharp[0] + coarse * (soft[0] - sharp[0])),
        surfaces.tint[i, 1] * unit * (sharp[1] + coarse * (soft[1] - sharp[1])),
        surfaces.tint[i, 2] * unit * (sharp[2] + coarse * (soft[2] - sharp[2])),
    )


@kernel
def cast_centres(
    stage: Stage, k: int, lens: Lens, depth_m: Float32, face: NDArray[np.int32], colour: Float32
) -> None:
    """Cast one ray through each pixel centre: fill depth, face key and colour."""
    pixel_angle = 1.0 / lens.fx
    for y in range(depth_m.shape[0]):
        for x in range(depth_m.shape[1]):
            tile = (y >> 4) * stage.tiles.columns + (x >> 4)
            ray = centre_ray(lens, x, y)
            hit = nearest_hit(stage.views, k, stage.surfaces.shape, stage.tiles, tile, ray)
            red, green, blue = shade_colour(stage, k, hit, ray, pixel_angle)
            depth_m[y, x] = hit[0]
            face[y, x] = 4 * hit[1] + hit[2]
            colour[y, x, 0], colour[y, x, 1], colour[y, x, 2] = red, green, blue


@kernel
def smooth_edges(
    stage: Stage, k: int, lens: Lens, face: NDArray[np.int32], colour: Float32
) -> None:
    """Replace the colour of pixels at the border of two faces by the mean of four rays."""
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
            red, green, blue = 0.0, 0.0, 0.0
            for corner in range(4):
                column, row = x + 0.5 * (corner & 1) - 0.25, y + 0.25 * (corner & 2) - 0.25
                ray = inner_ray(lens, x, y, column, row)
                hit = nearest_hit(stage.views, k, stage.surfaces.shape, stage.tiles, tile, ray)
                r, g, b = shade_colour(stage, k, hit, ray, pixel_angle)
                red, green, blue = red + 0.25 * r, green + 0.25 * g, blue + 0.25 * b
            colour[y, x, 0], colour[y, x, 1], colour[y, x, 2] = red, green, blue


@kernel
def cast_directions(stage: Stage, k: int, directions: Float64, range_m: Float64) -> None:
    """Fill the distance along each unit direction (N, 3), FAR_M where nothing is hit."""
    shapes = stage.surfaces.shape
    for i in range(directions.shape[0]):
        ray = (directions[i, 0], directions[i, 1], directions[i, 2])
        range_m[i] = nearest_hit(stage.views, k, shapes, stage.tiles, 0, ray)[0]
