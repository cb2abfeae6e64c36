"""
A camera on a way through one scene: what all sensors measure, moment after moment.

Time runs in ticks of 5 ms; every sensor measures at ticks only. Laws: a walk is a function of its
spec; events of a tick come before what is measured at its end; the camera never stands inside a
solid nor nearer than 15 cm to a surface that it sees.

"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from eventdepth_core.errors import InputError
from eventdepth_core.types import Camera, Events, Float32, UInt8
import numpy as np
from training.simulate.caster import render
from training.simulate.event_camera import EventCamera
from training.simulate.exposure import exposed_image, Exposure
from training.simulate.families import EVERY_NAME, family_named, WORLDS
from training.simulate.focus import Focus
from training.simulate.lens_models import camera_of_view, LensModel
from training.simulate.lidar import lidar_points, LidarModel
from training.simulate.lidar_scan import lidar_scan, LidarScan, ScanningLidar
from training.simulate.motions import MAX_SPEED_M_S, MOTION_KINDS, motion_path, MotionKind
from training.simulate.path import Path, poses_between
from training.simulate.photos import Split
from training.simulate.rgb_camera import MountedPath, rgb_picture, RgbCamera, with_view
from training.simulate.sample import find_viewpoint, look_around
from training.simulate.scene import Scene
from training.simulate.sensor_model import SensorModel
from training.simulate.solids import is_inside_any, Pose
from training.simulate.stage import stage_scene
from training.simulate.textures import texture_pool, TextureMode
from training.simulate.world_textures import world_pool

TICK_US = 5000
_TICKS_PER_S = 1_000_000 // TICK_US
_STEP_PX = 0.75
_MAX_TRIALS = 200
_CLEAR_STEP_M = 0.1


@dataclass(frozen=True, slots=True)
class WalkSpec:
    """
    What is simulated: `size` (height, width) pixels, rates in Hz (0 = never), seeds.

    `flow_px_s` is the typical motion of a point at median depth; the split chooses the photos;
    `focus` lets light pass the area of pixels and a lens, None = one ray a pixel. A LidarModel
    measures all points at one moment, a ScanningLidar takes its time. `drawn_camera` of `size`
    stands for field of view and lens.

    """

    family: str = 'room'
    seconds: float = 2.0
    size: tuple[int, int] = (260, 346)
    seed: int = 0
    fov_deg: float = 70.0
    flow_px_s: float = 60.0
    image_rate_hz: float = 20.0
    points_rate_hz: float = 10.0
    split: Split = 'test'
    texture_mode: TextureMode = 'mixed'
    sensor: SensorModel = field(default_factory=SensorModel)
    lidar: LidarModel | ScanningLidar = field(default_factory=LidarModel)
    lens: LensModel = field(default_factory=LensModel)
    drawn_camera: Camera | None = None
    rgb: RgbCamera | None = None
    motion: MotionKind = 'auto'
    focus: Focus | None = None

    def __post_init__(self) -> None:
        if self.family not in EVERY_NAME:
            raise InputError(
                f'Expected a family out of {", ".join(EVERY_NAME)}, got {self.family!r}.'
            )
        if self.motion not in MOTION_KINDS:
            raise InputError(
                f'Expected a motion out of {", ".join(MOTION_KINDS)}, got {self.motion!r}.'
            )
        if self.seconds <= 0 or min(self.size) <= 0 or not 1.0 < self.fov_deg < 170.0:
            raise InputError(
                'Expected seconds > 0, a positive size and a field of view in (1, 170) degrees, '
                f'got {self.seconds}, {self.size} and {self.fov_deg}.'
            )
        if self.drawn_camera is not None and self.drawn_camera.size != self.size:
            raise InputError(
                f'Expected a drawn_camera of {self.size}, got {self.drawn_camera.size}.'
            )

    @property
    def camera(self) -> Camera:
        """The camera of events and, without an RGB camera, of images."""
        return self.drawn_camera or camera_of_view(self.size, self.fov_deg, self.lens)


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """
    What was measured in the tick that ended at `stamp_us`; None = the sensor was not due.

    `events` EVENT_DTYPE[n] from the moment before to `stamp_us` (of a walk, 5000 µs); `image`
    uint8 (H, W, 3) or grey (H, W); `depth_m` float32 (H, W), +inf = sky; `points_m` float32 (N, 3)
    in the LiDAR's frame at one moment, or a `scan` that ended at the stamp; `image_depth_m` that
    of an RGB camera with its own view.

    """

    stamp_us: int
    pose: Pose | None
    events: Events
    image: UInt8 | None
    depth_m: Float32 | None
    points_m: Float32 | None
    scan: LidarScan | None = None
    image_depth_m: Float32 | None = None


def walk(spec: WalkSpec) -> Iterator[Moment]:
    """Simulate the moments of a walk in the order of time."""
    rng = np.random.default_rng(spec.seed)
    scene, path = clear_way(rng, spec)
    camera = spec.camera
    sensor = EventCamera(spec.sensor, width=camera.width, height=camera.height, rng=rng)
    flow_px_s = 3 * spec.flow_px_s + _turning_px_s(spec, path)
    num_steps = max(2, int(np.ceil(flow_px_s / _TICKS_PER_S / _STEP_PX)))
    for tick in range(1, round(spec.seconds * _TICKS_PER_S) + 1):
        start_us, stamp_us = (tick - 1) * TICK_US, tick * TICK_US
        poses = poses_between(path, start_us * 1e-6, stamp_us * 1e-6, num_steps)
        times_s = np.linspace(start_us * 1e-6, stamp_us * 1e-6, num_steps + 1)
        stage = stage_scene(scene, poses, camera, times_s=times_s)
        events = sensor.window(
            stage, camera, start_us=start_us, duration_us=TICK_US, focus=spec.focus
        )
        image, depth_m, image_depth_m = None, None, None
        if _is_due(tick, spec.image_rate_hz):
            picture = render(stage, camera)
            depth_m = picture.depth_m
            if spec.rgb is None:
                image = exposed_image(rng, picture, Exposure())
            else:
                image, image_depth_m = _photographed(rng, spec, scene, path, stamp_us)
        points_m, scan = None, None
        if _is_due(tick, spec.points_rate_hz):
            points_m, scan = _measured(rng, spec.lidar, scene, path, stamp_us)
        yield Moment(stamp_us, poses[-1], events, image, depth_m, points_m, scan, image_depth_m)


def _photographed(
    rng: np.random.Generator, spec: WalkSpec, scene: Scene, path: Path, stamp_us: int
) -> tuple[UInt8, Float32 | None]:
    model = with_view(spec.rgb or RgbCamera(), spec.camera)
    mounted = MountedPath(path, model.mount)
    picture = rgb_picture(rng, model, scene, mounted, stamp_us)
    has_own_view = spec.rgb is not None and spec.rgb.has_own_view
    return picture.image, (picture.depth_m if has_own_view else None)


def _measured(
    rng: np.random.Generator,
    lidar: LidarModel | ScanningLidar,
    scene: Scene,
    path: Path,
    stamp_us: int,
) -> tuple[Float32 | None, LidarScan | None]:
    if isinstance(lidar, LidarModel):
        stamp_s = stamp_us * 1e-6
        return lidar_points(rng, lidar, scene, path.pose(stamp_s), time_s=stamp_s), None
    start_us = stamp_us - lidar.period_us
    return None, (lidar_scan(rng, lidar, scene, path, start_us) if start_us >= 0 else None)


def _turning_px_s(spec: WalkSpec, path: Path) -> float:
    """Return the fastest flow by turning, beyond what smooth ways are known to have."""
    if spec.motion == 'auto':
        return 0.0
    poses = poses_between(path, 0.0, spec.seconds, round(spec.seconds * _TICKS_PER_S))
    turns = [a.rotation.T @ b.rotation for a, b in pairwise(poses)]
    cosine = (np.trace(np.stack(turns), axis1=1, axis2=2) - 1.0) / 2.0
    angle = np.arccos(np.clip(cosine, -1.0, 1.0)).max()
    return float(spec.camera.fx * angle * _TICKS_PER_S)


def _is_due(tick: int, rate_hz: float) -> bool:
    return rate_hz > 0 and tick % max(1, round(_TICKS_PER_S / rate_hz)) == 0


def clear_way(rng: np.random.Generator, spec: WalkSpec) -> tuple[Scene, Path]:
    """Draw scenes and ways until one keeps clear of everything."""
    family = family_named(spec.family)
    pool = world_pool(rng, spec.split) if family in WORLDS else texture_pool(rng, spec.split)
    camera = spec.camera
    for _ in range(_MAX_TRIALS):
        scene, start, around = find_viewpoint(rng, family, pool, camera, mode=spec.texture_mode)
        speed = spec.flow_px_s * around.median_m / camera.fx
        path = motion_path(
            rng,
            spec.motion,
            start,
            speed_m_s=speed,
            seconds=spec.seconds,
            is_forward=spec.family.startswith('driv'),
        )
        if _is_clear(spec, scene, path):
            return scene, path
    raise InputError(
        f'Expected a clear way of {spec.seconds} s at {spec.flow_px_s} px/s within '
        f'{_MAX_TRIALS} trials, got none: try less flow or another seed.'
    )


def _is_clear(spec: WalkSpec, scene: Scene, path: Path) -> bool:
    """Whether all cameras keep clear; the faster a motion may be, the more often it is looked."""
    rate_hz = max(10.0, MAX_SPEED_M_S.get(spec.motion, 0.0) / _CLEAR_STEP_M)
    if not is_clear_way(scene, path, spec.camera, spec.seconds, rate_hz=rate_hz):
        return False
    rgb = spec.rgb
    if rgb is None or rgb.camera is None:
        return True
    beside = MountedPath(path, rgb.mount)
    return is_clear_way(scene, beside, rgb.camera, spec.seconds, rate_hz=rate_hz)


def is_clear_way(
    scene: Scene, path: Path, camera: Camera, seconds: float, *, rate_hz: float = 10.0
) -> bool:
    """Whether a camera on this way stays out of solids and sees enough, never too near."""
    for time_s in np.linspace(0.0, seconds, max(2, round(rate_hz * seconds)) + 1):
        pose = path.pose(float(time_s))
        if is_inside_any(scene.solids_at(float(time_s)), pose.position_m, margin=1.1):
            return False
        if look_around(scene, pose, camera, time_s=float(time_s)) is None:
            return False
    return True
