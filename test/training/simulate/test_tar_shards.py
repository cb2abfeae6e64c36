"""WebDataset shards: bytes, checksums, refusal, streams, and the sets of before."""

from concurrent.futures import ThreadPoolExecutor
from itertools import chain
import json
import subprocess
import tarfile

from eventdepth_core.errors import InputError, RecordingError
import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate import dataset
from training.simulate.families import EVERY_NAME
from training.simulate.loader import load_shards
from training.simulate.shards import SampleSet, shard_path, ShardSpec, simulate_shard, write_shard
from training.simulate.stream import ShardStream
from training.simulate.tar_shards import checksum_path, read_tar, tar_path, write_tar

FIELDS = tuple(SampleSet.__dataclass_fields__)


@pytest.fixture(scope='module')
def blocks():
    return [simulate_shard(ShardSpec('val', 1, number, 3, size=(16, 24))) for number in range(4)]


@pytest.fixture
def folder(tmp_path, blocks):
    (tmp_path / 'val').mkdir()
    for number, block in enumerate(blocks):
        write_tar(block, tar_path(tmp_path / 'val', number))
    return tmp_path


def ids(samples):
    return [int(each.sample_id[0]) for each in samples]


def test_reading_gives_what_was_written_bit_for_bit(folder, blocks):
    read = list(read_tar(tar_path(folder / 'val', 1)))

    assert len(read) == 3
    for i, sample in enumerate(read):
        for name in FIELDS:
            written, found = getattr(blocks[1], name)[i], getattr(sample, name)[0]
            assert written.dtype == found.dtype
            assert np.array_equal(written, found, equal_nan=name == 'log_depth')


def test_the_same_samples_give_the_same_bytes(folder, blocks, tmp_path):
    write_tar(blocks[2], tmp_path / 'again.tar')

    assert (tmp_path / 'again.tar').read_bytes() == tar_path(folder / 'val', 2).read_bytes()


def test_members_are_those_of_webdataset(folder):
    with tarfile.open(tar_path(folder / 'val', 1)) as tar:
        names = tar.getnames()
        columns = json.loads(tar.extractfile(names[0]).read())

    keys = ['00000250', '00000251', '00000252']
    assert names == [f'{key}.{suffix}' for key in keys for suffix in ('json', 'npz', 'png')]
    assert columns['sample_id'] == 250
    assert len(columns['intrinsics']) == 4


def test_checksums_are_those_of_sha256sum(folder):
    checked = subprocess.run(
        ['sha256sum', '--check', 'shard_00003.tar.sha256'],
        cwd=folder / 'val',
        capture_output=True,
        check=False,
    )

    assert checked.returncode == 0


def test_both_kinds_of_shards_load_alike(folder, blocks, tmp_path):
    (tmp_path / 'npz' / 'val').mkdir(parents=True)
    for number, block in enumerate(blocks):
        write_shard(block, shard_path(tmp_path / 'npz' / 'val', number))

    for limit in (None, 5):
        tar, npz = (load_shards(each, 'val', limit=limit) for each in (folder, tmp_path / 'npz'))
        assert len(tar) == (limit or 12)
        for name in FIELDS:
            assert np.array_equal(getattr(tar, name), getattr(npz, name))
    streams = [ShardStream(each, 'val') for each in (folder, tmp_path / 'npz')]
    assert ids(streams[0].samples()) == ids(streams[1].samples())


def test_a_stream_gives_each_sample_once_in_a_mixed_order(folder):
    stream = ShardStream(folder, 'val', buffer=4)

    passes = [ids(stream.samples(np.random.default_rng(seed))) for seed in (0, 0, 1)]

    in_order = ids(stream.samples())
    assert in_order == sorted(in_order)
    assert [sorted(each) for each in passes] == [in_order] * 3
    assert passes[0] == passes[1] != passes[2]
    assert passes[0] != in_order


def test_parts_of_a_stream_are_disjoint_and_together_the_whole(folder):
    stream = ShardStream(folder, 'val')

    parts = [ids(stream.samples(np.random.default_rng(3), part=i, num_parts=3)) for i in range(3)]

    assert sorted(chain.from_iterable(parts)) == ids(stream.samples())
    assert all(parts)


@pytest.mark.parametrize('place', [100, -1500, 'cut', 'none'])
def test_a_broken_shard_is_refused_before_a_sample_of_it_is_seen(folder, place):
    path = tar_path(folder / 'val', 1)
    content = bytearray(path.read_bytes())
    if place == 'cut':
        content = content[: len(content) // 2]
    elif place == 'none':
        content = bytearray()
    else:
        content[place] ^= 1
    path.write_bytes(content)

    with pytest.raises(
        RecordingError, match=r'Expected .*shard_00001.tar with sha256 \w+..., got'
    ):
        next(read_tar(path))
    with pytest.raises(RecordingError, match=r'shard_00001'):
        load_shards(folder, 'val')
    with pytest.raises(RecordingError, match=r'shard_00001'):
        list(ShardStream(folder, 'val').samples(np.random.default_rng(0)))


def test_a_shard_without_checksum_is_refused(folder):
    checksum_path(tar_path(folder / 'val', 0)).unlink()

    with pytest.raises(RecordingError, match=r'Expected the checksum of .*shard_00000.tar'):
        list(read_tar(tar_path(folder / 'val', 0)))


def test_a_foreign_tar_with_a_fitting_checksum_is_one_clear_error(tmp_path):
    path = tmp_path / 'shard_00000.tar'
    (tmp_path / 'a.json').write_text('{}')
    with tarfile.open(path, 'w') as tar:
        tar.add(tmp_path / 'a.json', 'a.json')
    digest = subprocess.run(
        ['sha256sum', path.name], cwd=tmp_path, capture_output=True, check=True
    )
    checksum_path(path).write_bytes(digest.stdout)

    with pytest.raises(
        RecordingError, match=r'Expected a shard of samples in .*the end of the fi'
    ):
        list(read_tar(path))


def test_a_damaged_npz_shard_is_one_clear_error(tmp_path, blocks):
    (tmp_path / 'val').mkdir()
    path = shard_path(tmp_path / 'val', 0)
    write_shard(blocks[0], path)
    content = bytearray(path.read_bytes())
    content[3000] ^= 1
    path.write_bytes(content)

    with pytest.raises(RecordingError, match=r'Expected a shard of samples in .*shard_00000.npz'):
        load_shards(tmp_path, 'val')


def test_shards_of_two_kinds_are_refused(folder, blocks):
    write_shard(blocks[0], shard_path(folder / 'val', 0))

    with pytest.raises(RecordingError, match='Expected shards of one kind'):
        load_shards(folder, 'val')


COMMAND = ['--split', 'val', '--num', '2', '--seed', '3']


def test_a_set_of_before_goes_on_as_npz(tmp_path):
    dataset.main(['--out', str(tmp_path), *COMMAND, '--format', 'npz'])
    shard_path(tmp_path / 'val', 0).unlink()

    dataset.main(['--out', str(tmp_path), *COMMAND])

    assert shard_path(tmp_path / 'val', 0).exists()
    assert 'format' not in json.loads((tmp_path / 'val' / dataset.MANIFEST_NAME).read_text())
    assert len(load_shards(tmp_path, 'val')) == 2


def test_a_broken_shard_is_not_taken_for_finished(tmp_path):
    dataset.main(['--out', str(tmp_path), *COMMAND])
    tar_path(tmp_path / 'val', 0).write_bytes(b'half')

    with pytest.raises(RecordingError, match=r'delete it and repeat the command'):
        dataset.main(['--out', str(tmp_path), *COMMAND])


def in_threads(num_workers, *, mp_context, initializer, initargs):
    """Return workers without the seconds that processes take to start; the bench has processes."""
    assert mp_context.get_start_method() == 'spawn'
    return ThreadPoolExecutor(num_workers, initializer=initializer, initargs=initargs)


def test_workers_make_the_same_shards_as_one_process(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, 'SAMPLES_PER_SHARD', 1)
    monkeypatch.setattr(dataset, 'ProcessPoolExecutor', in_threads)

    dataset.main(['--out', str(tmp_path), *COMMAND, '--workers', '2'])

    for number in (0, 1):
        write_tar(simulate_shard(ShardSpec('val', 3, number, 1)), tmp_path / 'alone.tar')
        made = tar_path(tmp_path / 'val', number)
        assert made.read_bytes() == (tmp_path / 'alone.tar').read_bytes()


def test_a_failing_worker_leaves_what_has_not_begun(tmp_path, monkeypatch, blocks):
    monkeypatch.setattr(dataset, 'SAMPLES_PER_SHARD', 1)
    monkeypatch.setattr(dataset, 'ProcessPoolExecutor', in_threads)
    made = []

    def simulated(spec, on_sample):
        made.append(spec.number)
        if len(made) == 1:
            raise OSError('disk full')
        on_sample()
        return SampleSet(**{name: getattr(blocks[0], name)[:1] for name in FIELDS})

    monkeypatch.setattr(dataset, 'simulate_shard', simulated)
    command = ['--out', str(tmp_path), '--split', 'val', '--num', '40', '--workers', '2']

    with pytest.raises(OSError, match='disk full'):
        dataset.main(command)
    num_made = len(made)
    dataset.main(command)

    assert num_made < 40
    assert len(load_shards(tmp_path, 'val')) == 40
    assert len(made) == 41


def test_no_samples_or_workers_are_refused(tmp_path):
    with pytest.raises(InputError, match='--num and --workers >= 1'):
        dataset.main(['--out', str(tmp_path), '--num', '0'])


def test_a_set_of_worlds_says_so_and_does_not_mix_with_another(tmp_path):
    command = ['--out', str(tmp_path), *COMMAND, '--scenes', 'worlds']
    dataset.main(command)

    manifest = json.loads((tmp_path / 'val' / dataset.MANIFEST_NAME).read_text())
    samples = load_shards(tmp_path, 'val')

    assert manifest['scenes'] == 'worlds'
    assert list(manifest['families']) == ['indoor_kitchen', 'driving_industrial']
    assert {EVERY_NAME[each] for each in samples.family} <= set(manifest['families'])
    with pytest.raises(RecordingError, match='describe the same data set'):
        dataset.main(['--out', str(tmp_path), *COMMAND])
