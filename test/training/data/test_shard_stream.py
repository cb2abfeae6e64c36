"""Simulated samples as a torch stream: the same frames as in memory, shared out among workers."""

import numpy as np
import pytest

pytest.importorskip('skimage')
pytest.importorskip('torch')

from torch.utils.data import DataLoader
from training.data.datasets import collate_frames, ShardFrames, ShardStreamFrames
from training.simulate.shards import ShardSpec, simulate_shard
from training.simulate.tar_shards import tar_path, write_tar


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    sets = tmp_path_factory.mktemp('sets')
    (sets / 'val').mkdir()
    for number in range(3):
        samples = simulate_shard(ShardSpec('val', 1, number, 2, size=(16, 24)))
        write_tar(samples, tar_path(sets / 'val', number))
    return sets


def test_streamed_frames_are_those_in_memory(folder):
    stored = ShardFrames(folder, 'val')

    streamed = list(ShardStreamFrames(folder, 'val'))

    assert len(streamed) == len(stored) == 6
    for i, frame in enumerate(streamed):
        assert frame.camera == stored[i].camera
        assert np.array_equal(frame.depth_m, stored[i].depth_m, equal_nan=True)
        assert np.array_equal(frame.events, stored[i].events)
        assert np.array_equal(frame.image, stored[i].image)


@pytest.mark.parametrize('num_workers', [0, 2])
def test_each_pass_has_every_frame_once_in_another_order(folder, num_workers):
    loader = DataLoader(
        ShardStreamFrames(folder, 'val', seed=1),
        batch_size=2,
        num_workers=num_workers,
        collate_fn=collate_frames,
    )

    passes = [[int(t) for batch in loader for t in batch.stamp_us] for _ in range(4)]

    assert all(sorted(each) == [0, 1, 250, 251, 500, 501] for each in passes)
    assert len({tuple(each) for each in passes}) > 1
