"""
Compiled view of any scene: nearest surface, shadow of the lamp, texture and light of a hit.

A hit is (t, solid, face): face 0 to 2 the axis of a box, -1 a curved surface, 3 a height field,
4 + i triangle i of a mesh. Scenes without a lamp are lit as by `caster_kernels`.

"""

import math

from training.simulate.compilation import inlined
from training.simulate.model_kernels import field_hit, field_normal, mesh_hit
from training.simulate.solid_kernels import (
    cylinder_hit,
    ellipsoid_hit,
    FAR_M,
    local_ray,
    NEAR_M,
    slab_hit,
)
from training.simulate.stage import Hit, Ray, Stage
from training.simulate.world import LAMP_PX, World

FIELD_FACE = 3
MESH_SHAPE = 4
KEYS_PER_SOLID = 32
MESH_FACE = 4
_BIAS_M = 0.015
_TINY = 1e-12


@inlined
def solid_hit(
    world: World, i: int, shape: int, origin: Ray, ray: Ray, limit: float
) -> tuple[float, int]:
    """Return (t, face) of a ray in the unit coordinates of solid i."""
    lx, ly, lz = origin
    ex, ey, ez = ray
    if shape == 1:
        t, face = ellipsoid_hit(lx, ly, lz, ex, ey, ez)
    elif shape == 2:
        t, face = cylinder_hit(lx, ly, lz, ex, ey, ez)
    elif shape == 4:
        t, face = mesh_hit(world.meshes, world.model[i], origin, ray, limit)
        face += MESH_FACE
    elif shape == 5:
        t, face = (
            field_hit(world.fields, world.tops, world.model[i], origin, ray, limit),
            FIELD_FACE,
        )
    else:
        t, face = slab_hit(lx, ly, lz, ex, ey, ez, shape == 3)
    return t, face


@inlined
def nearest_surface(stage: Stage, k: int, tile: int, ray: Ray) -> Hit:
    """Return (t, solid, face) of the nearest surface that a ray of a tile meets at pose k."""
    best, solid, seen_face = FAR_M, -1, -1
    views, tiles = stage.views, stage.tiles
    for member in range(tiles.first[tile], tiles.first[tile + 1]):
        i = tiles.members[member]
        if tiles.nearest_m[i] >= best:
            break
        local = local_ray(views, k, i, ray[0], ray[1], ray[2])
        origin = (views[k, i, 9], views[k, i, 10], views[k, i, 11])
        t, face = solid_hit(stage.world, i, stage.surfaces.shape[i], origin, local, best)
        if NEAR_M <= t < best:
            best, solid, seen_face = t, i, face
    return best, solid, seen_face


@inlined
def is_lit(stage: Stage, k: int, hit: Hit, ray: Ray) -> bool:
    """Whether the lamp sees the surface of a hit."""
    t, own, _ = hit
    lamp, shapes = stage.world.lamp, stage.surfaces.shape
    x, y, z = t * ray[0], t * ray[1], t * ray[2]
    view = lamp.from_camera
    to_x = view[k, 0, 0] * x + view[k, 0, 1] * y + view[k, 0, 2] * z + view[k, 0, 3]
    to_y = view[k, 1, 0] * x + view[k, 1, 1] * y + view[k, 1, 2] * z + view[k, 1, 3]
    depth = view[k, 2, 0] * x + view[k, 2, 1] * y + view[k, 2, 2] * z + view[k, 2, 3]
    if depth < 2.0 * NEAR_M:
        return True
    to_x, to_y = to_x / depth, to_y / depth
    column = lamp.focal_px * to_x + 0.5 * (LAMP_PX - 1)
    row = lamp.focal_px * to_y + 0.5 * (LAMP_PX - 1)
    if not (0.0 <= column < LAMP_PX and 0.0 <= row < LAMP_PX):
        return True
    tile = (int(row) >> 4) * lamp.tiles.columns + (int(column) >> 4)
    limit, views = depth - _BIAS_M, lamp.views
    for member in range(lamp.tiles.first[tile], lamp.tiles.first[tile + 1]):
        i = lamp.tiles.members[member]
        if lamp.tiles.nearest_m[i] >= limit:
            break
        shape = shapes[i]
        if stage.world.casts[i] == 0 or (i == own and shape != MESH_SHAPE):
            continue
        local = local_ray(views, k, i, to_x, to_y, 1.0)
        origin = (views[k, i, 9], views[k, i, 10], views[k, i, 11])
        blocked, _ = solid_hit(stage.world, i, shape, origin, local, limit)
        if NEAR_M <= blocked < limit:
            return False
    return True


@inlined
def local_normal(stage: Stage, i: int, face: int, point: Ray) -> Ray:
    """Return the unit normal of a hit at `point` (unit coordinates), in the solid's axes."""
    px, py, pz = point
    surfaces, world = stage.surfaces, stage.world
    hx, hy, hz = surfaces.half_m[i, 0], surfaces.half_m[i, 1], surfaces.half_m[i, 2]
    nx, ny, nz = 0.0, 0.0, 0.0
    if face == 0:
        nx = 1.0 if px > 0 else -1.0
    elif face == 1:
        ny = 1.0 if py > 0 else -1.0
    elif face == 2:
        nz = 1.0 if pz > 0 else -1.0
    elif face == FIELD_FACE:
        nx, ny, nz = field_normal(world.fields, world.model[i], point)
        nx, ny, nz = nx / hx, ny / hy, nz / hz
    elif face >= MESH_FACE:
        normals = world.meshes.normals
        triangle = face - MESH_FACE
        nx, ny, nz = (
            normals[triangle, 0] / hx,
            normals[triangle, 1] / hy,
            normals[triangle, 2] / hz,
        )
    else:
        nx, nz = px / hx, pz / hz
        if surfaces.shape[i] == 1:
            ny = py / hy
    length = math.sqrt(nx * nx + ny * ny + nz * nz + _TINY)
    return nx / length, ny / length, nz / length


@inlined
def texture_point(
    stage: Stage, i: int, face: int, point: Ray, normal: Ray
) -> tuple[float, float, int]:
    """Return (u, v, slot of the texture) of a hit, u and v in metres."""
    px, py, pz = point
    surfaces = stage.surfaces
    hx, hy, hz = surfaces.half_m[i, 0], surfaces.half_m[i, 1], surfaces.half_m[i, 2]
    axis, slot = face, 0
    if face >= MESH_FACE:
        slot = stage.world.meshes.slots[face - MESH_FACE]
        ax, ay, az = abs(normal[0]), abs(normal[1]), abs(normal[2])
        axis = 0 if ax >= max(ay, az) else (1 if ay >= az else 2)
    elif face == FIELD_FACE:
        axis = 1
    elif face >= 0:
        slot = 2 * face + (1 if point[face] > 0 else 0)
    if axis == 0:
        return py * hy, pz * hz, slot
    if axis == 1:
        return px * hx, pz * hz, slot
    if axis == 2:
        return px * hx, py * hy, slot
    u = math.atan2(pz, px) * hx
    if surfaces.shape[i] == 1:
        return u, math.acos(max(-1.0, min(1.0, py))) * hy, slot
    return u, py * hy, slot


@inlined
def lamp_share(stage: Stage, k: int, hit: Hit, ray: Ray, point: Ray, normal: Ray) -> float:
    """Return how much of the lamp's light arrives: incidence, distance, shadow."""
    i = hit[1]
    lamp, half_m = stage.world.lamp, stage.surfaces.half_m
    x = (lamp.views[k, i, 9] - point[0]) * half_m[i, 0]
    y = (lamp.views[k, i, 10] - point[1]) * half_m[i, 1]
    z = (lamp.views[k, i, 11] - point[2]) * half_m[i, 2]
    square = x * x + y * y + z * z
    cosine = (x * normal[0] + y * normal[1] + z * normal[2]) / math.sqrt(square)
    if cosine <= 0.0 or not is_lit(stage, k, hit, ray):
        return 0.0
    share: float = cosine / (1.0 + square / (lamp.half_m * lamp.half_m))
    return share


@inlined
def seen_surface(
    stage: Stage, k: int, hit: Hit, ray: Ray
) -> tuple[int, tuple[float, float, int], tuple[float, float, float]]:
    """
    Return key of the face, (u, v, texture) and (lamp, fill, slope) of a hit.

    `lamp` is the share of the lamp's light, `fill` of the ambient; `slope` of surface to ray. A
    key is the same on one side of a solid under the same light.

    """
    t, i, face = hit
    views, surfaces = stage.views, stage.surfaces
    ex, ey, ez = local_ray(views, k, i, ray[0], ray[1], ray[2])
    point = (views[k, i, 9] + t * ex, views[k, i, 10] + t * ey, views[k, i, 11] + t * ez)
    normal = local_normal(stage, i, face, point)
    hx, hy, hz = surfaces.half_m[i, 0], surfaces.half_m[i, 1], surfaces.half_m[i, 2]
    slope = normal[0] * hx * ex + normal[1] * hy * ey + normal[2] * hz * ez
    if slope > 0.0:
        # a mesh from behind, a room from inside: the normal looks at the camera
        normal = (-normal[0], -normal[1], -normal[2])
    slope = abs(slope) / math.sqrt(ray[0] * ray[0] + ray[1] * ray[1] + ray[2] * ray[2])
    u, v, slot = texture_point(stage, i, face, point, normal)
    u = u * surfaces.texture_scale[i] + surfaces.texture_offset[i, 0]
    v = v * surfaces.texture_scale[i] + surfaces.texture_offset[i, 1]
    light = surfaces.light
    cosine = abs(normal[0] * light[i, 0] + normal[1] * light[i, 1] + normal[2] * light[i, 2])
    key = KEYS_PER_SOLID * i + min(face + 1, MESH_FACE + 1)
    if face >= MESH_FACE:
        key += (4 if normal[0] > 0 else 0) + (2 if normal[1] > 0 else 0)
        key += 1 if normal[2] > 0 else 0
    if stage.world.lamp.is_on:
        lamp = lamp_share(stage, k, hit, ray, point, normal)
        fill = 0.7 + 0.3 * cosine
        if lamp > 0.0:
            key += KEYS_PER_SOLID // 2
    else:
        lamp, fill = (1.0 - surfaces.ambient[0]) * cosine, surfaces.ambient[0]
    return key, (u, v, surfaces.texture[i, slot]), (lamp, fill, slope)
