"""
Shards of a data set: what is stored of each sample, and the seeds that make it.

A shard is an uncompressed `.npz` whose arrays have one row a sample:

voxel       int8 (n, 5, H, W)      round(8 * voxel grid), clipped to +-127
image       uint8 (n, H, W, 3)     RGB at the window's end
log_depth   float16 (n, H, W)      log metres in [log 0.1, log 150], +inf = sky or beyond 150 m
intrinsics  float32 (n, 4)         fx, fy, cx, cy in pixels
family, texture_mode  uint8 (n,)   indices into EVERY_NAME and TEXTURE_MODES
num_events  int32 (n,), sample_id int64 (n,)

Laws: a shard is a function of (scenes, split, seed, number, size); splits never share a seed
sequence nor a photograph; a file is either absent or complete.

"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args, Literal, TypeAlias

from eventdepth_core.events import voxel_grid
from eventdepth_core.types import Float32, UInt8
import numpy as np
from numpy.typing import NDArray
from training.simulate.photos import Split, SPLITS
from training.simulate.recipe import Recipe, RECORDED, world_recipe
from training.simulate.sample import random_sample, Sample, WINDOW_US

ScenesName: TypeAlias = Literal['recorded', 'worlds']
SCENES: tuple[ScenesName, ...] = get_args(ScenesName)
NUM_BINS = 5
VOXEL_UNIT = 0.125
MIN_DEPTH_M = 0.1
SAMPLES_PER_SHARD = 250


@dataclass(frozen=True, slots=True)
class ShardSpec:
    """Which samples a shard holds: the `number`-th of a split drawn from `scenes` with `seed`."""

    split: Split
    seed: int
    number: int
    num_samples: int
    size: tuple[int, int] = (128, 160)
    scenes: ScenesName = 'recorded'

    @property
    def recipe(self) -> Recipe:
        """What the samples are drawn from."""
        return RECORDED if self.scenes == 'recorded' else world_recipe(self.split)

    def seeds(self, index: int) -> list[int]:
        """Return the entropy of a sample; index -1 is that of the textures."""
        return [self.seed, SPLITS.index(self.split), self.number, index + 1]


@dataclass(frozen=True, slots=True, eq=False)
class SampleSet:
    """The samples of one or more shards; the fields are those of the module's table."""

    voxel: NDArray[np.int8]
    image: UInt8
    log_depth: NDArray[np.float16]
    intrinsics: Float32
    family: UInt8
    texture_mode: UInt8
    num_events: NDArray[np.int32]
    sample_id: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.sample_id)

    @property
    def focal_px(self) -> Float32:
        """The horizontal focal lengths, float32 (n,), pixels."""
        return self.intrinsics[:, 0]


def empty_set(count: int, size: tuple[int, int]) -> SampleSet:
    """Return a set of `count` samples still to be filled."""
    return SampleSet(
        voxel=np.zeros((count, NUM_BINS, *size), dtype=np.int8),
        image=np.zeros((count, *size, 3), dtype=np.uint8),
        log_depth=np.zeros((count, *size), dtype=np.float16),
        intrinsics=np.zeros((count, 4), dtype=np.float32),
        family=np.zeros(count, dtype=np.uint8),
        texture_mode=np.zeros(count, dtype=np.uint8),
        num_events=np.zeros(count, dtype=np.int32),
        sample_id=np.zeros(count, dtype=np.int64),
    )


def simulate_shard(spec: ShardSpec, *, on_sample: Callable[[], None] | None = None) -> SampleSet:
    """Simulate all samples of a shard; `on_sample` is called after each."""
    recipe = spec.recipe
    pool = recipe.pool(np.random.default_rng(spec.seeds(-1)), spec.split)
    samples = empty_set(spec.num_samples, spec.size)
    for i in range(spec.num_samples):
        rng = np.random.default_rng(spec.seeds(i))
        _store(samples, i, random_sample(rng, pool, size=spec.size, recipe=recipe))
        samples.sample_id[i] = spec.number * SAMPLES_PER_SHARD + i
        if on_sample is not None:
            on_sample()
    return samples


def write_shard(samples: SampleSet, path: Path) -> None:
    """Write a shard under its name in one step, so that a reader never sees half of it."""
    columns = {name: getattr(samples, name) for name in type(samples).__dataclass_fields__}
    unfinished = path.with_suffix('.part')
    with unfinished.open('wb') as file:
        np.savez(file, **columns)
    unfinished.replace(path)


def shard_path(folder: Path, number: int) -> Path:
    """Return where the shard of this number lies in the folder of its split."""
    return folder / f'shard_{number:05d}.npz'


def _store(samples: SampleSet, i: int, sample: Sample) -> None:
    camera = sample.camera
    voxel = voxel_grid(
        sample.events, start_us=0, end_us=WINDOW_US, bins=NUM_BINS, size=camera.size
    )
    samples.voxel[i] = np.clip(np.round(voxel / VOXEL_UNIT), -127, 127)
    samples.image[i] = sample.image
    samples.log_depth[i] = np.log(np.maximum(sample.depth_m, MIN_DEPTH_M))
    samples.intrinsics[i] = (camera.fx, camera.fy, camera.cx, camera.cy)
    samples.family[i] = sample.family
    samples.texture_mode[i] = sample.texture_mode
    samples.num_events[i] = len(sample.events)
