"""HDF5 in slices: bounded blocks, polarity, damage."""

from collections import Counter

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.datasets.hdf5 import (
    dataset_of,
    EventColumns,
    microseconds,
    open_hdf5,
    signed,
)
import h5py
import numpy as np
import pytest


@pytest.fixture
def path(tmp_path):
    with h5py.File(tmp_path / 'events.h5', 'w') as file:
        for name in 'txyp':
            values = np.arange(1000) % (2 if name == 'p' else 1000)
            file.create_dataset(f'events/{name}', data=values, chunks=(100,), compression='gzip')
    return tmp_path / 'events.h5'


def test_blocks_are_of_the_size_asked_for_and_whole_together(path):
    with open_hdf5(path) as file:
        blocks = list(EventColumns.of(file['events'], 7).blocks(Counter(), num_events=300))

    assert [len(block) for block in blocks] == [300, 300, 300, 100]
    np.testing.assert_array_equal(np.concatenate(blocks)['t'], np.arange(1000) + 7)


def test_damage_in_the_middle_ends_the_stream_and_is_counted(path):
    raw = bytearray(path.read_bytes())
    with h5py.File(path) as file:
        chunk = file['events/t'].id.get_chunk_info(5)
    raw[chunk.byte_offset : chunk.byte_offset + chunk.size] = bytes(chunk.size)
    path.write_bytes(raw)
    dropped = Counter()

    with open_hdf5(path) as file:
        blocks = list(EventColumns.of(file['events']).blocks(dropped, num_events=250))

    assert sum(map(len, blocks)) == 500
    assert dropped == {'truncated': 1}


def test_a_missing_dataset_is_named_beside_what_is_there(path):
    with open_hdf5(path) as file, pytest.raises(RecordingError, match=r'dataset a/b in .* events'):
        dataset_of(file, 'a/b')


def test_columns_of_two_lengths_are_refused(path):
    with h5py.File(path, 'a') as file:
        del file['events/p']
        file['events/p'] = np.zeros(3)

    with open_hdf5(path) as file, pytest.raises(RecordingError, match='of one length'):
        EventColumns.of(file['events'])


@pytest.mark.parametrize(
    'polarity',
    [
        np.array([0, 1, 1], np.uint8),
        np.array([False, True, True]),
        np.array([-1.0, 1.0, 1.0]),
        np.array([-1, 1, 1], np.int8),
    ],
)
def test_polarity_of_any_kind_becomes_minus_and_plus_one(polarity):
    before = polarity.copy()

    assert signed(polarity).tolist() == [-1, 1, 1]
    assert signed(polarity).dtype == np.int8
    np.testing.assert_array_equal(polarity, before)


def test_seconds_since_the_epoch_keep_their_microsecond():
    assert microseconds([1506118124.733625]).tolist() == [1506118124733625]
