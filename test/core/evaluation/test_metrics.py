"""Error measures by hand."""

from dataclasses import asdict
import math

from eventdepth_core.evaluation.metrics import depth_errors
import numpy as np
import pytest


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
    errors = asdict(depth_errors(np.empty(0), np.empty(0)))

    assert errors.pop('n') == 0
    assert all(math.isnan(value) for value in errors.values())
    assert not recwarn.list
