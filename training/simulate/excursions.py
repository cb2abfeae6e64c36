"""
Short recordings for judging depth from motion: events, poses and depth of one kind of motion.

`lateral` slides along the image's x, `forward` drives along the optical axis, `handheld` sways and
turns; `num_movers` solids of the scene then move by themselves. Laws: an excursion is a function
of its spec; depth is that of the last pose before or at its stamp, +inf = sky.

"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import get_args, Literal, TypeAlias

from eventdepth_core.errors import InputError
from eventdepth_core.types import Camera, Events, Float32, Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.caster import Picture, render
from training.simulate.event_camera import EventCamera
from training.simulate.families import FAMILIES, FAMILY_NAMES
from training.simulate.path import random_path, SmoothPath
from training.simulate.photos import Split
from training.simulate.sample import find_viewpoint
from training.simulate.scene import Scene
from training.simulate.sensor_model import SensorModel
from training.simulate.solids import Pose, Shape
from training.simulate.stage import Stage, stage_scene
from training.simulate.textures import texture_pool
from training.simulate.walk import is_clear_way

ExcursionKind: TypeAlias = Literal['lateral', 'forward', 'handheld']
EXCURSION_KINDS: tuple[ExcursionKind, ...] = get_args(ExcursionKind)
TICK_US = 5000
_STEP_PX = 0.5
_MAX_TRIALS = 200
_MOVER_FLOW_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class ExcursionSpec:
    """
    What is simulated: kind, family, seed, `size` (height, width), `flow_px_s` at median depth.

    The split chooses the photos: `train` for choosing settings, `test` for figures.

    """

    kind: ExcursionKind = 'lateral'
    family: str = 'room'
    seed: int = 0
    seconds: float = 0.4
    size: tuple[int, int] = (180, 240)
    fov_deg: float = 60.0
    flow_px_s: float = 70.0
    split: Split = 'test'
    num_movers: int = 0
    sensor: SensorModel = field(default_factory=SensorModel)

    def __post_init__(self) -> None:
        if self.kind not in EXCURSION_KINDS or self.family not in FAMILY_NAMES:
            raise InputError(
                f'Expected a kind out of {", ".join(EXCURSION_KINDS)} and a family out of '
                f'{", ".join(FAMILY_NAMES)}, got {self.kind!r} and {self.family!r}.'
            )

    @property
    def camera(self) -> Camera:
        """The event camera, without distortion."""
        height, width = self.size
        focal = float(width / 2 / np.tan(np.deg2rad(self.fov_deg) / 2))
        return Camera(width, height, focal, focal, (width - 1) / 2, (height - 1) / 2)


@dataclass(frozen=True, slots=True, eq=False)
class Excursion:
    """
    One simulated recording.

    `events` EVENT_DTYPE[n]; `stamps_us` int64 (m,) and `poses` float64 (m, 4, 4), 200 Hz;
    `pictures` and their `depth_m` float32 (H, W) at each of `depth_us`.

    """

    spec: ExcursionSpec
    events: Events
    stamps_us: NDArray[np.int64]
    poses: Float64
    depth_us: tuple[int, ...]
    pictures: tuple[Picture, ...]

    @property
    def depth_m(self) -> tuple[Float32, ...]:
        """Depth in metres at each of `depth_us`."""
        return tuple(picture.depth_m for picture in self.pictures)


def excursion(spec: ExcursionSpec, depth_us: tuple[int, ...]) -> Excursion:
    """Simulate a recording with depth at the given times, multiples of 5 ms."""
    rng = np.random.default_rng(spec.seed)
    scene, path = _clear_way(rng, spec)
    velocity = _mover_velocity(rng, scene, path, spec)
    camera = spec.camera
    sensor = EventCamera(spec.sensor, width=camera.width, height=camera.height, rng=rng)
    num_ticks = round(spec.seconds * 1e6 / TICK_US)
    events, pictures = [], []
    for start_us, stage in _stages(scene, path, velocity, spec):
        end_us = start_us + TICK_US
        events.append(sensor.window(stage, camera, start_us=start_us, duration_us=TICK_US))
        if end_us in depth_us:
            pictures.append(render(stage, camera))
    stamps_us = np.arange(num_ticks + 1, dtype=np.int64) * TICK_US
    poses = np.stack([path.pose(float(t) * 1e-6).matrix for t in stamps_us])
    return Excursion(spec, np.concatenate(events), stamps_us, poses, depth_us, tuple(pictures))


def _stages(
    scene: Scene, path: SmoothPath, velocity: Float64, spec: ExcursionSpec
) -> Iterator[tuple[int, Stage]]:
    tick_s = TICK_US * 1e-6
    num_steps = max(2, int(np.ceil(4 * spec.flow_px_s * tick_s / _STEP_PX)))
    for tick in range(round(spec.seconds / tick_s)):
        times_s = np.linspace(tick * tick_s, (tick + 1) * tick_s, num_steps + 1)
        poses = tuple(path.pose(float(t)) for t in times_s)
        yield tick * TICK_US, _moving_stage(scene, poses, velocity, times_s, spec.camera)


def _moving_stage(
    scene: Scene, poses: tuple[Pose, ...], velocity: Float64, times_s: Float64, camera: Camera
) -> Stage:
    """Stage a scene whose solids (n,) have moved by velocity (n, 3) times time."""
    if not velocity.any():
        return stage_scene(scene, poses, camera)
    stage = stage_scene(scene, poses, camera, use_tiles=False)
    local = np.stack([item.local_from_world for item in scene.solids])  # (n, 3, 3)
    unit_velocity = np.einsum('nij,nj->ni', local, velocity) / scene.surfaces.half_m
    views = stage.views.copy()
    views[..., 9:] -= times_s[:, None, None] * unit_velocity[None]
    return stage._replace(views=views)


def _mover_velocity(
    rng: np.random.Generator, scene: Scene, path: SmoothPath, spec: ExcursionSpec
) -> Float64:
    """Return how fast each solid moves, (n, 3) m/s: `num_movers` of them, in any direction."""
    velocity = np.zeros((len(scene.solids), 3))
    if spec.num_movers == 0:
        return velocity
    ahead = path.start.rotation[:, 2]
    distance_m = np.array([ahead @ (s.centre_m - path.start.position_m) for s in scene.solids])
    things = [
        i
        for i, item in enumerate(scene.solids)
        if item.shape is not Shape.ROOM and distance_m[i] > 0.5 and item.half_m.max() < 2.5
    ]
    nearest = sorted(things, key=lambda i: distance_m[i])[: spec.num_movers]
    for i in nearest:
        direction = rng.normal(size=3)
        speed = _MOVER_FLOW_SHARE * spec.flow_px_s * distance_m[i] / spec.camera.fx
        velocity[i] = direction / np.linalg.norm(direction) * speed
    return velocity


def _clear_way(rng: np.random.Generator, spec: ExcursionSpec) -> tuple[Scene, SmoothPath]:
    family = FAMILIES[FAMILY_NAMES.index(spec.family)]
    pool = texture_pool(rng, spec.split)
    camera = spec.camera
    for _ in range(_MAX_TRIALS):
        scene, start, around = find_viewpoint(rng, family, pool, camera, mode='mixed')
        speed = spec.flow_px_s * around.median_m / camera.fx
        path = _path(rng, start, speed, spec.kind)
        if is_clear_way(scene, path, camera, spec.seconds):
            return scene, path
    raise InputError(
        f'Expected a clear way at {spec.flow_px_s} px/s within {_MAX_TRIALS} trials, got none: '
        'try less flow or another seed.'
    )


def _path(
    rng: np.random.Generator, start: Pose, speed_m_s: float, kind: ExcursionKind
) -> SmoothPath:
    if kind == 'handheld':
        return random_path(rng, start, speed_m_s=speed_m_s, is_forward=False)
    if kind == 'forward':
        return random_path(rng, start, speed_m_s=2.0 * speed_m_s, is_forward=True)
    still = np.zeros(3)
    sideways = np.array([rng.choice([-speed_m_s, speed_m_s]), 0.0, 0.0])
    return SmoothPath(start, sideways, still, still, still, still, still, still)
