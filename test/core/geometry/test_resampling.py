"""Sampling maps at the border of the image."""

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.resampling import nearest_index, sampling_map
import numpy as np
import pytest


def test_nearest_index_rounds_half_up_and_marks_the_outside():
    points = np.array(
        [[0.49, 0.0], [0.5, 0.0], [-0.5, 0.0], [-0.51, 0.0], [4.5, 2.0], [np.nan, 0]]
    )

    index = nearest_index(points, (3, 5))

    assert index.tolist() == [0, 1, 0, -1, -1, -1]


def test_sample_interpolates_inside_and_repeats_the_border_half_a_pixel_out():
    image = np.array([[10, 20], [30, 40]], np.uint8)
    points = np.array([[0.5, 0.0], [-0.4, 0.0], [1.0, 1.0], [np.nan, 0.0]])

    view = sampling_map(points, (1, 4), (2, 2))

    assert view.sample(image).tolist() == [[15, 10, 40, 0]]
    assert view.seen.tolist() == [[True, True, True, False]]


def test_sample_keeps_channels_and_refuses_another_size():
    view = sampling_map(np.zeros((6, 2)), (2, 3), (4, 5))

    assert view.sample(np.full((4, 5, 3), 7, np.uint8)).shape == (2, 3, 3)
    with pytest.raises(
        InputError, match=r'Expected a uint8 image of size \(4, 5\), got uint8 \(5, 4\)'
    ):
        view.sample(np.zeros((5, 4), np.uint8))
    with pytest.raises(InputError, match=r'Expected a uint8 image .*, got float32 \(4, 5\)'):
        view.sample(np.zeros((4, 5), np.float32))
