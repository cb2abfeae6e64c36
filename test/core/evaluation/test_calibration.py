"""Coverage and sparsification by hand."""

from eventdepth_core.evaluation.calibration import calibration, sparsification
import numpy as np
import pytest

TARGET_M = np.full(400, 2.0)
ERROR_M = np.random.default_rng(4).permutation(np.linspace(0.01, 0.8, 400))
PREDICTED_M = TARGET_M + ERROR_M
WIDE_STD_M = ERROR_M * 1.0001


def test_std_equal_to_the_error_covers_all_and_ranks_perfectly():
    # Ranked by std / p: e / (2 + e) rises with e.
    judged = calibration(PREDICTED_M, TARGET_M, WIDE_STD_M)

    assert judged.coverage_1sigma == 1.0
    assert judged.ause == pytest.approx(0.0, abs=1e-12)


def test_a_reversed_ranking_is_worse_than_a_random_one():
    random_std = PREDICTED_M * np.random.default_rng(5).uniform(0.1, 0.2, 400)

    reversed_ranking = calibration(PREDICTED_M, TARGET_M, 1.0 - ERROR_M).ause
    random_ranking = calibration(PREDICTED_M, TARGET_M, random_std).ause

    # Errors spread evenly over (0, m]: without order the mean stays, in order it falls to m / 2 on
    # average, in reverse it rises to 3 m / 2: in shares of the mean 0.5 - 0.025 and twice that.
    assert random_ranking == pytest.approx(0.475, abs=0.05)
    assert reversed_ranking == pytest.approx(0.95, abs=0.05)


def test_half_the_errors_within_std_gives_half_the_coverage():
    std_m = np.full(400, np.median(ERROR_M))

    assert calibration(PREDICTED_M, TARGET_M, std_m).coverage_1sigma == pytest.approx(0.5)


@pytest.mark.parametrize('none', [np.nan, np.inf, 0.0, -1.0])
def test_pixels_without_a_usable_std_take_no_part(none):
    std_m = np.full(400, np.median(ERROR_M))
    std_m[:50] = none

    judged = calibration(PREDICTED_M, TARGET_M, std_m)

    assert judged == calibration(PREDICTED_M[50:], TARGET_M[50:], std_m[50:])


def test_no_pixels_give_nan_and_a_perfect_prediction_zero():
    empty = calibration(np.empty(0), np.empty(0), np.empty(0))

    assert np.isnan((empty.ause, empty.coverage_1sigma)).all()
    assert calibration(TARGET_M, TARGET_M, TARGET_M).ause == 0.0


def test_curves_start_at_all_pixels_and_the_worst_first_removes_fastest():
    error = np.array([0.0, 1.0, 2.0, 5.0])

    curve = sparsification(error, np.array([4.0, 1.0, 2.0, 3.0]), num_steps=4)

    np.testing.assert_allclose(curve.removed, [0, 0.25, 0.5, 0.75])
    np.testing.assert_allclose(curve.by_error, np.array([2.0, 1.0, 0.5, 0.0]) / 2.0)
    np.testing.assert_allclose(curve.by_std, np.array([2.0, 8 / 3, 1.5, 1.0]) / 2.0)
    assert curve.ause == pytest.approx(np.mean(curve.by_std - curve.by_error))


def test_the_root_mean_square_curve_is_of_the_same_ranking():
    error = np.random.default_rng(0).uniform(0.1, 3.0, 100)

    curve = sparsification(error, error, num_steps=5, reduction='root_mean_square')

    kept = np.sort(error)[:80]
    assert curve.by_std[1] == pytest.approx(np.sqrt(np.mean(kept**2) / np.mean(error**2)))
    assert curve.ause == 0.0
