"""
An RGB camera: exposure that blurs what moves, rows that are read one after the other, noise.

Row y is exposed for `exposure_us` around stamp + readout (y + 1/2) / H - readout / 2: the stamp is
the middle of the middle row's exposure, depth is that of the stamp. Light is averaged over
sub-frames, each through another place of the pixel's area. Noise is that of a sensor with
`full_well_e` electrons at full scale: the root of the light, and `read_noise_e`.

Laws: without motion neither exposure nor readout changes the picture; a picture is a function of
its generator, scene and path.

"""

from dataclasses import dataclass, replace

from eventdepth_core.errors import InputError
from eventdepth_core.types import Camera, Float32, Float64, UInt8
import numpy as np
from numpy.typing import NDArray
from training.simulate.caster import render
from training.simulate.lens_models import camera_of_view, LENS_PRESETS
from training.simulate.lenses import coarse_camera
from training.simulate.path import Path
from training.simulate.scene import Scene
from training.simulate.solids import Pose
from training.simulate.stage import Stage, stage_scene
from training.simulate.tiles import TILE_PX
from training.simulate.trace_kernels import COLOUR, empty_seen, Rays, trace_rays
from training.simulate.tracing import pixel_rays

MAX_SPAN_US = 30_000
_MIN_RAYS, _MAX_RAYS = 4, 32
_STEP_PX = 0.5
_PROBE_SCALE = 8
# the additive recurrence of the plastic number spreads any count of places evenly over a pixel
_PLASTIC = 1.32471795724474602596
_GAIN = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class RgbCamera:
    """
    What an RGB camera is like; without `camera` and `event_from_image` it shares the event pixels.

    `event_from_image` is 4x4 in metres; `readout_us` from the first to the last row, 0 = all at
    once; `gain` of the light, `gamma` of the display.

    """

    camera: Camera | None = None
    event_from_image: Float64 | None = None
    exposure_us: int = 8_000
    readout_us: int = 0
    gain: float = 1.0
    gamma: float = 2.2
    full_well_e: float = 6_000.0
    read_noise_e: float = 6.0

    def __post_init__(self) -> None:
        if (self.camera is None) != (self.event_from_image is None):
            raise InputError('Expected both of camera and event_from_image or neither, got one.')
        if self.exposure_us < 0 or self.readout_us < 0 or self.span_us > MAX_SPAN_US:
            raise InputError(
                f'Expected exposure_us, readout_us >= 0 and their sum <= {MAX_SPAN_US}, '
                f'got {self.exposure_us} and {self.readout_us}.'
            )
        if min(self.gain, self.gamma, self.full_well_e) <= 0 or self.read_noise_e < 0:
            raise InputError(
                'Expected gain, gamma, full_well_e > 0 and read_noise_e >= 0, got '
                f'{self.gain}, {self.gamma}, {self.full_well_e} and {self.read_noise_e}.'
            )

    @property
    def span_us(self) -> int:
        """How long a picture takes from the first light to the last."""
        return self.exposure_us + self.readout_us

    @property
    def mount(self) -> Float64:
        """Where it stands: event_from_image, 4x4."""
        return np.eye(4) if self.event_from_image is None else self.event_from_image

    @property
    def has_own_view(self) -> bool:
        """Whether it stands elsewhere than the event camera."""
        return self.event_from_image is not None


@dataclass(frozen=True, slots=True, eq=False)
class RgbPicture:
    """`image` uint8 (H, W, 3), `depth_m` float32 (H, W) at its stamp, +inf = sky."""

    image: UInt8
    depth_m: Float32


def rgb_picture(
    rng: np.random.Generator, model: RgbCamera, scene: Scene, path: Path, stamp_us: int
) -> RgbPicture:
    """Return the picture around `stamp_us` of a camera that moves as `path` of itself."""
    camera = _own_camera(model)
    colour = exposed_light(model, scene, path, stamp_us)
    stamp_s = stamp_us * 1e-6
    stage = stage_scene(scene, (path.pose(stamp_s),), camera, times_s=np.array([stamp_s]))
    return RgbPicture(developed(rng, model, colour), render(stage, camera).depth_m)


def exposed_light(model: RgbCamera, scene: Scene, path: Path, stamp_us: int) -> Float32:
    """Return the light that falls on each pixel, float32 (H, W, 3), without noise."""
    camera = _own_camera(model)
    height = camera.height
    colour = np.empty((*camera.size, 3), dtype=np.float32)
    num_rays = _num_rays(model, scene, path, stamp_us, camera)
    share = (np.arange(num_rays) + 0.5) / num_rays - 0.5
    places = ray_places(num_rays)
    for first_row in range(0, height, TILE_PX):
        rows = np.arange(first_row, min(first_row + TILE_PX, height))
        read_us = model.readout_us * ((rows + 0.5) / height - 0.5)
        if model.readout_us == 0:
            read_us = np.zeros(1)
        times_us = stamp_us + read_us[:, None] + model.exposure_us * share  # (rows, J)
        poses = tuple(path.pose(float(t) * 1e-6) for t in times_us.ravel())
        stage = stage_scene(scene, poses, camera, times_s=1e-6 * times_us.ravel())
        pose = np.arange(len(poses)).reshape(-1, num_rays)
        band_pose = np.broadcast_to(pose, (len(rows), num_rays))
        colour[rows] = _band_light(stage, camera, rows, band_pose, places)
    return colour


def _band_light(
    stage: Stage, camera: Camera, rows: NDArray[np.int64], pose: NDArray[np.int64], places: Float64
) -> Float32:
    """Return the light of rows of one tile, each pixel through `places` (J, 2) at its poses."""
    pixel = (rows[:, None] * camera.width + np.arange(camera.width)).ravel()
    direction = pixel_rays(camera, pixel, places).reshape(-1, 3)
    y, x = np.divmod(pixel, camera.width)
    tile = (y // TILE_PX) * stage.tiles.columns + x // TILE_PX
    of_row = np.repeat(pose[:, None], camera.width, axis=1)  # (rows, W, J)
    rays = Rays(direction, np.repeat(tile, len(places)), of_row.ravel())
    seen = empty_seen(len(direction))
    trace_rays(stage, rays, 1.0 / camera.fx, COLOUR, seen)
    light: Float32 = seen.light.reshape(len(rows), camera.width, len(places), 3).mean(axis=2)
    return light


def developed(rng: np.random.Generator, model: RgbCamera, colour: Float32) -> UInt8:
    """Return light as an image: clipped, with noise, with gamma, uint8."""
    light = np.clip(colour * np.float32(_GAIN * model.gain), 0.0, 1.0)
    sigma = np.sqrt(light / model.full_well_e + (model.read_noise_e / model.full_well_e) ** 2)
    noisy = np.clip(light + sigma * rng.standard_normal(light.shape, dtype=np.float32), 0.0, 1.0)
    image: UInt8 = np.rint(255.0 * noisy ** (1.0 / model.gamma)).astype(np.uint8)
    return image


def ray_places(count: int) -> Float64:
    """
    Return places spread over a pixel, float64 (count, 2) in (-0.5, 0.5).

    Each of `count` columns and rows of the pixel holds one place, so their mean is the centre.

    """
    steps = np.array([1.0 / _PLASTIC, 1.0 / _PLASTIC**2])
    spread = np.mod(np.arange(count)[:, None] * steps, 1.0)
    rank = spread.argsort(axis=0).argsort(axis=0)
    return np.asarray((rank + 0.5) / count - 0.5)


def with_view(model: RgbCamera, camera: Camera) -> RgbCamera:
    """Return the model with a view: its own, or that of the event camera."""
    if model.camera is not None:
        return model
    return replace(model, camera=camera, event_from_image=np.eye(4))


@dataclass(frozen=True, slots=True, eq=False)
class MountedPath:
    """The way of a sensor that is mounted on a camera; `camera_from_sensor` 4x4."""

    path: Path
    camera_from_sensor: Float64

    def pose(self, t_s: float) -> Pose:
        """Return the pose of the sensor at `t_s` seconds."""
        matrix = self.path.pose(t_s).matrix @ self.camera_from_sensor
        return Pose(matrix[:3, :3], matrix[:3, 3])


def rgb_preset(name: str, size: tuple[int, int]) -> RgbCamera:
    """Return an RGB camera by name; one with its own view has (height, width) `size`."""
    if name == 'aps':
        return RgbCamera()
    model, fov_deg, lens = _BESIDE[name]
    camera = camera_of_view(size, fov_deg, LENS_PRESETS[lens])
    event_from_image = np.eye(4)
    event_from_image[:3, 3] = (0.06, 0.0, 0.0)
    return replace(model, camera=camera, event_from_image=event_from_image)


# exposure and readout; horizontal field of view; lens
_BESIDE: dict[str, tuple[RgbCamera, float, str]] = {
    'global': (RgbCamera(exposure_us=5_000), 75.0, 'pinhole'),
    'rolling': (RgbCamera(exposure_us=8_000, readout_us=16_000), 75.0, 'davis'),
    'dark': (RgbCamera(exposure_us=14_000, readout_us=16_000, gain=0.6, full_well_e=600.0), 75.0,
             'davis'),
    'wide': (RgbCamera(exposure_us=8_000, readout_us=16_000), 110.0, 'fisheye'),
}  # fmt: skip
RGB_PRESETS = ('aps', *_BESIDE)


def _own_camera(model: RgbCamera) -> Camera:
    if model.camera is None:
        raise InputError('Expected an RgbCamera with a camera, got none: use with_view.')
    return model.camera


def _num_rays(model: RgbCamera, scene: Scene, path: Path, stamp_us: int, camera: Camera) -> int:
    """Return so many that nearly everything moves less than half a pixel between two."""
    start, end = (path.pose((stamp_us + sign * model.exposure_us / 2) * 1e-6) for sign in (-1, 1))
    probe = coarse_camera(camera, _PROBE_SCALE)
    depth_m = render(stage_scene(scene, (start,), probe), probe).depth_m
    near_m = float(np.quantile(depth_m, 0.05))
    turn = start.rotation.T @ end.rotation
    angle = float(np.arccos(np.clip((np.trace(turn) - 1.0) / 2.0, -1.0, 1.0)))
    moved_m = float(np.linalg.norm(end.position_m - start.position_m))
    moved_px = camera.fx * (moved_m / max(near_m, 0.05) + angle)
    return int(np.clip(np.ceil(moved_px / _STEP_PX), _MIN_RAYS, _MAX_RAYS))
