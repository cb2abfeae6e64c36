"""Raw and compressed images in every encoding."""

from dataclasses import replace

import cv2
from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.image_codec import (
    compressed_image,
    depth_from_compressed,
    depth_from_raw,
    image_array,
    image_from_compressed,
    image_from_raw,
    raw_depth,
    raw_image,
)
from eventdepth_core.recordings.messages import Header, RawCompressedImage, RawImage
import numpy as np
import pytest

SHAPES = {
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


def pixels(encoding, seed=0):
    element, num_channels = SHAPES[encoding]
    shape = (5, 7) if num_channels == 1 else (5, 7, num_channels)
    values = np.random.default_rng(seed).integers(1, 255, shape)
    return (values * (257 if element == 'u2' else 1)).astype(element)


def padded(message, pad_bytes):
    """Return the same message with `pad_bytes` of rubbish after each row."""
    rows = np.frombuffer(message.pixels, np.uint8).reshape(message.height, message.step)
    wide = np.pad(rows, ((0, 0), (0, pad_bytes)), constant_values=77)
    return replace(message, step=message.step + pad_bytes, pixels=wide.tobytes())


@pytest.mark.parametrize('encoding', SHAPES)
def test_array_survives_the_way_there_and_back(encoding):
    array = pixels(encoding)

    message = raw_image(array, encoding, Header(5, 'camera'))

    assert (message.height, message.width, message.header.frame_id) == (5, 7, 'camera')
    np.testing.assert_array_equal(image_array(message), array)


@pytest.mark.parametrize('encoding', SHAPES)
def test_padded_rows_read_the_same(encoding):
    array = pixels(encoding)

    np.testing.assert_array_equal(image_array(padded(raw_image(array, encoding), 3)), array)


@pytest.mark.parametrize('encoding', SHAPES)
def test_big_endian_reads_the_same(encoding):
    array = pixels(encoding)
    swapped = array.astype(array.dtype.newbyteorder('>')).tobytes()

    message = replace(raw_image(array, encoding), pixels=swapped, is_bigendian=True)

    np.testing.assert_array_equal(image_array(message), array)
    assert image_array(message).dtype.isnative


def test_the_array_is_a_view_where_the_layout_allows_it():
    message = raw_image(pixels('bgr8'), 'bgr8')

    assert np.shares_memory(image_array(message), np.frombuffer(message.pixels, np.uint8))


@pytest.mark.parametrize(('encoding', 'order'), [
    ('rgb8', [0, 1, 2]), ('bgr8', [2, 1, 0]), ('8UC3', [2, 1, 0]), ('rgba8', [0, 1, 2]),
    ('bgra8', [2, 1, 0]),
])  # fmt: skip
def test_pictures_come_out_in_rgb_order(encoding, order):
    array = pixels(encoding)

    np.testing.assert_array_equal(image_from_raw(raw_image(array, encoding)), array[:, :, order])


def test_sixteen_bit_grey_keeps_its_upper_byte():
    array = np.array([[0x1234, 0xFFFF, 0x00FF]], np.uint16)

    np.testing.assert_array_equal(image_from_raw(raw_image(array, 'mono16')), [[0x12, 0xFF, 0]])


@pytest.mark.parametrize('pattern', ['rggb', 'bggr', 'gbrg', 'grbg'])
def test_bayer_mosaic_of_a_plain_colour_gives_that_colour(pattern):
    colour = {'r': 200, 'g': 120, 'b': 40}
    tile = np.array([colour[name] for name in pattern], np.uint8).reshape(2, 2)
    message = RawImage(Header(), 8, 8, f'bayer_{pattern}8', 8, np.tile(tile, (4, 4)).tobytes())

    picture = image_from_raw(message)

    np.testing.assert_array_equal(picture[2:6, 2:6].reshape(-1, 3).mean(axis=0), [200, 120, 40])


def test_millimetres_become_metres_and_zero_means_none():
    message = raw_image(np.array([[0, 1500, 65535]], np.uint16), '16UC1')

    np.testing.assert_allclose(depth_from_raw(message), [[np.nan, 1.5, 65.535]], rtol=1e-6)


def test_metres_stay_and_what_is_no_depth_means_none():
    values = np.array([[1.25, np.inf, -1.0, np.nan, 0.0]], np.float32)

    depth_m = depth_from_raw(raw_image(values, '32FC1'))

    np.testing.assert_array_equal(depth_m, [[1.25, np.nan, np.nan, np.nan, np.nan]])


@pytest.mark.parametrize('shape', [(6, 9), (6, 9, 3)])
def test_png_survives_the_way_there_and_back(shape):
    picture = np.random.default_rng(3).integers(0, 256, shape, np.uint8)

    np.testing.assert_array_equal(image_from_compressed(compressed_image(picture)), picture)


@pytest.mark.parametrize('file', [b'', b'\x89PNG but no more'])
def test_bytes_that_are_no_picture_are_a_decode_error(file):
    with pytest.raises(DecodeError, match='Expected a compressed picture'):
        image_from_compressed(RawCompressedImage(Header(), 'png', file))


@pytest.mark.parametrize(('change', 'text'), [
    ({'encoding': 'yuv422'}, "got 'yuv422'"),
    ({'pixels': bytes(20)}, 'Expected at least 35 bytes'),
    ({'step': 3}, 'step >= 7'),
    ({'height': 0}, 'width, height > 0'),
])  # fmt: skip
def test_a_message_that_does_not_fit_says_why(change, text):
    with pytest.raises(DecodeError, match=text):
        image_array(replace(raw_image(pixels('mono8'), 'mono8'), **change))


def test_an_array_that_does_not_fit_its_encoding_says_why():
    with pytest.raises(DecodeError, match=r'Expected uint16 \(H, W\) with 1 channels for 16UC1'):
        raw_image(pixels('rgb8'), '16UC1')


def test_depth_is_no_picture_and_a_picture_no_depth():
    with pytest.raises(DecodeError, match='Expected a picture'):
        image_from_raw(raw_image(pixels('32FC1'), '32FC1'))
    with pytest.raises(DecodeError, match='Expected a depth encoding'):
        depth_from_raw(raw_image(pixels('mono8'), 'mono8'))


def test_depth_survives_as_metres_and_as_millimetres():
    depth_m = np.array([[0.4, 12.3456, np.nan], [65.535, 1e-3, 80.0]], np.float32)

    metres = depth_from_raw(raw_depth(depth_m, '32FC1', Header(5, 'camera')))
    millimetres = depth_from_raw(raw_depth(depth_m, '16UC1'))

    np.testing.assert_array_equal(metres, depth_m)
    np.testing.assert_allclose(
        millimetres, [[0.4, 12.346, np.nan], [65.535, 1e-3, np.nan]], rtol=1e-6
    )


@pytest.mark.parametrize('none_m', [np.nan, np.inf, -np.inf, 0.0, -1.0])
def test_what_is_no_depth_is_stored_as_none(none_m):
    depth_m = np.array([[none_m, 2.0]], np.float32)

    np.testing.assert_array_equal(image_array(raw_depth(depth_m, '32FC1')), [[np.nan, 2.0]])
    np.testing.assert_array_equal(image_array(raw_depth(depth_m, '16UC1')), [[0, 2000]])


@pytest.mark.parametrize(
    ('depth_m', 'stored_mm'),
    [(65.5354, 65535), (65.536, 0), (131.072, 0), (3e38, 0), (4e-4, 0), (6e-4, 1)],
)
def test_a_depth_that_millimetres_cannot_hold_is_none_and_never_wraps(depth_m, stored_mm):
    message = raw_depth(np.full((3, 5), depth_m, np.float32), '16UC1')

    assert (image_array(message) == stored_mm).all()


def test_depth_in_another_encoding_says_which_there_are():
    with pytest.raises(DecodeError, match="depth encoding out of 16UC1, 32FC1, got 'mono16'"):
        raw_depth(np.ones((2, 3), np.float32), 'mono16')


@pytest.mark.parametrize('shape', [(6,), (0, 5), (2, 3, 1)])
def test_depth_that_is_no_picture_is_refused(shape):
    with pytest.raises(DecodeError, match=r'Expected depth of shape \(H, W\), H, W > 0, got'):
        raw_depth(np.ones(shape, np.float32), '32FC1')


@pytest.mark.parametrize('encoding', ['16UC1', '32FC1'])
def test_stored_depth_does_not_follow_the_array_it_was_made_of(encoding):
    depth_m = np.asfortranarray(np.arange(1, 16, dtype=np.float32).reshape(3, 5))
    message = raw_depth(depth_m, encoding)

    depth_m[:] = 0.0

    expected_m = np.arange(1, 16, dtype=np.float32).reshape(3, 5)
    np.testing.assert_array_equal(depth_from_raw(message), expected_m)


def test_depth_comes_out_of_a_sixteen_bit_png():
    depth_mm = np.random.default_rng(4).integers(0, 65536, (7, 11), np.uint16)
    depth_mm[0, 0] = 0
    file = cv2.imencode('.png', depth_mm)[1].tobytes()

    depth_m = depth_from_compressed(RawCompressedImage(Header(), '16UC1; png compressed', file))

    np.testing.assert_array_equal(depth_m, depth_from_raw(raw_image(depth_mm, '16UC1')))
    assert np.isnan(depth_m[0, 0])


@pytest.mark.parametrize('shape', [(6, 9), (6, 9, 3)])
def test_a_picture_of_eight_bits_is_no_depth(shape):
    with pytest.raises(DecodeError, match='Expected depth as a grey 16-bit PNG in mm, got uint8'):
        depth_from_compressed(compressed_image(np.zeros(shape, np.uint8)))
