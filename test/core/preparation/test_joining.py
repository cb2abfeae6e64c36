"""LiDAR and swept depth become one sparse depth."""

from eventdepth_core.preparation import helpful_depth, joined_depth, MeasuredDepth
import numpy as np


def measured(depth_m, sigma_log):
    return MeasuredDepth(np.float32([depth_m]), np.float32([sigma_log]))


def test_where_one_measured_its_numbers_stay():
    joined = joined_depth(
        measured([2.0, np.nan, np.nan], [0.01, 0.01, 0.01]),
        measured([np.nan, 3.0, np.nan], [np.nan, 0.2, np.nan]),
    )

    np.testing.assert_array_equal(joined.depth_m, np.float32([[2.0, 3.0, np.nan]]))
    np.testing.assert_array_equal(joined.sigma_log[0, :2], np.float32([0.01, 0.2]))


def test_where_both_agree_the_surer_one_pulls_harder():
    joined = joined_depth(measured([2.0], [0.01]), measured([2.1], [0.03]))

    expected = np.exp((9 * np.log(2.0) + np.log(2.1)) / 10)
    np.testing.assert_allclose(joined.depth_m, [[expected]], rtol=1e-6)
    np.testing.assert_allclose(joined.sigma_log, [[0.03 / np.sqrt(10)]], rtol=1e-6)


def test_where_they_contradict_the_lidar_is_believed():
    joined = joined_depth(measured([2.0], [0.01]), measured([3.0], [0.05]))

    np.testing.assert_array_equal(joined.depth_m, np.float32([[2.0]]))
    np.testing.assert_array_equal(joined.sigma_log, np.float32([[0.01]]))


def test_arguments_stay_as_they_were():
    points, motion = measured([2.0], [0.01]), measured([2.0], [0.01])

    joined_depth(points, motion)

    assert points.depth_m[0, 0] == 2.0
    assert points.sigma_log[0, 0] == np.float32(0.01)


def test_motion_close_to_points_is_left_out_unless_it_is_surer():
    motion = measured([2.0, 2.0, np.nan, 2.0, 2.0], [0.03, 0.03, np.nan, 0.02, 0.01])

    helpful = helpful_depth(motion, np.float32([[13.0, 20.0, 100.0, 13.0, 11.0]]))

    expected = np.float32([[np.nan, 2.0, np.nan, 2.0, np.nan]])
    np.testing.assert_array_equal(helpful.depth_m, expected)
    np.testing.assert_array_equal(np.isnan(helpful.sigma_log), np.isnan(helpful.depth_m))
