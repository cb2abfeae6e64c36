from eventdepth_core.errors import ProfileError
from eventdepth_core.evaluation import evaluate
from eventdepth_core.replay.comparison import ComparedDepth, Comparison, Mode, SizeMismatchError
import numpy as np
import pytest

SIZE = (19, 27)
MODES = (Mode(('events',), 'prior'), Mode(('events', 'points'), 'metric', ('sequence_gap',)))


def pair(k, mode=MODES[0], **fields):
    random = np.random.default_rng(k)
    target_m = random.uniform(1, 9, SIZE).astype(np.float32)
    given = {
        'depth_m': (target_m * random.uniform(0.8, 1.2, SIZE)).astype(np.float32),
        'target_m': target_m,
        'stamp_us': 1000 * k,
        'elapsed_s': 0.001 * k,
        'std_m': np.full(SIZE, 0.5, np.float32),
        'mode': mode,
        **fields,
    }
    return ComparedDepth(**given)


def nothing():
    return None


def judged_at_once(pairs, profile='plain'):
    depth, target, std = (
        np.stack([getattr(each, name) for each in pairs])
        for name in ('depth_m', 'target_m', 'std_m')
    )
    return evaluate(depth, target, profile=profile, std_m=std)


@pytest.mark.parametrize('profile', ['plain', 'aligned_median'])
def test_metrics_are_those_of_the_frames_of_each_subset(profile):
    comparison = Comparison(profile)
    pairs = [pair(k, MODES[k % 2]) for k in range(7)]

    for each in pairs:
        comparison.add(each, nothing)

    events, points = comparison.metrics()
    assert (events.subset, events.num_frames) == ('events', 4)
    assert events.values == judged_at_once(pairs[::2], profile)
    assert (points.subset, points.num_frames) == ('events+points', 3)
    assert points.values == judged_at_once(pairs[1::2], profile)
    assert comparison.incomplete == {'sequence_gap': 3}
    assert comparison.scales == {'prior': 4, 'metric': 3}


def test_a_pair_without_a_common_pixel_takes_no_part():
    comparison = Comparison('plain')

    comparison.add(pair(0, depth_m=np.full(SIZE, np.nan, np.float32)), nothing)

    assert comparison.num_compared == 0
    assert comparison.metrics() == ()
    assert len(comparison.pictures()) == 1


def test_another_size_is_refused():
    with pytest.raises(SizeMismatchError, match=r'Expected a reference of \(19, 27\)'):
        Comparison('plain').add(pair(0, target_m=np.ones((5, 5), np.float32)), nothing)


def test_a_frame_without_a_reference_is_shown_and_not_measured():
    comparison = Comparison('plain')

    values = comparison.add(pair(0, target_m=None), nothing)

    assert values == {}
    assert comparison.pictures()[0].target_m is None


def test_fills_are_measured_where_there_are_points():
    sparse_m = np.full(SIZE, np.nan, np.float32)
    sparse_m[::5, ::5] = 4.0
    comparison = Comparison('plain')

    comparison.add(pair(0), nothing)
    comparison.add(pair(1, sparse_m=sparse_m), nothing)

    frames = {each.subset: each.num_frames for each in comparison.baselines()}
    assert frames == {
        'median of the reference': 2,
        'points, nearest': 1,
        'points, linear in 1/z': 1,
        'points, spread switch': 1,
    }


def test_baselines_can_be_left_out():
    comparison = Comparison('plain', has_baselines=False)

    comparison.add(pair(0), nothing)

    assert comparison.baselines() == ()


def test_inputs_are_drawn_only_for_what_is_kept():
    drawn = []
    comparison = Comparison('plain', num_pictures=2)

    for k in range(64):
        comparison.add(pair(k), lambda k=k: drawn.append(k))

    assert len(drawn) < 16
    assert comparison.pictures()[0].stamp_us == 0


def test_measured_points_are_drawn_where_they_entered():
    sparse_m = np.full(SIZE, np.nan, np.float32)
    sparse_m[9, 9] = 4.0
    comparison = Comparison('plain')

    for k, mode in enumerate(MODES):
        comparison.add(pair(k, mode, sparse_m=sparse_m), nothing)

    without, with_points = (frame.inputs for frame in comparison.pictures())
    assert (without == 255).all()
    assert (with_points[9, 9] != 255).any()


def test_an_unknown_profile_is_refused():
    with pytest.raises(ProfileError):
        Comparison('other')
