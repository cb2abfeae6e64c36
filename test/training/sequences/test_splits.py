"""Splits are by sequence; a leak is refused by name, place and content."""

from pathlib import Path
import shutil

import pytest
from training.errors import LeakError, SplitError
from training.sequences.splits import refuse_leaks, SequenceSource, split_names, SplitRules


def with_folders(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / 'content').write_text(name)
    return root


def test_lists_are_taken_as_they_are(tmp_path):
    root = with_folders(tmp_path, 'a', 'b', 'c')

    split = split_names(SplitRules(root, {'train': ['a'], 'val': ['c'], 'test': ['b']}))

    assert split == {'train': ('a',), 'val': ('c',), 'test': ('b',)}


def test_without_lists_each_recording_is_in_one_split(tmp_path):
    names = [f'drive_{i}' for i in range(10)]
    root = with_folders(tmp_path, *names)

    split = split_names(SplitRules(root, {}))

    assert [len(split[name]) for name in ('train', 'val', 'test')] == [6, 2, 2]
    assert sorted(sum(split.values(), ())) == sorted(names)
    assert split == split_names(SplitRules(root, {}))


def test_two_recordings_are_too_few_for_three_splits(tmp_path):
    with pytest.raises(SplitError, match='at least 3 recordings'):
        split_names(SplitRules(with_folders(tmp_path, 'a', 'b'), {}))


def test_a_name_in_two_splits_is_a_leak(tmp_path):
    root = with_folders(tmp_path, 'a', 'b')

    with pytest.raises(LeakError, match=r'the same name in train \(a\) and test'):
        split_names(SplitRules(root, {'train': ['a'], 'val': ['b'], 'test': ['a']}))


def test_what_is_listed_and_missing_is_refused_or_left_out(tmp_path):
    root = with_folders(tmp_path, 'a', 'b')
    names = {'train': ['a', 'gone'], 'val': ['b']}

    with pytest.raises(SplitError, match='gone'):
        split_names(SplitRules(root, names))

    assert split_names(SplitRules(root, names, may_miss=True))['train'] == ('a',)


def test_a_split_without_training_sequences_is_refused(tmp_path):
    root = with_folders(tmp_path, 'a')

    with pytest.raises(SplitError, match=r'data\.train'):
        split_names(SplitRules(root, {'train': ['gone'], 'val': ['a']}, may_miss=True))


def test_a_copy_under_another_name_is_a_leak(tmp_path):
    root = with_folders(tmp_path, 'a', 'b')
    shutil.copytree(root / 'a', root / 'copy')
    sources = {
        'train': [SequenceSource('a', root / 'a')],
        'val': [SequenceSource('b', root / 'b')],
        'test': [SequenceSource('copy', root / 'copy')],
    }

    with pytest.raises(LeakError, match=r'same content in train \(a\) and test \(copy\)'):
        refuse_leaks(sources)


def test_a_link_to_the_same_place_is_a_leak(tmp_path):
    root = with_folders(tmp_path, 'a')
    (root / 'link').symlink_to(root / 'a')
    sources = {
        'train': [SequenceSource('a', root / 'a')],
        'val': [SequenceSource('link', root / 'link')],
    }

    with pytest.raises(LeakError, match='same path'):
        refuse_leaks(sources)
