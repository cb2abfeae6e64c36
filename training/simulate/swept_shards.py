"""
Shards of samples with points that the space sweep really measured, from excursions.

To the arrays of `training.simulate.shards` come, of the points at the window's end,

swept_log_depth  float16 (n, H, W)  log metres, NaN = no point
swept_sigma_log  float16 (n, H, W)  standard deviation of it that the sweep states

Laws: a shard is a function of (split, seed, number, size); every sample has points; the sweep
sees events and poses before the stamp only, poses being noisy in a part of the excursions.

"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eventdepth_core.errors import InputError
from eventdepth_core.events import voxel_grid
from eventdepth_core.geometry import Trajectory
from eventdepth_core.geometry.sweep import MotionSweep, SweptDepth
from eventdepth_core.types import Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.excursions import (
    Excursion,
    excursion,
    EXCURSION_KINDS,
    ExcursionKind,
    ExcursionSpec,
)
from training.simulate.exposure import exposed_image, random_exposure
from training.simulate.families import FAMILY_NAMES
from training.simulate.photos import Split
from training.simulate.sample import SKY_M, WINDOW_US
from training.simulate.sensor_model import random_sensor_model
from training.simulate.shards import (
    empty_set,
    MIN_DEPTH_M,
    NUM_BINS,
    SampleSet,
    ShardSpec,
    VOXEL_UNIT,
)
from training.simulate.solids import log_uniform, rotation_about
from training.simulate.textures import TEXTURE_MODES

SWEPT_PREFIX = 'swept_'  # of the folders and of the splits of a recipe
SWEPT_SIZE = (180, 240)
SWEPT_PER_SHARD = 100
STAMPS_US = (100_000, 200_000, 300_000, 400_000)
STAMP_STEP_US = 5000
MIN_POINTS = 20
MOVER_SHARE = 0.25
NOISY_SHARE = 0.35
MAX_NOISE = 0.01
MAX_NOISE_DEG = 0.1
FAMILIES_OF: dict[ExcursionKind, tuple[str, ...]] = {
    'lateral': ('room', 'table', 'fly', 'drive'),
    'forward': ('drive', 'drive', 'room', 'fly'),
    'handheld': ('room', 'table', 'fly', 'drive'),
}


@dataclass(frozen=True, slots=True, eq=False)
class SweptSet(SampleSet):
    """Samples with swept points; the fields are those of the two modules' tables."""

    swept_log_depth: NDArray[np.float16]
    swept_sigma_log: NDArray[np.float16]


def swept_name(split: Split) -> str:
    """Return the name of the folder of a split's samples with swept points."""
    return f'{SWEPT_PREFIX}{split}'


def empty_swept_set(count: int, size: tuple[int, int]) -> SweptSet:
    """Return a set of `count` samples still to be filled."""
    plain = empty_set(count, size)
    return SweptSet(
        *(getattr(plain, name) for name in SampleSet.__dataclass_fields__),
        swept_log_depth=np.full((count, *size), np.nan, dtype=np.float16),
        swept_sigma_log=np.full((count, *size), np.nan, dtype=np.float16),
    )


def simulate_swept_shard(
    spec: ShardSpec, *, on_sample: Callable[[], None] | None = None
) -> SweptSet:
    """Simulate all samples of a shard; `on_sample` is called after each."""
    samples = empty_swept_set(spec.num_samples, spec.size)
    i, draw = 0, 0
    while i < spec.num_samples:
        rng = np.random.default_rng(spec.seeds(draw))
        draw += 1
        for store in _swept_samples(rng, spec):
            store(samples, i)
            samples.sample_id[i] = spec.number * SWEPT_PER_SHARD + i
            i += 1
            if on_sample is not None:
                on_sample()
            if i == spec.num_samples:
                break
    return samples


def random_spec(rng: np.random.Generator, spec: ShardSpec) -> ExcursionSpec:
    """Draw an excursion for a shard: motion, scene, lens, speed, sensor, things that move."""
    kind = EXCURSION_KINDS[rng.integers(len(EXCURSION_KINDS))]
    return ExcursionSpec(
        kind=kind,
        family=str(rng.choice(FAMILIES_OF[kind])),
        seed=int(rng.integers(2**40, 2**60)),
        size=spec.size,
        fov_deg=float(rng.uniform(40.0, 85.0)),
        flow_px_s=log_uniform(rng, 30.0, 130.0),
        split=spec.split,
        num_movers=int(rng.integers(1, 4)) if rng.random() < MOVER_SHARE else 0,
        sensor=random_sensor_model(rng),
    )


def noisy_poses(rng: np.random.Generator, poses: Float64, way_m: float) -> Float64:
    """
    Disturb poses (n, 4, 4) by white noise, or in most cases not at all.

    At most 1 % of `way_m` on each axis and 0.1 degrees about each.

    """
    if rng.random() > NOISY_SHARE:
        return poses
    sigma_m, sigma_rad = (
        rng.uniform(0, MAX_NOISE) * way_m,
        np.deg2rad(rng.uniform(0, MAX_NOISE_DEG)),
    )
    noisy = poses.copy()
    noisy[:, :3, 3] += rng.normal(0.0, 1.0, (len(poses), 3)) * sigma_m
    for pose in noisy:
        pose[:3, :3] = pose[:3, :3] @ rotation_about(sigma_rad * rng.normal(size=3))
    return noisy


def swept_depths(made: Excursion, poses: Float64) -> list[SweptDepth]:
    """Sweep an excursion with `poses` and return what is known at each of its `depth_us`."""
    sweep, trajectory = MotionSweep(made.spec.camera), Trajectory()
    results, first_event, first_pose = [], 0, 0
    for stamp_us in made.depth_us:
        last_pose = int(np.searchsorted(made.stamps_us, stamp_us, side='right'))
        for k in range(first_pose, last_pose):
            trajectory.push(poses[k], int(made.stamps_us[k]))
        last_event = int(np.searchsorted(made.events['t'], stamp_us))
        sweep.push_events(made.events[first_event:last_event])
        results.append(sweep.points(trajectory, stamp_us))
        first_event, first_pose = last_event, last_pose
    return results


_Store = Callable[[SweptSet, int], None]


def _swept_samples(rng: np.random.Generator, spec: ShardSpec) -> Iterator[_Store]:
    """Simulate one excursion and yield a writer for each stamp that has points."""
    drawn = random_spec(rng, spec)
    lead = rng.integers(0, 12, len(STAMPS_US)) * STAMP_STEP_US
    try:
        made = excursion(drawn, tuple(int(t) for t in np.array(STAMPS_US) - lead))
    except InputError:  # no clear way in this scene: the next draw has another
        return
    way_m = float(np.linalg.norm(made.poses[-1, :3, 3] - made.poses[0, :3, 3])) * 0.4
    swept = swept_depths(made, noisy_poses(rng, made.poses, way_m))
    for k, result in enumerate(swept):
        if np.isfinite(result.inverse_depth).sum() >= MIN_POINTS:
            yield lambda samples, i, k=k, result=result: _store(rng, made, k, result, samples, i)


def _store(
    rng: np.random.Generator,
    made: Excursion,
    k: int,
    swept: SweptDepth,
    samples: SweptSet,
    i: int,
) -> None:
    camera, stamp_us, events = made.spec.camera, made.depth_us[k], made.events
    first, last = np.searchsorted(events['t'], [stamp_us - WINDOW_US, stamp_us])
    voxel = voxel_grid(
        events[first:last],
        start_us=stamp_us - WINDOW_US,
        end_us=stamp_us,
        bins=NUM_BINS,
        size=camera.size,
    )
    picture = made.pictures[k]
    exposure = random_exposure(rng, gain=0.02 / made.spec.sensor.dark)
    depth_m = np.where(picture.depth_m > SKY_M, np.float32(np.inf), picture.depth_m)
    samples.voxel[i] = np.clip(np.round(voxel / VOXEL_UNIT), -127, 127)
    samples.image[i] = exposed_image(rng, picture, exposure)
    samples.log_depth[i] = np.log(np.maximum(depth_m, MIN_DEPTH_M))
    samples.intrinsics[i] = (camera.fx, camera.fy, camera.cx, camera.cy)
    samples.family[i] = FAMILY_NAMES.index(made.spec.family)
    samples.texture_mode[i] = TEXTURE_MODES.index('mixed')
    samples.num_events[i] = last - first
    with np.errstate(invalid='ignore', divide='ignore'):
        samples.swept_log_depth[i] = -np.log(swept.inverse_depth)
        samples.swept_sigma_log[i] = swept.sigma / swept.inverse_depth
