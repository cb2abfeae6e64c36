"""Points at a step of depth: which are found, and how far they reach."""

from eventdepth_core.geometry.sweep.steps import at_steps
from hypothesis import given, strategies
import numpy as np

NOTHING = np.nan


def test_both_sides_of_a_step_are_found_within_reach_alone():
    row = [0.5, NOTHING, 0.5, 1.0, 1.0, NOTHING, NOTHING, 1.1, 0.5, 0.45, NOTHING, 0.45]

    found = at_steps(np.float32([row]), reach_px=2, ratio=1.25)

    expected = [0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0]
    assert found[0].astype(int).tolist() == expected


@given(seed=strategies.integers(0, 2**32 - 1), reach_px=strategies.integers(1, 3))
def test_a_point_is_at_a_step_where_one_of_those_around_it_differs(seed, reach_px):
    rng = np.random.default_rng(seed)
    inverse_depth = rng.uniform(0.1, 0.4, (9, 13)).astype(np.float32)
    inverse_depth[rng.random((9, 13)) < 0.6] = np.nan

    found = at_steps(inverse_depth, reach_px=reach_px, ratio=1.5)

    for y, x in np.ndindex(9, 13):
        rows = slice(max(y - reach_px, 0), y + reach_px + 1)
        columns = slice(max(x - reach_px, 0), x + reach_px + 1)
        around = inverse_depth[rows, columns]
        here = inverse_depth[y, x]
        differs = (around > 1.5 * here) | (around < here / 1.5)
        assert found[y, x] == differs.any()


def test_a_map_without_points_or_steps_stays():
    assert not at_steps(np.full((5, 7), NOTHING, np.float32), reach_px=3, ratio=1.25).any()
    assert not at_steps(np.full((5, 7), 0.4, np.float32), reach_px=3, ratio=1.25).any()
