"""Quaternions, matrices and the tree of transforms."""

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.messages import Header, RawTransform
from eventdepth_core.recordings.poses import (
    inverse,
    matrix_from_pose,
    pose_from_matrix,
    StaticTransforms,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

QUARTER_TURN = np.array([1.0, 2.0, 3.0, 0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)])
numbers = st.floats(-1, 1)


def test_a_quarter_turn_about_z_turns_x_into_y():
    matrix = matrix_from_pose(QUARTER_TURN)

    np.testing.assert_allclose(matrix @ [1, 0, 0, 1], [1, 3, 3, 1], atol=1e-12)


@settings(max_examples=50)
@given(st.lists(numbers, min_size=7, max_size=7))
def test_pose_survives_the_way_to_a_matrix_and_back(pose):
    pose = np.array(pose)
    assume(np.linalg.norm(pose[3:]) > 0.1)
    pose[3:] /= np.linalg.norm(pose[3:])
    assume(abs(pose[6]) > 1e-3)
    pose[3:] *= np.sign(pose[6])

    np.testing.assert_allclose(pose_from_matrix(matrix_from_pose(pose)), pose, atol=1e-9)


@pytest.mark.parametrize('pose', [np.zeros(7), np.array([np.nan, 0, 0, 0, 0, 0, 1.0])])
def test_a_pose_without_rotation_or_number_is_a_decode_error(pose):
    with pytest.raises(DecodeError, match='Expected a finite pose'):
        matrix_from_pose(pose)


@pytest.fixture
def tree():
    pose = np.array([0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0])
    return StaticTransforms(
        [
            RawTransform(Header(0, 'base'), 'mast', QUARTER_TURN),
            RawTransform(Header(0, '/mast'), 'camera', pose),
            RawTransform(Header(0, 'base'), 'lidar', pose),
        ]
    )


def test_transforms_are_joined_along_the_tree(tree):
    camera_from_lidar = tree.transform('camera', 'lidar')

    expected = inverse(tree.transform('base', 'camera')) @ tree.transform('base', 'lidar')
    np.testing.assert_allclose(camera_from_lidar, expected, atol=1e-12)
    np.testing.assert_allclose(tree.transform('base', 'camera')[:3, 3], [1, 2, 4])


def test_there_and_back_is_the_identity(tree):
    round_trip = tree.transform('camera', 'lidar') @ tree.transform('lidar', 'camera')

    np.testing.assert_allclose(round_trip, np.eye(4), atol=1e-12)
    np.testing.assert_array_equal(tree.transform('mast', 'mast'), np.eye(4))


def test_frames_that_are_not_connected_give_none(tree):
    assert tree.transform('camera', 'gps') is None
