"""
Where rays meet solids, as tensors: the same formulas as the compiled kernels, for lists of pairs.

Meshes and height fields are searched level by level: all pairs of a ray and a box that it enters
go on to the boxes within, until leaves are left. Laws as in `solid_kernels` and `model_kernels`.

"""

import torch
from torch import Tensor
from training.simulate.solid_kernels import FAR_M, NEAR_M
from training.simulate.surface_kernels import FIELD_FACE, MESH_FACE
from training.simulate.tensor_scene import TensorFields, TensorMeshes, TensorScene

_TINY = 1e-12
_TINY_VOLUME = 1e-14
_LEAF_TRIANGLES = 4


def local_rays(views: Tensor, solid: Tensor, direction: Tensor) -> tuple[Tensor, Tensor]:
    """Return (origin, direction) (P, 3) of rays in the unit coordinates of their solids."""
    view = views[solid]
    local = (view[:, :9].view(-1, 3, 3) * direction[:, None]).sum(-1)
    tiny = torch.full_like(local, _TINY)
    return view[:, 9:], torch.where(local.abs() < _TINY, tiny, local)


def pair_hits(
    scene: TensorScene, views: Tensor, solid: Tensor, direction: Tensor
) -> tuple[Tensor, Tensor]:
    """Return (t, face) (P,) of the nearest hit of each ray with its solid, FAR_M where none."""
    origin, local = local_rays(views, solid, direction)
    t = torch.full(solid.shape, FAR_M, dtype=views.dtype, device=views.device)
    face = torch.full_like(solid, -1)
    shape = scene.shape[solid]
    for number in range(6):
        chosen = (shape == number).nonzero()[:, 0]
        if not len(chosen):
            continue
        o, e = origin[chosen], local[chosen]
        model = scene.model[solid[chosen]]
        if number in {0, 3}:
            found = _slab(o, e, is_room=number == 3)
        elif number == 1:
            found = _ellipsoid(o, e)
        elif number == 2:
            found = _cylinder(o, e)
        elif number == 4:
            found = _mesh(scene.meshes, model, o, e)
        else:
            found = _field(scene.fields, model, o, e)
        t[chosen], face[chosen] = found
    return torch.where(t >= NEAR_M, t, torch.full_like(t, FAR_M)), face


def _slab(o: Tensor, e: Tensor, *, is_room: bool) -> tuple[Tensor, Tensor]:
    inverse = 1.0 / e
    span, middle = inverse.abs(), -o * inverse
    leave, last = (middle + span).min(dim=1)
    if is_room:
        return leave, last
    enter, first = (middle - span).max(dim=1)
    missed = leave < enter
    return enter.masked_fill(missed, FAR_M), first.masked_fill(missed, -1)


def _ellipsoid(o: Tensor, e: Tensor) -> tuple[Tensor, Tensor]:
    a, b, c = (e * e).sum(1), (o * e).sum(1), (o * o).sum(1) - 1.0
    root = b * b - a * c
    t = (-b - root.clamp(min=0.0).sqrt()) / a
    face = torch.full(t.shape, -1, dtype=torch.int64, device=t.device)
    return t.masked_fill(root < 0, FAR_M), face


def _cylinder(o: Tensor, e: Tensor) -> tuple[Tensor, Tensor]:
    flat_o, flat_e = o[:, [0, 2]], e[:, [0, 2]]
    a, b = (flat_e * flat_e).sum(1), (flat_o * flat_e).sum(1)
    root = b * b - a * ((flat_o * flat_o).sum(1) - 1.0)
    side = (-b - root.clamp(min=0.0).sqrt()) / a
    on_side = (side >= NEAR_M) & ((o[:, 1] + side * e[:, 1]).abs() <= 1.0)
    cap = (-torch.sign(e[:, 1]) - o[:, 1]) / e[:, 1]
    on_cap = ((flat_o + cap[:, None] * flat_e) ** 2).sum(1) <= 1.0
    t = torch.where(on_side, side, cap.masked_fill(~on_cap, FAR_M)).masked_fill(root < 0, FAR_M)
    face = torch.where(on_side | (t >= FAR_M), -1, 1)
    return t, face


def _enter(low: Tensor, high: Tensor, o: Tensor, inverse: Tensor) -> tuple[Tensor, Tensor]:
    one, other = (low - o) * inverse, (high - o) * inverse
    enter = torch.minimum(one, other).amax(1).clamp(min=NEAR_M)
    return enter, torch.maximum(one, other).amin(1)


def _mesh(meshes: TensorMeshes, model: Tensor, o: Tensor, e: Tensor) -> tuple[Tensor, Tensor]:
    count, device = len(o), o.device
    inverse = 1.0 / e
    ray, node = torch.arange(count, device=device), meshes.start[model]
    rays, triangles = [], []
    while len(ray):
        bounds = meshes.bounds[node]
        enter, leave = _enter(bounds[:, :3], bounds[:, 3:], o[ray], inverse[ray])
        kept = (leave >= enter).nonzero()[:, 0]
        ray, node = ray[kept], node[kept]
        is_leaf = meshes.count[node] > 0
        for k in range(_LEAF_TRIANGLES):
            has = (is_leaf & (meshes.count[node] > k)).nonzero()[:, 0]
            rays.append(ray[has])
            triangles.append(meshes.first[node[has]] + k)
        inner = (~is_leaf).nonzero()[:, 0]
        left = node[inner] + 1
        ray, node = ray[inner].repeat(2), torch.cat([left, meshes.skip[left]])
    ray, triangle = torch.cat(rays), torch.cat(triangles)
    t = _triangle(meshes.corners[triangle], o[ray], e[ray])
    best, chosen = nearest_pairs(count, ray, t)
    face = torch.full((count,), -1, dtype=torch.int64, device=device)
    hit = chosen >= 0
    face[hit] = MESH_FACE + triangle[chosen[hit]]
    return best, face


def _triangle(corners: Tensor, o: Tensor, e: Tensor) -> Tensor:
    first, u, v = corners[:, :3], corners[:, 3:6], corners[:, 6:]
    p = torch.linalg.cross(e, v)
    volume = (u * p).sum(1)
    is_flat = volume.abs() < _TINY_VOLUME
    scale = 1.0 / volume.masked_fill(is_flat, 1.0)
    s = o - first
    a = (s * p).sum(1) * scale
    q = torch.linalg.cross(s, u)
    b = (e * q).sum(1) * scale
    t = (v * q).sum(1) * scale
    missed = is_flat | (a < 0) | (a > 1) | (b < 0) | (a + b > 1) | (t < NEAR_M)
    return t.masked_fill(missed, FAR_M)


def nearest_pairs(count: int, ray: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """Return (t, pair) of the nearest pair of each of `count` rays; (FAR_M, -1) where none."""
    best = torch.full((count,), FAR_M, dtype=t.dtype, device=t.device)
    best.scatter_reduce_(0, ray, t, 'amin')
    won = ((t == best[ray]) & (t < FAR_M)).nonzero()[:, 0]
    last = len(t)
    chosen = torch.full((count,), last, dtype=torch.int64, device=t.device)
    chosen.scatter_reduce_(0, ray[won], won, 'amin')
    return best, torch.where(chosen == last, -1, chosen)


def _field(fields: TensorFields, model: Tensor, o: Tensor, e: Tensor) -> tuple[Tensor, Tensor]:
    count, device = len(o), o.device
    inverse = 1.0 / e
    one = torch.ones_like(o)
    start, end = _enter(-one, one, o, inverse)
    ray = (end > start).nonzero()[:, 0]
    row, column = torch.zeros_like(ray), torch.zeros_like(ray)
    for level, (low, high) in enumerate(zip(fields.low, fields.high, strict=True)):
        if level > 0:
            # four children; those beyond the edge of an odd grid do not exist
            row = (2 * row[:, None] + torch.tensor([0, 0, 1, 1], device=device)).view(-1)
            column = (2 * column[:, None] + torch.tensor([0, 1, 0, 1], device=device)).view(-1)
            ray = ray.repeat_interleave(4)
            exists = ((row < low.shape[1]) & (column < low.shape[2])).nonzero()[:, 0]
            ray, row, column = ray[exists], row[exists], column[exists]
        cells = fields.heights.shape[-1] - 1
        size = 2.0 * 2 ** (len(fields.low) - 1 - level) / cells
        bounds_low = torch.stack(
            [size * column - 1.0, low[model[ray], row, column] - 1e-5, size * row - 1.0], dim=1
        ).to(o.dtype)
        bounds_high = torch.stack(
            [
                bounds_low[:, 0] + size,
                high[model[ray], row, column] + 1e-5,
                bounds_low[:, 2] + size,
            ],
            dim=1,
        )
        enter, leave = _enter(bounds_low, bounds_high, o[ray], inverse[ray])
        kept = (leave >= enter - 1e-5 * enter.abs()).nonzero()[:, 0]
        ray, row, column = ray[kept], row[kept], column[kept]
    t = _cell(fields.heights, model[ray], row, column, (o[ray], e[ray]), (start[ray], end[ray]))
    best, _ = nearest_pairs(count, ray, t)
    return best, torch.full((count,), FIELD_FACE, dtype=torch.int64, device=device)


def _cell(
    heights: Tensor,
    model: Tensor,
    row: Tensor,
    column: Tensor,
    ray: tuple[Tensor, Tensor],
    span: tuple[Tensor, Tensor],
) -> Tensor:
    """Return t where rays meet the two triangles of a cell, FAR_M where they do not."""
    o, e = ray
    half = (heights.shape[-1] - 1) / 2
    gx, gz, sx, sz = (o[:, 0] + 1) * half, (o[:, 2] + 1) * half, e[:, 0] * half, e[:, 2] * half
    to_x = torch.stack([(column - gx) / sx, (column + 1 - gx) / sx])
    to_z = torch.stack([(row - gz) / sz, (row + 1 - gz) / sz])
    enter = torch.maximum(torch.maximum(to_x.amin(0), to_z.amin(0)), span[0])
    leave = torch.minimum(torch.minimum(to_x.amax(0), to_z.amax(0)), span[1])
    crossing = (column + row + 1 - gx - gz) / (sx + sz + _TINY_VOLUME)
    middle = torch.where((crossing > enter) & (crossing < leave), crossing, leave)
    here, right = heights[model, row, column], heights[model, row, column + 1]
    below, across = heights[model, row + 1, column], heights[model, row + 1, column + 1]

    def under(t: Tensor, *, is_far: Tensor) -> Tensor:
        fx, fz = gx + t * sx - column, gz + t * sz - row
        near = here + fx * (right - here) + fz * (below - here)
        far = across + (1 - fx) * (below - across) + (1 - fz) * (right - across)
        return o[:, 1] + t * e[:, 1] - torch.where(is_far, far, near)

    def is_far_at(t: Tensor) -> Tensor:
        return gx + t * sx - column + gz + t * sz - row > 1.0

    first_far = is_far_at((enter + middle) / 2)
    second_far = is_far_at((middle + leave) / 2)
    at_enter, at_middle = under(enter, is_far=first_far), under(middle, is_far=first_far)
    from_middle, at_leave = under(middle, is_far=second_far), under(leave, is_far=second_far)
    first = enter + (middle - enter) * at_enter / (at_enter - at_middle - _TINY_VOLUME)
    second = middle + (leave - middle) * from_middle / (from_middle - at_leave - _TINY_VOLUME)
    far = torch.full_like(enter, FAR_M)
    t = torch.where((from_middle < 0) & (at_leave >= 0), second, far)
    t = torch.where((at_enter < 0) & (at_middle >= 0), first, t)
    t = torch.where(at_enter >= 0, enter, t)
    return torch.where(leave > enter, t, far)


def field_normals(fields: TensorFields, model: Tensor, point: Tensor) -> Tensor:
    """Return the upward normals (P, 3) of height fields in unit coordinates, smooth over cells."""
    last = fields.heights.shape[-1] - 2
    half = (fields.heights.shape[-1] - 1) / 2
    grid = (point[:, [0, 2]] + 1) * half
    column, row = grid.floor().long().clamp(0, last).unbind(1)
    fx, fz = grid[:, 0] - column, grid[:, 1] - row
    slope = torch.zeros_like(point[:, :2])
    for corner in range(4):
        x, z = column + (corner & 1), row + (corner >> 1)
        weight = (fx if corner & 1 else 1 - fx) * (fz if corner >> 1 else 1 - fz)
        left, right = (x - 1).clamp(min=0), (x + 1).clamp(max=last + 1)
        upper, lower = (z - 1).clamp(min=0), (z + 1).clamp(max=last + 1)
        rise_x = fields.heights[model, z, right] - fields.heights[model, z, left]
        rise_z = fields.heights[model, lower, x] - fields.heights[model, upper, x]
        steps = torch.stack([rise_x / (right - left), rise_z / (lower - upper)], dim=1)
        slope = slope + weight[:, None] * steps
    up = torch.full_like(slope[:, 0], -1.0)
    return torch.stack([slope[:, 0] * half, up, slope[:, 1] * half], dim=1)
