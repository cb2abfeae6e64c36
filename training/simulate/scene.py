"""
A scene: a layout of solids with textures, tints and light, as flat arrays for the kernels.

Laws: the arrays of a scene never change; a scene is a function of its generator and pool.

"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from eventdepth_core.types import Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.families import Layout
from training.simulate.furnishing import Furnishing, furnishing
from training.simulate.materials import MATERIALS
from training.simulate.models import model_library
from training.simulate.parts import Details, Part
from training.simulate.solids import Pose, Shape, Solid
from training.simulate.textures import LUMA_WEIGHTS, TextureMode, TexturePlanes, TexturePool


class Surfaces(NamedTuple):
    """
    What the kernels know of n solids, n along the first axis.

    `shape` int64; `half_m` (n, 3); `texture` int64 (n, 6), one a face, face = 2 axis + side;
    `texture_scale` textures per metre; `texture_offset` (n, 2); `tint` (n, 3) RGB; `tint_luma`;
    `light` (n, 3) unit vector in local axes; `ambient` (1,); `sky` int64 (1,) texture index.

    """

    shape: NDArray[np.int64]
    half_m: Float64
    texture: NDArray[np.int64]
    texture_scale: Float64
    texture_offset: Float64
    tint: Float64
    tint_luma: Float64
    light: Float64
    ambient: Float64
    sky: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Solids, their surfaces and the textures those refer to; `furnished` of a world."""

    solids: tuple[Solid, ...]
    surfaces: Surfaces
    planes: TexturePlanes
    furnished: Furnishing | None = None

    def solids_at(self, time_s: float) -> tuple[Solid, ...]:
        """Return the solids where they are at a time."""
        moving = () if self.furnished is None else self.furnished.moving
        solids = list(self.solids)
        for i, drift in moving:
            moved = solids[i].centre_m + drift.offset_m(time_s)
            solids[i] = replace(solids[i], centre_m=moved)
        return tuple(solids)

    def centres_m(self, times_s: Float64 | None) -> Float64:
        """Return where the solids are, float64 (n, 3), or (S, n, 3) where something moves."""
        centres = np.stack([item.centre_m for item in self.solids])
        if self.furnished is None or times_s is None:
            return centres
        offsets = self.furnished.offsets_m(times_s)
        return centres if offsets is None else centres + offsets

    def views(self, poses: tuple[Pose, ...], times_s: Float64 | None = None) -> Float64:
        """
        Return how camera rays look to each solid, float64 (S, n, 12).

        The first nine numbers are the rows of local_from_camera over the half extents, the last
        three the camera position in the same unit coordinates of the solid; `times_s` (S,).

        """
        turns = np.stack([pose.rotation for pose in poses])  # (S, 3, 3)
        positions = np.stack([pose.position_m for pose in poses])  # (S, 3)
        local = np.stack([item.local_from_world for item in self.solids])  # (n, 3, 3)
        centres = self.centres_m(times_s)  # (n, 3) or (S, n, 3)
        half = self.surfaces.half_m
        linear = np.matmul(local[None], turns[:, None]) / half[None, :, :, None]
        away = positions[:, None] - centres  # (S, n, 3)
        origin = np.matmul(local[None], away[..., None])[..., 0] / half[None]
        views = np.empty((len(poses), len(self.solids), 12))
        views[..., :9] = linear.reshape(len(poses), -1, 9)
        views[..., 9:] = origin
        return views


def dress_layout(
    rng: np.random.Generator,
    layout: Layout,
    pool: TexturePool,
    *,
    mode: TextureMode = 'mixed',
) -> Scene:
    """Draw textures, tints and light for a layout; those of a world follow its materials."""
    if layout.details is not None:
        return dress_world(rng, layout.details, pool, mode)
    count = len(layout.solids)
    allowed = pool.by_mode[mode]
    texture = np.repeat(rng.choice(allowed, count)[:, None], 6, axis=1)
    for i, item in enumerate(layout.solids):
        if item.shape is Shape.ROOM:
            texture[i] = rng.choice(allowed, 6)
    scale = np.exp(rng.uniform(np.log(0.25), np.log(2.5), count)) / layout.texture_size_m
    colour = np.clip(1.0 + 0.15 * rng.normal(size=(count, 3)), 0.4, 1.5)
    tint = rng.uniform(0.5, 1.1, (count, 1)) * colour
    light = rng.normal(size=3)
    light /= np.linalg.norm(light)
    local = np.stack([item.local_from_world for item in layout.solids])
    surfaces = Surfaces(
        shape=np.array([int(item.shape) for item in layout.solids], dtype=np.int64),
        half_m=np.stack([item.half_m for item in layout.solids]),
        texture=texture.astype(np.int64),
        texture_scale=scale,
        texture_offset=rng.random((count, 2)),
        tint=tint,
        tint_luma=tint @ LUMA_WEIGHTS.astype(np.float64),
        light=np.ascontiguousarray(local @ light),
        ambient=np.array([rng.uniform(0.3, 0.9)]),
        sky=np.array([rng.choice(allowed)], dtype=np.int64),
    )
    return Scene(layout.solids, surfaces, pool.planes)


_OTHER_SHARES = (0.5, 0.1)
_COLOURED = ('paint', 'fabric')


def dress_world(
    rng: np.random.Generator, details: Details, pool: TexturePool, mode: TextureMode
) -> Scene:
    """Draw the textures of materials; some parts show any texture of the mode instead."""
    parts = details.parts
    count = len(parts)
    other_share = _OTHER_SHARES[mode == 'mixed'] if pool.by_material else 1.0
    texture = np.empty((count, 6), dtype=np.int64)
    scale, offset = np.empty(count), rng.random((count, 2))
    for i, part in enumerate(parts):
        size_m = MATERIALS[part.materials[0].split('/')[0]].size_m * np.exp(0.15 * rng.normal())
        if part.tile_m is not None:
            size_m, offset[i] = part.tile_m, 0.5
        scale[i] = 1.0 / size_m
        is_other = part.tile_m is None and rng.random() < other_share
        texture[i] = _textures_of(
            rng, part, pool, mode if is_other or not pool.by_material else None
        )
    tint = rng.uniform(0.65, 1.1, (count, 1)) * np.exp(0.05 * rng.normal(size=(count, 3)))
    for i, part in enumerate(parts):
        if part.materials[0] in _COLOURED:
            tint[i] *= rng.uniform(0.3, 1.2, 3)
        if part.tint is not None:
            tint[i] = part.tint
    fill = rng.normal(size=3)
    fill /= np.linalg.norm(fill)
    local = np.stack([part.solid.local_from_world for part in parts])
    sky = pool.by_material.get('clouds', pool.by_mode[mode])
    surfaces = Surfaces(
        shape=np.array([int(part.solid.shape) for part in parts], dtype=np.int64),
        half_m=np.stack([part.solid.half_m for part in parts]),
        texture=texture,
        texture_scale=scale,
        texture_offset=offset,
        tint=tint,
        tint_luma=tint @ LUMA_WEIGHTS.astype(np.float64),
        light=np.ascontiguousarray(local @ fill),
        ambient=np.array([0.5]),
        sky=np.array([rng.choice(sky)], dtype=np.int64),
    )
    solids = tuple(part.solid for part in parts)
    return Scene(solids, surfaces, pool.planes, furnishing(details, model_library()))


def _textures_of(
    rng: np.random.Generator, part: Part, pool: TexturePool, other: TextureMode | None
) -> NDArray[np.int64]:
    """Return the textures of the six faces or slots; faces of one material share a tile."""
    if other is not None:
        return np.full(6, rng.choice(pool.by_mode[other]), dtype=np.int64)
    number = int(rng.integers(2**31))
    chosen = [
        pool.by_material[name][number % len(pool.by_material[name])] for name in part.materials
    ]
    return np.array(chosen * 6 if len(chosen) == 1 else chosen, dtype=np.int64)
