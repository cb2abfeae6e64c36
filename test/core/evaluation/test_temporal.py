from eventdepth_core.evaluation import Profile
from eventdepth_core.evaluation.masking import judged_image, Maps
from eventdepth_core.evaluation.temporal import TemporalConsistency
import numpy as np
import pytest

SIZE = (12, 17)
RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.uniform(2, 9, (4, *SIZE))


def flicker(predicted, targets=TARGETS):
    consistency = TemporalConsistency()
    for p, y in zip(predicted, targets, strict=True):
        allowed = np.ones(y.shape, np.bool_)
        consistency.add(judged_image(Maps(p, y, None, allowed), Profile('plain', '')))
    return consistency.log_error


def test_a_prediction_wrong_by_the_same_factor_does_not_flicker():
    assert flicker(1.7 * TARGETS) == pytest.approx(0.0, abs=1e-12)


def test_a_factor_that_alternates_is_what_is_measured():
    factors = np.array([1.0, 1.2, 1.0, 1.2])[:, None, None]

    assert flicker(factors * TARGETS) == pytest.approx(np.log(1.2))


def test_only_pixels_used_in_both_frames_count():
    predicted = TARGETS.copy()
    predicted[1, :6] = np.nan
    predicted[2] *= 1.5

    expected = np.log(1.5) * (SIZE[1] * 6 + SIZE[0] * SIZE[1]) / (SIZE[1] * (6 + 6 + 12))
    assert flicker(predicted) == pytest.approx(expected)


def test_one_frame_or_another_size_gives_no_figure():
    assert np.isnan(flicker(TARGETS[:1], TARGETS[:1]))
    other = [TARGETS[0], TARGETS[1][:5]]
    assert np.isnan(flicker(other, other))
