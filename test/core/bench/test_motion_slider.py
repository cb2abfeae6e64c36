"""The sweep on the real slider_depth recording, causal, with the shipped settings."""

from motion_runs import scores
from motion_slider import slider_results
import numpy as np
import pytest
from slider_reference import load_slider, MIN_COVERAGE, reference_depth


@pytest.fixture(scope='module')
def slider(data_root):
    if not (data_root / 'slider_depth').is_dir():
        pytest.skip(f'no slider_depth in {data_root}')
    return load_slider(data_root)


@pytest.fixture(scope='module')
def judged(slider):
    """Scores at frames 3 and 4."""
    results = slider_results(slider)
    found = {}
    for frame in (3, 4):
        target_m = reference_depth(slider, frame)
        assert np.isfinite(target_m).mean() >= MIN_COVERAGE
        found[frame] = scores(results[frame].depth_m, results[frame].sigma, target_m)
    return found


def test_points_of_frame_4_are_within_five_percent(judged):
    assert judged[4].points >= 1600
    assert judged[4].abs_rel <= 0.05
    assert judged[4].outliers <= 0.03


def test_frame_3_has_less_to_go_by_and_is_still_metric(judged):
    assert judged[3].points >= 1200
    assert judged[3].abs_rel <= 0.06


def test_the_filled_map_of_frame_4_is_within_ten_percent(judged):
    assert judged[4].dense <= 0.09
    assert judged[4].delta1 >= 0.91


def test_one_sigma_covers_what_it_should(judged):
    assert 0.60 <= (judged[3].coverage + judged[4].coverage) / 2 <= 0.80
    assert judged[4].coverage <= 0.85
