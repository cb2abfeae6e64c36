"""Cameras to messages and back."""

from dataclasses import replace

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.camera_info import camera_from_info, info_from_camera
from eventdepth_core.types import Camera
import numpy as np
import pytest

CAMERA = Camera(346, 260, 300.0, 301.0, 172.5, 129.5, (-0.1, 0.05, 0.001, -0.002, 0.01))
FISHEYE = Camera(346, 260, 200.0, 201.0, 170.0, 130.0, (0.1, 0.2, 0.3, 0.4), 'equidistant')


@pytest.mark.parametrize('camera', [CAMERA, FISHEYE, replace(CAMERA, distortion=())])
def test_camera_survives_the_way_there_and_back(camera):
    assert camera_from_info(info_from_camera(camera)) == camera


def test_an_uncalibrated_message_is_no_camera():
    assert camera_from_info(replace(info_from_camera(CAMERA), k=np.zeros(9))) is None


def test_rational_coefficients_that_are_zero_do_no_harm():
    info = info_from_camera(CAMERA)
    rational = replace(info, distortion_model='rational_polynomial', d=np.pad(info.d, (0, 3)))

    assert camera_from_info(rational) == CAMERA


@pytest.mark.parametrize(('change', 'text'), [
    ({'distortion_model': 'omni'}, "got 'omni'"),
    ({'d': np.arange(8.0)}, 'Expected 5 coefficients'),
    ({'binning': (2, 2)}, 'without binning'),
    ({'roi': (10, 0, 100, 100)}, 'region of interest'),
    ({'width': 0}, 'positive size'),
    ({'k': np.full(9, np.nan)}, 'finite intrinsics'),
])  # fmt: skip
def test_a_camera_that_we_would_misread_is_refused(change, text):
    with pytest.raises(DecodeError, match=text):
        camera_from_info(replace(info_from_camera(CAMERA), **change))
