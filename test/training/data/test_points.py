"""Scan patterns and noise of simulated points."""

import numpy as np
import pytest
from training.data.points import (
    CLEAN,
    MIN_POINTS,
    PointNoise,
    random_pattern,
    ring_pattern,
    sparse_depth,
)

SIZE = (48, 70)


@pytest.mark.parametrize('seed', range(20))
def test_no_pattern_is_empty(seed: int) -> None:
    assert random_pattern(np.random.default_rng(seed), SIZE).sum() >= MIN_POINTS


def test_rings_are_rows() -> None:
    mask = ring_pattern(np.random.default_rng(3), SIZE)

    assert 0 < mask.any(axis=1).sum() < SIZE[0]


def test_clean_points_equal_the_depth_at_their_pixels() -> None:
    rng = np.random.default_rng(0)
    log_depth = rng.normal(size=SIZE).astype(np.float32)
    log_depth[:5] = np.nan
    mask = rng.random(SIZE) < 0.3

    sparse = sparse_depth(rng, log_depth, mask, CLEAN)

    hit = mask & np.isfinite(log_depth)
    np.testing.assert_array_equal(np.isfinite(sparse), hit)
    np.testing.assert_allclose(sparse[hit], np.exp(log_depth[hit]), rtol=1e-6)


def test_noise_and_outliers_have_the_stated_size() -> None:
    rng = np.random.default_rng(0)
    log_depth = np.zeros((200, 200), dtype=np.float32)
    everywhere = np.ones_like(log_depth, dtype=np.bool_)

    noisy = np.log(sparse_depth(rng, log_depth, everywhere, PointNoise(0.02, 0.0)))
    wild = np.log(sparse_depth(rng, log_depth, everywhere, PointNoise(0.0, 0.1)))

    assert noisy.std() == pytest.approx(0.02, rel=0.05)
    assert (np.abs(wild) > 1e-6).mean() == pytest.approx(0.1, abs=0.01)
