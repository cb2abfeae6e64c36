"""The command and its shards: what is stored, what is resumed, what is refused."""

import json

from eventdepth_core.errors import RecordingError
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate import dataset
from training.simulate.loader import load_shards
from training.simulate.shards import (
    SampleSet,
    shard_path,
    ShardSpec,
    simulate_shard,
    VOXEL_UNIT,
    write_shard,
)
from training.simulate.tar_shards import tar_path

COMMAND = ['--split', 'val', '--num', '5', '--seed', '3']


@pytest.fixture(scope='module')
def sets(tmp_path_factory):
    folder = tmp_path_factory.mktemp('sets')
    dataset.main(['--out', str(folder), *COMMAND])
    return folder


def test_loaded_samples_have_the_documented_form(sets):
    samples = load_shards(sets, 'val')

    assert len(samples) == 5
    assert samples.voxel.shape == (5, 5, 128, 160)
    assert samples.image.shape == (5, 128, 160, 3)
    assert samples.log_depth.dtype == np.float16
    known = np.isfinite(samples.log_depth)
    assert not np.isnan(samples.log_depth).any()
    assert known.mean() > 0.25
    assert samples.log_depth[known].min() >= np.float16(np.log(0.1))
    assert samples.log_depth[known].max() <= np.float16(np.log(150.0))
    field_of_view = np.rad2deg(2 * np.arctan(80 / samples.focal_px))
    assert ((field_of_view >= 41.9) & (field_of_view <= 95.1)).all()


def test_voxels_carry_the_events(sets):
    samples = load_shards(sets, 'val')

    clipped = np.abs(samples.voxel).max(axis=(1, 2, 3)) == 127
    mass = np.abs(samples.voxel.astype(float)).sum(axis=(1, 2, 3)) * VOXEL_UNIT
    assert (samples.num_events > 0).all()
    assert (clipped | (mass <= 1.1 * samples.num_events)).all()
    assert (mass > 0).all()


def test_an_interrupted_command_goes_on_with_the_missing_shards(sets, monkeypatch):
    written = tar_path(sets / 'val', 0).stat().st_mtime_ns
    monkeypatch.setattr(dataset, 'make_shard', lambda *_: pytest.fail('made again'))

    dataset.main(['--out', str(sets), *COMMAND])

    assert tar_path(sets / 'val', 0).stat().st_mtime_ns == written


def test_another_seed_in_the_same_folder_is_refused(sets):
    with pytest.raises(RecordingError, match=r'Expected .*manifest.json to describe the same'):
        dataset.main(['--out', str(sets), '--split', 'val', '--num', '5', '--seed', '4'])


def test_the_manifest_states_split_and_photos(sets):
    manifest = json.loads((sets / 'val' / dataset.MANIFEST_NAME).read_text())

    assert manifest['split'] == 'val'
    assert manifest['photos'] == ['rocket', 'text']
    assert manifest['log_depth']['sky'] == '+inf'


def test_seeds_of_splits_and_shards_never_meet():
    seeds = [
        tuple(ShardSpec(split, 1, number, 250).seeds(index))
        for split in ('train', 'val', 'test')
        for number in (0, 1)
        for index in (-1, 0, 249)
    ]

    states = {tuple(np.random.SeedSequence(list(seed)).generate_state(4)) for seed in seeds}
    assert len(states) == len(seeds)


def test_a_limit_cuts_the_last_shard(sets):
    assert len(load_shards(sets, 'val', limit=3)) == 3


def test_shards_are_read_in_the_order_of_their_numbers(tmp_path):
    (tmp_path / 'test').mkdir()
    for number in (1, 0):
        samples = simulate_shard(ShardSpec('test', 1, number, 2, size=(16, 24)))
        write_shard(samples, shard_path(tmp_path / 'test', number))

    loaded = load_shards(tmp_path, 'test')

    assert list(loaded.sample_id) == [0, 1, 250, 251]


def test_a_missing_split_is_one_clear_error(tmp_path):
    with pytest.raises(RecordingError, match=r'Expected finished shards in .*train, got none'):
        load_shards(tmp_path, 'train')


def test_a_broken_shard_is_one_clear_error(tmp_path):
    (tmp_path / 'train').mkdir()
    shard_path(tmp_path / 'train', 0).write_bytes(b'not a shard')

    with pytest.raises(RecordingError, match=r'Expected a shard of samples in .*shard_00000'):
        load_shards(tmp_path, 'train')


def test_progress_of_a_shard_is_told_sample_by_sample():
    told = []

    simulate_shard(ShardSpec('val', 2, 0, 3, size=(16, 24)), on_sample=lambda: told.append(1))

    assert len(told) == 3


def test_all_fields_are_stored():
    samples = simulate_shard(ShardSpec('val', 2, 0, 1, size=(16, 24)))

    assert {len(getattr(samples, name)) for name in SampleSet.__dataclass_fields__} == {1}
