"""Mip levels, luma and the pools by mode."""

from itertools import pairwise

import numpy as np
import pytest
from training.simulate.textures import (
    level_offsets,
    MIN_REFLECTANCE,
    NUM_LEVELS,
    TEXTURE_MODES,
    texture_planes,
    texture_pool,
    TILE,
)


def test_every_level_keeps_the_mean():
    tile = np.random.default_rng(0).uniform(0.1, 0.9, (TILE, TILE, 3)).astype(np.float32)

    colour = texture_planes([tile]).colour[0] / 255.0

    starts = [*level_offsets(), len(colour)]
    for first, last in pairwise(starts):
        np.testing.assert_allclose(colour[first:last].mean(axis=0), tile.mean((0, 1)), atol=2e-3)


def test_levels_fill_a_row_exactly():
    planes = texture_planes([np.full((TILE, TILE, 3), 0.5, np.float32)])

    last = TILE >> (NUM_LEVELS - 1)
    assert planes.luma.shape == (1, level_offsets()[-1] + last**2)


def test_luma_is_the_weighted_colour():
    tile = np.empty((TILE, TILE, 3), np.float32)
    tile[:] = (0.2, 0.6, 0.9)

    luma = texture_planes([tile]).luma / 65535.0

    np.testing.assert_allclose(luma, 0.3 * 0.2 + 0.59 * 0.6 + 0.11 * 0.9, atol=1e-4)


def test_a_pool_holds_textures_for_every_mode():
    pytest.importorskip('skimage')

    pool = texture_pool(np.random.default_rng(1), 'val')

    count = len(pool.planes.luma)
    assert set(pool.by_mode) == set(TEXTURE_MODES)
    assert set(pool.by_mode['mixed']) == set(range(count))
    assert not set(pool.by_mode['photo']) & set(pool.by_mode['procedural'])
    assert pool.planes.luma.min() >= MIN_REFLECTANCE * 65535 - 1


def test_a_pool_is_a_function_of_its_seed():
    pytest.importorskip('skimage')

    first = texture_pool(np.random.default_rng(1), 'val').planes
    again = texture_pool(np.random.default_rng(1), 'val').planes
    other = texture_pool(np.random.default_rng(2), 'val').planes

    assert np.array_equal(first.colour, again.colour)
    assert not np.array_equal(first.colour, other.colour)
