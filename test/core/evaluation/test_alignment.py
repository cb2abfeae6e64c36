"""Alignment by hand: scale, shift, standard deviations, thinning."""

from eventdepth_core.evaluation import evaluate, Profile
from eventdepth_core.evaluation.alignment import aligned
import numpy as np
import pytest

TARGET_M = np.exp(np.random.default_rng(0).uniform(0, 3, (40, 62)))
EVERYWHERE = np.ones(TARGET_M.shape, np.bool_)


def fitted(predicted_m, alignment, std_m=None, **switches):
    rules = Profile('mine', '', alignment=alignment, **switches)
    std_m = np.full(TARGET_M.shape, 0.5) if std_m is None else std_m
    return aligned(predicted_m, std_m, TARGET_M, EVERYWHERE, rules)


def test_least_squares_undoes_scale_and_shift_and_scales_the_std():
    result = fitted(TARGET_M * -4.0 + 7.0, 'least_squares')

    np.testing.assert_allclose(result.predicted_m, TARGET_M)
    np.testing.assert_allclose(result.std_m, 0.125)


def test_least_squares_of_inverse_depth_undoes_scale_and_shift_there():
    result = fitted(1.0 / (3.0 / TARGET_M + 0.2), 'least_squares_inverse')

    np.testing.assert_allclose(result.predicted_m, TARGET_M, rtol=1e-9)


def test_std_follows_the_slope_of_the_inverse_fit():
    predicted_m = 1.0 / (3.0 / TARGET_M + 0.2)
    step_m = np.full(TARGET_M.shape, 1e-6)

    result = fitted(predicted_m, 'least_squares_inverse', step_m)

    moved = 1.0 / ((1.0 / (predicted_m + step_m) - 0.2) / 3.0)
    np.testing.assert_allclose(result.std_m, np.abs(moved - TARGET_M), rtol=1e-3)


def test_a_constant_prediction_takes_the_shift_alone():
    result = fitted(np.full(TARGET_M.shape, 9.0), 'least_squares')

    np.testing.assert_allclose(result.predicted_m, TARGET_M.mean())


def test_a_thinned_fit_sees_a_grid_of_the_pixels():
    predicted_m = TARGET_M.copy()
    predicted_m[1::2] = 99.0  # between the rows of the grid

    result = fitted(predicted_m, 'median', alignment_max_px=31)

    assert result.predicted_m[0, 0] == pytest.approx(TARGET_M[0, 0], rel=0.2)
    whole = fitted(predicted_m, 'median')
    assert abs(whole.predicted_m[0, 0] - TARGET_M[0, 0]) > 0.2 * TARGET_M[0, 0]


def test_a_least_squares_profile_takes_predictions_of_any_sign():
    metrics = evaluate(TARGET_M - 10.0, TARGET_M, 'aligned')

    assert metrics['coverage'] == 1.0
    assert metrics['abs_rel'] == pytest.approx(0.0, abs=1e-12)
