"""Trivial predictions."""

from eventdepth_core.evaluation import constant_median, fill_baselines, mean_depth_map
from eventdepth_core.geometry import prefill, spread_switch
import numpy as np


def test_the_constant_is_the_median_of_measured_depths():
    depths_m = np.array([[1.0, np.nan, 3.0], [9.0, -1.0, np.inf]], np.float32)

    constant = constant_median(depths_m, (4, 5))

    np.testing.assert_array_equal(constant, np.full((4, 5), 3.0, np.float32))
    assert np.isnan(constant_median(np.full((2, 2), np.nan, np.float32), (2, 2))).all()


def test_the_mean_map_is_geometric_over_measured_pixels(tolerances):
    depths_m = np.array([[[1.0, 4.0, np.nan]], [[4.0, np.nan, np.nan]]], np.float32)

    tolerances['float32'].assert_close(mean_depth_map(depths_m), [[2.0, 4.0, np.nan]])


def test_fills_are_the_prefills_and_their_switch():
    points_m = np.full((20, 30), np.nan, np.float32)
    points_m.ravel()[::37] = np.linspace(1, 9, 17)

    fills = fill_baselines(points_m)

    filled = prefill(points_m)
    np.testing.assert_array_equal(fills.nearest, filled.nearest_m)
    np.testing.assert_array_equal(fills.linear, filled.linear_m)
    np.testing.assert_array_equal(fills.switch, spread_switch(filled))
