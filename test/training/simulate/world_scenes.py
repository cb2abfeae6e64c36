"""Small worlds for tests: one texture a brightness, one lamp, whatever parts are wanted."""

from eventdepth_core.types import Camera
import numpy as np
from training.simulate.families.base import world_layout
from training.simulate.parts import Details, Kind, Lamp, Part
from training.simulate.scene import dress_layout, Scene
from training.simulate.solids import Pose, Shape, solid
from training.simulate.stage import Stage, stage_scene
from training.simulate.textures import texture_planes, TexturePool

CAMERA = Camera(width=41, height=29, fx=35.0, fy=33.0, cx=19.3, cy=14.8)
HERE = Pose(np.eye(3), np.zeros(3))
NO_FIELDS = np.zeros((0, 2, 2))
SUN = Lamp(
    position_m=np.array([0.0, -400.0, 6.0]),
    target_m=np.array([0.0, 0.0, 6.0]),
    reach_m=40.0,
    colour=(1.0, 1.0, 1.0),
    ambient=(0.2, 0.2, 0.2),
)


def grey_pool() -> TexturePool:
    """Return a pool of one grey."""
    planes = texture_planes([np.full((256, 256, 3), 0.5, np.float32)])
    return TexturePool(
        planes, dict.fromkeys(('mixed', 'photo', 'procedural', 'flat'), np.arange(1))
    )


def part(shape: Shape, centre: tuple, half: tuple, **rest: object) -> Part:
    """Return a white thing."""
    turned = rest.pop('rotation', None)
    kind = rest.pop('kind', Kind.CLUTTER)
    item = solid(shape, centre, half, rotation=turned)
    tint = rest.pop('tint', (1.0, 1.0, 1.0))
    return Part(item, kind, ('white',), tint=tint, **rest)


def world_of(*parts: Part, lamp: Lamp = SUN, fields: np.ndarray = NO_FIELDS) -> Scene:
    """Return a dressed world."""
    layout = world_layout(Details(tuple(parts), lamp, fields), (1.0, 1.0, 1.0))
    return dress_layout(np.random.default_rng(0), layout, grey_pool())


def staged(scene: Scene, *, poses: tuple = (HERE,), times_s: np.ndarray | None = None) -> Stage:
    """Return a scene before CAMERA."""
    return stage_scene(scene, poses, CAMERA, times_s=times_s)


def pixel_rays() -> np.ndarray:
    """Return the rays of CAMERA's pixels, (H, W, 3)."""
    x, y = np.meshgrid(np.arange(CAMERA.width), np.arange(CAMERA.height))
    return np.stack(
        [(x - CAMERA.cx) / CAMERA.fx, (y - CAMERA.cy) / CAMERA.fy, np.ones(x.shape)], axis=-1
    )
