"""
Triangle meshes made of boxes, prisms and bumpy spheres, each with a tree of bounding boxes.

A mesh has its natural half extents and corners in the unit cube; triangles carry the slot of the
material they show. Law: every triangle lies in all boxes on the way to its leaf.

"""

from dataclasses import dataclass

from eventdepth_core.types import Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.furnishing import Meshes
from training.simulate.solids import rotation_about

LEAF_TRIANGLES = 4
_BOX_CORNERS = np.array(
    [[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float
)
_BOX_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """`triangles` float64 (T, 3, 3) corners, `slots` int64 (T,), `half_m` (3,) natural size."""

    triangles: Float64
    slots: NDArray[np.int64]
    half_m: Float64


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Some triangles of one slot, metres: (T, 3, 3)."""

    triangles: Float64
    slot: int


def mesh_of(pieces: list[Piece]) -> Mesh:
    """Return the pieces as one mesh, moved and scaled into the unit cube."""
    triangles = np.concatenate([piece.triangles for piece in pieces])
    slots = np.concatenate([np.full(len(piece.triangles), piece.slot) for piece in pieces])
    low, high = triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))
    half = np.maximum((high - low) / 2, 1e-3)
    return Mesh((triangles - (low + high) / 2) / half, slots.astype(np.int64), half)


def box(
    centre: tuple[float, float, float],
    half: tuple[float, float, float],
    slot: int,
    *,
    taper: float = 1.0,
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Piece:
    """Return a box; `taper` scales x and z of its upper side (y down), `turn` rad about axes."""
    corners = _BOX_CORNERS * np.array(half)
    corners[_BOX_CORNERS[:, 1] < 0] *= np.array([taper, 1.0, taper])
    corners = corners @ rotation_about(turn).T + np.array(centre)
    quads = corners[np.array(_BOX_QUADS)]  # (6, 4, 3)
    return Piece(np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]), slot)


def prism(
    centre: tuple[float, float, float],
    size: tuple[float, float],
    slot: int,
    *,
    axis: int = 1,
    sides: int = 8,
    taper: float = 1.0,
) -> Piece:
    """
    Return a prism of `size` (radius, half length) along an axis.

    `taper` is the radius at its negative end over that at the other.

    """
    radius, half_length = size
    angle = 2 * np.pi * np.arange(sides) / sides
    ring = radius * np.stack([np.cos(angle), np.zeros(sides), np.sin(angle)], axis=1)
    low, high = ring * [taper, 1, taper], ring.copy()
    low[:, 1], high[:, 1] = -half_length, half_length
    after = np.roll(np.arange(sides), -1)
    middle = np.array([[0.0, -half_length, 0.0], [0.0, half_length, 0.0]])
    faces = [
        np.stack([low, high, high[after]], axis=1),
        np.stack([low, high[after], low[after]], axis=1),
        np.stack([low, low[after], np.repeat(middle[:1], sides, 0)], axis=1),
        np.stack([high[after], high, np.repeat(middle[1:], sides, 0)], axis=1),
    ]
    order = {0: [1, 0, 2], 1: [0, 1, 2], 2: [0, 2, 1]}[axis]
    return Piece(np.concatenate(faces)[..., order] + np.array(centre), slot)


def hull(profile: list[tuple[float, float]], half_width: float, slot: int) -> Piece:
    """Return a convex or star-shaped outline in (z, y), spread over +-half_width in x."""
    outline = np.array(profile)
    left = np.column_stack([np.full(len(outline), -half_width), outline[:, 1], outline[:, 0]])
    right = left * [-1, 1, 1]
    after = np.roll(np.arange(len(outline)), -1)
    centre = left.mean(axis=0)
    faces = [
        np.stack([left, right, right[after]], axis=1),
        np.stack([left, right[after], left[after]], axis=1),
        np.stack([left, left[after], np.repeat(centre[None], len(left), 0)], axis=1),
        np.stack(
            [right, right[after], np.repeat(centre[None] * [-1, 1, 1], len(left), 0)], axis=1
        ),
    ]
    return Piece(np.concatenate(faces), slot)


def ball(
    centre: tuple[float, float, float],
    radius: tuple[float, float, float],
    slot: int,
    *,
    bumps: Float64 | None = None,
    finer: bool = True,
) -> Piece:
    """Return a sphere of 80 (20) triangles; `bumps` scale the radius at its 42 corners."""
    corners, faces = _icosphere(finer=finer)
    if bumps is not None:
        corners = corners * bumps[: len(corners), None]
    return Piece((corners * np.array(radius) + np.array(centre))[faces], slot)


def _icosphere(*, finer: bool) -> tuple[Float64, NDArray[np.int64]]:
    golden = (1 + np.sqrt(5)) / 2
    raw = [[0, a, b] for a in (-1, 1) for b in (-golden, golden)]
    corners = np.array([[r[(k + s) % 3] for k in range(3)] for s in range(3) for r in raw])
    corners = corners / np.linalg.norm(corners[0])
    near = np.linalg.norm(corners[:, None] - corners[None], axis=2) < 1.1
    faces = np.array(
        [
            (i, j, k)
            for i in range(12)
            for j in range(i)
            for k in range(j)
            if near[i, j] and near[j, k] and near[i, k]
        ]
    )
    if not finer:
        return corners, faces
    edges = {
        tuple(sorted(pair)) for f in faces for pair in ((f[0], f[1]), (f[1], f[2]), (f[0], f[2]))
    }
    index = {edge: 12 + n for n, edge in enumerate(sorted(edges))}
    middles = np.array([corners[a] + corners[b] for a, b in sorted(edges)])
    middles /= np.linalg.norm(middles, axis=1)[:, None]
    split = []
    for a, b, c in faces:
        ab, bc, ac = (index[tuple(sorted(pair))] for pair in ((a, b), (b, c), (a, c)))
        split += [(a, ab, ac), (b, ab, bc), (c, ac, bc), (ab, bc, ac)]
    return np.concatenate([corners, middles]), np.array(split)


def mesh_trees(meshes: tuple[Mesh, ...]) -> Meshes:
    """Return the meshes as the kernels want them."""
    bounds: list[Float64] = []
    links: list[list[int]] = []
    order: list[NDArray[np.int64]] = []
    start, offset = [0], 0
    for mesh in meshes:
        chosen = _grow(mesh.triangles, np.arange(len(mesh.triangles)), offset, bounds, links)
        order.append(np.concatenate(chosen) + offset)
        offset += len(mesh.triangles)
        start.append(len(bounds))
    triangles = np.concatenate([mesh.triangles for mesh in meshes])[np.concatenate(order)]
    slots = np.concatenate([mesh.slots for mesh in meshes])[np.concatenate(order)]
    first, second = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    return Meshes(
        bounds=np.array(bounds),
        links=np.array(links, dtype=np.int64),
        start=np.array(start, dtype=np.int64),
        corners=np.ascontiguousarray(np.concatenate([triangles[:, 0], first, second], axis=1)),
        normals=np.cross(first, second),
        slots=slots,
    )


def _grow(
    triangles: Float64,
    chosen: NDArray[np.int64],
    first: int,
    bounds: list[Float64],
    links: list[list[int]],
) -> list[NDArray[np.int64]]:
    """Add the node of the chosen triangles, the first of which becomes number `first`."""
    corners = triangles[chosen]
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    node = len(bounds)
    bounds.append(np.concatenate([low - 1e-9, high + 1e-9]))
    links.append([0, first, len(chosen)])
    if len(chosen) <= LEAF_TRIANGLES:
        links[node][0] = len(bounds)
        return [chosen]
    ranked, half = _cheapest_split(corners, chosen)
    links[node][2] = 0
    parts = _grow(triangles, ranked[:half], first, bounds, links)
    parts += _grow(triangles, ranked[half:], first + half, bounds, links)
    links[node][0] = len(bounds)
    return parts


def _cheapest_split(corners: Float64, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return the triangles in an order, and where to cut it: least area times number (SAH)."""
    best_cost, best = np.inf, (chosen, len(chosen) // 2)
    low, high, middles = corners.min(axis=1), corners.max(axis=1), corners.mean(axis=1)
    count = np.arange(1, len(chosen))
    for axis in range(3):
        order = np.argsort(middles[:, axis], kind='stable')
        left = _areas(low[order], high[order])[:-1]
        right = _areas(low[order[::-1]], high[order[::-1]])[::-1][1:]
        cost = left * count + right * count[::-1]
        cut = int(np.argmin(cost))
        if cost[cut] < best_cost:
            best_cost, best = float(cost[cut]), (chosen[order], cut + 1)
    return best


def _areas(low: Float64, high: Float64) -> Float64:
    """Return the half surface of the boxes around the first 1, 2, ... of some boxes."""
    side = np.maximum.accumulate(high) - np.minimum.accumulate(low)
    area: Float64 = side[:, 0] * side[:, 1] + side[:, 1] * side[:, 2] + side[:, 2] * side[:, 0]
    return area
