"""Fixtures of the training tests."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from training.simulate.swept_shards import empty_swept_set, SweptSet


@pytest.fixture
def tiny_samples() -> SimpleNamespace:
    """Six samples of 128x160: a tilted plane with a nearer box, sky above."""
    count = 6
    rng = np.random.default_rng(0)
    row, column = np.mgrid[:128, :160]
    depth = np.empty((count, 128, 160), dtype=np.float32)
    for index in range(count):
        depth[index] = 2.0 + 8.0 * (128 - row) / 128 + 0.01 * rng.uniform(0, 2) * column
        top, left = rng.integers(20, 80), rng.integers(20, 100)
        depth[index, top : top + 30, left : left + 40] = rng.uniform(0.7, 2.0)
    log_depth = np.log(depth).astype(np.float16)
    log_depth[:, :4] = np.inf
    fired = rng.random((count, 5, 128, 160)) < 0.1
    return SimpleNamespace(
        voxel=(rng.integers(-8, 9, fired.shape) * fired).astype(np.int8),
        image=rng.integers(0, 256, (count, 128, 160, 3), dtype=np.uint8),
        log_depth=log_depth,
        focal_px=np.full(count, 900.0, dtype=np.float32),
        family=np.arange(count) % 2,
    )


@pytest.fixture
def tiny_swept(tiny_samples: SimpleNamespace) -> SweptSet:
    """Return the same six samples with noisy points at the edges of the box."""
    rng = np.random.default_rng(1)
    samples = empty_swept_set(6, (128, 160))
    for name in ('voxel', 'image', 'log_depth', 'family'):
        getattr(samples, name)[:] = getattr(tiny_samples, name)
    samples.intrinsics[:] = (900.0, 900.0, 79.5, 63.5)
    near = np.isfinite(samples.log_depth) & (rng.random(samples.log_depth.shape) < 0.02)
    noise = 0.05 * rng.standard_normal(near.shape)
    samples.swept_log_depth[near] = (samples.log_depth + noise)[near]
    samples.swept_sigma_log[near] = 0.05
    return samples


@pytest.fixture(scope='session')
def walks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulate three bags of 62x46, 0.3 s each: walk_a, walk_b, walk_c in one folder."""
    pytest.importorskip('skimage')
    from training.simulate.lidar import LidarModel
    from training.simulate.recording import record_walk
    from training.simulate.walk import WalkSpec

    folder = tmp_path_factory.mktemp('walks')
    for seed, name in enumerate('abc'):
        spec = WalkSpec(
            seconds=0.3,
            size=(46, 62),
            seed=seed,
            split='val',
            lidar=LidarModel(num_rings=8, azimuth_step_deg=2.0),
        )
        record_walk(spec, folder / f'walk_{name}')
    return folder
