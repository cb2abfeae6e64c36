"""
A world as flat arrays for the kernels: meshes, height fields, motions, kinds and a lamp's view.

The lamp looks at the scene as a camera does, with tile lists of its own: a surface is in shadow
where the lamp's ray to it meets something before. A plain scene has a world of empty arrays.

"""

from functools import cache
from typing import NamedTuple

from eventdepth_core.types import Camera, Float64, UInt8
import numpy as np
from numpy.typing import NDArray
from training.simulate.furnishing import Furnishing, Meshes
from training.simulate.parts import Lamp
from training.simulate.solids import Pose
from training.simulate.textures import LUMA_WEIGHTS
from training.simulate.tiles import TileLists

LAMP_PX = 512
_NONE_SEEN = TileLists(np.zeros(0, np.int64), np.zeros(2, np.int64), np.zeros(0), 1)


class LampView(NamedTuple):
    """
    What the lamp sees at S times.

    `views` (S, n, 12) as `Scene.views` of the lamp's camera; `from_camera` (S, 3, 4) takes points
    from the axes of the event camera into those of the lamp; `focal_px` of its LAMP_PX square
    picture; `colour`, `ambient` (3,) RGB and their lumas.

    """

    is_on: bool
    views: Float64
    from_camera: Float64
    tiles: TileLists
    focal_px: float
    half_m: float
    colour: Float64
    ambient: Float64
    luma: float
    ambient_luma: float


class World(NamedTuple):
    """
    What kernels know of n solids beyond `Surfaces`; all arrays are empty for a plain scene.

    `model` int64 (n,) mesh or height field; `glow` (n,); `casts` uint8 (n,) whether it throws a
    shadow; `fields` (F, G, G) heights and `tops` (F, B, B) the highest points of their blocks.

    """

    model: NDArray[np.int64]
    glow: Float64
    casts: UInt8
    meshes: Meshes
    fields: Float64
    tops: Float64
    lamp: LampView


def lamp_camera(lamp: Lamp) -> tuple[Camera, Pose]:
    """Return the camera that a lamp is, just wide enough for what it reaches."""
    away = lamp.target_m - lamp.position_m
    distance = float(np.sqrt(away @ away))
    forward = away / distance
    side = np.cross(forward, np.array([0.0, 0.0, 1.0]) if abs(forward[2]) < 0.9 else np.eye(3)[0])
    side /= np.sqrt(side @ side)
    rotation = np.stack([side, np.cross(forward, side), forward], axis=1)
    focal = LAMP_PX / 2 * distance / lamp.reach_m
    centre = (LAMP_PX - 1) / 2
    camera = Camera(LAMP_PX, LAMP_PX, focal, focal, centre, centre)
    return camera, Pose(rotation, lamp.position_m)


def from_camera(lamp_pose: Pose, poses: tuple[Pose, ...]) -> Float64:
    """Return lamp_from_camera of each pose, float64 (S, 3, 4)."""
    moved = np.empty((len(poses), 3, 4))
    for k, pose in enumerate(poses):
        moved[k, :, :3] = lamp_pose.rotation.T @ pose.rotation
        moved[k, :, 3] = lamp_pose.rotation.T @ (pose.position_m - lamp_pose.position_m)
    return moved


def lit_world(
    furnished: Furnishing, views: Float64, tiles: TileLists, moved: Float64, camera: Camera
) -> World:
    """Return a world under its lamp, which sees the solids by `views` and `tiles`."""
    lamp = furnished.details.lamp
    colour, ambient = np.array(lamp.colour), np.array(lamp.ambient)
    weights = LUMA_WEIGHTS.astype(np.float64)
    return World(
        model=furnished.model,
        glow=furnished.glow,
        casts=furnished.casts,
        meshes=furnished.meshes,
        fields=furnished.details.fields,
        tops=furnished.tops,
        lamp=LampView(
            is_on=True,
            views=views,
            from_camera=moved,
            tiles=tiles,
            focal_px=camera.fx,
            half_m=lamp.half_m,
            colour=colour,
            ambient=ambient,
            luma=float(colour @ weights),
            ambient_luma=float(ambient @ weights),
        ),
    )


@cache
def plain_world() -> World:
    """Return the world of a scene that has none."""
    none = np.zeros(0, dtype=np.int64)
    meshes = Meshes(
        bounds=np.zeros((0, 6)),
        links=np.zeros((0, 3), np.int64),
        start=np.zeros(1, np.int64),
        corners=np.zeros((0, 9)),
        normals=np.zeros((0, 3)),
        slots=none,
    )
    lamp = LampView(
        is_on=False,
        views=np.zeros((0, 0, 12)),
        from_camera=np.zeros((0, 3, 4)),
        tiles=_NONE_SEEN,
        focal_px=1.0,
        half_m=np.inf,
        colour=np.ones(3),
        ambient=np.zeros(3),
        luma=1.0,
        ambient_luma=0.0,
    )
    return World(
        model=none,
        glow=np.zeros(0),
        casts=np.zeros(0, dtype=np.uint8),
        meshes=meshes,
        fields=np.zeros((0, 2, 2)),
        tops=np.zeros((0, 1, 1)),
        lamp=lamp,
    )
