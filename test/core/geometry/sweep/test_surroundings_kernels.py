"""Median and spread of the points around a point, against the numbers written out."""

from eventdepth_core.geometry.sweep.surroundings_kernels import REACH_PX, surroundings
from hypothesis import given, strategies
import numpy as np
import pytest

SIZE = (17, 23)


@given(seed=strategies.integers(0, 2**32 - 1), share=strategies.floats(0.01, 1.0))
def test_median_and_spread_are_those_of_all_points_in_reach(seed, share):
    rng = np.random.default_rng(seed)
    rows, columns = np.nonzero(rng.random(SIZE) < share)
    inverse_depth = rng.choice([0.2, 0.5, 0.7, 1.1], len(rows))

    found = surroundings(rows, columns, inverse_depth, SIZE)

    for i in range(len(rows)):
        away = np.maximum(np.abs(rows - rows[i]), np.abs(columns - columns[i]))
        near = inverse_depth[away <= REACH_PX]
        assert found.median[i] == pytest.approx(np.median(near), abs=1e-15)
        assert found.spread[i] == pytest.approx(
            np.median(np.abs(near - np.median(near))), abs=1e-15
        )


def test_a_point_alone_agrees_with_itself():
    found = surroundings(np.array([0]), np.array([22]), np.array([0.4]), SIZE)

    assert (found.median[0], found.spread[0]) == (0.4, 0.0)


def test_no_points_have_no_surroundings():
    nothing = np.zeros(0, np.int64)

    assert len(surroundings(nothing, nothing, np.zeros(0), SIZE).median) == 0
