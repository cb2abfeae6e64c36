"""What is read from a store is what was written, and its name says what it depends on."""

from dataclasses import replace
import pickle

from eventdepth_core.errors import RecordingError
import numpy as np
import pytest
from training.sequences.extract import ExtractionRules, SequenceSample
from training.sequences.prepare import prepared_store, store_key
from training.sequences.sample_set import SampleSet
from training.sequences.splits import SequenceSource
from training.sequences.store import SampleStore, write_store


def random_samples(count: int, size: tuple[int, int] = (9, 13)) -> list[SequenceSample]:
    rng = np.random.default_rng(0)
    depth_m = rng.random((count, *size), dtype=np.float32) + 1
    depth_m[0, :2] = np.nan
    return [
        SequenceSample(
            stamp_us=1000 * i,
            depth_m=depth_m[i],
            focal_px=100.0 + i,
            voxel=rng.standard_normal((5, *size)).astype(np.float32) if i != 1 else None,
            image=rng.integers(0, 256, (*size, 3), dtype=np.uint8) if i != 2 else None,
        )
        for i in range(count)
    ]


def test_samples_survive_bit_for_bit_and_absence_too(tmp_path):
    samples = random_samples(4)

    assert write_store(samples, tmp_path / 'a.h5') == 4
    store = pickle.loads(pickle.dumps(SampleStore(tmp_path / 'a.h5')))

    assert len(store) == 4
    for i, sample in enumerate(samples):
        read = store.sample(i)
        assert (read.stamp_us, read.focal_px) == (sample.stamp_us, sample.focal_px)
        for name in ('depth_m', 'voxel', 'image', 'sparse_m'):
            expected = getattr(sample, name)
            actual = getattr(read, name)
            assert (expected is None) == (actual is None)
            assert (
                expected is None
                or np.array_equal(expected, actual, equal_nan=True)
                or (name == 'image')
            )
    assert np.array_equal(store.sample(0).image, samples[0].image)


def test_a_failure_leaves_no_file(tmp_path):
    samples = [*random_samples(1), *random_samples(1, size=(8, 8))]

    with pytest.raises(RecordingError, match='throughout'):
        write_store(samples, tmp_path / 'a.h5')
    with pytest.raises(RecordingError, match='Expected a reference depth'):
        write_store([], tmp_path / 'a.h5')

    assert not list(tmp_path.iterdir())


def test_a_store_is_made_once_for_the_same_inputs(walks, preparation, store):
    changed_us = store.path.stat().st_mtime_ns

    again = prepared_store(SequenceSource('walk_a', walks / 'walk_a'), preparation)

    assert again.path == store.path
    assert store.path.stat().st_mtime_ns == changed_us


def test_the_key_follows_recording_rules_and_topics(walks, preparation):
    source = SequenceSource('walk_a', walks / 'walk_a')
    keys = {
        store_key(source, preparation),
        store_key(replace(source, path=walks / 'walk_b'), preparation),
        store_key(replace(source, topics={'depth': '/other'}), preparation),
        store_key(source, replace(preparation, rules=ExtractionRules(every=2))),
    }

    assert len(keys) == 4
    assert store_key(replace(source, name='other'), preparation) in keys


def test_a_set_numbers_samples_over_stores_and_sizes(tmp_path):
    write_store(random_samples(3), tmp_path / 'a.h5')
    write_store(random_samples(2, size=(8, 16)), tmp_path / 'b.h5')

    samples = SampleSet([(name, SampleStore(tmp_path / f'{name}.h5')) for name in 'ab'])

    assert len(samples) == 5
    assert samples.name(3).sequence == 'b'
    assert samples.name(4).stamp_us == 1000
    assert samples.example(4).log_depth.shape == (8, 16)
    assert samples.of_size(0).tolist() == [0, 1, 2]
    assert samples.available[1].tolist() == [False, True, False]
    assert not samples.example(1).voxel.any()
