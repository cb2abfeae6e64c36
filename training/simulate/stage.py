"""
What the ray caster is given: a scene as seen from the poses of one window; lenses: `lenses`.

A ray is (d_x, d_y, d_z) in camera axes; for d_z = 1 its parameter t is the depth in metres.
A hit is (t, solid, axis): axis of the face, or -1 on a curved surface; solid -1 = nothing hit.
Height fields and meshes have faces beyond 2 (`surface_kernels`).

"""

from typing import NamedTuple, TypeAlias

from eventdepth_core.types import Camera, Float64
import numpy as np
from training.simulate.lenses import Lens, lens_of
from training.simulate.scene import Scene, Surfaces
from training.simulate.solids import Pose
from training.simulate.textures import TexturePlanes
from training.simulate.tiles import every_solid_lists, tile_lists, TileLists
from training.simulate.world import from_camera, lamp_camera, lit_world, plain_world, World

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
    world: World


def stage_scene(
    scene: Scene,
    poses: tuple[Pose, ...],
    camera: Camera,
    *,
    use_tiles: bool = True,
    times_s: Float64 | None = None,
) -> Stage:
    """
    Prepare a scene for the kernels; without tiles every ray tries every solid.

    `times_s` (S,) are the times of the poses: where what moves by itself then is; None = 0.

    """
    tiles = (
        tile_lists(scene, poses, camera, times_s)
        if use_tiles
        else every_solid_lists(scene, camera)
    )
    turns = np.stack([pose.rotation for pose in poses])
    world = _staged_world(scene, poses, times_s)
    views = scene.views(poses, times_s)
    return Stage(views, turns, scene.surfaces, scene.planes, tiles, world)


def _staged_world(scene: Scene, poses: tuple[Pose, ...], times_s: Float64 | None) -> World:
    furnished = scene.furnished
    if furnished is None:
        return plain_world()
    camera, pose = lamp_camera(furnished.details.lamp)
    if times_s is None or not furnished.moving:
        views = np.repeat(scene.views((pose,)), len(poses), axis=0)
        tiles = tile_lists(scene, (pose,), camera)
    else:
        views = scene.views((pose,) * len(poses), times_s)
        # what moves is, as the lamp sees it, between where it is at these three
        three_s = np.array([times_s.min(), np.median(times_s), times_s.max()])
        tiles = tile_lists(scene, (pose,) * 3, camera, three_s)
    return lit_world(furnished, views, tiles, from_camera(pose, poses), camera)
