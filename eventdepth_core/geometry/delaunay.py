"""
Delaunay triangulation of pixels, exact: integer coordinates, integer predicates.

Pixels arrive in row-major order, so each new one lies outside the hull of those before it; it is
joined to the hull edges that it sees, and edges are flipped until every circumcircle is empty
(Lawson). A half-edge e starts at `corner[e]`, its triangle is e // 3, its twin `twin[e]` or -1.

Laws: the triangles cover the convex hull without overlap; no pixel lies strictly inside a
circumcircle; fewer than three pixels, or pixels on one line, give no triangle; the result
depends on nothing but the set of pixels.

"""

from typing import NamedTuple

from numba import njit
import numpy as np
from numpy.typing import NDArray

MAX_COORDINATE_PX = 16383
"""Largest coordinate for which the circle predicate cannot overflow 64 bits."""

_NONE = -1


class _Mesh(NamedTuple):
    """Half-edges, the convex hull as a ring of pixels, and the stack of edges to check."""

    xy: NDArray[np.int64]  # (N, 2)
    corner: NDArray[np.int32]  # (6 N,)
    twin: NDArray[np.int32]  # (6 N,)
    hull_next: NDArray[np.int32]  # (N,)
    hull_previous: NDArray[np.int32]  # (N,)
    hull_edge: NDArray[np.int32]  # (N,), the half-edge that leaves the pixel along the hull
    stack: NDArray[np.int32]  # (6 N,)


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
        Indices into `xy`, each triangle in the same turning sense.

    """
    num_points = xy.shape[0]
    mesh = _Mesh(
        xy,
        np.empty(6 * num_points, np.int32),
        np.empty(6 * num_points, np.int32),
        np.empty(num_points, np.int32),
        np.empty(num_points, np.int32),
        np.empty(num_points, np.int32),
        np.empty(6 * num_points, np.int32),
    )
    first = _first_off_line(xy)
    if first == num_points:
        return np.empty((0, 3), np.int32)
    num_edges = _open_hull(mesh, first)
    for point in range(first + 1, num_points):
        num_edges = _join(mesh, point, num_edges)
    return mesh.corner[:num_edges].copy().reshape(-1, 3)


@njit(nogil=True, cache=True)
def _turn(xy: NDArray[np.int64], a: int, b: int, c: int) -> int:
    """Twice the signed area of the triangle a, b, c."""
    return (xy[b, 0] - xy[a, 0]) * (xy[c, 1] - xy[a, 1]) - (xy[b, 1] - xy[a, 1]) * (
        xy[c, 0] - xy[a, 0]
    )


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
def _first_off_line(xy: NDArray[np.int64]) -> int:
    """Index of the first point that is not on the line of all points before it, N if none is."""
    num_points = xy.shape[0]
    for point in range(2, num_points):
        if _turn(xy, 0, 1, point) != 0:
            return point
    return num_points


@njit(nogil=True, cache=True)
def _open_hull(mesh: _Mesh, point: int) -> int:
    """Join the collinear points 0 ... point - 1 to `point` as a fan; return num_edges."""
    ahead = _turn(mesh.xy, 0, 1, point) > 0
    for i in range(point - 1):
        _set_hull(mesh, i if ahead else i + 1, i + 1 if ahead else i, _NONE)
    _set_hull(mesh, point - 1 if ahead else 0, point, _NONE)
    _set_hull(mesh, point, 0 if ahead else point - 1, _NONE)
    begin = 0 if ahead else point - 1
    last_edge = _NONE
    num_edges = 0
    v = begin
    while mesh.hull_next[v] != point:
        w = mesh.hull_next[v]
        mesh.corner[num_edges], mesh.corner[num_edges + 1] = v, w
        mesh.corner[num_edges + 2] = point
        mesh.twin[num_edges] = _NONE
        mesh.twin[num_edges + 1] = _NONE
        mesh.hull_edge[v] = num_edges
        _link(mesh, num_edges + 2, last_edge)
        if last_edge == _NONE:
            mesh.hull_edge[point] = num_edges + 2
        last_edge = num_edges + 1
        num_edges += 3
        v = w
    mesh.hull_edge[v] = last_edge
    return num_edges


@njit(nogil=True, cache=True)
def _join(mesh: _Mesh, point: int, num_edges: int) -> int:
    """Add `point`, which sees at least one hull edge at the point before it."""
    xy, first_edge = mesh.xy, num_edges
    begin = point - 1
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
        v, w = w, mesh.hull_next[w]
    mesh.twin[last_edge] = _NONE
    _set_hull(mesh, begin, point, first_edge + 1)
    _set_hull(mesh, point, v, last_edge)
    for edge in range(first_edge, num_edges, 3):
        _legalise(mesh, edge)
    return num_edges


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
        corner[a], corner[b] = opposite, apex
        behind_b, behind_a = twin[b_previous], twin[a_previous]
        _link(mesh, a, behind_b)
        _link(mesh, b, behind_a)
        _link(mesh, a_previous, b_previous)
        stack[depth], stack[depth + 1] = a, b_next
        depth += 2
