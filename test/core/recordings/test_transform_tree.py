"""Poses of a camera out of a robot's transforms."""

from eventdepth_core.recordings.messages import Header, RawTransform, RawTransforms
from eventdepth_core.recordings.poses import inverse, matrix_from_pose
from eventdepth_core.recordings.transform_tree import TransformTree
import numpy as np

BASE_FROM_CAMERA = np.array([0.1, 0.0, 0.3, 0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)])
STEP_US = 10_000


def at(x_m):
    return np.array([x_m, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])


def message(*links, stamp_us=0):
    """Return transforms of (parent, child, pose)."""
    return RawTransforms(
        tuple(
            RawTransform(Header(1000 * stamp_us, parent), child, pose)
            for parent, child, pose in links
        )
    )


def robot(camera='camera'):
    tree = TransformTree(camera)
    tree.add_static(message(('base', 'camera', BASE_FROM_CAMERA)))
    return tree


def test_one_moving_transform_gives_one_exact_pose_a_message():
    tree = robot()

    poses = [tree.add(message(('odom', 'base', at(0.01 * k)), stamp_us=STEP_US * k))[0]
             for k in range(4)]  # fmt: skip

    assert [each.stamp_us for each in poses] == [0, 10_000, 20_000, 30_000]
    assert poses[0].frame_id == 'odom'
    expected = matrix_from_pose(at(0.03)) @ matrix_from_pose(BASE_FROM_CAMERA)
    np.testing.assert_allclose(poses[3].world_from_camera, expected, atol=1e-15)


def test_a_camera_above_the_fixed_frame_is_found_as_well():
    tree = TransformTree('camera')

    (pose,) = tree.add(message(('camera', 'odom', at(2.0))))

    expected = inverse(matrix_from_pose(at(2.0)))
    np.testing.assert_allclose(pose.world_from_camera, expected, atol=1e-15)


def test_two_moving_transforms_meet_at_the_newest_time_of_both():
    tree = TransformTree('camera')
    poses = []
    for k in range(5):
        poses += tree.add(message(('odom', 'base', at(0.02 * k)), stamp_us=20_000 * k))
        for half in range(2):
            stamp_us = 20_000 * k + 10_000 * half - 3_000
            poses += tree.add(message(('base', 'camera', at(0.1)), stamp_us=stamp_us))

    stamps_us = [each.stamp_us for each in poses]
    assert stamps_us == sorted(set(stamps_us))
    for pose in poses:
        expected = 0.1 + pose.stamp_us * 1e-6
        assert abs(pose.world_from_camera[0, 3] - expected) < 1e-12


def test_without_a_connection_there_is_no_pose():
    tree = robot('lidar')

    assert tree.add(message(('odom', 'base', at(0.0)))) == ()
    assert not tree.is_connected

    tree.add_static(message(('base', 'lidar', at(0.5))))

    assert len(tree.add(message(('odom', 'base', at(0.0)), stamp_us=10))) == 1
    assert tree.is_connected


def test_constant_transforms_alone_are_no_motion():
    tree = robot()
    tree.add_static(message(('odom', 'base', at(1.0))))

    assert tree.add(message(('base', 'wheel', at(0.0)))) == ()


def test_a_camera_may_be_named_later():
    tree = robot('')
    assert tree.add(message(('odom', 'base', at(0.0)))) == ()

    tree.look_for('/camera')

    assert tree.camera_frame == 'camera'
    assert len(tree.add(message(('odom', 'base', at(0.0)), stamp_us=10))) == 1


def test_a_looped_bag_begins_anew():
    tree = robot()
    tree.add(message(('odom', 'base', at(0.0)), stamp_us=9_000_000))

    (pose,) = tree.add(message(('odom', 'base', at(0.0)), stamp_us=1_000))

    assert pose.stamp_us == 1_000


def test_what_is_no_transform_is_counted_by_its_reason():
    tree = robot()
    tree.add(message(('odom', 'base', at(0.0)), stamp_us=100))
    tree.add(message(('odom', 'base', at(0.0)), stamp_us=50))
    tree.add(message(('odom', 'base', np.zeros(7)), stamp_us=200))
    tree.add(message(('odom', '', at(0.0)), ('a', 'a', at(0.0)), stamp_us=300))

    assert tree.dropped == {'late_transform': 1, 'bad_transform': 1, 'bad_frame': 2}


def test_a_frame_may_change_its_parent():
    tree = robot()
    tree.add(message(('odom', 'base', at(0.0)), stamp_us=100))

    tree.add(message(('odom', 'lift', at(1.0)), stamp_us=200))
    (pose,) = tree.add(message(('lift', 'base', at(1.0)), stamp_us=200))

    np.testing.assert_allclose(pose.world_from_camera[0, 3], 2.1, atol=1e-12)


def test_clear_forgets_moving_transforms_only():
    tree = robot()
    tree.add(message(('odom', 'base', at(0.0)), stamp_us=500_000))
    tree.clear()

    (pose,) = tree.add(message(('odom', 'base', at(0.0)), stamp_us=400_000))

    assert pose.stamp_us == 400_000
