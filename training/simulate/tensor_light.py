"""
Light of hits as tensors: normals, texels, the lamp's rays and the sky, as in the kernels.

Laws as in `surface_kernels` and `texel_kernels`.

"""

from dataclasses import dataclass

import torch
from torch import Tensor
from training.simulate.surface_kernels import FIELD_FACE, KEYS_PER_SOLID, MESH_FACE
from training.simulate.tensor_hits import field_normals, local_rays
from training.simulate.tensor_scene import TensorScene
from training.simulate.textures import NUM_LEVELS, TILE
from training.simulate.tiles import TILE_PX
from training.simulate.world import LAMP_PX

_BIAS_M = 0.015
_MAX_LEVEL = NUM_LEVELS - 1.01
_NEAR_M = 2e-3


@dataclass(frozen=True, slots=True, eq=False)
class TensorSurfaces:
    """What is seen of P hits: unit `point`, `normal` (P, 3), `key`, `u`, `v`, `texture`, ..."""

    point: Tensor
    normal: Tensor
    key: Tensor
    u: Tensor
    v: Tensor
    texture: Tensor
    cosine: Tensor
    slope: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class LampRays:
    """Rays of lamps to P points, in lamp axes; `limit` is where the point is."""

    direction: Tensor
    tile: Tensor
    limit: Tensor
    is_inside: Tensor


def surfaces_of(
    scene: TensorScene, k: int, solid: Tensor, face: Tensor, direction: Tensor, t: Tensor
) -> TensorSurfaces:
    """Return what is seen of hits."""
    origin, local = local_rays(scene.views[k], solid, direction)
    point = origin + t[:, None] * local
    half = scene.half_m[solid]
    normal = _normals(scene, solid, face, point, half)
    slope = (normal * half * local).sum(1)
    normal = torch.where((slope > 0)[:, None], -normal, normal)
    u, v, slot = _texture_points(scene, solid, face, point, normal, half)
    scale, offset = scene.texture_scale[solid], scene.texture_offset[solid]
    octant = ((normal > 0) * torch.tensor([4, 2, 1], device=face.device)).sum(1)
    key = KEYS_PER_SOLID * solid + (face + 1).clamp(max=MESH_FACE + 1)
    return TensorSurfaces(
        point=point,
        normal=normal,
        key=key + torch.where(face >= MESH_FACE, octant, torch.zeros_like(octant)),
        u=u * scale + offset[:, 0],
        v=v * scale + offset[:, 1],
        texture=scene.texture[solid, slot],
        cosine=(normal * scene.fill[solid]).sum(1).abs(),
        slope=slope.abs() / direction.square().sum(1).sqrt(),
    )


def _normals(
    scene: TensorScene, solid: Tensor, face: Tensor, point: Tensor, half: Tensor
) -> Tensor:
    axis = torch.nn.functional.one_hot(face.clamp(0, 2), 3).to(point.dtype)
    normal = axis * torch.where(point > 0, 1.0, -1.0)
    round_normal = point / half
    is_ball = (scene.shape[solid] == 1)[:, None]
    flat = torch.tensor([1.0, 0.0, 1.0], dtype=point.dtype, device=point.device)
    normal = torch.where(
        (face < 0)[:, None], torch.where(is_ball, round_normal, round_normal * flat), normal
    )
    on_field = (face == FIELD_FACE).nonzero()[:, 0]
    if len(on_field):
        raised = field_normals(scene.fields, scene.model[solid[on_field]], point[on_field])
        normal = normal.index_copy(0, on_field, raised / half[on_field])
    on_mesh = (face >= MESH_FACE).nonzero()[:, 0]
    if len(on_mesh):
        facets = scene.meshes.normals[face[on_mesh] - MESH_FACE]
        normal = normal.index_copy(0, on_mesh, facets / half[on_mesh])
    return normal / (normal.square().sum(1, keepdim=True) + 1e-12).sqrt()


def _texture_points(
    scene: TensorScene, solid: Tensor, face: Tensor, point: Tensor, normal: Tensor, half: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    metres = point * half
    size = normal.abs()
    widest = torch.where(
        size[:, 0] >= torch.maximum(size[:, 1], size[:, 2]),
        0,
        torch.where(size[:, 1] >= size[:, 2], 1, 2),
    )
    axis = torch.where(face >= MESH_FACE, widest, face)
    axis = torch.where(face == FIELD_FACE, 1, axis)
    u = torch.where(axis == 0, metres[:, 1], metres[:, 0])
    v = torch.where(axis == 2, metres[:, 1], metres[:, 2])
    around = torch.atan2(point[:, 2], point[:, 0]) * half[:, 0]
    along = torch.where(
        scene.shape[solid] == 1, torch.acos(point[:, 1].clamp(-1, 1)) * half[:, 1], metres[:, 1]
    )
    u, v = torch.where(face < 0, around, u), torch.where(face < 0, along, v)
    side = (point.gather(1, face.clamp(0, 2)[:, None])[:, 0] > 0).long()
    slot = torch.where((face >= 0) & (face < FIELD_FACE), 2 * face + side, 0)
    if len(scene.meshes.slots):
        of_mesh = scene.meshes.slots[(face - MESH_FACE).clamp(min=0)]
        slot = torch.where(face >= MESH_FACE, of_mesh, slot)
    return u, v, slot


def lamp_rays(scene: TensorScene, k: int, number: Tensor, seen_m: Tensor) -> LampRays:
    """Return the lamps' rays to points in the camera axes of their scenes."""
    view = scene.from_camera[k, number]
    there = (view[:, :, :3] * seen_m[:, None]).sum(-1) + view[:, :, 3]
    depth = there[:, 2]
    safe = depth.clamp(min=_NEAR_M)
    flat = there[:, :2] / safe[:, None]
    place = scene.lamp_focal_px[number, None] * flat + 0.5 * (LAMP_PX - 1)
    is_inside = (depth >= _NEAR_M) & ((place >= 0) & (place < LAMP_PX)).all(1)
    column, row = place.clamp(0, LAMP_PX - 1).long().unbind(1)
    tile = (row // TILE_PX) * scene.lamp_columns[number] + column // TILE_PX
    return LampRays(
        direction=torch.cat([flat, torch.ones_like(depth)[:, None]], dim=1),
        tile=scene.lamp_tile_start[number] + tile * is_inside,
        limit=depth - _BIAS_M,
        is_inside=is_inside,
    )


def reflected_luma(
    scene: TensorScene, solid: Tensor, seen: TensorSurfaces, lamp: Tensor, width_m: Tensor
) -> Tensor:
    """Return the luma (P,) of hits; `width_m` is how wide a pixel is there."""
    number = scene.scene[solid]
    texel = _trilinear(scene, scene.luma[..., None], solid, seen, width_m)[:, 0]
    is_lit = scene.is_lit[number]
    fill = 0.7 + 0.3 * seen.cosine
    lit = lamp * scene.lamp_luma[number] + fill * scene.lamp_ambient_luma[number]
    arriving = torch.where(is_lit, lit + scene.glow[solid], _plain(scene, number, seen))
    return texel * arriving * scene.tint_luma[solid]


def reflected_colour(
    scene: TensorScene, solid: Tensor, seen: TensorSurfaces, lamp: Tensor, width_m: Tensor
) -> Tensor:
    """Return R, G, B (P, 3) of hits."""
    number = scene.scene[solid]
    texel = _trilinear(scene, scene.colour, solid, seen, width_m)
    fill = (0.7 + 0.3 * seen.cosine)[:, None]
    lit = lamp[:, None] * scene.lamp_colour[number] + fill * scene.lamp_ambient[number]
    plain = _plain(scene, number, seen)[:, None]
    is_lit = scene.is_lit[number][:, None]
    arriving = torch.where(is_lit, lit + scene.glow[solid][:, None], plain)
    return texel * arriving * scene.tint[solid]


def _plain(scene: TensorScene, number: Tensor, seen: TensorSurfaces) -> Tensor:
    ambient = scene.plain_ambient[number]
    return ambient + (1.0 - ambient) * seen.cosine


def _trilinear(
    scene: TensorScene, table: Tensor, solid: Tensor, seen: TensorSurfaces, width_m: Tensor
) -> Tensor:
    footprint = width_m * scene.texture_scale[solid] * TILE / seen.slope.clamp(min=0.04).sqrt()
    level = footprint.clamp(min=1.0).log2().clamp(max=_MAX_LEVEL)
    floor = level.long()
    sharp = _bilinear(scene, table, seen.texture, floor, (seen.u, seen.v))
    soft = _bilinear(scene, table, seen.texture, floor + 1, (seen.u, seen.v))
    return sharp + (level - floor)[:, None] * (soft - sharp)


def _bilinear(
    scene: TensorScene, table: Tensor, texture: Tensor, level: Tensor, place: tuple[Tensor, Tensor]
) -> Tensor:
    side = torch.bitwise_right_shift(torch.full_like(level, TILE), level)
    x, y = place[0] * side, place[1] * side
    left, top = x.floor().long() % side, y.floor().long() % side
    fx, fy = (x - x.floor())[:, None], (y - y.floor())[:, None]
    right, bottom = (left + 1) % side, (top + 1) % side
    start = scene.level_start[level]
    upper = torch.lerp(
        table[texture, start + top * side + left], table[texture, start + top * side + right], fx
    )
    lower = torch.lerp(
        table[texture, start + bottom * side + left],
        table[texture, start + bottom * side + right],
        fx,
    )
    return torch.lerp(upper, lower, fy)


def sky_light(
    scene: TensorScene, k: int, number: Tensor, direction: Tensor, *, is_colour: bool
) -> Tensor:
    """Return the sky's luma (R,) or R, G, B (R, 3) in the directions of rays."""
    there = (scene.turns[k, number] * direction[:, None]).sum(-1)
    u = 0.5 + 0.3 * torch.atan2(there[:, 0], there[:, 2]) + scene.sky_offset[number]
    v = 0.5 + 0.3 * there[:, 1] / there.square().sum(1).sqrt()
    level = torch.ones_like(number)
    table = scene.colour if is_colour else scene.luma[..., None]
    texel = _bilinear(scene, table, scene.sky[number], level, (u, v))
    if is_colour:
        return texel * 0.5 + torch.tensor([0.45, 0.45, 0.5], device=texel.device).to(texel.dtype)
    return 0.455 + 0.5 * texel[:, 0]
