"""Rasterised triangles against barycentric interpolation."""

from eventdepth_core.geometry.triangles import rasterise_inverse_depth
import numpy as np
import pytest


def rasterised(xy, triangles, depth_m, size):
    linear_m = np.full(size, np.nan, np.float32)
    spread = np.zeros(size, np.float32)
    rasterise_inverse_depth(
        np.array(xy, np.int64),
        np.array(triangles, np.int32),
        np.array(depth_m, np.float32),
        linear_m,
        spread,
    )
    return linear_m, spread


def test_a_triangle_covers_its_border_and_nothing_else():
    linear_m, _ = rasterised([[1, 1], [5, 1], [1, 5]], [[0, 1, 2]], [2.0, 2.0, 2.0], (7, 8))

    y, x = np.indices((7, 8))
    expected = (x >= 1) & (y >= 1) & (x + y <= 6)
    np.testing.assert_array_equal(np.isfinite(linear_m), expected)


def test_values_are_linear_in_inverse_depth(tolerances):
    xy, depth_m = [[0, 0], [8, 2], [3, 6]], [1.0, 4.0, 2.0]
    x, y = 4, 3

    linear_m, spread = rasterised(xy, [[0, 1, 2]], depth_m, (7, 9))

    corners = np.vstack([np.transpose(xy), np.ones(3)])
    weights = np.linalg.solve(corners, (x, y, 1.0))
    tolerances['float32'].assert_close(linear_m[y, x], 1.0 / (weights @ (1.0 / np.array(depth_m))))
    assert spread[y, x] == pytest.approx(np.log(4.0))


@pytest.mark.parametrize('order', [[0, 1], [1, 0]])
def test_a_shared_border_takes_the_smaller_spread_in_any_order(order):
    triangles = np.array([[0, 1, 2], [1, 3, 2]])[order]

    _, spread = rasterised([[0, 0], [4, 0], [0, 4], [4, 4]], triangles, [1, 1, 1, 9], (5, 5))

    assert spread[2, 2] == 0.0
    assert spread[3, 3] == pytest.approx(np.log(9.0))
