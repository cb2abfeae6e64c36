"""Samples with points that the sweep measured: what is stored, and that the command makes them."""

import json

import numpy as np
import pytest

pytest.importorskip('skimage')

from training.data.batches import example_at
from training.simulate import dataset
from training.simulate.loader import load_swept_shards
from training.simulate.shards import ShardSpec
from training.simulate.swept_shards import noisy_poses, simulate_swept_shard, SweptSet

SPEC = ShardSpec(split='val', seed=3, number=0, num_samples=3, size=(45, 60))


@pytest.fixture(scope='module')
def shard():
    return simulate_swept_shard(SPEC)


def test_every_sample_has_points_with_sigma(shard):
    known = np.isfinite(shard.swept_log_depth)

    assert (known.sum(axis=(1, 2)) >= 20).all()
    np.testing.assert_array_equal(known, np.isfinite(shard.swept_sigma_log))
    assert (shard.swept_sigma_log[known] > 0).all()
    assert (shard.num_events > 0).all()


def test_swept_points_are_near_the_depth_of_their_pixels(shard):
    both = np.isfinite(shard.swept_log_depth) & np.isfinite(shard.log_depth)

    error = np.abs(shard.swept_log_depth.astype(float) - shard.log_depth.astype(float))[both]
    assert np.median(error) < 0.3


def test_an_example_carries_its_swept_points(shard):
    example = example_at(shard, 1)

    known = np.isfinite(shard.swept_log_depth[1])
    np.testing.assert_array_equal(np.isfinite(example.sparse_m), known)
    np.testing.assert_array_equal(np.isfinite(example.sigma_log), known)


def test_equal_specs_give_equal_shards(shard):
    again = simulate_swept_shard(SPEC)

    for name in SweptSet.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(again, name), getattr(shard, name))


def test_noise_of_poses_stays_small_and_rigid():
    poses = np.tile(np.eye(4), (50, 1, 1))
    changed = 0
    for seed in range(30):
        noisy = noisy_poses(np.random.default_rng(seed), poses, 2.0)
        changed += not np.array_equal(noisy, poses)
        turns = noisy[:, :3, :3]
        np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1) - np.eye(3), 0, atol=1e-9)
        assert np.abs(noisy[:, :3, 3]).max() < 0.02 * 5

    assert 3 <= changed <= 20


def test_the_command_writes_a_folder_of_its_own(tmp_path, monkeypatch, shard):
    monkeypatch.setattr(dataset, 'simulate_swept_shard', lambda _, **__: shard)

    dataset.main(['--out', str(tmp_path), '--split', 'val', '--num', '3', '--swept'])

    manifest = json.loads((tmp_path / 'swept_val' / dataset.MANIFEST_NAME).read_text())
    assert manifest['families']['forward'][0] == 'drive'
    loaded = load_swept_shards(tmp_path, 'val')
    np.testing.assert_array_equal(loaded.swept_log_depth, shard.swept_log_depth)
    assert len(loaded) == 3
