"""
Delaunay triangulation of pixels, exact: integer coordinates, integer predicates.

Pixels are taken in order of their distance from the middle of their bounding box, so each new one
lies outside the hull of those before it; it is joined to the hull edges that it sees, and edges
are flipped until every circumcircle is empty (Lawson). A half-edge e starts at `corner[e]`, its
triangle is e // 3, its twin `twin[e]`, or -1 on the hull.

Laws: the triangles cover the convex hull without overlap; no pixel lies strictly inside a
circumcircle; fewer than three pixels, or pixels on one line, give no triangle; the result
depends on nothing but the set of pixels.

"""

import math
from typing import NamedTuple

from numba import njit
import numpy as np
from numpy.typing import NDArray

MAX_COORDINATE_PX = 16383
"""Largest coordinate for which the circle predicate cannot overflow 64 bits."""

_NONE = -1


class _Mesh(NamedTuple):
    """Half-edges, the convex hull as a ring of points, and scratch for searching and flipping."""

    xy: NDArray[np.int64]  # (N, 2)
    middle: NDArray[np.int64]  # (2,)
    corner: NDArray[np.int32]  # (6 N,)
    twin: NDArray[np.int32]  # (6 N,)
    hull_next: NDArray[np.int32]  # (N,), -1 for a point that is not on the hull
    hull_previous: NDArray[np.int32]  # (N,)
    hull_edge: NDArray[np.int32]  # (N,), the half-edge that leaves the point along the hull
    sector: NDArray[np.int32]  # (S,), a point last seen on the hull in that direction
    stack: NDArray[np.int32]  # (6 N,), edges to check


@njit(nogil=True, cache=True)
def delaunay_triangles(xy: NDArray[np.int64]) -> NDArray[np.int32]:
    """
    Triangulate distinct pixels.

    Parameters
    ----------
    xy : int64 (N, 2)
        Columns x, y in pixels, 0 <= x, y <= MAX_COORDINATE_PX, distinct, sorted by (y, x).

    Returns
    -------
    int32 (num_triangles, 3)
        Indices into `xy`, each triangle turning from x to y (positive signed area).

    """
    num_points = xy.shape[0]
    if num_points < 3:
        return np.empty((0, 3), np.int32)
    middle = _middle(xy)
    order = _outward_order(xy, middle)
    first = _first_off_line(xy, order)
    if first == num_points:
        return np.empty((0, 3), np.int32)
    mesh = _empty_mesh(xy[order], middle)
    num_edges = _open_hull(mesh, first)
    for point in range(first + 1, num_points):
        num_edges = _join(mesh, point, num_edges)
    triangles = np.empty((num_edges // 3, 3), np.int32)
    for edge in range(num_edges):
        triangles[edge // 3, edge % 3] = order[mesh.corner[edge]]
    return triangles


@njit(nogil=True, cache=True)
def _middle(xy: NDArray[np.int64]) -> NDArray[np.int64]:
    """Middle of the bounding box, (2,), rounded down."""
    low, high = xy[0].copy(), xy[0].copy()
    for i in range(xy.shape[0]):
        for axis in range(2):
            low[axis] = min(low[axis], xy[i, axis])
            high[axis] = max(high[axis], xy[i, axis])
    middle: NDArray[np.int64] = (low + high) // 2
    return middle


@njit(nogil=True, cache=True)
def _outward_order(xy: NDArray[np.int64], middle: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return indices (N,) by distance from `middle`, then by index."""
    num_points = xy.shape[0]
    keys = np.empty(num_points, np.int64)
    for i in range(num_points):
        x, y = xy[i, 0] - middle[0], xy[i, 1] - middle[1]
        keys[i] = (x * x + y * y) * num_points + i
    keys.sort()
    order: NDArray[np.int64] = keys % num_points
    return order


@njit(nogil=True, cache=True)
def _first_off_line(xy: NDArray[np.int64], order: NDArray[np.int64]) -> int:
    """
    Place in `order` of the first point off the line of those before it, N if there is none.

    The points before it are put into the order in which they lie on their line.

    """
    num_points = order.size
    first = 2
    while first < num_points and _turn(xy, order[0], order[1], order[first]) == 0:
        first += 1
    if first < num_points:
        order[:first].sort()
    return first


@njit(nogil=True, cache=True)
def _empty_mesh(xy: NDArray[np.int64], middle: NDArray[np.int64]) -> _Mesh:
    num_points = xy.shape[0]
    return _Mesh(
        xy,
        middle,
        np.empty(6 * num_points, np.int32),
        np.empty(6 * num_points, np.int32),
        np.full(num_points, _NONE, np.int32),
        np.full(num_points, _NONE, np.int32),
        np.full(num_points, _NONE, np.int32),
        np.zeros(1 + int(math.sqrt(num_points)), np.int32),
        np.empty(6 * num_points, np.int32),
    )


@njit(nogil=True, cache=True)
def _turn(xy: NDArray[np.int64], a: int, b: int, c: int) -> int:
    """Twice the signed area of the triangle a, b, c."""
    bx, by = xy[b, 0] - xy[a, 0], xy[b, 1] - xy[a, 1]
    cx, cy = xy[c, 0] - xy[a, 0], xy[c, 1] - xy[a, 1]
    turn: int = bx * cy - by * cx
    return turn


@njit(nogil=True, cache=True)
def _is_in_circle(xy: NDArray[np.int64], a: int, b: int, c: int, d: int) -> bool:
    """Whether d lies strictly inside the circle through a, b, c (positive turn)."""
    ax, ay = xy[a, 0] - xy[d, 0], xy[a, 1] - xy[d, 1]
    bx, by = xy[b, 0] - xy[d, 0], xy[b, 1] - xy[d, 1]
    cx, cy = xy[c, 0] - xy[d, 0], xy[c, 1] - xy[d, 1]
    determinant = (
        (ax * ax + ay * ay) * (bx * cy - by * cx)
        - (bx * bx + by * by) * (ax * cy - ay * cx)
        + (cx * cx + cy * cy) * (ax * by - ay * bx)
    )
    return bool(determinant > 0)


@njit(nogil=True, cache=True)
def _open_hull(mesh: _Mesh, point: int) -> int:
    """Join the collinear points 0 ... point - 1 to `point` as a fan; return num_edges."""
    ahead = _turn(mesh.xy, 0, 1, point) > 0
    for i in range(point - 1):
        _set_hull(mesh, i if ahead else i + 1, i + 1 if ahead else i, _NONE)
    begin, end = (0, point - 1) if ahead else (point - 1, 0)
    _set_hull(mesh, end, point, _NONE)
    _set_hull(mesh, point, begin, _NONE)
    last_edge = _NONE
    num_edges = 0
    v = begin
    while v != end:
        w = mesh.hull_next[v]
        mesh.corner[num_edges], mesh.corner[num_edges + 1] = v, w
        mesh.corner[num_edges + 2] = point
        _link(mesh, num_edges, _NONE)
        _link(mesh, num_edges + 1, _NONE)
        _link(mesh, num_edges + 2, last_edge)
        last_edge = num_edges + 1
        num_edges += 3
        v = w
    return num_edges


@njit(nogil=True, cache=True)
def _join(mesh: _Mesh, point: int, num_edges: int) -> int:
    """Add `point`, which lies outside the hull; return num_edges."""
    xy, first_edge = mesh.xy, num_edges
    begin = _visible_from(mesh, point)
    while _turn(xy, mesh.hull_previous[begin], begin, point) < 0:
        begin = mesh.hull_previous[begin]
    v, w = begin, mesh.hull_next[begin]
    last_edge = _NONE
    while _turn(xy, v, w, point) < 0:
        mesh.corner[num_edges], mesh.corner[num_edges + 1] = w, v
        mesh.corner[num_edges + 2] = point
        _link(mesh, num_edges, mesh.hull_edge[v])
        _link(mesh, num_edges + 1, last_edge)
        last_edge = num_edges + 2
        num_edges += 3
        mesh.hull_next[v] = _NONE
        v, w = w, mesh.hull_next[w]
    mesh.twin[last_edge] = _NONE
    _set_hull(mesh, begin, point, first_edge + 1)
    _set_hull(mesh, point, v, last_edge)
    mesh.sector[_sector(mesh, point)] = point
    mesh.sector[_sector(mesh, begin)] = begin
    for edge in range(first_edge, num_edges, 3):
        _legalise(mesh, edge)
    return num_edges


@njit(nogil=True, cache=True)
def _visible_from(mesh: _Mesh, point: int) -> int:
    """Find a hull point whose next hull edge `point` sees from outside."""
    num_sectors = mesh.sector.size
    first = _sector(mesh, point)
    near = point - 1
    for i in range(num_sectors):
        candidate = mesh.sector[(first + i) % num_sectors]
        if mesh.hull_next[candidate] != _NONE:
            near = candidate
            break
    v: int = mesh.hull_previous[near]
    while _turn(mesh.xy, v, mesh.hull_next[v], point) >= 0:
        v = mesh.hull_next[v]
    return v


@njit(nogil=True, cache=True)
def _sector(mesh: _Mesh, point: int) -> int:
    """Direction of `point` from the middle as a number in 0 ... S - 1, growing with the turn."""
    x = mesh.xy[point, 0] - mesh.middle[0]
    y = mesh.xy[point, 1] - mesh.middle[1]
    length = abs(x) + abs(y)
    if length == 0:
        return 0
    quarter_turns = 1.0 - x / length if y >= 0 else 3.0 + x / length  # [0, 4)
    return int(quarter_turns * mesh.sector.size / 4.0) % mesh.sector.size


@njit(nogil=True, cache=True)
def _set_hull(mesh: _Mesh, a: int, b: int, edge: int) -> None:
    """Let the hull run from a to b along half-edge `edge`."""
    mesh.hull_next[a] = b
    mesh.hull_previous[b] = a
    mesh.hull_edge[a] = edge


@njit(nogil=True, cache=True)
def _link(mesh: _Mesh, edge: int, other: int) -> None:
    """Make two half-edges twins; without another one, `edge` lies on the hull."""
    mesh.twin[edge] = other
    if other == _NONE:
        mesh.hull_edge[mesh.corner[edge]] = edge
    else:
        mesh.twin[other] = edge


@njit(nogil=True, cache=True)
def _legalise(mesh: _Mesh, edge: int) -> None:
    """Flip `edge`, opposite a new point, and the edges behind it until circles are empty."""
    corner, twin, stack = mesh.corner, mesh.twin, mesh.stack
    depth = 1
    stack[0] = edge
    while depth > 0:
        depth -= 1
        a = stack[depth]
        b = twin[a]
        if b == _NONE:
            continue
        a_next, a_previous = a - a % 3 + (a + 1) % 3, a - a % 3 + (a + 2) % 3
        b_next, b_previous = b - b % 3 + (b + 1) % 3, b - b % 3 + (b + 2) % 3
        apex, opposite = corner[a_previous], corner[b_previous]
        if not _is_in_circle(mesh.xy, corner[a], corner[a_next], apex, opposite):
            continue
        behind_b, behind_a = twin[b_previous], twin[a_previous]
        corner[a], corner[b] = opposite, apex
        _link(mesh, a, behind_b)
        _link(mesh, b, behind_a)
        _link(mesh, a_previous, b_previous)
        stack[depth], stack[depth + 1] = a, b_next
        depth += 2
