"""
A batch of staged scenes as torch tensors: what `Stage` holds, one scene after the other.

Solids, tiles and fields of all scenes are numbered through; poses are padded by the last one. Law:
the numbers are those of the stages, in another precision.

"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eventdepth_core.errors import InputError
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor
from training.simulate.furnishing import Meshes
from training.simulate.stage import Stage
from training.simulate.textures import level_offsets
from training.simulate.tiles import TILE_PX, TileLists


@dataclass(frozen=True, slots=True, eq=False)
class TensorLists:
    """Lists of solids: those of list k are `members[first[k] : first[k + 1]]`."""

    members: Tensor
    first: Tensor

    def pairs(self, which: Tensor) -> tuple[Tensor, Tensor]:
        """Return (ray, solid) of every ray with every member of its list `which` (R,)."""
        start = self.first[which]
        count = self.first[which + 1] - start
        ray = torch.repeat_interleave(torch.arange(len(which), device=which.device), count)
        begin = torch.cumsum(count, 0) - count
        place = torch.arange(len(ray), device=which.device) - begin[ray] + start[ray]
        return ray, self.members[place]


@dataclass(frozen=True, slots=True, eq=False)
class TensorMeshes:
    """`Meshes` as tensors."""

    bounds: Tensor
    skip: Tensor
    first: Tensor
    count: Tensor
    start: Tensor
    corners: Tensor
    normals: Tensor
    slots: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class TensorFields:
    """`heights` (F, G, G), and lowest and highest of 1, 2 x 2, 4 x 4 ... cells, coarse to fine."""

    heights: Tensor
    low: tuple[Tensor, ...]
    high: tuple[Tensor, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TensorScene:
    """
    B scenes with N solids from at most S poses.

    `scene` (N,) is the scene of a solid; `views`, `lamp_views` (S, N, 12); `turns` (S, B, 3, 3);
    `from_camera` (S, B, 3, 4); what follows is as in `Surfaces`, `World` and `LampView`, per solid
    or per scene.

    """

    num_poses: tuple[int, ...]
    scene: Tensor
    views: Tensor
    turns: Tensor
    shape: Tensor
    half_m: Tensor
    texture: Tensor
    texture_scale: Tensor
    texture_offset: Tensor
    tint: Tensor
    tint_luma: Tensor
    fill: Tensor
    plain_ambient: Tensor
    sky: Tensor
    sky_offset: Tensor
    tiles: TensorLists
    tile_start: Tensor
    tile_columns: Tensor
    model: Tensor
    glow: Tensor
    casts: Tensor
    is_lit: Tensor
    lamp_views: Tensor
    from_camera: Tensor
    lamp_tiles: TensorLists
    lamp_tile_start: Tensor
    lamp_columns: Tensor
    lamp_focal_px: Tensor
    lamp_half_m: Tensor
    lamp_colour: Tensor
    lamp_ambient: Tensor
    lamp_luma: Tensor
    lamp_ambient_luma: Tensor
    meshes: TensorMeshes
    fields: TensorFields
    luma: Tensor
    colour: Tensor
    level_start: Tensor

    @property
    def dtype(self) -> torch.dtype:
        """The floating point type of all of it."""
        return self.views.dtype

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        return self.views.device


def tensor_scene(
    stages: Sequence[Stage], *, device: torch.device | str, dtype: torch.dtype = torch.float32
) -> TensorScene:
    """Return the stages as tensors; they must share the planes of their textures."""
    planes = stages[0].planes
    if any(stage.planes.luma is not planes.luma for stage in stages):
        raise InputError('Expected stages of one texture pool, got several pools.')

    def real(array: object) -> Tensor:
        return torch.as_tensor(np.asarray(array), dtype=dtype, device=device)

    def whole(array: object) -> Tensor:
        return torch.as_tensor(np.asarray(array), dtype=torch.int64, device=device)

    def joined(pick: Callable[[Stage], NDArray[np.generic]]) -> NDArray[np.generic]:
        return np.concatenate([pick(stage) for stage in stages])

    counts = [len(stage.surfaces.shape) for stage in stages]
    num_poses = tuple(len(stage.turns) for stage in stages)
    fields, field_start = _joined_fields(stages)
    solid_start = np.concatenate([[0], np.cumsum(counts)])
    tiles, tile_start = _joined_lists([stage.tiles for stage in stages], solid_start)
    lamp_tiles, lamp_start = _joined_lists(
        [stage.world.lamp.tiles for stage in stages], solid_start
    )
    lamps = [stage.world.lamp for stage in stages]
    return TensorScene(
        num_poses=num_poses,
        scene=whole(np.repeat(np.arange(len(stages)), counts)),
        views=real(_padded([stage.views for stage in stages], axis=1)),
        turns=real(_padded([stage.turns[:, None] for stage in stages], axis=1)),
        shape=whole(joined(lambda stage: stage.surfaces.shape)),
        half_m=real(joined(lambda stage: stage.surfaces.half_m)),
        texture=whole(joined(lambda stage: stage.surfaces.texture)),
        texture_scale=real(joined(lambda stage: stage.surfaces.texture_scale)),
        texture_offset=real(joined(lambda stage: stage.surfaces.texture_offset)),
        tint=real(joined(lambda stage: stage.surfaces.tint)),
        tint_luma=real(joined(lambda stage: stage.surfaces.tint_luma)),
        fill=real(joined(lambda stage: stage.surfaces.light)),
        plain_ambient=real(joined(lambda stage: stage.surfaces.ambient)),
        sky=whole(joined(lambda stage: stage.surfaces.sky)),
        sky_offset=real([stage.surfaces.texture_offset[0, 0] for stage in stages]),
        tiles=TensorLists(whole(tiles.members), whole(tiles.first)),
        tile_start=whole(tile_start),
        tile_columns=whole([stage.tiles.columns for stage in stages]),
        model=whole(_models(stages, counts, field_start)),
        glow=real(_or_zeros(stages, counts, lambda stage: stage.world.glow)),
        casts=whole(_or_zeros(stages, counts, lambda stage: stage.world.casts)),
        is_lit=torch.tensor([lamp.is_on for lamp in lamps], device=device),
        lamp_views=real(_padded(_lamp_views(stages), axis=1)),
        from_camera=real(_padded(_from_cameras(stages), axis=1)),
        lamp_tiles=TensorLists(whole(lamp_tiles.members), whole(lamp_tiles.first)),
        lamp_tile_start=whole(lamp_start),
        lamp_columns=whole([lamp.tiles.columns for lamp in lamps]),
        lamp_focal_px=real([lamp.focal_px for lamp in lamps]),
        lamp_half_m=real([lamp.half_m for lamp in lamps]),
        lamp_colour=real([lamp.colour for lamp in lamps]),
        lamp_ambient=real([lamp.ambient for lamp in lamps]),
        lamp_luma=real([lamp.luma for lamp in lamps]),
        lamp_ambient_luma=real([lamp.ambient_luma for lamp in lamps]),
        meshes=_tensor_meshes(_one_library(stages), real, whole),
        fields=_tensor_fields(real(fields)),
        luma=real(planes.luma.astype(np.float64) / 65535.0),
        colour=real(planes.colour.astype(np.float64) / 255.0),
        level_start=whole(level_offsets()),
    )


def pixel_tiles(scene: TensorScene, number: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return the list that holds for pixel (x, y) of scene `number`."""
    tile = (y // TILE_PX) * scene.tile_columns[number] + x // TILE_PX
    return scene.tile_start[number] + tile


def _padded(arrays: Sequence[NDArray[np.float64]], *, axis: int) -> NDArray[np.float64]:
    most = max(len(array) for array in arrays)
    grown = [
        np.concatenate([array, np.repeat(array[-1:], most - len(array), axis=0)])
        for array in arrays
    ]
    return np.concatenate(grown, axis=axis)


def _joined_lists(
    lists: Sequence[TileLists], solid_start: NDArray[np.int64]
) -> tuple[TileLists, NDArray[np.int64]]:
    members, first, start, total = [], [np.zeros(1, np.int64)], [], 0
    for each, begin in zip(lists, solid_start[:-1], strict=True):
        members.append(each.members + begin)
        first.append(each.first[1:] + total)
        total += len(each.members)
        start.append(len(each.first) - 1)
    tile_start = np.concatenate([[0], np.cumsum(start)[:-1]]).astype(np.int64)
    return (
        TileLists(np.concatenate(members), np.concatenate(first), np.zeros(0), 0),
        tile_start,
    )


def _joined_fields(stages: Sequence[Stage]) -> tuple[NDArray[np.float64], list[int]]:
    start: list[int] = []
    fields: list[NDArray[np.float64]] = []
    for stage in stages:
        start.append(sum(len(each) for each in fields))
        if len(stage.world.fields):
            fields.append(stage.world.fields)
    return (np.concatenate(fields) if fields else np.zeros((0, 2, 2))), start


def _models(
    stages: Sequence[Stage], counts: Sequence[int], field_start: Sequence[int]
) -> NDArray[np.int64]:
    found = []
    for stage, count, start in zip(stages, counts, field_start, strict=True):
        model = stage.world.model if stage.world.lamp.is_on else np.full(count, -1)
        found.append(np.where(stage.surfaces.shape == 5, model + start, model))
    return np.concatenate(found).astype(np.int64)


def _or_zeros(
    stages: Sequence[Stage],
    counts: Sequence[int],
    pick: Callable[[Stage], NDArray[np.generic]],
) -> NDArray[np.float64]:
    return np.concatenate(
        [
            np.asarray(pick(stage), dtype=np.float64)
            if stage.world.lamp.is_on
            else np.zeros(count)
            for stage, count in zip(stages, counts, strict=True)
        ]
    )


def _lamp_views(stages: Sequence[Stage]) -> list[NDArray[np.float64]]:
    return [
        stage.world.lamp.views if stage.world.lamp.is_on else np.zeros_like(stage.views)
        for stage in stages
    ]


def _from_cameras(stages: Sequence[Stage]) -> list[NDArray[np.float64]]:
    return [
        stage.world.lamp.from_camera[:, None]
        if stage.world.lamp.is_on
        else np.zeros((len(stage.turns), 1, 3, 4))
        for stage in stages
    ]


def _one_library(stages: Sequence[Stage]) -> Meshes:
    for stage in stages:
        if len(stage.world.meshes.links):
            return stage.world.meshes
    return stages[0].world.meshes


def _tensor_meshes(
    meshes: Meshes, real: Callable[[object], Tensor], whole: Callable[[object], Tensor]
) -> TensorMeshes:
    return TensorMeshes(
        bounds=real(meshes.bounds),
        skip=whole(meshes.links[:, 0]),
        first=whole(meshes.links[:, 1]),
        count=whole(meshes.links[:, 2]),
        start=whole(meshes.start),
        corners=real(meshes.corners),
        normals=real(meshes.normals),
        slots=whole(meshes.slots),
    )


def _tensor_fields(heights: Tensor) -> TensorFields:
    cells = torch.stack(
        [heights[:, :-1, :-1], heights[:, :-1, 1:], heights[:, 1:, :-1], heights[:, 1:, 1:]]
    )
    low, high = [cells.amin(0)], [cells.amax(0)]
    while len(heights) and low[0].shape[-1] > 1:
        low.insert(0, -torch.nn.functional.max_pool2d(-low[0][:, None], 2, ceil_mode=True)[:, 0])
        high.insert(0, torch.nn.functional.max_pool2d(high[0][:, None], 2, ceil_mode=True)[:, 0])
    return TensorFields(heights, tuple(low), tuple(high))
