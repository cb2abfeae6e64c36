"""
Raw and compressed images to arrays and back, for every encoding a camera or depth driver sends.

Laws: `raw_image(image_array(m))` has the pixels of m for every encoding; padded rows and
big-endian samples read the same as tight little-endian ones; the array is a view of the message
where layout and byte order allow it. 16UC1 depth is millimetres, 0 = none; 32FC1 is metres.

"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.messages import Header, RawCompressedImage, RawImage
from eventdepth_core.types import Float32, UInt8
import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[Any]  # Any: the element type follows the encoding
DEPTH_ENCODINGS = ('16UC1', '32FC1')
MILLIMETRES_PER_METRE = 1000.0


@dataclass(frozen=True, slots=True)
class _Layout:
    """How one pixel is stored: element type without byte order, number of channels."""

    element: str
    num_channels: int


_LAYOUTS = {
    'mono8': _Layout('u1', 1),
    '8UC1': _Layout('u1', 1),
    'rgb8': _Layout('u1', 3),
    'bgr8': _Layout('u1', 3),
    '8UC3': _Layout('u1', 3),
    'rgba8': _Layout('u1', 4),
    'bgra8': _Layout('u1', 4),
    'mono16': _Layout('u2', 1),
    '16UC1': _Layout('u2', 1),
    '32FC1': _Layout('f4', 1),
    'bayer_rggb8': _Layout('u1', 1),
    'bayer_bggr8': _Layout('u1', 1),
    'bayer_gbrg8': _Layout('u1', 1),
    'bayer_grbg8': _Layout('u1', 1),
}
# OpenCV names a Bayer pattern by the second row, second and third column.
_COLOUR_CONVERSIONS = {
    'bgr8': cv2.COLOR_BGR2RGB,
    '8UC3': cv2.COLOR_BGR2RGB,
    'rgba8': cv2.COLOR_RGBA2RGB,
    'bgra8': cv2.COLOR_BGRA2RGB,
    'bayer_rggb8': cv2.COLOR_BayerBG2RGB,
    'bayer_bggr8': cv2.COLOR_BayerRG2RGB,
    'bayer_gbrg8': cv2.COLOR_BayerGR2RGB,
    'bayer_grbg8': cv2.COLOR_BayerGB2RGB,
}


def image_array(image: RawImage) -> Pixels:
    """
    Return the pixels as (H, W) or (H, W, C), uint8, uint16 or float32, channels as encoded.

    Raises
    ------
    DecodeError
        For an unknown encoding, an empty size, or fewer bytes than size and step ask for.

    """
    layout = _layout(image.encoding)
    element = np.dtype(('>' if image.is_bigendian else '<') + layout.element)
    row_bytes = image.width * layout.num_channels * element.itemsize
    if image.width == 0 or image.height == 0 or image.step < row_bytes:
        raise DecodeError(
            f'Expected an image with width, height > 0 and step >= {row_bytes} bytes, got '
            f'{image.width} x {image.height} with step {image.step}.'
        )
    needed = (image.height - 1) * image.step + row_bytes
    if len(image.pixels) < needed:
        raise DecodeError(
            f'Expected at least {needed} bytes for {image.width} x {image.height} '
            f'{image.encoding}, got {len(image.pixels)}.'
        )
    array = np.ndarray(
        (image.height, image.width, layout.num_channels),
        element,
        buffer=image.pixels,
        strides=(image.step, layout.num_channels * element.itemsize, element.itemsize),
    )
    native = array.astype(element.newbyteorder('='), copy=False)
    return native[:, :, 0] if layout.num_channels == 1 else native


def raw_image(array: Pixels, encoding: str, header: Header | None = None) -> RawImage:
    """
    Return the message of an array (H, W) or (H, W, C) whose channels stand as `encoding` says.

    Raises
    ------
    DecodeError
        For an unknown encoding, or an array whose dtype or channels do not fit it.

    """
    layout = _layout(encoding)
    num_channels = array.shape[2] if array.ndim == 3 else 1
    element = np.dtype(layout.element)
    if array.dtype != element or num_channels != layout.num_channels or array.ndim not in (2, 3):
        raise DecodeError(
            f'Expected {element.name} (H, W) with {layout.num_channels} channels for {encoding}, '
            f'got {array.dtype} {array.shape}.'
        )
    height, width = array.shape[:2]
    return RawImage(
        header=header or Header(),
        height=height,
        width=width,
        encoding=encoding,
        step=width * num_channels * element.itemsize,
        pixels=np.ascontiguousarray(array, f'<{layout.element}').tobytes(),
    )


def image_from_raw(image: RawImage) -> UInt8:
    """
    Return a picture as uint8 (H, W) or (H, W, 3) in RGB order.

    16-bit grey keeps its upper eight bits. Raises DecodeError as `image_array` does.

    """
    array = image_array(image)
    if array.dtype == np.uint16:
        return np.asarray(array >> 8, np.uint8)
    if array.dtype != np.uint8:
        raise DecodeError(f'Expected a picture, got depth in {image.encoding}.')
    conversion = _COLOUR_CONVERSIONS.get(image.encoding)
    if conversion is None:
        return np.ascontiguousarray(array, np.uint8)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(array), conversion), np.uint8)


def depth_from_raw(image: RawImage) -> Float32:
    """
    Return depth as float32 (H, W) metres, NaN where there is none.

    Zero, negative and infinite values mean none. Raises DecodeError for any other encoding.

    """
    _check_depth_encoding(image.encoding)
    return _depth(image_array(image))


def raw_depth(depth_m: Float32, encoding: str, header: Header | None = None) -> RawImage:
    """
    Return the message of depth (H, W) in metres: `depth_from_raw` gives it back.

    What is not finite and positive is none: NaN in 32FC1, 0 in 16UC1. A depth that 16UC1 cannot
    hold (below 0.5 mm, above 65.535 m) is none there as well. Raises DecodeError for any other
    encoding, and for depth that is no picture.

    """
    _check_depth_encoding(encoding)
    if depth_m.ndim != 2 or depth_m.size == 0:
        raise DecodeError(f'Expected depth of shape (H, W), H, W > 0, got {depth_m.shape}.')
    is_measured = np.isfinite(depth_m) & (depth_m > 0)
    if encoding == '32FC1':
        kept = np.where(is_measured, depth_m, np.float32(np.nan))
    else:
        with np.errstate(invalid='ignore', over='ignore'):
            depth_mm = np.rint(depth_m * np.float32(MILLIMETRES_PER_METRE))
            is_held = is_measured & (depth_mm <= np.iinfo(np.uint16).max)
        kept = np.where(is_held, depth_mm, np.float32(0))
    kept = np.ascontiguousarray(kept, f'<{_layout(encoding).element}')
    return RawImage(
        header=header or Header(),
        height=kept.shape[0],
        width=kept.shape[1],
        encoding=encoding,
        step=kept.shape[1] * kept.itemsize,
        pixels=kept.data.cast('B'),  # of an array that nobody else has
    )


def image_from_compressed(image: RawCompressedImage) -> UInt8:
    """
    Return a PNG or JPEG picture as uint8 (H, W) or (H, W, 3) in RGB order.

    Raises
    ------
    DecodeError
        If the bytes are no picture.

    """
    return picture_from_opencv(_decompressed(image))


def depth_from_compressed(image: RawCompressedImage) -> Float32:
    """
    Return the depth of a grey 16-bit PNG in mm as float32 (H, W) metres, NaN where there is none.

    Raises
    ------
    DecodeError
        If the bytes are no picture, or a picture of another kind.

    """
    depth_mm = _decompressed(image)
    if depth_mm.dtype != np.uint16 or depth_mm.ndim != 2:
        raise DecodeError(
            f'Expected depth as a grey 16-bit PNG in mm, got {depth_mm.dtype} '
            f'{depth_mm.shape} ({image.format!r}).'
        )
    return _depth(depth_mm)


def compressed_image(
    picture: UInt8, header: Header | None = None, file_format: str = 'png'
) -> RawCompressedImage:
    """Return a uint8 picture (H, W) or (H, W, 3) RGB as PNG or JPEG."""
    bgr = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    is_encoded, encoded = cv2.imencode(f'.{file_format}', bgr)
    if not is_encoded:
        raise DecodeError(f'Expected a picture that fits {file_format}, got {picture.shape}.')
    return RawCompressedImage(header or Header(), file_format, encoded.tobytes())


def picture_from_opencv(picture: Pixels) -> UInt8:
    """Return what OpenCV read from a file, (H, W[, 3 or 4]) BGR, as uint8 grey or RGB."""
    if picture.dtype == np.uint16:
        picture = np.asarray(picture >> 8, np.uint8)
    if picture.ndim == 3 and picture.shape[2] == 4:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGB), np.uint8)
    if picture.ndim == 3:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
    return np.asarray(picture, np.uint8)


def _decompressed(image: RawCompressedImage) -> Pixels:
    """Return what a PNG or JPEG holds as OpenCV reads it: grey, BGR or BGRA."""
    encoded = np.frombuffer(image.file, np.uint8)
    picture = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED) if len(encoded) > 0 else None
    if picture is None:
        raise DecodeError(
            f'Expected a compressed picture ({image.format!r}), got {len(encoded)} other bytes.'
        )
    return picture


def _depth(values: Pixels) -> Float32:
    """Return uint16 mm or float32 m as float32 metres, NaN where there is none."""
    depth_m = values.astype(np.float32)
    if values.dtype == np.uint16:
        depth_m /= np.float32(MILLIMETRES_PER_METRE)
    depth_m[~(np.isfinite(depth_m) & (depth_m > 0))] = np.nan
    return depth_m


def _check_depth_encoding(encoding: str) -> None:
    if encoding not in DEPTH_ENCODINGS:
        raise DecodeError(
            f'Expected a depth encoding out of {", ".join(DEPTH_ENCODINGS)}, got {encoding!r}.'
        )


def _layout(encoding: str) -> _Layout:
    if encoding not in _LAYOUTS:
        raise DecodeError(
            f'Expected an image encoding out of {", ".join(_LAYOUTS)}, got {encoding!r}.'
        )
    return _LAYOUTS[encoding]
