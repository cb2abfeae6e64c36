"""Depth that is certain enough."""

from dataclasses import replace

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.certainty import certain_frame
from eventdepth_core.types import Camera, DepthFrame
import numpy as np
import pytest

CAMERA = Camera(3, 2, 2.0, 2.0, 1.0, 0.5)


@pytest.fixture
def frame():
    depth_m = np.array([[1.0, 2.0, np.nan], [4.0, 5.0, 6.0]], np.float32)
    std_m = np.array([[0.1, 0.5, np.nan], [0.5, 2.0, np.nan]], np.float32)
    return DepthFrame(depth_m, std_m, np.isfinite(depth_m), 7, ('events',), 'prior', CAMERA)


def test_only_pixels_within_the_limit_stay(frame):
    certain = certain_frame(frame, max_std_m=0.5)

    np.testing.assert_array_equal(certain.valid, [[True, True, False], [True, False, False]])
    np.testing.assert_array_equal(np.isfinite(certain.depth_m), certain.valid)
    np.testing.assert_array_equal(np.isfinite(certain.std_m), certain.valid)
    assert certain.depth_m.dtype == certain.std_m.dtype == np.float32
    assert certain.stamp_us == 7


def test_a_limit_of_infinity_keeps_every_pixel_with_a_deviation(frame):
    known = replace(frame, valid=np.isfinite(frame.std_m))

    np.testing.assert_array_equal(certain_frame(known, max_std_m=np.inf).valid, known.valid)


def test_the_given_frame_stays_as_it_is(frame):
    before = frame.depth_m.copy(), frame.std_m.copy(), frame.valid.copy()

    certain_frame(frame, max_std_m=0.2)

    for kept, array in zip(before, (frame.depth_m, frame.std_m, frame.valid), strict=True):
        np.testing.assert_array_equal(array, kept)


@pytest.mark.parametrize('limit', [0.0, -1.0, float('nan')])
def test_a_limit_that_is_not_positive_is_refused(frame, limit):
    with pytest.raises(InputError, match='max_std_m > 0'):
        certain_frame(frame, max_std_m=limit)
