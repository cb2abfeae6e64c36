"""
sensor_msgs/Image and CompressedImage to samples, and raw images back to messages.

Laws: every encoding of `eventdepth_core.recordings.image_codec`, padded rows and both byte orders
read alike; the pixels of a message are viewed, not copied, until the codec needs a copy; an image
in a depth encoding is no picture, and the other way round.

"""

from eventdepth_core.recordings import image_codec
from eventdepth_core.recordings.messages import RawCompressedImage, RawImage
from eventdepth_core.types import DepthSample, ImageSample
from eventdepth_ros.conversions.headers import message_header, raw_header
from sensor_msgs.msg import CompressedImage, Image


def raw_image(message: Image, receive_ns: int = 0) -> RawImage:
    """Return a message as the core's raw image; its pixels are a view of the message."""
    return RawImage(
        header=raw_header(message.header, receive_ns),
        height=message.height,
        width=message.width,
        encoding=message.encoding,
        step=message.step,
        pixels=memoryview(message.data),
        is_bigendian=bool(message.is_bigendian),
    )


def raw_compressed_image(message: CompressedImage, receive_ns: int = 0) -> RawCompressedImage:
    """Return a message as the core's compressed image; its file is a view of the message."""
    header = raw_header(message.header, receive_ns)
    return RawCompressedImage(header, message.format, memoryview(message.data))


def image_sample(message: Image | CompressedImage, receive_ns: int = 0) -> ImageSample:
    """
    Return the picture of a message, grey or RGB.

    Raises
    ------
    DecodeError
        For an unknown encoding, a depth encoding, fewer bytes than the size asks for, or a
        compressed file that is no picture.

    """
    if isinstance(message, CompressedImage):
        compressed = raw_compressed_image(message, receive_ns)
        header, picture = compressed.header, image_codec.image_from_compressed(compressed)
    else:
        raw = raw_image(message, receive_ns)
        header, picture = raw.header, image_codec.image_from_raw(raw)
    return ImageSample(picture, header.stamp_ns // 1000, header.frame_id)


def depth_sample(message: Image | CompressedImage, receive_ns: int = 0) -> DepthSample:
    """
    Return the depth image of a message: 16UC1 mm, 32FC1 m, or a 16-bit PNG in mm.

    Raises
    ------
    DecodeError
        For any other encoding or file, or fewer bytes than the size asks for.

    """
    if isinstance(message, CompressedImage):
        compressed = raw_compressed_image(message, receive_ns)
        header, depth_m = compressed.header, image_codec.depth_from_compressed(compressed)
    else:
        raw = raw_image(message, receive_ns)
        header, depth_m = raw.header, image_codec.depth_from_raw(raw)
    return DepthSample(depth_m, header.stamp_ns // 1000, header.frame_id)


def image_message(raw: RawImage) -> Image:
    """Return the message of a raw image."""
    message = Image(
        header=message_header(raw.header),
        height=raw.height,
        width=raw.width,
        encoding=raw.encoding,
        is_bigendian=int(raw.is_bigendian),
        step=raw.step,
    )
    message.data.frombytes(raw.pixels)
    return message


def compressed_image_message(raw: RawCompressedImage) -> CompressedImage:
    """Return the message of a compressed image."""
    message = CompressedImage(header=message_header(raw.header), format=raw.format)
    message.data.frombytes(raw.file)
    return message
