"""Focus and peaks against plain numpy."""

import cv2
from eventdepth_core.geometry.sweep.focus_kernels import (
    focus,
    NUM_PEAK,
    peaks,
    PLACE,
    SECOND,
    votes_near,
    WIDTH,
)
import numpy as np
import pytest

SIZE = (21, 34)


def _counts(seed=0):
    counts = np.random.default_rng(seed).integers(-9, 10, (2, 6, SIZE[0] + 2, SIZE[1] + 2))
    return counts.astype(np.int16)


def _plain_smooth(counts):
    inner = counts[:, :, 1:-1, 1:-1].sum(axis=0).astype(np.float64)
    taps = np.array([0.25, 0.5, 0.25])
    return np.stack(
        [cv2.sepFilter2D(p, -1, taps, taps, borderType=cv2.BORDER_CONSTANT) for p in inner]
    )


def _focus(counts):
    sums = np.empty((counts.shape[1], (SIZE[0] + 1) // 2, (SIZE[1] + 1) // 2), np.float32)
    sharpest = np.empty(SIZE, np.float32)
    focus(counts, sums, sharpest)
    return sums, sharpest


def test_focus_is_the_sum_of_fourth_powers_and_ignores_the_border(tolerances):
    counts = _counts()
    smooth = _plain_smooth(counts)
    padded = np.pad(smooth**4, ((0, 0), (0, SIZE[0] % 2), (0, SIZE[1] % 2)))
    expected = padded.reshape(6, (SIZE[0] + 1) // 2, 2, (SIZE[1] + 1) // 2, 2).sum(axis=(2, 4))

    sums, sharpest = _focus(counts)

    tolerances['float32'].assert_close(sums, expected)
    tolerances['float32'].assert_close(sharpest, np.abs(smooth).max(axis=0))


def test_votes_near_are_those_of_the_sharpest_plane_beside_the_given_one(tolerances):
    counts = _counts(1)
    rows, columns, planes = np.array([0, 7, 20]), np.array([33, 11, 0]), np.array([0, 3, 5])
    smooth = np.abs(_plain_smooth(counts))
    votes = np.zeros((2, 3), np.float32)

    votes_near(counts, rows, columns, planes, votes)

    for i in range(3):
        near = slice(max(planes[i] - 1, 0), planes[i] + 2)
        expected = smooth[near, rows[i], columns[i]].max()
        tolerances['float32'].assert_close(abs(votes[:, i].sum()), expected)


@pytest.mark.parametrize('place', [20.0, 33.3, 40.75])
def test_a_bell_is_found_between_planes_with_its_width_at_half_height(place):
    k = np.arange(400)
    profiles = np.exp(-0.5 * ((k - place) / 3.0) ** 2).astype(np.float32)[None]
    found = np.empty((1, NUM_PEAK))

    peaks(profiles, found)

    assert found[0, PLACE] == pytest.approx(place, abs=0.2)
    assert found[0, WIDTH] == pytest.approx(2.355 * 3.0, rel=0.08)
    assert found[0, SECOND] < 0.03


def test_another_bell_counts_as_second_by_its_height():
    k = np.arange(80)
    bells = np.exp(-0.5 * ((k - 20) / 2.0) ** 2) + 0.6 * np.exp(-0.5 * ((k - 60) / 2.0) ** 2)
    found = np.empty((1, NUM_PEAK))

    peaks(bells.astype(np.float32)[None], found)

    assert found[0, PLACE] == pytest.approx(20.0, abs=0.05)
    assert found[0, SECOND] == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize('level', [0.0, 3.0])
def test_a_flat_profile_has_no_peak_above_others(level):
    found = np.empty((1, NUM_PEAK))

    peaks(np.full((1, 40), level, np.float32), found)

    assert np.isfinite(found).all()
    assert found[0, SECOND] == 1.0
