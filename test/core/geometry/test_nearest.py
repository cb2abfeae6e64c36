"""The nearest measured pixel against a search through all of them."""

from eventdepth_core.geometry.nearest import nearest_measured
import numpy as np
import pytest


def searched(measured):
    """Index and squared distance by exhaustive search; ties to the left-most, then upper pixel."""
    rows, columns = np.nonzero(measured)
    order = np.lexsort((rows, columns))
    rows, columns = rows[order], columns[order]
    y, x = np.indices(measured.shape)
    squared = (y[..., None] - rows) ** 2 + (x[..., None] - columns) ** 2
    best = squared.argmin(axis=-1)
    return rows[best] * measured.shape[1] + columns[best], squared.min(axis=-1)


@pytest.mark.parametrize('num_points', [1, 2, 7, 60, 400])
def test_nearest_measured_equals_an_exhaustive_search_ties_included(num_points):
    random = np.random.default_rng(num_points)
    measured = np.zeros((23, 37), np.bool_)
    measured.ravel()[random.choice(measured.size, num_points, replace=False)] = True
    expected_index, expected_squared = searched(measured)

    index, distance_px = nearest_measured(measured)

    np.testing.assert_array_equal(index, expected_index)
    np.testing.assert_array_equal(distance_px, np.sqrt(expected_squared).astype(np.float32))


def test_nearest_measured_without_any_is_minus_one_at_infinite_distance():
    index, distance_px = nearest_measured(np.zeros((3, 5), np.bool_))

    assert (index == -1).all()
    assert np.isinf(distance_px).all()


@pytest.mark.parametrize('size', [(1, 1), (1, 9), (9, 1)])
def test_nearest_measured_works_on_single_rows_and_columns(size):
    measured = np.zeros(size, np.bool_)
    measured[-1, -1] = True

    index, distance_px = nearest_measured(measured)

    assert (index == measured.size - 1).all()
    assert distance_px.max() == max(size) - 1
