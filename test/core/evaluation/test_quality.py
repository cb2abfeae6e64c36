import math

from eventdepth_core.evaluation.quality import frame_quality, STRIDE
from eventdepth_core.types import Camera, DepthFrame
import numpy as np
import pytest

SIZE = (4 * STRIDE, 5 * STRIDE)


def frame(valid, std_m):
    camera = Camera(SIZE[1], SIZE[0], 9.0, 9.0, 5.0, 5.0)
    depth_m = np.ones(SIZE, np.float32)
    return DepthFrame(depth_m, std_m, valid, 0, ('events',), 'prior', camera)


def test_share_and_median_are_those_of_the_frame():
    rows = np.mgrid[: SIZE[0], : SIZE[1]][0]
    std_m = (0.1 * (1 + rows // STRIDE)).astype(np.float32)  # 0.1, 0.2, 0.3, 0.4

    quality = frame_quality(frame(rows < 3 * STRIDE, std_m))

    assert quality.valid_share == 0.75
    assert quality.median_std_m == pytest.approx(0.2)


def test_no_valid_pixel_is_no_median():
    quality = frame_quality(frame(np.zeros(SIZE, np.bool_), np.ones(SIZE, np.float32)))

    assert quality.valid_share == 0.0
    assert math.isnan(quality.median_std_m)


def test_a_std_that_is_not_known_is_left_out():
    std_m = np.full(SIZE, np.nan, np.float32)
    std_m[0] = 0.5

    assert frame_quality(frame(np.ones(SIZE, np.bool_), std_m)).median_std_m == 0.5
