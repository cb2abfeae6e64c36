"""Curves by hand, and on predictions whose errors are known by construction."""

from eventdepth_core.evaluation import Profile
from eventdepth_core.evaluation.curves import Coverage, ErrorByDistance, SparsificationCurves
from eventdepth_core.evaluation.masking import judged_image, Maps
import numpy as np
import pytest

PLAIN = Profile('plain', '')


def judged(predicted_m, target_m, std_m=None):
    predicted_m, target_m = (np.atleast_2d(each).astype(float) for each in (predicted_m, target_m))
    std_m = None if std_m is None else np.atleast_2d(std_m).astype(float)
    allowed = np.ones(target_m.shape, np.bool_)
    return judged_image(Maps(predicted_m, target_m, std_m, allowed), PLAIN)


def test_errors_are_gathered_by_the_distance_of_the_target():
    errors = ErrorByDistance()

    errors.add(judged([1.1, 2.2, 30.0], [1.0, 2.0, 20.0]))
    errors.add(judged([1.3, np.nan], [1.0, 2.0]))

    curve = errors.curve()
    filled = np.flatnonzero(curve.share)
    np.testing.assert_allclose(curve.share[filled], [0.5, 0.25, 0.25])
    np.testing.assert_allclose(curve.abs_rel[filled], [0.2, 0.1, 0.5])
    np.testing.assert_allclose(curve.mae_m[filled], [0.2, 0.2, 10.0])
    assert np.isnan(np.delete(curve.abs_rel, filled)).all()
    for k, target_m in zip(filled, (1.0, 2.0, 20.0), strict=True):
        assert curve.edges_m[k] <= target_m * (1 + 1e-12) < curve.edges_m[k + 1]


def test_targets_beyond_the_ends_count_in_the_last_bins():
    errors = ErrorByDistance()

    errors.add(judged([0.02, 5000.0], [0.01, 4000.0]))

    assert errors.curve().share[[0, -1]].tolist() == [0.5, 0.5]


def test_no_pixels_give_empty_curves(recwarn):
    nothing = judged([np.nan], [np.nan], [np.nan])
    errors, sparse, coverage = ErrorByDistance(), SparsificationCurves(), Coverage()
    for gatherer in (errors, sparse, coverage):
        gatherer.add(nothing)

    assert errors.curve().share.size == 0
    assert sparse.curves() == ()
    assert coverage.curve() is None
    assert not recwarn.list


def test_normal_errors_with_their_own_std_are_calibrated():
    random = np.random.default_rng(3)
    target = random.uniform(5, 9, (200, 301))
    std = random.uniform(0.05, 0.4, target.shape)
    coverage, bold = Coverage(), Coverage()

    for _ in range(2):
        noisy = target + std * random.normal(size=target.shape)
        coverage.add(judged(noisy, target, std))
        bold.add(judged(noisy, target, std / 3))

    curve = coverage.curve()
    assert curve.num_pixels == 2 * target.size
    np.testing.assert_allclose(curve.observed, curve.expected, atol=0.005)
    assert curve.calibration_error < 0.005
    assert (bold.curve().observed < curve.observed).all()
    assert bold.curve().calibration_error > 0.2


def test_sparsification_is_the_mean_over_images_and_agrees_with_the_metric():
    from eventdepth_core.evaluation import evaluate

    random = np.random.default_rng(4)
    target = random.uniform(1, 9, (2, 30, 41))
    std = random.uniform(0.1, 1.0, target.shape)
    predicted = np.maximum(target + std * random.normal(size=target.shape), 0.1)
    curves = SparsificationCurves()

    for images in zip(predicted, target, std, strict=True):
        curves.add(judged(*images))

    relative, square = curves.curves()
    assert relative.ause == pytest.approx(evaluate(predicted, target, std_m=std)['ause'])
    assert (relative.error, square.error) == ('abs_rel', 'rmse')
    assert (relative.by_std[0], square.by_error[0]) == pytest.approx((1.0, 1.0))
    assert (np.diff(square.by_error) <= 1e-12).all()
    assert square.ause > 0
