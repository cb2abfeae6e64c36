"""Laws of the metrics under every profile."""

from eventdepth_core.evaluation import evaluate, list_profiles, RunningEvaluation
from eventdepth_core.evaluation.protocol import images_of
from hypothesis import given, strategies
import numpy as np
import pytest

LOWER_IS_BETTER = ('abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'silog', 'mae')
DELTAS = ('delta1', 'delta2', 'delta3')


@strategies.composite
def depth_pairs(draw):
    """Draw a target with gaps and a prediction with errors, (B, H, W) metres."""
    size = draw(
        strategies.tuples(
            strategies.integers(1, 3), strategies.integers(5, 19), strategies.integers(5, 23)
        )
    )
    random = np.random.default_rng(draw(strategies.integers(0, 2**32 - 1)))
    target_m = np.exp(random.uniform(-1, 4, size))
    predicted_m = target_m * np.exp(random.normal(0, 0.3, size))
    target_m[random.random(size) < draw(strategies.sampled_from([0.0, 0.5, 0.95]))] = np.nan
    return predicted_m, target_m


profiles = strategies.sampled_from(list_profiles())
# these rescale or clip targets or predictions, which is an error of its own
UNFAITHFUL = ('mvsec_e2depth_legacy', 'mvsec_ramnet', 'kitti_eigen_stereo')
FAITHFUL = [name for name in list_profiles() if name not in UNFAITHFUL]


@given(depth_pairs(), strategies.sampled_from(FAITHFUL))
def test_a_perfect_prediction_has_no_error(pair, profile):
    _, target_m = pair

    metrics = evaluate(target_m, target_m, profile, std_m=np.full(target_m.shape, 0.1))

    if metrics['n'] == 0:
        return
    assert all(metrics[name] == pytest.approx(0.0, abs=1e-12) for name in LOWER_IS_BETTER)
    assert all(metrics[name] == 1.0 for name in (*DELTAS, 'coverage', 'coverage_1sigma'))
    assert metrics['ause'] == 0.0


@given(depth_pairs(), strategies.floats(0.05, 20.0))
def test_aligned_metrics_forget_the_scale_of_the_prediction(pair, factor):
    predicted_m, target_m = pair

    for profile in ('aligned_median', 'kitti_eigen', 'aligned'):
        once = evaluate(predicted_m, target_m, profile)
        scaled = evaluate(predicted_m * factor, target_m, profile)

        for name in (*LOWER_IS_BETTER, 'n'):
            assert scaled[name] == pytest.approx(once[name], rel=1e-9, abs=1e-7, nan_ok=True)


@given(depth_pairs(), strategies.floats(0.05, 20.0))
def test_relative_metrics_forget_a_common_scale_and_silog_any(pair, factor):
    predicted_m, target_m = pair

    once = evaluate(predicted_m, target_m)
    common = evaluate(predicted_m * factor, target_m * factor)
    other = evaluate(predicted_m * factor, target_m)

    for name in ('abs_rel', 'rmse_log', 'silog'):
        assert common[name] == pytest.approx(once[name], rel=1e-9, nan_ok=True)
    assert common['rmse'] == pytest.approx(once['rmse'] * factor, rel=1e-9, nan_ok=True)
    assert other['silog'] == pytest.approx(once['silog'], rel=1e-6, abs=1e-6, nan_ok=True)


@given(depth_pairs(), profiles, strategies.integers(0, 2**32 - 1))
def test_measures_stay_in_their_range(pair, profile, seed):
    predicted_m, target_m = pair
    std_m = np.random.default_rng(seed).uniform(0.01, 1, target_m.shape)

    metrics = evaluate(predicted_m, target_m, profile, std_m=std_m)

    if metrics['n'] == 0:
        assert np.isnan(metrics['abs_rel'])
        return
    assert not any(metrics[name] < 0 for name in LOWER_IS_BETTER)  # NaN where undefined
    assert metrics['delta1'] <= metrics['delta2'] <= metrics['delta3'] <= 1.0
    assert metrics['mae'] <= metrics['rmse'] * (1 + 1e-12)
    assert metrics['ause'] >= -1e-12
    assert 0.0 <= metrics['coverage_1sigma'] <= 1.0
    assert metrics['n'] <= np.isfinite(target_m).sum()


@given(depth_pairs())
def test_what_is_not_valid_does_not_count(pair):
    predicted_m, target_m = pair
    valid = np.random.default_rng(0).random(target_m.shape) < 0.5

    masked = evaluate(predicted_m, target_m, valid=valid)
    removed = evaluate(np.where(valid, predicted_m, np.nan), target_m)

    assert masked == pytest.approx(removed, nan_ok=True)


@given(depth_pairs(), profiles)
def test_splitting_a_sequence_into_images_changes_nothing(pair, profile):
    predicted_m, target_m = pair
    running = RunningEvaluation(profile)

    for predicted, target in zip(predicted_m, target_m, strict=True):
        for maps in images_of(predicted, target):
            running.add(running.judge(maps))

    whole = evaluate(predicted_m, target_m, profile)
    assert running.metrics() == pytest.approx(whole, nan_ok=True, rel=0, abs=0)


@given(depth_pairs(), profiles)
def test_the_order_of_images_does_not_matter(pair, profile):
    predicted_m, target_m = pair

    forward = evaluate(predicted_m, target_m, profile)
    backward = evaluate(predicted_m[::-1], target_m[::-1], profile)

    assert forward == pytest.approx(backward, nan_ok=True, rel=0, abs=0)
