from pathlib import Path

from eventdepth_core.errors import InputError
from eventdepth_core.events.filters import Filtering
from eventdepth_core.replay import ReplayOptions
import pytest


@pytest.mark.parametrize(
    ('options', 'text'),
    [
        ({'camera_path': Path('a'), 'fov_deg': 60.0}, 'either a camera file or a field of view'),
        ({'trigger': 'sometimes'}, "trigger to be auto, rate, image, points, reference, got 'som"),
        ({'rate_hz': 0.0}, 'rate_hz to be 0.1 to 1000, got 0.0'),
        ({'use': ()}, 'use to be at least one modality'),
        ({'use': ('radar',)}, "use to be events, image, points, motion, got 'radar'"),
        ({'start_s': -1.0}, 'start_s to be 0 or more'),
        ({'duration_s': 0.0}, 'duration_s to be more than 0'),
        ({'max_frames': 0}, 'max_frames to be more than 0'),
        ({'threads': 0}, 'threads to be more than 0'),
        ({'points_fraction': 1.5}, 'points_fraction to be more than 0, at most 1'),
        ({'motion_delay_ms': 101.0}, 'motion_delay_ms to be 0 to 100, got 101.0'),
        ({'seed': -1}, 'seed to be 0 or more, got -1'),
        ({'fov_deg': 200.0}, 'fov_deg to be more than 0, at most 179, got 200.0'),
        ({'fov_deg': 0.0}, 'fov_deg to be more than 0'),
        ({'fov_deg': float('nan')}, 'fov_deg to be more than 0'),
        ({'num_pictures': 0}, 'num_pictures to be 1 to 24'),
        ({'profile': 'mine'}, "evaluation profile out of plain, .*got 'mine'"),
    ],
)
def test_an_option_out_of_range_is_named(options, text):
    with pytest.raises(InputError, match=text):
        ReplayOptions(**options)


def test_stated_options_hold_no_folders_and_nothing_that_was_not_chosen():
    stated = ReplayOptions(camera_path=Path('/home/somebody/rig.yaml')).stated()

    assert stated['camera_path'] == 'rig.yaml'
    assert 'fov_deg' not in stated
    assert 'topics' not in stated
    assert 'filtering' not in stated


def test_filters_are_stated_by_what_they_do():
    options = ReplayOptions(filtering=Filtering(hot_pixels=True, background_us=500))

    assert options.stated()['filtering'] == {'hot_pixels': True, 'background_us': 500}
