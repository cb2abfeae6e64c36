"""
One training sample: a scene, a camera, 50 ms of events, the image and depth at the window's end.

Laws: a sample is a function of its generator and the texture pool; depth beyond 150 m and the
sky are +inf; a viewpoint that sees too little or is too near to something is drawn again.

"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from eventdepth_core.types import Camera, Events, Float32, UInt8
import numpy as np
from training.simulate.caster import Labels, labels_of, render
from training.simulate.event_camera import EventCamera
from training.simulate.exposure import exposed_image, random_exposure
from training.simulate.families import EVERY_NAME
from training.simulate.families.base import Family, Layout
from training.simulate.focus import Focus
from training.simulate.lenses import coarse_camera
from training.simulate.recipe import Recipe, RECORDED
from training.simulate.scene import dress_layout, Scene
from training.simulate.sensor_model import random_sensor_model
from training.simulate.solids import is_inside_any, Pose
from training.simulate.stage import stage_scene
from training.simulate.textures import (
    TEXTURE_MODE_SHARES,
    TEXTURE_MODES,
    TextureMode,
    TexturePool,
)
from training.simulate.trajectory import Surroundings, window_poses

WINDOW_US = 50_000
SKY_M = 150.0
_PROBE_SCALE = 8
_MIN_CLEARANCE_M = 0.15
_MIN_HIT_SHARE = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """
    What the sensors of one simulated robot saw.

    `events` EVENT_DTYPE[n], t in [0, 50000) µs; `image` uint8 (H, W, 3) RGB and `depth_m` float32
    (H, W), +inf = sky, both at the window's end; `family` (of EVERY_NAME) and `texture_mode` are
    indices; `labels` of worlds only; `scene` and `poses` of the sub-frames for further sensors,
    the last pose at the window's end.

    """

    events: Events
    image: UInt8
    depth_m: Float32
    camera: Camera
    family: int
    texture_mode: int
    num_steps: int
    labels: Labels | None = None
    scene: Scene | None = None
    poses: tuple[Pose, ...] = ()


def random_sample(
    rng: np.random.Generator,
    pool: TexturePool,
    *,
    size: tuple[int, int] = (128, 160),
    recipe: Recipe = RECORDED,
) -> Sample:
    """Draw scene, camera, motion and sensor and simulate one window of (height, width) `size`."""
    family = recipe.families[int(rng.choice(len(recipe.families), p=recipe.shares))]
    mode_id = int(rng.choice(len(TEXTURE_MODES), p=TEXTURE_MODE_SHARES))
    camera = random_camera(rng, size, fov_deg=recipe.fov_deg)
    scene, start, surroundings = find_viewpoint(
        rng, family, pool, camera, mode=TEXTURE_MODES[mode_id]
    )
    pace = replace(recipe.pace, mover_px=mover_flow_px(scene, start, camera))
    poses = window_poses(rng, family, start, surroundings, camera, pace=pace)
    times_s = np.linspace(0.0, 1e-6 * WINDOW_US, len(poses))
    stage = stage_scene(scene, poses, camera, times_s=times_s)
    focus = None if recipe.blur_px is None else Focus(float(rng.uniform(*recipe.blur_px)))
    sensor = EventCamera(
        random_sensor_model(rng), width=camera.width, height=camera.height, rng=rng
    )
    events = sensor.window(stage, camera, start_us=0, duration_us=WINDOW_US, focus=focus)
    picture = render(stage, camera)
    return Sample(
        events=events,
        image=exposed_image(rng, picture, random_exposure(rng, gain=0.02 / sensor.model.dark)),
        depth_m=np.where(picture.depth_m > SKY_M, np.float32(np.inf), picture.depth_m),
        camera=camera,
        family=EVERY_NAME.index(family.name),
        texture_mode=mode_id,
        num_steps=len(poses) - 1,
        labels=labels_of(scene, picture),
        scene=scene,
        poses=poses,
    )


def random_camera(
    rng: np.random.Generator,
    size: tuple[int, int],
    *,
    fov_deg: Callable[[np.random.Generator], float] = RECORDED.fov_deg,
) -> Camera:
    """Draw a camera with a horizontal field of view of `fov_deg`."""
    height, width = size
    focal = width / 2 / np.tan(np.deg2rad(fov_deg(rng)) / 2)
    return Camera(
        width=width,
        height=height,
        fx=float(focal),
        fy=float(focal * rng.uniform(0.97, 1.03)),
        cx=float((width - 1) / 2 + width / 40 * rng.normal()),
        cy=float((height - 1) / 2 + width / 40 * rng.normal()),
    )


def find_viewpoint(
    rng: np.random.Generator,
    family: Family,
    pool: TexturePool,
    camera: Camera,
    *,
    mode: TextureMode,
) -> tuple[Scene, Pose, Surroundings]:
    """Draw scenes until one has a pose that sees enough and is not too near to anything."""
    while True:
        layout = family.layout(rng)
        pose = _free_pose(rng, family, layout)
        if pose is None:
            continue
        scene = dress_layout(rng, layout, pool, mode=mode)
        surroundings = look_around(scene, pose, camera)
        if surroundings is not None:
            return scene, pose, surroundings


def look_around(
    scene: Scene, pose: Pose, camera: Camera, *, time_s: float = 0.0
) -> Surroundings | None:
    """Return what a coarse depth picture shows, None where too little or something too near."""
    probe = coarse_camera(camera, _PROBE_SCALE)
    depth_m = render(stage_scene(scene, (pose,), probe, times_s=np.array([time_s])), probe).depth_m
    near = depth_m[depth_m < SKY_M].astype(np.float64)
    if len(near) < _MIN_HIT_SHARE * depth_m.size or near.min() < _MIN_CLEARANCE_M:
        return None
    return Surroundings(near)


def mover_flow_px(scene: Scene, start: Pose, camera: Camera) -> float:
    """Return how far the nearest or fastest mover before the camera moves in a window, pixels."""
    most_px = 0.0
    moving = () if scene.furnished is None else scene.furnished.moving
    for i, drift in moving:
        item = scene.solids[i]
        ahead_m = float(start.rotation[:, 2] @ (item.centre_m - start.position_m))
        moved_m = float(np.linalg.norm(drift.offset_m(1e-6 * WINDOW_US)))
        if ahead_m > 0:
            most_px = max(most_px, camera.fx * moved_m / max(ahead_m - item.half_m.max(), 1.0))
    return most_px


def _free_pose(rng: np.random.Generator, family: Family, layout: Layout) -> Pose | None:
    for _ in range(30):
        pose = family.viewpoint(rng, layout)
        if not is_inside_any(layout.solids, pose.position_m, margin=1.15):
            return pose
    return None
