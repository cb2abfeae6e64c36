"""Layouts, viewpoints and motions of the scene families."""

from eventdepth_core.types import Camera
import numpy as np
import pytest
from training.simulate.families import FAMILIES, FAMILY_NAMES, FAMILY_SHARES
from training.simulate.solids import (
    heading_rotation,
    is_inside_any,
    Pose,
    random_rotation,
    rotation_about,
    Shape,
    solid,
)
from training.simulate.trajectory import MAX_STEPS, MIN_STEPS, Surroundings, window_poses

CAMERA = Camera(width=62, height=46, fx=50.0, fy=50.0, cx=30.5, cy=22.5)


def test_shares_add_up_to_one_and_names_differ():
    assert sum(FAMILY_SHARES) == pytest.approx(1.0)
    assert FAMILY_NAMES == ('room', 'table', 'drive', 'fly')


@pytest.mark.parametrize('family', FAMILIES, ids=FAMILY_NAMES)
@pytest.mark.parametrize('seed', range(5))
def test_a_layout_is_sound_and_repeatable(family, seed):
    layout = family.layout(np.random.default_rng(seed))
    again = family.layout(np.random.default_rng(seed))

    assert len(layout.solids) >= 4 or family.name == 'drive'
    assert [item.shape for item in layout.solids] == [item.shape for item in again.solids]
    for item in layout.solids:
        assert (item.half_m >= 0.02).all()
        turned = item.local_from_world
        np.testing.assert_allclose(turned @ turned.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(turned) == pytest.approx(1.0)


@pytest.mark.parametrize('family', FAMILIES, ids=FAMILY_NAMES)
def test_motions_are_unit_directions(family):
    rng = np.random.default_rng(0)

    for _ in range(20):
        motion = family.motion(rng)
        assert np.linalg.norm(motion.direction) == pytest.approx(1.0)
        assert motion.speed_m is None or 0.0 < motion.speed_m <= 1.0


@pytest.mark.parametrize('family', FAMILIES, ids=FAMILY_NAMES)
@pytest.mark.parametrize('seed', range(5))
def test_a_window_starts_at_the_viewpoint_and_keeps_clear(family, seed):
    rng = np.random.default_rng(seed)
    start = family.viewpoint(rng, family.layout(rng))
    around = Surroundings(np.array([0.4, 2.0, 3.0, 9.0]))

    poses = window_poses(rng, family, start, around, CAMERA)

    moved = np.linalg.norm(poses[-1].position_m - poses[0].position_m)
    assert MIN_STEPS <= len(poses) - 1 <= MAX_STEPS
    np.testing.assert_allclose(poses[0].matrix, start.matrix)
    assert moved <= 0.25 * around.clearance_m + 0.02 + 1e-9


def test_a_point_in_a_solid_is_found_and_in_a_room_not():
    room = solid(Shape.ROOM, (0, 0, 0), (3, 3, 3))
    box = solid(Shape.BOX, (1, 0, 0), (0.5, 0.5, 0.5))

    assert is_inside_any((room, box), np.array([1.1, 0.2, 0.0]), margin=1.0)
    assert not is_inside_any((room, box), np.array([-1.0, 0.0, 0.0]), margin=1.0)


def test_a_rotation_turns_by_its_angle():
    turned = rotation_about((0.0, 0.0, np.pi / 2))

    np.testing.assert_allclose(turned @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(rotation_about((0, 0, 0)), np.eye(3))


def test_a_heading_to_the_right_looks_along_x():
    np.testing.assert_allclose(
        heading_rotation(np.pi / 2, 0.0, 0.0) @ [0, 0, 1], [1, 0, 0], atol=1e-12
    )


def test_a_pose_is_a_rigid_matrix():
    turned = random_rotation(np.random.default_rng(0))

    matrix = Pose(turned, np.array([1.0, 2.0, 3.0])).matrix

    np.testing.assert_allclose(matrix[:3, :3], turned)
    np.testing.assert_allclose(matrix[:, 3], [1, 2, 3, 1])
