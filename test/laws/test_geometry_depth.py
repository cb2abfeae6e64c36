"""Laws of the conversions of depth."""

from eventdepth_core.geometry import (
    depth_from_disparity,
    depth_from_inverse_depth,
    disparity_from_depth,
    inverse_depth_from_depth,
)
from hypothesis import given, strategies
from hypothesis.extra import numpy as arrays
import numpy as np

depths = arrays.arrays(
    np.float32, (5, 7), elements=strategies.floats(np.float32(0.1), np.float32(200), width=32)
)


@given(depths, strategies.floats(50, 1500), strategies.floats(0.02, 1.0))
def test_depth_and_disparity_are_inverse(depth_m, focal_px, baseline_m):
    stereo = {'focal_px': focal_px, 'baseline_m': baseline_m}

    back = depth_from_disparity(disparity_from_depth(depth_m, **stereo), **stereo)

    np.testing.assert_allclose(back, depth_m, rtol=1e-6)


@given(depths)
def test_inverse_depth_is_its_own_inverse_and_reverses_order(depth_m):
    inverse = inverse_depth_from_depth(depth_m)

    np.testing.assert_allclose(depth_from_inverse_depth(inverse), depth_m, rtol=1e-6)
    order = np.argsort(depth_m.ravel())
    assert (np.diff(inverse.ravel()[order]) <= 0).all()


@given(arrays.arrays(np.float64, (5, 7)))
def test_any_numbers_give_positive_depth_or_nan(disparity_px):
    with np.errstate(over='ignore'):
        depth_m = depth_from_disparity(disparity_px, focal_px=500.0, baseline_m=0.6)

    assert (np.isnan(depth_m) | (depth_m >= 0)).all()
