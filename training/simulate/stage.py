"""
What the ray caster is given: a scene as seen from the poses of one window; lenses: `lenses`.

A ray is (d_x, d_y, d_z) in camera axes; for d_z = 1 its parameter t is the depth in metres.
A hit is (t, solid, axis): axis of the face, or -1 on a curved surface; solid -1 = nothing hit.

"""

from typing import NamedTuple, TypeAlias

from eventdepth_core.types import Camera, Float64
import numpy as np
from training.simulate.lenses import Lens, lens_of
from training.simulate.scene import Scene, Surfaces
from training.simulate.solids import Pose
from training.simulate.textures import TexturePlanes
from training.simulate.tiles import every_solid_lists, tile_lists, TileLists

Ray: TypeAlias = tuple[float, float, float]
Hit: TypeAlias = tuple[float, int, int]

__all__ = ['Hit', 'Lens', 'Ray', 'Stage', 'lens_of', 'stage_scene']


class Stage(NamedTuple):
    """A scene as the kernels see it from S poses; `turns` (S, 3, 3) world_from_camera."""

    views: Float64
    turns: Float64
    surfaces: Surfaces
    planes: TexturePlanes
    tiles: TileLists


def stage_scene(
    scene: Scene, poses: tuple[Pose, ...], camera: Camera, *, use_tiles: bool = True
) -> Stage:
    """Prepare a scene for the kernels; without tiles every ray tries every solid."""
    tiles = tile_lists(scene, poses, camera) if use_tiles else every_solid_lists(scene, camera)
    turns = np.stack([pose.rotation for pose in poses])
    return Stage(scene.views(poses), turns, scene.surfaces, scene.planes, tiles)
