"""
Compiled hits of a ray with a triangle mesh and with a height field, in unit coordinates.

A mesh is walked along its tree of boxes in depth-first order: where a box is missed the walk goes
on at the node that its link names, so no stack is needed. A height field is walked cell by cell;
in a cell it consists of two triangles, over each of which the height above ground is linear
along the ray, so a change of its sign is a hit, exactly.

Laws: a mesh is seen from both sides, a field from above; no hit is (FAR_M, -1).

"""

import math

from eventdepth_core.types import Float64
from training.simulate.compilation import inlined, kernel
from training.simulate.furnishing import FIELD_BLOCK, Meshes
from training.simulate.solid_kernels import FAR_M, NEAR_M
from training.simulate.stage import Ray

_TINY = 1e-14


@inlined
def enters_box(bounds: Float64, node: int, origin: Ray, inverse: Ray) -> float:
    """Return where a ray enters the box of a node, FAR_M where it misses it."""
    lx, ly, lz = origin
    ix, iy, iz = inverse
    ax, bx = (bounds[node, 0] - lx) * ix, (bounds[node, 3] - lx) * ix
    ay, by = (bounds[node, 1] - ly) * iy, (bounds[node, 4] - ly) * iy
    az, bz = (bounds[node, 2] - lz) * iz, (bounds[node, 5] - lz) * iz
    enter: float = max(min(ax, bx), min(ay, by), min(az, bz))
    leave = min(max(ax, bx), max(ay, by), max(az, bz))
    if leave < max(enter, NEAR_M):
        return FAR_M
    return enter


@inlined
def triangle_hit(
    corners: Float64,
    triangle: int,
    origin: Ray,
    ray: Ray,
) -> float:
    """Return t of a ray with a triangle seen from either side (Moeller and Trumbore, 1997)."""
    lx, ly, lz = origin
    ex, ey, ez = ray
    ux, uy, uz = corners[triangle, 3], corners[triangle, 4], corners[triangle, 5]
    vx, vy, vz = corners[triangle, 6], corners[triangle, 7], corners[triangle, 8]
    px, py, pz = ey * vz - ez * vy, ez * vx - ex * vz, ex * vy - ey * vx
    volume = ux * px + uy * py + uz * pz
    if abs(volume) < _TINY:
        return FAR_M
    scale = 1.0 / volume
    sx, sy, sz = lx - corners[triangle, 0], ly - corners[triangle, 1], lz - corners[triangle, 2]
    a = (sx * px + sy * py + sz * pz) * scale
    if a < 0.0 or a > 1.0:
        return FAR_M
    qx, qy, qz = sy * uz - sz * uy, sz * ux - sx * uz, sx * uy - sy * ux
    b = (ex * qx + ey * qy + ez * qz) * scale
    if b < 0.0 or a + b > 1.0:
        return FAR_M
    t: float = (vx * qx + vy * qy + vz * qz) * scale
    return t


@kernel
def mesh_hit(
    meshes: Meshes,
    model: int,
    origin: Ray,
    ray: Ray,
    limit: float,
) -> tuple[float, int]:
    """Return (t, triangle) of the nearest hit before `limit`."""
    best, found = limit, -1
    inverse = (1.0 / ray[0], 1.0 / ray[1], 1.0 / ray[2])
    node, end = meshes.start[model], meshes.start[model + 1]
    while node < end:
        if enters_box(meshes.bounds, node, origin, inverse) >= best:
            node = meshes.links[node, 0]
            continue
        first = meshes.links[node, 1]
        for triangle in range(first, first + meshes.links[node, 2]):
            t = triangle_hit(meshes.corners, triangle, origin, ray)
            if NEAR_M <= t < best:
                best, found = t, triangle
        node += 1
    if found < 0:
        return FAR_M, -1
    return best, found


@inlined
def height_at(fields: Float64, model: int, x: float, z: float, column: int, row: int) -> float:
    """Return the height over the unit square at grid place (x, z) on the triangles of a cell."""
    fx, fz = x - column, z - row
    here = fields[model, row, column]
    right, below = fields[model, row, column + 1], fields[model, row + 1, column]
    if fx + fz <= 1.0:
        height: float = here + fx * (right - here) + fz * (below - here)
        return height
    across = fields[model, row + 1, column + 1]
    far: float = across + (1.0 - fx) * (below - across) + (1.0 - fz) * (right - across)
    return far


@kernel
def field_hit(
    fields: Float64, tops: Float64, model: int, origin: Ray, ray: Ray, limit: float
) -> float:
    """
    Return t where a ray from above meets a height field, FAR_M where it does not.

    Blocks whose highest point, `tops` (F, B, B), the ray stays above are passed at once.

    """
    lx, ly, lz = origin
    ex, ey, ez = ray
    ix, iy, iz = 1.0 / ex, 1.0 / ey, 1.0 / ez
    enter = max(-lx * ix - abs(ix), -ly * iy - abs(iy), -lz * iz - abs(iz), NEAR_M)
    leave = min(-lx * ix + abs(ix), -ly * iy + abs(iy), -lz * iz + abs(iz), limit)
    if leave <= enter:
        return FAR_M
    last = fields.shape[1] - 2
    half = 0.5 * (fields.shape[1] - 1)
    # grid places x = gx + t sx, z = gz + t sz
    gx, gz, sx, sz = (lx + 1.0) * half, (lz + 1.0) * half, ex * half, ez * half
    rx, rz = 1.0 / sx, 1.0 / sz
    to_right, to_lower = (1 if sx > 0 else 0), (1 if sz > 0 else 0)
    column = min(max(math.floor(gx + enter * sx), 0), last)
    row = min(max(math.floor(gz + enter * sz), 0), last)
    t, below, block_column, block_row = enter, 0.0, -1, -1
    while 0 <= column <= last and 0 <= row <= last and t < leave:
        if column // FIELD_BLOCK != block_column or row // FIELD_BLOCK != block_row:
            block_column, block_row = column // FIELD_BLOCK, row // FIELD_BLOCK
            across = (FIELD_BLOCK * (block_column + to_right) - gx) * rx
            down = (FIELD_BLOCK * (block_row + to_lower) - gz) * rz
            out = min(across, down, leave)
            if ly + max(t * ey, out * ey) < tops[model, block_row, block_column]:
                t = out
                if across <= down:
                    column = FIELD_BLOCK * (block_column + to_right) - 1 + to_right
                    row = min(max(math.floor(gz + t * sz), 0), last)
                else:
                    row = FIELD_BLOCK * (block_row + to_lower) - 1 + to_lower
                    column = min(max(math.floor(gx + t * sx), 0), last)
                continue
            below = ly + t * ey - height_at(fields, model, gx + t * sx, gz + t * sz, column, row)
            if below >= 0.0:
                return t
        across, down = (column + to_right - gx) * rx, (row + to_lower - gz) * rz
        out = min(across, down, leave)
        # the diagonal of the cell, where x + z = column + row + 1
        crossing = (column + row + 1 - gx - gz) / (sx + sz + _TINY)
        for part in range(2):
            until = out
            if part == 0:
                if not t < crossing < out:
                    continue
                until = crossing
            after = ly + until * ey
            after -= height_at(fields, model, gx + until * sx, gz + until * sz, column, row)
            if after >= 0.0:
                found: float = t + (until - t) * below / (below - after)
                return found
            t, below = until, after
        if across <= down:
            column += 2 * to_right - 1
        else:
            row += 2 * to_lower - 1
    return FAR_M


@inlined
def field_normal(fields: Float64, model: int, point: Ray) -> Ray:
    """Return the upward normal of a height field in unit coordinates, smooth over cells."""
    last = fields.shape[1] - 2
    half = 0.5 * (fields.shape[1] - 1)
    x, z = (point[0] + 1.0) * half, (point[2] + 1.0) * half
    column = min(max(math.floor(x), 0), last)
    row = min(max(math.floor(z), 0), last)
    fx, fz = x - column, z - row
    slope_x, slope_z = 0.0, 0.0
    for corner in range(4):
        at_column, at_row = column + (corner & 1), row + (corner >> 1)
        weight = (fx if corner & 1 else 1.0 - fx) * (fz if corner >> 1 else 1.0 - fz)
        left, right = max(at_column - 1, 0), min(at_column + 1, last + 1)
        upper, lower = max(at_row - 1, 0), min(at_row + 1, last + 1)
        rise = fields[model, at_row, right] - fields[model, at_row, left]
        slope_x += weight * rise / (right - left)
        rise = fields[model, lower, at_column] - fields[model, upper, at_column]
        slope_z += weight * rise / (lower - upper)
    return slope_x * half, -1.0, slope_z * half
