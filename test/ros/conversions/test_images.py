"""Images, compressed images and depth images."""

import time

import cv2
from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings import image_codec
from eventdepth_core.recordings.messages import Header, RawCompressedImage
from eventdepth_ros.conversions import (
    compressed_image_message,
    depth_sample,
    header_message,
    image_message,
    image_sample,
    raw_compressed_image,
    raw_image,
)
from hypothesis import given, strategies
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CompressedImage, Image

ELEMENTS = {
    'mono8': ('u1', 1),
    '8UC1': ('u1', 1),
    'rgb8': ('u1', 3),
    'bgr8': ('u1', 3),
    '8UC3': ('u1', 3),
    'rgba8': ('u1', 4),
    'bgra8': ('u1', 4),
    'mono16': ('u2', 1),
    '16UC1': ('u2', 1),
    '32FC1': ('f4', 1),
}
DEPTH = ('16UC1', '32FC1')


def pixels(encoding, height, width, seed):
    """Return random pixels as the encoding has them."""
    element, num_channels = ELEMENTS[encoding]
    shape = (height, width) if num_channels == 1 else (height, width, num_channels)
    values = np.random.default_rng(seed).integers(0, 2**16, shape)
    return values.astype(element)


def message_of(array, encoding, *, pad_bytes=0, is_bigendian=False):
    """Return a message as a driver would fill it, without the code under test."""
    order = '>' if is_bigendian else '<'
    rows = array.astype(array.dtype.newbyteorder(order)).reshape(len(array), -1)
    octets = rows.view(np.uint8).reshape(len(array), -1)
    padded = np.pad(octets, ((0, 0), (0, pad_bytes)), constant_values=77)
    message = Image(
        header=header_message(5_000_000, 'cam'),
        height=array.shape[0],
        width=array.shape[1],
        encoding=encoding,
        is_bigendian=int(is_bigendian),
        step=padded.shape[1],
        data=padded.tobytes(),
    )
    return deserialize_message(serialize_message(message), Image)


@given(
    encoding=strategies.sampled_from(sorted(ELEMENTS)),
    height=strategies.integers(1, 13),
    width=strategies.integers(1, 17),
    pad_bytes=strategies.integers(0, 9),
    is_bigendian=strategies.booleans(),
    seed=strategies.integers(0, 2**32 - 1),
)
def test_the_pixels_of_every_layout_arrive(encoding, height, width, pad_bytes, is_bigendian, seed):
    array = pixels(encoding, height, width, seed)
    message = message_of(array, encoding, pad_bytes=pad_bytes, is_bigendian=is_bigendian)

    received = image_codec.image_array(raw_image(message))

    np.testing.assert_array_equal(received, array)


@given(
    encoding=strategies.sampled_from(sorted(ELEMENTS)),
    height=strategies.integers(1, 13),
    width=strategies.integers(1, 17),
    seed=strategies.integers(0, 2**32 - 1),
)
def test_an_image_survives_the_wire(encoding, height, width, seed):
    array = pixels(encoding, height, width, seed)
    raw = image_codec.raw_image(array, encoding, Header(1_234_567_890_123, 'cam'))

    received = deserialize_message(serialize_message(image_message(raw)), Image)

    assert raw_image(received).header == raw.header
    np.testing.assert_array_equal(image_codec.image_array(raw_image(received)), array)


@pytest.mark.parametrize(
    ('encoding', 'order'),
    [('rgb8', [0, 1, 2]), ('bgr8', [2, 1, 0]), ('rgba8', [0, 1, 2]), ('bgra8', [2, 1, 0])],
)
def test_pictures_come_out_as_rgb_with_stamp_and_frame(encoding, order):
    array = pixels(encoding, 7, 11, 0)

    sample = image_sample(message_of(array, encoding, pad_bytes=3))

    np.testing.assert_array_equal(sample.image, array[:, :, order])
    assert (sample.stamp_us, sample.frame_id) == (5_000_000, 'cam')


def test_an_image_without_stamp_takes_the_receive_time():
    message = message_of(pixels('mono8', 3, 5, 0), 'mono8')
    message.header = header_message(0, 'cam')

    assert image_sample(message, receive_ns=42_999).stamp_us == 42


def test_the_pixels_of_a_message_are_a_view():
    message = message_of(pixels('mono8', 3, 5, 0), 'mono8')

    view = raw_image(message).pixels

    assert np.shares_memory(np.frombuffer(view, np.uint8), np.frombuffer(message.data, np.uint8))


@pytest.mark.parametrize('shape', [(6, 9), (6, 9, 3)])
def test_a_png_message_survives_the_wire(shape):
    picture = np.random.default_rng(3).integers(0, 256, shape, np.uint8)
    raw = image_codec.compressed_image(picture, Header(5_000_000_000, 'cam'))

    sent = compressed_image_message(raw)
    received = deserialize_message(serialize_message(sent), CompressedImage)
    sample = image_sample(received)

    np.testing.assert_array_equal(sample.image, picture)
    assert (sample.stamp_us, sample.frame_id) == (5_000_000, 'cam')
    assert raw_compressed_image(received).format == 'png'


def test_a_jpeg_message_is_close_to_its_picture():
    rows, columns = np.mgrid[:48, :64]
    picture = np.stack([rows * 4, columns * 3, rows + columns], axis=2).astype(np.uint8)

    sample = image_sample(
        compressed_image_message(image_codec.compressed_image(picture, file_format='jpeg'))
    )

    assert np.abs(sample.image.astype(int) - picture).mean() < 4


@pytest.mark.parametrize('is_bigendian', [False, True])
def test_depth_of_both_encodings_is_metres(is_bigendian):
    depth_mm = np.array([[0, 1500, 65535]], np.uint16)
    depth_m = np.array([[np.nan, 1.5, 65.535]], np.float32)

    millimetres = depth_sample(message_of(depth_mm, '16UC1', is_bigendian=is_bigendian))
    metres = depth_sample(message_of(depth_m, '32FC1', is_bigendian=is_bigendian))

    np.testing.assert_allclose(millimetres.depth_m, depth_m, rtol=1e-6)
    np.testing.assert_array_equal(metres.depth_m, depth_m)
    assert (metres.stamp_us, metres.frame_id) == (5_000_000, 'cam')


def test_depth_comes_as_a_sixteen_bit_png_too():
    depth_mm = np.array([[0, 1500, 65535]], np.uint16)
    file = cv2.imencode('.png', depth_mm)[1].tobytes()
    raw = RawCompressedImage(Header(5_000_000_000, 'cam'), '16UC1; png compressed ', file)

    sample = depth_sample(compressed_image_message(raw))

    np.testing.assert_allclose(sample.depth_m, [[np.nan, 1.5, 65.535]], rtol=1e-6)


@pytest.mark.parametrize(
    ('change', 'text'),
    [
        ({'encoding': 'yuv422'}, "image encoding out of mono8, .* got 'yuv422'"),
        ({'data': bytes(20)}, 'Expected at least 35 bytes'),
        ({'step': 3}, 'step >= 7'),
        ({'width': 0}, 'width, height > 0'),
        ({'width': 2**32 - 1}, 'step >= 4294967295'),
    ],
)
def test_a_broken_image_is_a_decode_error_that_says_why(change, text):
    message = message_of(pixels('mono8', 5, 7, 0), 'mono8')
    for name, value in change.items():
        setattr(message, name, value)

    with pytest.raises(DecodeError, match=text):
        image_sample(message)


@given(
    file=strategies.binary(max_size=200),
    height=strategies.integers(0, 2**32 - 1),
    width=strategies.integers(0, 2**32 - 1),
    step=strategies.integers(0, 2**32 - 1),
    encoding=strategies.sampled_from([*ELEMENTS, 'bayer_rggb8', 'yuv422', '']),
)
def test_no_message_gives_another_error_than_a_decode_error(file, height, width, step, encoding):
    message = Image(height=height, width=width, step=step, encoding=encoding, data=file)
    compressed = CompressedImage(format='png', data=file)

    for convert in (image_sample, depth_sample):
        for broken in (message, compressed):
            try:
                convert(broken)
            except DecodeError:
                continue


def test_depth_is_no_picture_and_a_picture_no_depth():
    with pytest.raises(DecodeError, match='Expected a picture'):
        image_sample(message_of(pixels('32FC1', 3, 5, 0), '32FC1'))
    with pytest.raises(DecodeError, match='Expected a depth encoding'):
        depth_sample(message_of(pixels('mono8', 3, 5, 0), 'mono8'))


def test_filling_a_message_is_no_loop_over_its_bytes():
    array = pixels('mono8', 260, 346, 0)
    raw = image_codec.raw_image(array, 'mono8')

    ours_s = min(duration_s(lambda: image_message(raw)) for _ in range(20))
    by_element_s = min(duration_s(lambda: Image(data=array.reshape(-1))) for _ in range(3))

    assert by_element_s > 20 * ours_s


def duration_s(call):
    start_s = time.perf_counter()
    call()
    return time.perf_counter() - start_s
