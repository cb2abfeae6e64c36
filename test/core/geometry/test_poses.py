"""The pose buffer keeps rigid poses in order."""

from eventdepth_core.errors import InputError
from eventdepth_core.geometry import PoseBuffer
import numpy as np
import pytest


def pose(x_m):
    matrix = np.eye(4)
    matrix[0, 3] = x_m
    return matrix


def filled(capacity=8):
    poses = PoseBuffer(capacity)
    for k in range(5):
        poses.push(pose(k), 100 * k)
    return poses


def test_between_is_half_open_and_in_order():
    found = filled().between(100, 300)

    assert [sample.stamp_us for sample in found] == [100, 200]
    assert [sample.world_from_camera[0, 3] for sample in found] == [1.0, 2.0]


def test_the_oldest_poses_go_when_the_buffer_is_full():
    poses = filled(capacity=3)

    assert len(poses) == 3
    assert [sample.stamp_us for sample in poses.between(0, 1000)] == [200, 300, 400]


@pytest.mark.parametrize('stamp_us', [400, 399])
def test_a_stamp_that_does_not_increase_is_refused_and_changes_nothing(stamp_us):
    poses = filled()

    with pytest.raises(InputError, match=f'stamped after 400 µs, got one at {stamp_us} µs'):
        poses.push(pose(9), stamp_us)

    assert poses.newest_us == 400
    assert len(poses) == 5


def test_what_is_no_rigid_transform_is_refused():
    with pytest.raises(InputError, match=r'Expected a rotation .* in world_from_camera'):
        PoseBuffer().push(np.diag([1.0, 1.0, -1.0, 1.0]), 0)


def test_stored_poses_do_not_follow_the_argument():
    poses, matrix = PoseBuffer(), pose(1)
    poses.push(matrix, 0)
    matrix[0, 3] = 5.0

    assert poses.between(0, 1)[0].world_from_camera[0, 3] == 1.0


def test_clear_allows_earlier_stamps_again():
    poses = filled()
    poses.clear()

    poses.push(pose(0), 50)

    assert poses.newest_us == 50
    assert PoseBuffer().newest_us is None


def test_an_empty_capacity_is_refused():
    with pytest.raises(InputError, match='capacity of at least 1 pose, got 0'):
        PoseBuffer(0)
