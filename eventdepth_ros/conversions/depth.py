"""
A DepthFrame as the messages that the depth node publishes, all with the header that is given.

Laws (REP 117, 118): 32FC1 is metres, NaN = none, never 0; 16UC1 is millimetres, 0 = none, and a
depth that does not fit becomes 0, it never wraps; the mask is 255 exactly where depth is valid.

"""

from typing import Literal, TypeAlias

from eventdepth_core.recordings import image_codec
from eventdepth_core.recordings.messages import RawImage
from eventdepth_core.rendering import RunningScale
from eventdepth_core.types import DepthFrame, Float32
from eventdepth_ros.conversions.headers import raw_header
from eventdepth_ros.conversions.images import image_message
import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Header as HeaderMessage

DepthEncoding: TypeAlias = Literal['32FC1', '16UC1']


def depth_message(
    frame: DepthFrame, header: HeaderMessage, encoding: DepthEncoding = '32FC1'
) -> Image:
    """
    Return the depth of a frame, NaN (32FC1) or 0 (16UC1) where it is not valid.

    Raises
    ------
    DecodeError
        For an encoding that is no depth encoding.

    """
    if encoding == '32FC1':
        return _metres_message(frame.depth_m, header)
    return image_message(image_codec.raw_depth(frame.depth_m, encoding, raw_header(header)))


def std_message(frame: DepthFrame, header: HeaderMessage) -> Image:
    """Return the standard deviation in metres, 32FC1, NaN where depth is not valid."""
    return _metres_message(frame.std_m, header)


def valid_mask_message(frame: DepthFrame, header: HeaderMessage) -> Image:
    """Return the valid mask, mono8: 255 where there is depth, else 0."""
    mask = np.where(frame.valid, np.uint8(255), np.uint8(0))
    return image_message(image_codec.raw_image(mask, 'mono8', raw_header(header)))


def preview_message(frame: DepthFrame, header: HeaderMessage, scale: RunningScale) -> Image:
    """Return the depth in colours, rgb8; `scale` follows the frames it is given."""
    picture = scale.update(frame.depth_m).colours(frame.depth_m)
    return image_message(image_codec.raw_image(picture, 'rgb8', raw_header(header)))


def _metres_message(values_m: Float32, header: HeaderMessage) -> Image:
    """Return metres that are NaN where there are none already, as a frame's are: one copy."""
    pixels = np.ascontiguousarray(values_m, '<f4')
    height, width = pixels.shape
    return image_message(
        RawImage(raw_header(header), height, width, '32FC1', 4 * width, pixels.data.cast('B'))
    )
