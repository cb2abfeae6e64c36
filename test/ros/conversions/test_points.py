"""Point clouds."""

from eventdepth_core.errors import DecodeError
from eventdepth_core.geometry import project_points
from eventdepth_core.types import Camera, DepthFrame
from eventdepth_ros.conversions import (
    header_message,
    points_message,
    points_of_depth_message,
    points_sample,
)
from hypothesis import given, strategies
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import PointCloud2, PointField

HEADER = header_message(1_700_000_000_123_456, 'lidar')


def velodyne_cloud(points_m, *, is_bigendian=False, row_pad=0):
    """Return a cloud as a Velodyne driver sends it: x y z, a gap, intensity, ring, padding."""
    order = '>' if is_bigendian else '<'
    point = np.dtype(
        {
            'names': ['x', 'y', 'z', 'intensity', 'ring'],
            'formats': [f'{order}f4'] * 4 + [f'{order}u2'],
            'offsets': [0, 4, 8, 16, 20],
            'itemsize': 22,
        }
    )
    rows = np.zeros(points_m.shape[:2], point)
    for i, name in enumerate('xyz'):
        rows[name] = points_m[..., i]
    octets = rows.view(np.uint8).reshape(len(rows), -1)
    padded = np.pad(octets, ((0, 0), (0, row_pad)), constant_values=77)
    kinds = {'x': 7, 'y': 7, 'z': 7, 'intensity': 7, 'ring': 4}
    message = PointCloud2(
        header=HEADER,
        height=points_m.shape[0],
        width=points_m.shape[1],
        fields=[
            PointField(name=name, offset=point.fields[name][1], datatype=kind, count=1)
            for name, kind in kinds.items()
        ],
        is_bigendian=is_bigendian,
        point_step=22,
        row_step=padded.shape[1],
        data=padded.tobytes(),
    )
    return deserialize_message(serialize_message(message), PointCloud2)


@given(
    height=strategies.integers(1, 5),
    width=strategies.integers(1, 13),
    row_pad=strategies.integers(0, 5),
    is_bigendian=strategies.booleans(),
    seed=strategies.integers(0, 2**32 - 1),
)
def test_the_points_of_every_layout_arrive(height, width, row_pad, is_bigendian, seed):
    points_m = np.random.default_rng(seed).normal(size=(height, width, 3)).astype(np.float32)
    cloud = velodyne_cloud(points_m, is_bigendian=is_bigendian, row_pad=row_pad)

    sample = points_sample(cloud)

    np.testing.assert_array_equal(sample.points_m, points_m.reshape(-1, 3))
    assert (sample.stamp_us, sample.frame_id) == (1_700_000_000_123_456, 'lidar')


@given(count=strategies.integers(0, 40), seed=strategies.integers(0, 2**32 - 1))
def test_points_survive_the_wire(count, seed):
    points_m = np.random.default_rng(seed).normal(size=(count, 3)).astype(np.float32)

    message = points_message(points_m, HEADER)
    received = deserialize_message(serialize_message(message), PointCloud2)

    assert received == message
    np.testing.assert_array_equal(points_sample(received).points_m, points_m)


def test_points_that_are_not_finite_are_left_out():
    points_m = np.array([[[1, 2, 3], [np.nan, 0, 1], [np.inf, 0, 1], [4, 5, 6]]], np.float32)

    sample = points_sample(velodyne_cloud(points_m))

    np.testing.assert_array_equal(sample.points_m, [[1, 2, 3], [4, 5, 6]])


def test_a_cloud_without_stamp_takes_the_receive_time():
    message = points_message(np.zeros((2, 3), np.float32), header_message(0, 'lidar'))

    assert points_sample(message, receive_ns=42_999).stamp_us == 42


def test_the_organised_cloud_of_a_frame_has_its_depth_at_every_pixel():
    camera = Camera(35, 26, 30.0, 31.0, 17.0, 12.5)
    depth_m = np.random.default_rng(5).uniform(1, 9, camera.size).astype(np.float32)
    depth_m[3, 4] = np.nan
    valid = np.isfinite(depth_m)
    frame = DepthFrame(depth_m, depth_m, valid, 7, ('events',), 'prior', camera)

    message = points_of_depth_message(frame, HEADER)

    grid = np.frombuffer(message.data, '<f4').reshape(26, 35, 3)
    assert (message.height, message.width, message.is_dense) == (26, 35, False)
    assert [field.name for field in message.fields] == ['x', 'y', 'z']
    assert message.header == HEADER
    np.testing.assert_array_equal(grid[..., 2], depth_m)
    np.testing.assert_array_equal(np.isnan(grid).any(axis=2), ~valid)
    again_m = project_points(points_sample(message).points_m, camera, occlusion=False)
    np.testing.assert_array_equal(again_m, depth_m)


def test_an_organised_cloud_is_not_dense_even_where_every_pixel_has_depth():
    camera = Camera(5, 3, 4.0, 4.0, 2.0, 1.0)
    ones = np.full(camera.size, 2.0, np.float32)
    frame = DepthFrame(ones, ones, ones > 0, 7, ('events',), 'prior', camera)

    assert points_of_depth_message(frame, HEADER).is_dense is False


@pytest.mark.parametrize(
    ('change', 'text'),
    [
        ({'fields': []}, 'Expected fields x, y, z'),
        ({'point_step': 10}, 'Expected field z inside a point of 10 bytes'),
        ({'data': bytes(7)}, 'got 7 bytes'),
        ({'width': 2**32 - 1}, 'Expected 94489280490 bytes'),
    ],
)
def test_a_broken_cloud_is_a_decode_error_that_says_why(change, text):
    message = velodyne_cloud(np.ones((1, 4, 3), np.float32))
    for name, value in change.items():
        setattr(message, name, value)

    with pytest.raises(DecodeError, match=text):
        points_sample(message)


def test_points_of_another_shape_are_refused():
    with pytest.raises(DecodeError, match=r'shape \(N, 3\) or \(H, W, 3\), got \(4, 2\)'):
        points_message(np.ones((4, 2), np.float32), HEADER)
