"""Laws of the prefills and of the triangulation under them."""

from eventdepth_core.geometry import prefill, spread_switch
from eventdepth_core.geometry.delaunay import delaunay_triangles
from hypothesis import given, strategies
from hypothesis.extra import numpy as arrays
import numpy as np


@strategies.composite
def sparse_depths(draw):
    """Sparse depth of an odd size, from empty to dense, in regular and irregular patterns."""
    size = draw(strategies.tuples(strategies.integers(1, 23), strategies.integers(1, 29)))
    share = draw(strategies.sampled_from([0.0, 0.01, 0.05, 0.3, 0.9, 1.0]))
    random = np.random.default_rng(draw(strategies.integers(0, 2**32 - 1)))
    depth_m = np.exp(random.uniform(-2, 5, size)).astype(np.float32)
    measured = random.random(size) < share
    step = draw(strategies.integers(1, 4))
    if step > 1:
        measured[np.arange(size[0]) % step > 0] = False
    return np.where(measured, depth_m, np.nan)


@given(sparse_depths())
def test_both_prefills_equal_the_measured_depth(sparse_m):
    measured = np.isfinite(sparse_m)

    filled = prefill(sparse_m)

    np.testing.assert_array_equal(filled.nearest_m[measured], sparse_m[measured])
    np.testing.assert_array_equal(filled.linear_m[measured], sparse_m[measured])
    assert (filled.distance_px[measured] == 0).all()
    assert (filled.distance_px[~measured] >= 1).all()


@given(sparse_depths())
def test_every_value_lies_between_the_least_and_the_greatest_depth(sparse_m):
    filled = prefill(sparse_m)

    if not np.isfinite(sparse_m).any():
        assert np.isnan(filled.nearest_m).all()
        assert np.isnan(filled.linear_m).all()
        return
    low, high = np.nanmin(sparse_m), np.nanmax(sparse_m)
    for dense_m in (filled.nearest_m, filled.linear_m, spread_switch(filled)):
        assert dense_m.min() >= low
        assert dense_m.max() <= high
    assert (filled.spread >= 0).all()
    assert filled.spread.max() <= np.log(high / low) + 1e-5


@given(sparse_depths(), strategies.floats(0.1, 20.0))
def test_prefills_scale_with_depth(sparse_m, factor):
    filled = prefill(sparse_m)

    scaled = prefill((sparse_m * np.float32(factor)).astype(np.float32))

    np.testing.assert_allclose(scaled.nearest_m, filled.nearest_m * factor, rtol=1e-5)
    np.testing.assert_array_equal(scaled.distance_px, filled.distance_px)
    np.testing.assert_allclose(scaled.spread, filled.spread, atol=1e-5)


@given(sparse_depths(), strategies.floats(-0.03, 0.03), strategies.floats(-0.03, 0.03))
def test_planes_come_out_exact_inside_the_hull(sparse_m, slope_x, slope_y):
    y, x = np.indices(sparse_m.shape)
    plane_m = 1.0 / (2.0 + slope_x * x + slope_y * y)

    filled = prefill(np.where(np.isfinite(sparse_m), plane_m, np.nan).astype(np.float32))

    inside = filled.spread > 0
    np.testing.assert_allclose(filled.linear_m[inside], plane_m[inside], rtol=1e-5)


@given(arrays.arrays(np.bool_, (13, 17), elements=strategies.booleans()))
def test_triangles_turn_one_way_and_cover_no_more_than_the_box(mask):
    rows, columns = np.nonzero(mask)
    xy = np.stack([columns, rows], axis=1)

    triangles = delaunay_triangles(xy)

    a, b, c = (xy[triangles[:, i]] for i in range(3))
    doubled = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    assert (doubled > 0).all()
    assert doubled.sum() <= 2 * 12 * 16
    # Euler: 2 N - 2 - h triangles, with h pixels on the hull.
    assert len(triangles) <= max(2 * len(xy) - 5, 0)
