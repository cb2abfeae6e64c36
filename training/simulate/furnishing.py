"""
What a scene keeps of the details of a world, as flat arrays.

Laws: the arrays never change; where nothing moves the solids are where they were put.

"""

from dataclasses import dataclass
from typing import NamedTuple

from eventdepth_core.types import Float64, UInt8
import numpy as np
from numpy.typing import NDArray
from training.simulate.parts import Details, Drift, Kind

FIELD_BLOCK = 8


class Meshes(NamedTuple):
    """
    Triangles of all models in unit coordinates, each with a tree of bounding boxes.

    `bounds` (N, 6) low and high corners of nodes in depth-first order; `links` int64 (N, 3) next
    node where a box is missed, first triangle, number of triangles (0 = inner node); `start`
    int64 (M + 1,) first node of each model; `corners` (T, 9) corner and two edges; `normals`
    (T, 3) their cross products; `slots` int64 (T,) materials.

    """

    bounds: Float64
    links: NDArray[np.int64]
    start: NDArray[np.int64]
    corners: Float64
    normals: Float64
    slots: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Furnishing:
    """What a scene keeps of its details: `kind` uint8 (n,), `thing` int32 (n,); see `World`."""

    details: Details
    meshes: Meshes
    kind: UInt8
    thing: NDArray[np.int32]
    model: NDArray[np.int64]
    glow: Float64
    casts: UInt8
    tops: Float64
    moving: tuple[tuple[int, Drift], ...]

    def offsets_m(self, times_s: Float64) -> Float64 | None:
        """Return how far each solid has moved, float64 (S, n, 3); None where nothing moves."""
        if not self.moving:
            return None
        offsets = np.zeros((len(times_s), len(self.kind), 3))
        for i, drift in self.moving:
            offsets[:, i] = [drift.offset_m(float(t)) for t in times_s]
        return offsets


_NO_SHADOW = (Kind.FLOOR, Kind.CEILING, Kind.WALL, Kind.ROAD, Kind.PAVEMENT, Kind.TERRAIN)


def furnishing(details: Details, meshes: Meshes) -> Furnishing:
    """Return the arrays of a world's details."""
    parts = details.parts
    return Furnishing(
        details=details,
        meshes=meshes,
        kind=np.array([part.kind for part in parts], dtype=np.uint8),
        thing=np.array([part.thing for part in parts], dtype=np.int32),
        model=np.array([part.model for part in parts], dtype=np.int64),
        glow=np.array([part.glow for part in parts], dtype=np.float64),
        casts=np.array([part.kind not in _NO_SHADOW for part in parts], dtype=np.uint8),
        tops=_tops(details.fields),
        moving=tuple((i, part.drift) for i, part in enumerate(parts) if part.drift is not None),
    )


def _tops(fields: Float64) -> Float64:
    """Return the least y, the highest point, of blocks of FIELD_BLOCK x FIELD_BLOCK cells."""
    cells = fields.shape[1] - 1
    blocks = -(-cells // FIELD_BLOCK)
    tops = np.empty((len(fields), blocks, blocks))
    for row in range(blocks):
        for column in range(blocks):
            y, x = FIELD_BLOCK * row, FIELD_BLOCK * column
            corners = fields[:, y : y + FIELD_BLOCK + 1, x : x + FIELD_BLOCK + 1]
            tops[:, row, column] = corners.min(axis=(1, 2), initial=1.0)
    return tops
