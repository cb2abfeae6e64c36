"""Which names of a manifest go together, and why the others do not."""

from eventdepth_core.errors import InputError
from eventdepth_core.events import RepresentationSpec, VoxelSpec
import pytest


def test_the_default_is_what_the_depth_network_takes():
    spec = RepresentationSpec()

    assert spec.voxel() == VoxelSpec()
    assert not spec.is_split


def test_the_three_conventions_need_grids_of_their_own():
    assert RepresentationSpec(convention='tonic', interval_us=10_000).voxel().spacing_us == 10_000
    cube = RepresentationSpec(convention='event_cube', interval_us=5_000).voxel()
    assert (cube.spacing_us, cube.num_intervals) == (10_000, 10)


def test_bins_scaled_by_events_need_no_grid():
    spec = RepresentationSpec(convention='tonic', span='events', bins=7, interval_us=12_500)

    assert spec.bins == 7


def test_maps_are_split_whatever_is_said():
    assert RepresentationSpec('histogram', 'stacked', interval_us=10_000).is_split


@pytest.mark.parametrize(
    ('options', 'text'),
    [
        ({'representation': 'frames'}, "representation out of voxel, .*, got 'frames'"),
        ({'convention': 'stacked'}, "convention out of e2vid, .* 'voxel', got 'stacked'"),
        ({'representation': 'count'}, "convention out of plain .* 'count', got 'e2vid'"),
        ({'span': 'packet'}, "span 'window' or 'events', got 'packet'"),
        ({'normalisation': 'std'}, "normalisation out of none, .*, got 'std'"),
        ({'bins': 1}, "bins >= 2 for convention 'e2vid', got 1"),
        ({'polarities': 'both'}, "polarities 'signed' or 'split', got 'both'"),
        ({'window_us': 0}, 'window_us > 0 and interval_us > 0, got 0'),
        ({'window_us': 0, 'span': 'events'}, 'window_us > 0 and interval_us > 0, got 0'),
        ({'convention': 'tonic'}, r'multiple of bins \* interval_us = 62500, got 50000'),
        ({'max_count': 9}, "for representation histogram only, got 9 for 'voxel'"),
        ({'decay_us': 9}, "None for all others, got 9 for 'e2vid'"),
    ],
)
def test_a_voxel_grid_that_cannot_be_is_refused(options, text):
    with pytest.raises(InputError, match=f'Expected .*{text}'):
        RepresentationSpec(**options)


@pytest.mark.parametrize(
    ('names', 'options', 'text'),
    [
        (('histogram', 'stacked'), {}, r'multiple of bins \* interval_us = 62500'),
        (('histogram', 'stacked'), {'bins': 0}, 'bins >= 1, got 0'),
        (('histogram', 'stacked'), {'max_count': 256}, 'max_count of 1 to 255.* got 256'),
        (('histogram', 'stacked'), {'polarities': 'signed'}, "OFF and ON apart, got 'signed'"),
        (('count', 'plain'), {}, 'bins 1 .* no axis of time, got 5'),
        (('count', 'plain'), {'bins': 1, 'span': 'events'}, "no bins to scale, got 'events'"),
        (
            ('count', 'plain'),
            {'bins': 1, 'normalisation': 'nonzero_std_per_bin'},
            "no bins, got 'nonzero_std_per_bin'",
        ),
        (
            ('last_timestamp', 'plain'),
            {'bins': 1, 'normalisation': 'nonzero_std'},
            "numbers are times, got 'nonzero_std'",
        ),
        (('last_timestamp', 'plain'), {'bins': 1, 'window_us': 1 << 31}, 'window_us <= '),
        (('time_surface', 'exponential'), {'bins': 1}, 'decay_us > 0 .* got None'),
        (('time_surface', 'exponential'), {'bins': 1, 'decay_us': 0}, 'decay_us > 0 .* got 0'),
        (('time_surface', 'linear'), {'bins': 1, 'decay_us': 5}, "got 5 for 'linear'"),
    ],
)
def test_a_map_that_cannot_be_is_refused(names, options, text):
    with pytest.raises(InputError, match=f'Expected .*{text}'):
        RepresentationSpec(*names, **options)


def test_only_a_voxel_grid_has_a_voxel_spec():
    with pytest.raises(InputError, match="Expected representation 'voxel', got 'count'"):
        RepresentationSpec('count', 'plain', bins=1).voxel()


def test_a_stream_has_no_span_of_events():
    with pytest.raises(InputError, match="Expected span 'window', because first and last"):
        RepresentationSpec(span='events').voxel()
