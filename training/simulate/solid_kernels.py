"""
Compiled hits of a ray with the unit box, ellipsoid and cylinder of one solid.

Rays and hits as in `stage`; no hit is (FAR_M, -1).

"""

import math

from eventdepth_core.types import Float64
from training.simulate.compilation import inlined
from training.simulate.stage import Ray

FAR_M = 1e9
NEAR_M = 1e-3
_TINY = 1e-12


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
    if side >= NEAR_M and abs(ly + side * ey) <= 1.0:
        return side, -1
    cap = ((-1.0 if ey > 0.0 else 1.0) - ly) / ey
    px, pz = lx + cap * ex, lz + cap * ez
    if px * px + pz * pz > 1.0:
        return FAR_M, -1
    return cap, 1
