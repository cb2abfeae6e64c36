"""Depth frames as messages."""

from dataclasses import replace

from eventdepth_core.errors import DecodeError
from eventdepth_core.rendering import INVALID_GREY, RunningScale
from eventdepth_core.types import Camera, DepthFrame
from eventdepth_ros.conversions import (
    depth_message,
    depth_sample,
    header_message,
    image_sample,
    preview_message,
    std_message,
    valid_mask_message,
)
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message

HEADER = header_message(1_700_000_000_123_456, 'event_optical')


@pytest.fixture
def frame():
    random = np.random.default_rng(5)
    depth_m = random.uniform(0.5, 90.0, (26, 35)).astype(np.float32)
    valid = random.random(depth_m.shape) > 0.2
    depth_m[~valid] = np.nan
    camera = Camera(35, 26, 30.0, 31.0, 17.0, 12.5)
    return DepthFrame(depth_m, depth_m / 10, valid, 7, ('events',), 'prior', camera)


def wired(message):
    return deserialize_message(serialize_message(message), type(message))


def test_metres_arrive_bit_for_bit(frame):
    message = wired(depth_message(frame, HEADER))

    assert (message.encoding, message.header) == ('32FC1', HEADER)
    np.testing.assert_array_equal(depth_sample(message).depth_m, frame.depth_m)


def test_millimetres_arrive_within_half_a_millimetre_and_far_depth_as_none(frame):
    message = wired(depth_message(frame, HEADER, '16UC1'))

    received_m = depth_sample(message).depth_m
    expected_m = np.where(frame.depth_m > 65.5355, np.nan, frame.depth_m)
    assert (message.encoding, message.header, message.step) == ('16UC1', HEADER, 70)
    np.testing.assert_allclose(received_m, expected_m, atol=5.1e-4, rtol=0)
    assert np.isnan(received_m).sum() > (~frame.valid).sum()


def test_an_encoding_that_is_none_for_depth_is_refused(frame):
    with pytest.raises(DecodeError, match="out of 16UC1, 32FC1, got 'mono16'"):
        depth_message(frame, HEADER, 'mono16')


def test_the_deviation_arrives_in_metres(frame):
    message = wired(std_message(frame, HEADER))

    assert (message.encoding, message.header) == ('32FC1', HEADER)
    np.testing.assert_array_equal(depth_sample(message).depth_m, frame.std_m)


def test_the_mask_is_white_exactly_where_there_is_depth(frame):
    message = wired(valid_mask_message(frame, HEADER))

    assert (message.encoding, message.header) == ('mono8', HEADER)
    np.testing.assert_array_equal(image_sample(message).image, np.where(frame.valid, 255, 0))


def test_the_preview_is_grey_exactly_where_there_is_no_depth(frame):
    message = wired(preview_message(frame, HEADER, RunningScale()))

    is_grey = (image_sample(message).image == INVALID_GREY).all(axis=2)
    assert (message.encoding, message.header) == ('rgb8', HEADER)
    np.testing.assert_array_equal(is_grey, ~frame.valid)


def test_a_frame_without_any_depth_has_every_message(frame):
    empty = replace(
        frame,
        depth_m=np.full_like(frame.depth_m, np.nan),
        std_m=np.full_like(frame.std_m, np.nan),
        valid=np.zeros_like(frame.valid),
    )

    assert np.isnan(depth_sample(depth_message(empty, HEADER)).depth_m).all()
    assert not any(depth_message(empty, HEADER, '16UC1').data)
    assert not any(valid_mask_message(empty, HEADER).data)
    assert set(preview_message(empty, HEADER, RunningScale()).data) == {128}
