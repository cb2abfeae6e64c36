from eventdepth_core.errors import ProfileError
from eventdepth_core.evaluation import evaluate, LogCodec, Profile, profile_named, with_switches
import numpy as np
import pytest


def test_switches_are_set_from_text_and_named_in_the_profile():
    profile = with_switches(
        profile_named('fuse'),
        {
            'max_depth_m': '1000',
            'codec': '[1000, 5.7]',
            'cut_offs_m': '[10, 20]',
            'prediction_limit': 'up_to_frame_max',
            'prediction_clip_m': '[0, 80]',
            'target_clip_m': 'null',
            'is_zero_a_prediction': 'true',
            'alignment_max_px': '640',
        },
    )

    assert profile.max_depth_m == 1000.0
    assert profile.codec == LogCodec(1000.0, 5.7)
    assert profile.cut_offs_m == (10.0, 20.0)
    assert profile.prediction_limit == 'up_to_frame_max'
    assert profile.prediction_clip_m == (0.0, 80.0)
    assert profile.target_clip_m is None
    assert profile.is_zero_a_prediction
    assert profile.alignment_max_px == 640
    assert profile.name.startswith('fuse[max_depth_m=1000,')
    assert profile.crops == profile_named('fuse').crops


@pytest.mark.parametrize(
    ('name', 'text', 'message'),
    [
        ('clip', '80', 'Expected a switch out of min_depth_m, .*clip'),
        ('name', 'x', 'Expected a switch out of'),
        ('max_depth_m', 'far', "max_depth_m to be a number, got 'far'"),
        ('max_depth_m', 'true', 'max_depth_m to be a number, got True'),
        ('averaging', 'frames', "averaging to be pixels, images, got 'frames'"),
        ('is_target_rescaled', '1', 'is_target_rescaled to be true or false, got 1'),
        ('target_clip_m', '[1]', 'target_clip_m to be two numbers'),
        ('averaging', 'null', 'averaging to be pixels, images, got None'),
        ('epsilon', 'null', 'epsilon to be a value, got None'),
        ('alignment_max_px', '0.5', 'alignment_max_px to be pixels > 0'),
    ],
)
def test_a_switch_that_cannot_be_set_is_refused(name, text, message):
    with pytest.raises(ProfileError, match=message):
        with_switches(profile_named('plain'), {name: text})


def test_a_profile_of_ones_own_can_be_evaluated():
    target_m = np.array([[1.0, 2.0, 50.0]])
    rules = Profile('mine', 'near targets, inclusive', max_depth_m=2.0, range_bound='inclusive')

    metrics = evaluate(1.5 * target_m, target_m, rules)

    assert metrics['n'] == 2
    assert metrics['abs_rel'] == 0.5


def test_rescaling_without_a_clip_is_refused():
    with pytest.raises(ProfileError, match='Expected target_clip_m with is_target_rescaled'):
        Profile('mine', '', is_target_rescaled=True)
