from eventdepth_core.errors import InputError
from eventdepth_core.rendering import ColourScale, INVALID_GREY, robust_scale, RunningScale
import numpy as np
import pytest


def depth_ramp(size=(13, 21)):
    return np.geomspace(0.5, 50.0, size[0] * size[1], dtype=np.float32).reshape(size)


def test_what_is_not_a_depth_is_grey():
    values = np.array([[np.nan, np.inf, -np.inf, 0.0, -2.0, 3.0]], np.float32)

    picture = ColourScale(1.0, 10.0).colours(values)

    assert (picture[0, :5] == INVALID_GREY).all()
    assert not (picture[0, 5] == INVALID_GREY).all()


def test_near_is_warm_and_far_is_cold():
    picture = ColourScale(1.0, 10.0).colours(np.array([[1.0, 10.0]], np.float32)).astype(int)

    near, far = picture[0]

    assert near[0] > near[2]
    assert far[2] > far[0]


def test_a_larger_deviation_is_brighter():
    scale = ColourScale(0.01, 1.0, 'std')

    brightness = scale.colours(np.array([[0.01, 0.1, 1.0]], np.float32)).sum(axis=-1)

    assert (np.diff(brightness[0].astype(int)) > 0).all()


def test_equal_ratios_are_equal_steps_of_colour():
    scale = ColourScale(1.0, 100.0)

    picture = scale.colours(np.array([[1.0, 10.0, 100.0]], np.float32))
    bar = scale.bar(length=3)

    np.testing.assert_array_equal(picture, bar)


def test_values_beyond_the_ends_take_the_colours_of_the_ends():
    scale = ColourScale(1.0, 10.0)

    picture = scale.colours(np.array([[0.1, 1.0, 10.0, 300.0]], np.float32))

    np.testing.assert_array_equal(picture[0, 0], picture[0, 1])
    np.testing.assert_array_equal(picture[0, 2], picture[0, 3])


def test_colours_leave_the_map_untouched():
    depth_m = depth_ramp()
    before = depth_m.copy()

    robust_scale([depth_m]).colours(depth_m)

    np.testing.assert_array_equal(depth_m, before)


def test_a_robust_scale_ignores_outliers_and_invalid_pixels():
    depth_m = np.full((40, 50), 4.0, np.float32)
    depth_m[:, ::2] = 8.0
    depth_m[0, :10] = (1e-3, 5e4, np.nan, np.inf, 0, -1, 1e-3, 5e4, np.nan, 0)

    scale = robust_scale([depth_m])

    assert (scale.low_m, scale.high_m) == (4.0, 8.0)


def test_a_flat_map_does_not_show_its_rounding():
    flat_m = np.full((7, 9), 3.0, np.float32) + np.linspace(0, 1e-4, 9, dtype=np.float32)

    scale = robust_scale([flat_m])

    assert scale.high_m / scale.low_m == pytest.approx(1.5)
    assert scale.is_widened
    assert np.ptp(scale.colours(flat_m).astype(int), axis=(0, 1)).max() <= 3


@pytest.mark.parametrize('maps', [[], [np.full((3, 4), np.nan, np.float32)]])
def test_no_valid_pixel_gives_the_default_scale(maps):
    scale = robust_scale(maps)

    assert (scale.low_m, scale.high_m) == (1.0, 10.0)


@pytest.mark.parametrize(
    ('low_m', 'high_m'),
    [(0.02, 0.9), (0.5, 180.0), (3.1, 4.7), (0.9, 1.35), (1.0, 11.0), (1.0, 13.0), (1e-3, 1e4)],
)
def test_ticks_are_few_round_inside_and_apart(low_m, high_m):
    ticks = np.array(ColourScale(low_m, high_m).ticks_m())

    places = np.log(ticks / low_m) / np.log(high_m / low_m)
    assert 3 <= ticks.size <= 9
    assert 0 <= places[0] <= places[-1] <= 1
    assert np.diff(places).min() > 0.03


@pytest.mark.parametrize(('low_m', 'high_m'), [(0, 1), (2, 1), (1, 1), (1, np.inf), (np.nan, 1)])
def test_a_scale_without_a_span_is_refused(low_m, high_m):
    with pytest.raises(InputError, match='Expected 0 < low_m < high_m, got'):
        ColourScale(low_m, high_m)


def test_a_running_scale_starts_at_the_first_map_and_follows_slowly():
    running = RunningScale(rate=0.1)
    near_m, far_m = depth_ramp(), 10 * depth_ramp()

    first = running.update(near_m)
    second = running.update(far_m)

    assert first == robust_scale([near_m])
    assert second.low_m == pytest.approx(first.low_m * 10**0.1, rel=1e-4)
    assert second.high_m == pytest.approx(first.high_m * 10**0.1, rel=1e-4)


def test_a_running_scale_is_not_moved_by_an_empty_map():
    running = RunningScale()
    first = running.update(depth_ramp())

    kept = running.update(np.full((5, 6), np.nan, np.float32))

    assert kept == first
