"""The batch voxel grid and its numbers."""

from eventdepth_core.errors import InputError
from eventdepth_core.events import voxel_grid, VoxelSpec
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest


def grid_of(*rows, start_us=0, end_us=40, bins=5, size=(2, 3)):
    events = np.array(list(rows), EVENT_DTYPE)
    return voxel_grid(events, start_us=start_us, end_us=end_us, bins=bins, size=size)


def test_an_event_is_shared_between_the_bins_around_it():
    grid = grid_of((13, 2, 1, -1))

    assert grid.shape == (5, 2, 3)
    np.testing.assert_allclose(grid[:, 1, 2], [0, -0.7, -0.3, 0, 0], rtol=1e-6)
    assert np.count_nonzero(grid) == 2


def test_an_event_on_a_bin_belongs_to_it_alone():
    grid = grid_of((0, 0, 0, 1), (30, 1, 0, 1))

    assert grid[:, 0, 0].tolist() == [1, 0, 0, 0, 0]
    assert grid[:, 0, 1].tolist() == [0, 0, 0, 1, 0]


def test_the_window_is_half_open():
    grid = grid_of((-1, 0, 0, 1), (40, 0, 0, 1), (39, 1, 1, 1))

    assert grid[:, 0, 0].tolist() == [0, 0, 0, 0, 0]
    np.testing.assert_allclose(grid[:, 1, 1], [0, 0, 0, 0.1, 0.9], rtol=1e-6)


def test_bins_need_not_stand_on_whole_microseconds():
    grid = grid_of((3, 0, 0, 1), (9, 0, 0, 1), end_us=10, bins=4)

    np.testing.assert_allclose(grid[:, 0, 0], [0.1, 0.9, 0.3, 0.7], rtol=1e-6)


def test_events_outside_the_size_do_not_enter():
    assert not grid_of((1, 3, 0, 1), (1, 0, 2, 1)).any()


def test_no_events_give_zeros():
    assert not grid_of().any()


def test_many_events_on_one_pixel_are_counted_exactly():
    events = np.zeros(300_000, EVENT_DTYPE)
    events['p'] = 1
    events['t'] = 12_499

    grid = voxel_grid(events, start_us=0, end_us=50_000, bins=5, size=(1, 1))

    np.testing.assert_allclose(grid[:2, 0, 0], [300_000 / 12_500, 300_000 * 12_499 / 12_500])


def test_arrays_that_are_read_only_or_strided_are_taken():
    events = np.array([(1, 0, 0, 1), (2, 1, 0, 1)] * 3, EVENT_DTYPE)
    frozen = events[::2].copy()
    frozen.flags.writeable = False

    strided = voxel_grid(events[::2], start_us=0, end_us=40, bins=5, size=(2, 3))

    np.testing.assert_array_equal(
        strided, voxel_grid(frozen, start_us=0, end_us=40, bins=5, size=(2, 3))
    )


@pytest.mark.parametrize(
    'options', [{'end_us': 0}, {'bins': 1}, {'size': (0, 3)}, {'size': (2, -3)}]
)
def test_a_window_without_extent_is_refused(options):
    with pytest.raises(InputError, match=r'Expected (start_us < end_us|bins >= 2)'):
        grid_of(**options)


def test_another_dtype_is_refused():
    with pytest.raises(InputError, match=r'Expected events of EVENT_DTYPE .*, got int64'):
        voxel_grid(np.zeros(3, np.int64), start_us=0, end_us=9, bins=5, size=(2, 3))


def test_the_default_spec_is_five_bins_in_fifty_milliseconds():
    spec = VoxelSpec()

    assert (spec.spacing_us, spec.num_intervals) == (12_500, 4)


@pytest.mark.parametrize(
    ('options', 'text'),
    [
        ({'bins': 1}, 'bins >= 2'),
        ({'window_us': 0}, 'window_us > 0'),
        ({'interval_us': 5_001}, r'multiple of \(bins - 1\) \* interval_us = 20004, got 50000'),
        ({'convention': 'zhu'}, "convention out of e2vid, tonic, event_cube .* got 'zhu'"),
        ({'span': 'events'}, "span 'window', because first and last .* got 'events'"),
        ({'polarities': 'both'}, "polarities 'signed' or 'split', got 'both'"),
        ({'convention': 'tonic'}, r'multiple of bins \* interval_us = 62500, got 50000'),
        ({'convention': 'event_cube'}, r'multiple of 2 \* bins \* interval_us = 125000'),
    ],
)
def test_a_spec_that_cannot_be_is_refused(options, text):
    with pytest.raises(InputError, match=f'Expected .*{text}'):
        VoxelSpec(**options)
