"""
Compiled ray caster of plain scenes: nearest hit among the solids of a tile, Lambert shading.

Rays and hits as in `stage`; no hit is (FAR_M, -1, -1). Scenes with a world, and light over a
pixel's area, are seen by `trace_kernels`.

Laws: the order of a tile's list does not change the result; the mip level may
be chosen once per window, the texel position never is.

"""

import math

from eventdepth_core.types import Float32, Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.compilation import inlined, kernel
from training.simulate.lens_kernels import centre_ray, inner_ray
from training.simulate.scene import Surfaces
from training.simulate.solid_kernels import (
    cylinder_hit,
    ellipsoid_hit,
    FAR_M,
    local_ray,
    NEAR_M,
    slab_hit,
)
from training.simulate.stage import Hit, Lens, Ray, Stage
from training.simulate.texel_kernels import (
    bilinear_colour,
    COLOUR_UNIT,
    mip_level,
    sky_point,
    Triple,
)
from training.simulate.tiles import TileLists

_TINY = 1e-12


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
        if NEAR_M <= t < best:
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
def shade_colour(stage: Stage, k: int, hit: Hit, ray: Ray, pixel_angle: float) -> Triple:
    """Return R, G, B of a hit, or of the sky without one; reflectance times light."""
    surfaces, colour = stage.surfaces, stage.planes.colour
    t, i, _ = hit
    if i < 0:
        u, v = sky_point(stage.turns, k, surfaces, ray)
        red, green, blue = bilinear_colour(colour, surfaces.sky[0], 1, u, v)
        unit = 0.5 * COLOUR_UNIT
        return 0.45 + unit * red, 0.45 + unit * green, 0.5 + unit * blue
    u, v, texture, shade, slope = surface_point(stage.views, k, surfaces, hit, ray)
    level = mip_level(t, pixel_angle, surfaces.texture_scale[i], slope)
    floor = int(level)
    coarse = level - floor
    sharp = bilinear_colour(colour, texture, floor, u, v)
    soft = bilinear_colour(colour, texture, floor + 1, u, v)
    unit = shade * COLOUR_UNIT
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
