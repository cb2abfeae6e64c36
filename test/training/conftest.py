"""Fixtures of the training tests."""

from types import SimpleNamespace

import numpy as np
import pytest


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
