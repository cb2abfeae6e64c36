"""Error measures by hand."""

import math
from types import SimpleNamespace

from eventdepth_core.evaluation import Profile, profile_named
from eventdepth_core.evaluation.metrics import measures, pixel_means
import numpy as np
import pytest


def depth_errors(predicted, target, profile='plain'):
    rules = profile if isinstance(profile, Profile) else profile_named(profile)
    return SimpleNamespace(**measures(pixel_means(predicted, target, rules), rules))


def test_errors_of_two_pixels_equal_the_formulas():
    errors = depth_errors(np.array([2.0, 5.0]), np.array([1.0, 4.0]))

    logs = np.array([math.log(2.0), math.log(1.25)])
    assert errors.abs_rel == pytest.approx((1.0 + 0.25) / 2)
    assert errors.sq_rel == pytest.approx((1.0 + 0.25) / 2)
    assert errors.rmse == pytest.approx(1.0)
    assert errors.mae == pytest.approx(1.0)
    assert errors.rmse_log == pytest.approx(math.sqrt((logs**2).mean()))
    assert errors.silog == pytest.approx(100 * math.sqrt((logs**2).mean() - logs.mean() ** 2))
    assert errors.n == 2


def test_the_bound_of_delta_is_strict():
    errors = depth_errors(np.array([1.25, 1.25**2, 1.25**3, 0.8]), np.ones(4))

    assert (errors.delta1, errors.delta2, errors.delta3) == (0.0, 0.5, 0.75)


def test_no_pixels_give_nan_without_a_warning(recwarn):
    errors = vars(depth_errors(np.empty(0), np.empty(0)))

    assert errors.pop('n') == 0
    assert all(math.isnan(value) for value in errors.values())
    assert not recwarn.list


def test_every_form_of_a_measure_has_its_own_name():
    predicted, target = np.array([2.0, 2.0, 5.0]), np.array([1.0, 4.0, 4.0])

    errors = depth_errors(predicted, target)

    d = np.log(predicted) - np.log(target)
    assert errors.sq_rel == errors.sq_rel_linear == pytest.approx((1 + 1 + 0.25) / 3)
    assert errors.sq_rel_squared == pytest.approx((1 + 0.25 + 0.0625) / 3)
    assert errors.silog == errors.silog_root_100 == pytest.approx(100 * d.std())
    assert errors.silog_variance == pytest.approx(d.var())
    assert errors.silog_absolute == pytest.approx((d**2).mean() - np.abs(d).mean() ** 2)
    assert errors.silog_absolute < errors.silog_variance  # |d| makes it too low
    assert errors.log10 == pytest.approx(np.abs(d).mean() / math.log(10))


def test_inverse_errors_are_in_1_per_metre():
    errors = depth_errors(np.array([2.0, 5.0]), np.array([1.0, 4.0]))

    assert errors.imae == pytest.approx((0.5 + 0.05) / 2)
    assert errors.irmse == pytest.approx(math.sqrt((0.25 + 0.0025) / 2))


def test_a_profile_chooses_forms_bounds_and_epsilon():
    predicted, target = np.array([1.25, 3.0]), np.array([1.0, 4.0])
    rules = Profile('mine', '', epsilon=0.5, delta_bound='inclusive', sq_rel='squared')

    errors = depth_errors(predicted, target, rules)

    assert errors.abs_rel == pytest.approx((0.25 / 1.5 + 1 / 4.5) / 2)
    assert errors.sq_rel == pytest.approx((0.0625 / 1.5 + 1 / 16.5) / 2)
    assert errors.delta1 == 1.0  # 4 / 3.5 and 1.25 / 1.5


def test_cut_offs_are_strict_or_inclusive_as_the_profile_says():
    predicted, target = np.array([9.0, 12.0, 30.0]), np.array([8.0, 10.0, 20.0])
    strict = Profile('strict', '', cut_offs_m=(10.0, 5.0))
    inclusive = Profile('inclusive', '', cut_offs_m=(10.0,), cut_off_bound='inclusive')

    errors, both = (depth_errors(predicted, target, rules) for rules in (strict, inclusive))

    assert (errors.mae_10m, errors.share_10m) == (1.0, 1 / 3)
    assert (both.mae_10m, both.share_10m) == (1.5, 2 / 3)
    assert errors.share_5m == 0.0
    assert math.isnan(errors.mae_5m)


def test_a_disparity_of_zero_counts_and_its_logarithm_is_infinite(recwarn):
    errors = depth_errors(np.array([0.0, 3.0]), np.array([1.5, 5.5]), 'dsec_disparity')

    assert (errors.pe1, errors.pe2, errors.mae) == (100.0, 50.0, 2.0)
    assert math.isinf(errors.rmse_log)
    assert not recwarn.list
