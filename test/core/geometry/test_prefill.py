"""Prefills by example, at their limits, and on a real depth map."""

from pathlib import Path

from eventdepth_core.errors import InputError
from eventdepth_core.evaluation import evaluate
from eventdepth_core.geometry import prefill, spread_switch
import numpy as np
import pytest

SIZE = (26, 34)


def sparse(points, size=SIZE):
    depth_m = np.full(size, np.nan, np.float32)
    for y, x, metres in points:
        depth_m[y, x] = metres
    return depth_m


def thinned(depth_m, num_points, seed):
    chosen = np.random.default_rng(seed).choice(depth_m.size, num_points, replace=False)
    points = np.full(depth_m.shape, np.nan, np.float32)
    points.ravel()[chosen] = depth_m.ravel()[chosen]
    return points


def test_prefill_without_points_is_nan_at_infinite_distance():
    filled = prefill(sparse([]))

    assert np.isnan(filled.nearest_m).all()
    assert np.isnan(filled.linear_m).all()
    assert np.isinf(filled.distance_px).all()
    assert (filled.spread == 0).all()


@pytest.mark.parametrize(
    'points',
    [
        [(3, 4, 2.0)],
        [(3, 4, 2.0), (20, 30, 5.0)],
        [(2, 2, 1.0), (4, 4, 2.0), (10, 10, 3.0)],
    ],
    ids=['one', 'two', 'collinear'],
)
def test_linear_equals_nearest_where_points_span_no_triangle(points):
    filled = prefill(sparse(points))

    np.testing.assert_array_equal(filled.linear_m, filled.nearest_m)
    assert (filled.spread == 0).all()


def test_linear_equals_nearest_outside_the_hull():
    filled = prefill(sparse([(10, 10, 1.0), (10, 20, 2.0), (20, 10, 4.0)]))

    assert filled.linear_m[25, 33] == filled.nearest_m[25, 33]
    assert filled.spread[25, 33] == 0
    assert filled.spread[12, 12] == pytest.approx(np.log(4.0))


@pytest.mark.parametrize('bad', [np.inf, -np.inf, 0.0, -1.0, np.nan])
def test_depth_that_is_not_finite_and_positive_is_not_measured(bad):
    points = [(3, 4, 2.0), (20, 30, 5.0), (5, 25, 3.0)]

    filled = prefill(sparse([*points, (12, 12, bad)]))

    np.testing.assert_array_equal(filled.linear_m, prefill(sparse(points)).linear_m)


def test_a_dense_map_comes_back_as_it_is():
    depth_m = np.random.default_rng(0).uniform(1, 9, SIZE).astype(np.float32)

    filled = prefill(depth_m)

    np.testing.assert_array_equal(filled.nearest_m, depth_m)
    np.testing.assert_array_equal(filled.linear_m, depth_m)
    assert (filled.distance_px == 0).all()


def test_enclosed_pixels_change_nothing_where_depth_is_missing(tolerances):
    y, x = np.indices((40, 50))
    depth_m = (4.0 + np.hypot(y - 20, x - 25) / 5).astype(np.float32)
    hole = (abs(y - 20) < 6) & (abs(x - 25) < 9)
    block = np.where(hole, np.nan, depth_m)
    rim = np.where(abs(y - 20) < 9, block, np.nan)
    rim[abs(x - 25) > 12] = np.nan

    filled = prefill(block).linear_m[hole]

    tolerances['float32'].assert_close(filled, prefill(rim).linear_m[hole])


def test_prefill_leaves_its_argument_alone_and_returns_float32():
    depth_m = sparse([(3, 4, 2.0), (20, 30, 5.0), (5, 25, 3.0)]).astype(np.float64)
    before = depth_m.copy()

    filled = prefill(depth_m)

    np.testing.assert_array_equal(depth_m, before)
    maps = (filled.nearest_m, filled.linear_m, filled.spread, filled.distance_px)
    assert {image.dtype for image in maps} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ('given', 'text'),
    [
        (np.zeros((2, 3, 4), np.float32), r'Expected .*\(H, W\) array, got float32 \(2, 3, 4\)'),
        (np.zeros((2, 3), np.int32), r'Expected .*floating .*, got int32 \(2, 3\)'),
        (np.zeros((1, 16385), np.float32), r'Expected .*16384 pixels a side, got \(1, 16385\)'),
    ],
)
def test_prefill_refuses_what_is_no_depth_image(given, text):
    with pytest.raises(InputError, match=text):
        prefill(given)


def test_the_switch_takes_nearest_only_across_depth_edges():
    filled = prefill(sparse([(2, 2, 1.0), (2, 30, 1.5), (24, 2, 1.2), (24, 30, 6.0)]))

    switched = spread_switch(filled, 1.6)

    edge = filled.spread > np.log(1.6)
    assert edge.any()
    np.testing.assert_array_equal(switched[edge], filled.nearest_m[edge])
    np.testing.assert_array_equal(switched[~edge], filled.linear_m[~edge])


def test_the_switch_refuses_a_ratio_below_one():
    filled = prefill(sparse([(2, 2, 1.0)]))

    with pytest.raises(InputError, match=r'Expected a ratio threshold >= 1, got 0\.5'):
        spread_switch(filled, 0.5)


@pytest.mark.parametrize(
    ('num_points', 'nearest', 'linear', 'switch'),
    [(100, 0.104, 0.095, 0.098), (500, 0.061, 0.051, 0.055)],
)
def test_fills_of_a_real_room_reach_the_known_errors(
    data_root: Path, num_points, nearest, linear, switch
):
    depth_m = np.load(data_root / 'nyu_frame' / 'depth.npy').squeeze().astype(np.float32)

    errors = []
    for seed in range(8):
        filled = prefill(thinned(depth_m, num_points, seed))
        fills = (filled.nearest_m, filled.linear_m, spread_switch(filled))
        errors.append([evaluate(fill, depth_m)['abs_rel'] for fill in fills])

    # The known values are means over three other draws of the points; draws differ by 5 %.
    np.testing.assert_allclose(np.mean(errors, axis=0), (nearest, linear, switch), rtol=0.15)
