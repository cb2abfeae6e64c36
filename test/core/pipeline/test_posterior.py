"""Fusion and completion as arithmetic."""

from dataclasses import replace

from eventdepth_core.bundle import CalibrationFactors
from eventdepth_core.pipeline.evidence import encoded_image, encoded_points, grids_for
from eventdepth_core.pipeline.posterior import (
    fused_layout,
    Layout,
    layout_depth,
    LogDepth,
    metric_depth,
    with_measurements,
)
from hypothesis import given, strategies
import numpy as np
import pytest


@pytest.fixture
def grids(tiny_bundle, camera):
    return grids_for(tiny_bundle, camera)


def plane(value, shape=(3, 4)):
    return np.full(shape, value, np.float32)


def test_the_canonical_shift_is_the_log_of_the_focal_length_at_grid_scale(tiny_bundle, camera):
    doubled = replace(camera, fx=2 * camera.fx, fy=2 * camera.fy)

    shift = grids_for(tiny_bundle, doubled).log_shift - grids_for(tiny_bundle, camera).log_shift

    assert shift == pytest.approx(np.log(2.0))
    grids = grids_for(tiny_bundle, camera)
    focal_px = np.sqrt(61.0 * 60.0) * grids.layout.scale
    assert grids.log_shift == pytest.approx(np.log(focal_px / 40.0))


def test_the_layout_is_the_product_of_the_experts_and_the_prior(
    tiny_bundle, tiny_engine, grids, image, sparse_m
):
    by_image = encoded_image(tiny_engine, grids, image, 0)
    by_points = encoded_points(tiny_engine, grids, sparse_m, 0)
    experts = [by_image.expert, by_points.expert]
    precision = [np.exp(-expert['logvar_fine'][0]) for expert in experts]
    total = 1.0 + sum(precision)
    mean = sum(t * e['mu_fine'][0] for t, e in zip(precision, experts, strict=True)) / total

    layout = fused_layout(
        tiny_engine, tiny_bundle, grids, {'image': by_image, 'points': by_points}
    )

    coarse = mean.mean(axis=0) - mean.mean()
    np.testing.assert_allclose(layout.log_depth[::4, ::4], coarse, atol=1e-5)
    np.testing.assert_allclose(
        layout.log_variance[::4, ::4], -np.log(total.mean(axis=0)), atol=1e-5
    )


def test_without_points_the_variance_of_the_scale_is_added_to_the_pixels(grids, camera):
    layout = Layout(
        log_depth=plane(0.5, (grids.layout.height, grids.layout.width)),
        log_variance=plane(np.log(0.04), (grids.layout.height, grids.layout.width)),
        log_scale=1.0,
        log_scale_variance=float(np.log(0.25)),
    )

    depth = layout_depth(layout, grids, CalibrationFactors(pixel=2.0, scale=3.0))

    assert depth.mean.shape == camera.size
    np.testing.assert_allclose(depth.mean, 1.5 + grids.log_shift, rtol=1e-5)
    np.testing.assert_allclose(depth.sigma, np.sqrt(4 * 0.04 + 9 * 0.25), rtol=1e-5)


def test_a_measured_pixel_is_the_precision_weighted_mean():
    predicted = LogDepth(plane(np.log(5.0)), plane(0.03))
    sparse_m = np.full((3, 4), np.nan, np.float32)
    sparse_m[1, 2] = 5.1

    fused = with_measurements(predicted, sparse_m, 0.01)

    weights = np.array([1 / 0.03**2, 1 / 0.01**2])
    expected = (weights @ np.log([5.0, 5.1])) / weights.sum()
    assert fused.mean[1, 2] == pytest.approx(expected, abs=1e-6)
    assert fused.sigma[1, 2] == pytest.approx(weights.sum() ** -0.5, rel=1e-5)
    others = np.isnan(sparse_m)
    assert (fused.mean[others] == predicted.mean[others]).all()
    assert (fused.sigma[others] == predicted.sigma[others]).all()


def test_an_outlier_is_not_believed():
    predicted = LogDepth(plane(np.log(5.0)), plane(0.03))

    fused = with_measurements(predicted, plane(6.0), 0.01)

    assert (fused.mean == predicted.mean).all()
    assert (fused.sigma == predicted.sigma).all()


@given(
    sigma=strategies.floats(1e-3, 2.0),
    noise=strategies.floats(1e-3, 0.5),
    measured_m=strategies.floats(0.1, 200.0),
)
def test_a_measurement_never_widens_a_pixel_and_pulls_towards_itself(sigma, noise, measured_m):
    predicted = LogDepth(plane(np.log(8.0)), plane(sigma))

    fused = with_measurements(predicted, plane(measured_m), noise)

    assert (fused.sigma <= predicted.sigma).all()
    before = np.abs(predicted.mean - np.float32(np.log(measured_m)))
    after = np.abs(fused.mean - np.float32(np.log(measured_m)))
    assert (after <= before + 1e-6).all()


def test_depth_is_nan_exactly_where_it_is_not_valid(tiny_bundle):
    mean = np.log(np.array([[0.05, 0.1001, 5.0], [199.0, 201.0, 1.0]], np.float32))
    mean[1, 2] = 1e4

    depth_m, std_m, valid = metric_depth(LogDepth(mean, plane(0.1, (2, 3))), tiny_bundle)

    assert valid.tolist() == [[False, True, True], [True, False, False]]
    assert (np.isfinite(depth_m) == valid).all()
    assert (np.isfinite(std_m) == valid).all()
    np.testing.assert_allclose(std_m[valid], 0.1 * depth_m[valid], rtol=1e-6)
    assert depth_m.dtype == std_m.dtype == np.float32
