from eventdepth_core.events import event_image
from eventdepth_core.rendering import (
    ColourScale,
    event_overlay,
    grey_background,
    points_overlay,
    thickened,
)
from eventdepth_core.types import EVENT_DTYPE
import numpy as np


def three_events():
    events = np.zeros(3, EVENT_DTYPE)
    events['x'], events['y'], events['p'] = (2, 5, 20), (1, 3, 11), (1, -1, 1)
    return events


def test_events_replace_only_their_own_pixels():
    background = np.full((12, 21, 3), 40, np.uint8)

    picture = event_overlay(three_events(), background)

    changed = (picture != background).any(axis=-1)
    assert sorted(zip(*np.nonzero(changed), strict=True)) == [(1, 2), (3, 5), (11, 20)]
    painted = event_image(three_events(), (12, 21))
    np.testing.assert_array_equal(picture[changed], painted[changed])


def test_no_events_give_the_background():
    background = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)

    picture = event_overlay(np.zeros(0, EVENT_DTYPE), background)

    np.testing.assert_array_equal(picture, background)


def test_thick_events_grow_right_and_down_and_stay_inside():
    background = np.zeros((12, 21, 3), np.uint8)

    picture = event_overlay(three_events(), background, dot_px=2)

    assert (picture != background).any(axis=-1).sum() == 4 + 4 + 1


def test_a_background_is_grey_and_dimmed_for_colour_and_grey_images():
    grey = np.full((4, 6), 200, np.uint8)

    of_grey = grey_background(grey)
    of_colour = grey_background(np.repeat(grey[..., None], 3, axis=-1))

    np.testing.assert_array_equal(of_grey, np.full((4, 6, 3), 120, np.uint8))
    np.testing.assert_array_equal(of_colour, of_grey)


def test_points_are_dots_in_the_colour_of_their_depth():
    sparse_m = np.full((9, 14), np.nan, np.float32)
    sparse_m[4, 6] = 3.0
    background = np.full((9, 14, 3), 10, np.uint8)
    scale = ColourScale(1.0, 10.0)

    picture = points_overlay(background, sparse_m, scale)

    changed = (picture != background).any(axis=-1)
    assert changed.sum() == 9
    np.testing.assert_array_equal(picture[4, 6], scale.colours(sparse_m)[4, 6])
    assert changed[3:6, 5:8].all()


def test_the_nearer_of_two_dots_lies_on_top():
    sparse_m = np.full((3, 8), np.nan, np.float32)
    sparse_m[1, 3], sparse_m[1, 4] = 9.0, 2.0

    thick_m = thickened(sparse_m)

    assert thick_m[1, 2] == 9.0
    assert (thick_m[:, 3:6] == 2.0).all()
    assert np.isnan(thick_m[:, :2]).all()
    assert np.isnan(thick_m[:, 6:]).all()


def test_nothing_measured_stays_nothing():
    assert np.isnan(thickened(np.full((5, 4), np.nan, np.float32))).all()
