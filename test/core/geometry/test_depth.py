"""Conversions of depth by example."""

from eventdepth_core.errors import InputError
from eventdepth_core.geometry import (
    depth_from_disparity,
    depth_from_inverse_depth,
    disparity_from_depth,
    inverse_depth_from_depth,
)
import numpy as np
import pytest


def test_disparity_of_the_dsec_event_pair_gives_the_depth_of_its_matrix(tolerances):
    # Q of cams_03: focal length 569.2873535700672 px, 1 / baseline 1.6693566743882104.
    depth_m = depth_from_disparity(
        np.array([10.0, 34.1026]), focal_px=569.2873535700672, baseline_m=1 / 1.6693566743882104
    )

    expected = 569.2873535700672 / (1.6693566743882104 * np.array([10.0, 34.1026]))
    tolerances['float32'].assert_close(depth_m, expected)


def test_the_offset_of_principal_points_counts(tolerances):
    stereo = {'focal_px': 994.978, 'baseline_m': 0.193001, 'offset_px': 31.086}

    depth_m = depth_from_disparity([50.0], **stereo)

    tolerances['float32'].assert_close(depth_m, [994.978 * 0.193001 / 81.086])
    tolerances['float32'].assert_close(disparity_from_depth(depth_m, **stereo), [50.0])


@pytest.mark.parametrize('convert', [inverse_depth_from_depth, depth_from_inverse_depth])
def test_what_is_not_finite_and_positive_becomes_nan(convert):
    values = convert(np.array([[2.0, 0.0, -1.0], [np.nan, np.inf, 4.0]], np.float32))

    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, [[0.5, np.nan, np.nan], [np.nan, np.nan, 0.25]])


def test_zero_disparity_means_not_measured():
    assert np.isnan(depth_from_disparity([0.0, -1.0], focal_px=500.0, baseline_m=0.6)).all()


def test_a_rig_without_baseline_is_refused():
    with pytest.raises(InputError, match=r'baseline > 0, got 500\.0 px and 0\.0 m'):
        disparity_from_depth([1.0], focal_px=500.0, baseline_m=0.0)
