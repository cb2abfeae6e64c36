"""Short recordings of one kind of motion."""

from eventdepth_core.errors import InputError
import numpy as np
import pytest
from training.simulate.excursions import excursion, EXCURSION_KINDS, ExcursionSpec

SMALL = {'size': (45, 60), 'seconds': 0.1, 'flow_px_s': 60.0}
DEPTH_US = (50_000, 100_000)


def _excursion(**changes):
    return excursion(ExcursionSpec(**SMALL, **changes), DEPTH_US)


@pytest.mark.parametrize('kind', EXCURSION_KINDS)
def test_events_are_sorted_and_inside_and_poses_rigid(kind):
    made = _excursion(kind=kind, seed=2)

    assert (np.diff(made.events['t']) >= 0).all()
    assert made.events['x'].max() < 60
    assert made.events['y'].max() < 45
    assert len(made.stamps_us) == len(made.poses) == 21
    turns = made.poses[:, :3, :3]
    np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1) - np.eye(3), 0.0, atol=1e-12)
    assert len(made.depth_m) == 2


def test_equal_specs_give_equal_recordings():
    first, second = _excursion(seed=4), _excursion(seed=4)

    np.testing.assert_array_equal(first.events, second.events)
    np.testing.assert_array_equal(first.depth_m[1], second.depth_m[1])


def test_lateral_motion_is_along_the_image_alone():
    made = _excursion(kind='lateral', seed=1)

    start = made.poses[0]
    moved = (made.poses[:, :3, 3] - start[:3, 3]) @ start[:3, :3]
    assert np.abs(moved[-1, 0]) > 0
    np.testing.assert_allclose(moved[:, 1:], 0.0, atol=1e-12)
    np.testing.assert_allclose(made.poses[-1, :3, :3], start[:3, :3])


def test_forward_motion_is_mostly_along_the_optical_axis():
    made = _excursion(kind='forward', family='drive', seed=1)

    start = made.poses[0]
    moved = (made.poses[-1, :3, 3] - start[:3, 3]) @ start[:3, :3]
    assert moved[2] > 3 * np.hypot(moved[0], moved[1])


def test_lateral_flow_at_median_depth_is_that_of_the_spec():
    made = _excursion(kind='lateral', seed=1)
    shift_m = np.linalg.norm(made.poses[-1, :3, 3] - made.poses[0, :3, 3])

    flow_px_s = made.spec.camera.fx * shift_m / np.median(made.depth_m[0]) / 0.1

    assert flow_px_s == pytest.approx(60.0, rel=0.25)


def test_movers_change_what_is_seen_but_not_the_way():
    still = _excursion(kind='handheld', seed=5)
    moving = _excursion(kind='handheld', seed=5, num_movers=3)

    assert (still.depth_m[1] != moving.depth_m[1]).any()
    assert len(still.events) != len(moving.events)


def test_a_kind_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match='Expected a kind out of lateral'):
        ExcursionSpec(kind='diving')
