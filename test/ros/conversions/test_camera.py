"""Camera infos."""

from eventdepth_core.errors import DecodeError
from eventdepth_core.types import Camera
from eventdepth_ros.conversions import camera_from_message, camera_info_message, header_message
from hypothesis import given, strategies
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CameraInfo, RegionOfInterest

HEADER = header_message(1_700_000_000_123_456, 'event_optical')
FOCAL_PX = strategies.floats(1.0, 1e4)
CENTRE_PX = strategies.floats(-1e3, 1e4)
COEFFICIENT = strategies.floats(0.001, 1.0)


@strategies.composite
def cameras(draw):
    model, count = draw(strategies.sampled_from([('plumb_bob', 5), ('equidistant', 4)]))
    coefficients = strategies.lists(COEFFICIENT, min_size=count, max_size=count).map(tuple)
    return Camera(
        width=draw(strategies.integers(1, 2000)),
        height=draw(strategies.integers(1, 2000)),
        fx=draw(FOCAL_PX),
        fy=draw(FOCAL_PX),
        cx=draw(CENTRE_PX),
        cy=draw(CENTRE_PX),
        distortion=draw(coefficients),
        distortion_model=model,
    )


@given(cameras())
def test_a_camera_survives_the_wire_under_the_given_header(camera):
    message = camera_info_message(camera, HEADER)
    received = deserialize_message(serialize_message(message), CameraInfo)

    assert received.header == HEADER
    assert camera_from_message(received) == camera


def test_projection_and_rotation_are_those_of_a_rectified_camera():
    message = camera_info_message(Camera(35, 26, 30.0, 31.0, 17.0, 12.5), HEADER)

    assert message.p.tolist() == [30.0, 0.0, 17.0, 0.0, 0.0, 31.0, 12.5, 0.0, 0.0, 0.0, 1.0, 0.0]
    assert message.r.tolist() == [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    assert list(message.d) == [0.0] * 5


def test_an_uncalibrated_message_is_no_camera():
    assert camera_from_message(CameraInfo(width=346, height=260)) is None


@pytest.mark.parametrize(
    ('change', 'text'),
    [
        ({'binning_x': 2}, 'without binning'),
        ({'roi': RegionOfInterest(x_offset=3, width=10, height=10)}, 'region of interest'),
        ({'distortion_model': 'thin_prism'}, "got 'thin_prism'"),
        ({'width': 0}, 'Expected a positive size'),
        ({'d': [0.1] * 8}, 'Expected 5 coefficients'),
    ],
)
def test_a_camera_we_cannot_use_is_a_decode_error_that_says_why(change, text):
    message = camera_info_message(Camera(35, 26, 30.0, 31.0, 17.0, 12.5), HEADER)
    for name, value in change.items():
        setattr(message, name, value)

    with pytest.raises(DecodeError, match=text):
        camera_from_message(message)
