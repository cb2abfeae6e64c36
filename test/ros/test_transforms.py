"""The static transforms of a running robot."""

from eventdepth_core.recordings.messages import Header, RawTransform, RawTransforms
from eventdepth_core.recordings.poses import matrix_from_pose
from eventdepth_ros import qos
from eventdepth_ros.conversions import transforms_message
from eventdepth_ros.transforms import subscribe_transforms, TransformCollection
import numpy as np
import pytest

SHIFT = np.array([1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 1.0])
TURN = np.array([0.1, -0.2, 0.3, 0.0, 0.0, 0.6, 0.8])


def message(*transforms):
    """Return raw transforms of (parent, child, pose)."""
    return RawTransforms(
        tuple(RawTransform(Header(0, parent), child, pose) for parent, child, pose in transforms)
    )


def test_nothing_is_no_transform():
    collection = TransformCollection()

    assert not collection.add(message())
    assert collection.transforms.transform('a', 'b') is None
    assert not collection.dropped


def test_transforms_of_several_messages_connect():
    collection = TransformCollection()

    assert collection.add(message(('base', 'camera', SHIFT)))
    assert collection.add(message(('/base', '/lidar', TURN)))

    expected = np.linalg.inv(matrix_from_pose(SHIFT)) @ matrix_from_pose(TURN)
    np.testing.assert_allclose(
        collection.transforms.transform('camera', 'lidar'), expected, atol=1e-12
    )


def test_hearing_the_same_again_is_no_news():
    collection = TransformCollection()
    collection.add(message(('base', 'camera', SHIFT)))
    tree = collection.transforms

    assert not collection.add(message(('base', 'camera', SHIFT.copy())))
    assert collection.transforms is tree
    assert collection.num_replaced == 0


@pytest.mark.parametrize(('parent', 'pose'), [('base', TURN), ('body', SHIFT)])
def test_a_later_transform_of_a_frame_replaces_the_earlier(parent, pose):
    collection = TransformCollection()
    collection.add(message(('base', 'camera', SHIFT)))

    assert collection.add(message((parent, 'camera', pose)))

    np.testing.assert_array_equal(
        collection.transforms.transform(parent, 'camera'), matrix_from_pose(pose)
    )
    assert (collection.transforms.transform('base', 'camera') is None) == (parent == 'body')
    assert collection.num_replaced == 1


@pytest.mark.parametrize(
    ('parent', 'child', 'pose', 'reason'),
    [
        ('base', 'camera', np.zeros(7), 'bad_transform'),
        ('base', 'camera', np.full(7, np.nan), 'bad_transform'),
        ('', 'camera', SHIFT, 'bad_frame'),
        ('base', '/', SHIFT, 'bad_frame'),
        ('base', '/base', SHIFT, 'bad_frame'),
    ],
)
def test_a_bad_transform_is_counted_and_costs_itself_only(parent, child, pose, reason):
    collection = TransformCollection()

    assert collection.add(message((parent, child, pose), ('base', 'lidar', TURN)))

    assert dict(collection.dropped) == {reason: 1}
    assert collection.transforms.transform('base', 'lidar') is not None


def test_transforms_sent_before_the_subscription_arrive_from_every_publisher(ros):
    node = ros.node()
    for frame in ('camera', 'lidar'):
        sent = transforms_message(message(('base', frame, SHIFT)))
        publisher = node.create_publisher(type(sent), '/tf_static', qos.latched())
        publisher.publish(sent)
    collection = TransformCollection()

    subscribe_transforms(node, collection.add, lambda *_: None)
    ros.spin_until(lambda: collection.transforms.transform('camera', 'lidar') is not None)

    np.testing.assert_array_equal(collection.transforms.transform('camera', 'lidar'), np.eye(4))
