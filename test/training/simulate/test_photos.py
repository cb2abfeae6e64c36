"""Photographs of the splits: disjoint, present, none of the evaluation pictures."""

from itertools import combinations

import numpy as np
import pytest

pytest.importorskip('skimage')

from training.simulate.photos import load_photos, PHOTO_NAMES, SPLITS


def test_no_photo_is_in_two_splits():
    for one, other in combinations(SPLITS, 2):
        assert not set(PHOTO_NAMES[one]) & set(PHOTO_NAMES[other])


def test_a_third_of_the_photos_is_held_out_for_the_test():
    total = sum(len(names) for names in PHOTO_NAMES.values())

    assert 3 * len(PHOTO_NAMES['test']) >= total


def test_evaluation_pictures_are_no_textures():
    names = ' '.join(name for names in PHOTO_NAMES.values() for name in names)

    for forbidden in ('motorcycle', 'nyu', 'kitti', 'slider'):
        assert forbidden not in names


@pytest.mark.parametrize('split', SPLITS)
def test_photos_are_rgb_in_the_unit_range(split):
    photos = load_photos(split)

    assert len(photos) == len(PHOTO_NAMES[split])
    for photo in photos:
        assert photo.dtype == np.float32
        assert photo.shape[2] == 3
        assert 0.0 <= photo.min() < photo.max() <= 1.0
