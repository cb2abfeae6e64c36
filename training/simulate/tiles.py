"""
Which solids a 16 x 16 tile of the image can see at all during a window.

Each solid's oriented bounding box, clipped at the near plane, is projected at every pose, without
distortion; a tile lists the solids whose rectangle touches what it sees, the nearest first. Laws:
a tile never misses a solid that a ray through it hits; `nearest_m` is never larger than the depth
of any hit.

"""

from typing import NamedTuple

from eventdepth_core.types import Camera, Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.lenses import tile_boxes
from training.simulate.scene import Scene
from training.simulate.solids import Pose, Shape

TILE_PX = 16
_NEAR_M = 1e-3
_MARGIN_PX = 1.0
_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
_EDGES = np.array([(a, b) for a in range(8) for b in range(a) if (a ^ b) in (1, 2, 4)])


class TileLists(NamedTuple):
    """
    For each tile the solids it can see.

    `members` int64 (m,) indices of solids, those of tile k from `first[k]` to `first[k + 1]`;
    `nearest_m` float64 (n,) lower bound of the depth of each solid; `columns` tiles in a row.

    """

    members: NDArray[np.int64]
    first: NDArray[np.int64]
    nearest_m: Float64
    columns: int


def tile_lists(
    scene: Scene, poses: tuple[Pose, ...], camera: Camera, times_s: Float64 | None = None
) -> TileLists:
    """Return the lists that hold at all of `poses`, taken at `times_s` (S,)."""
    corners_m = _corners_in_camera(scene, poses, times_s)  # (S, n, 8, 3)
    nearest_m = np.maximum(corners_m[..., 2].min(axis=(0, 2)), 0.0)
    bounds = _projected_bounds(corners_m, camera)  # (n, 4)
    for i, item in enumerate(scene.solids):
        if item.shape is Shape.ROOM:
            nearest_m[i] = 0.0
            bounds[i] = (-np.inf, -np.inf, np.inf, np.inf)
    rows, columns = -(-camera.height // TILE_PX), -(-camera.width // TILE_PX)
    left, top, right, bottom = tile_boxes(camera, TILE_PX).T[..., None]  # (tiles, 1)
    seen = (bounds[:, 0] <= right) & (bounds[:, 2] >= left)
    seen &= (bounds[:, 1] <= bottom) & (bounds[:, 3] >= top)
    order = np.argsort(nearest_m, kind='stable')
    tile, place = np.nonzero(seen[:, order])
    first = np.searchsorted(tile, np.arange(rows * columns + 1)).astype(np.int64)
    return TileLists(order[place].astype(np.int64), first, nearest_m, columns)


def every_solid_lists(scene: Scene, camera: Camera) -> TileLists:
    """Return lists in which every tile sees every solid: slow, for checks and free directions."""
    count = len(scene.solids)
    rows, columns = -(-camera.height // TILE_PX), -(-camera.width // TILE_PX)
    return TileLists(
        members=np.tile(np.arange(count), rows * columns),
        first=np.arange(rows * columns + 1) * count,
        nearest_m=np.zeros(count),
        columns=columns,
    )


def _corners_in_camera(scene: Scene, poses: tuple[Pose, ...], times_s: Float64 | None) -> Float64:
    local = np.stack([item.local_from_world for item in scene.solids])
    centres = scene.centres_m(times_s)  # (n, 3) or (S, n, 3)
    offsets = _CORNERS[None] * scene.surfaces.half_m[:, None]  # (n, 8, 3)
    world = centres[..., None, :] + np.matmul(offsets, local)
    away = world - np.stack([pose.position_m for pose in poses])[:, None, None]
    turns = np.stack([pose.rotation for pose in poses])
    corners_m: Float64 = np.matmul(away, turns[:, None])  # (S, n, 8, 3)
    return corners_m


def _projected_bounds(corners_m: Float64, camera: Camera) -> Float64:
    # An edge that crosses the near plane adds its crossing; a corner behind it adds nothing.
    near, far = corners_m[:, :, _EDGES[:, 0]], corners_m[:, :, _EDGES[:, 1]]  # (S, n, 12, 3)
    crosses = (near[..., 2] > _NEAR_M) != (far[..., 2] > _NEAR_M)
    share = (_NEAR_M - near[..., 2]) / np.where(crosses, far[..., 2] - near[..., 2], 1.0)
    crossing = near + share[..., None] * (far - near)
    points = np.concatenate([corners_m, crossing], axis=2)  # (S, n, 20, 3)
    counted = np.concatenate([corners_m[..., 2] > _NEAR_M, crosses], axis=2)
    depth = np.where(counted, points[..., 2], 1.0)
    x = camera.fx * points[..., 0] / depth + camera.cx
    y = camera.fy * points[..., 1] / depth + camera.cy
    bounds = np.empty((corners_m.shape[1], 4))
    bounds[:, 0] = np.where(counted, x, np.inf).min(axis=(0, 2)) - _MARGIN_PX
    bounds[:, 1] = np.where(counted, y, np.inf).min(axis=(0, 2)) - _MARGIN_PX
    bounds[:, 2] = np.where(counted, x, -np.inf).max(axis=(0, 2)) + _MARGIN_PX
    bounds[:, 3] = np.where(counted, y, -np.inf).max(axis=(0, 2)) + _MARGIN_PX
    return bounds
