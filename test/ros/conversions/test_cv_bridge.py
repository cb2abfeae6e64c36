"""
Our image conversion against cv_bridge, where one is importable.

The package of that name on PyPI reads 16UC1 as 8 bit and fails for colour with current versions
of OpenCV, so what it cannot read itself is left out, and said.

"""

from eventdepth_core.recordings import image_codec
from eventdepth_ros.conversions import image_message, raw_image
import numpy as np
import pytest

pytest.importorskip('cv_bridge', reason='cv_bridge is not installed: nothing to compare with')
ELEMENTS = {
    'mono8': np.uint8,
    'mono16': np.uint16,
    '16UC1': np.uint16,
    '32FC1': np.float32,
    'bgr8': np.uint8,
    'rgb8': np.uint8,
    'bgra8': np.uint8,
}
CHANNELS = {'bgr8': 3, 'rgb8': 3, 'bgra8': 4}


@pytest.mark.parametrize('encoding', ELEMENTS)
def test_cv_bridge_reads_our_images_as_we_do(encoding):
    from cv_bridge import CvBridge

    channels = (CHANNELS[encoding],) if encoding in CHANNELS else ()
    random = np.random.default_rng(3)
    array = random.integers(0, 250, (26, 35, *channels)).astype(ELEMENTS[encoding])
    message = image_message(image_codec.raw_image(array, encoding))

    try:
        theirs = CvBridge().imgmsg_to_cv2(message, desired_encoding='passthrough')
    except (TypeError, ValueError, KeyError) as error:
        pytest.skip(f'this cv_bridge cannot read {encoding}: {error}')
    if theirs.dtype != array.dtype:
        pytest.skip(f'this cv_bridge reads {encoding} as {theirs.dtype}')

    np.testing.assert_array_equal(np.squeeze(theirs), image_codec.image_array(raw_image(message)))
