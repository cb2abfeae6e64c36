"""Evaluation under profiles: known figures, masks, shapes."""

from pathlib import Path

from eventdepth_core.errors import InputError, ProfileError
from eventdepth_core.evaluation import evaluate, list_profiles
import numpy as np
import pytest

KEYS = {
    'abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'silog', 'delta1', 'delta2', 'delta3', 'mae', 'n',
}  # fmt: skip


def room(seed=0, size=(37, 53)):
    return np.random.default_rng(seed).uniform(1, 9, size).astype(np.float32)


def garg_rows_and_columns(height, width):
    rows = np.arange(int(0.40810811 * height), int(0.99189189 * height))
    columns = np.arange(int(0.03594771 * width), int(0.96405229 * width))
    return np.ix_(rows, columns)


def test_fastdepth_on_a_real_room_scores_the_known_figures(data_root: Path):
    folder = data_root / 'nyu_frame'
    target_m = np.load(folder / 'depth.npy').squeeze()
    predicted_m = np.load(folder / 'pred.npy').squeeze()

    metrics = evaluate(predicted_m, target_m)

    assert metrics['abs_rel'] == pytest.approx(0.1405, abs=5e-5)
    assert metrics['rmse'] == pytest.approx(0.618, abs=5e-4)
    assert metrics['delta1'] == pytest.approx(0.777, abs=5e-4)
    assert metrics['n'] == 224 * 224


def test_keys_are_the_public_ones_and_those_of_std_only_with_std():
    depth_m = room()

    plain = evaluate(depth_m, depth_m)
    judged = evaluate(depth_m, depth_m, std_m=depth_m)

    assert set(plain) >= KEYS | {'coverage', 'num_images'}
    assert set(judged) == set(plain) | {'ause', 'coverage_1sigma'}


def test_pixels_without_target_or_prediction_are_left_out_and_counted():
    target_m, predicted_m = room(), room(1)
    target_m[0, :5] = (np.nan, np.inf, 0.0, -1.0, 3.0)
    predicted_m[1, :4] = (np.nan, np.inf, 0.0, -1.0)
    valid = np.ones(target_m.shape, np.bool_)
    valid[2, :6] = False

    metrics = evaluate(predicted_m, target_m, valid=valid)

    num_targets = target_m.size - 4
    assert metrics['n'] == num_targets - 4 - 6
    assert metrics['coverage'] == pytest.approx(metrics['n'] / num_targets)
    assert np.isfinite(metrics['rmse_log'])


@pytest.mark.parametrize('profile', ['plain', 'kitti_eigen', 'aligned_median'])
def test_no_valid_pixels_give_nan_and_zero_counts_without_a_warning(profile, recwarn):
    nothing = np.full((2, 37, 53), np.nan)

    metrics = evaluate(nothing, nothing, profile, std_m=nothing)

    assert metrics.pop('n') == 0
    assert metrics.pop('num_images') == 0
    assert all(np.isnan(value) for value in metrics.values())
    assert not recwarn.list


def test_a_missing_prediction_has_coverage_zero():
    metrics = evaluate(np.full((5, 7), np.nan), room(size=(5, 7)))

    assert metrics['coverage'] == 0.0
    assert np.isnan(metrics['abs_rel'])


def test_kitti_eigen_follows_the_published_steps():
    random = np.random.default_rng(8)
    target_m = random.uniform(0.5, 95, (3, 74, 248))
    target_m[random.random(target_m.shape) < 0.7] = np.nan
    predicted_m = np.nan_to_num(target_m, nan=5.0) * random.uniform(0.2, 0.9, target_m.shape)

    metrics = evaluate(predicted_m, target_m, 'kitti_eigen')

    expected = []
    for predicted, target in zip(predicted_m, target_m, strict=True):
        inside = garg_rows_and_columns(74, 248)
        p, y = predicted[inside], target[inside]
        with np.errstate(invalid='ignore'):
            mask = (y > 1e-3) & (y < 80)
        p, y = p[mask], y[mask]
        p = np.clip(p * (np.median(y) / np.median(p)), 1e-3, 80)
        expected.append((np.mean(np.abs(y - p) / y), np.mean((y - p) ** 2 / y), len(y)))
    abs_rel, sq_rel, _ = np.mean(expected, axis=0)
    assert metrics['abs_rel'] == pytest.approx(abs_rel)
    assert metrics['sq_rel'] == pytest.approx(sq_rel)
    assert metrics['n'] == sum(count for *_, count in expected)


def test_the_metric_variant_clamps_without_scaling():
    target_m, predicted_m = np.full((40, 60), 50.0), np.full((40, 60), 100.0)

    scaled = evaluate(predicted_m, target_m, 'kitti_eigen')
    metric = evaluate(predicted_m, target_m, 'kitti_eigen_metric')

    assert scaled['abs_rel'] == 0.0
    assert metric['abs_rel'] == pytest.approx(30 / 50)


def test_plain_heaps_pixels_where_aligned_median_averages_images():
    target_m = np.full((2, 4, 5), 2.0)
    target_m[1, 1:] = np.nan
    predicted_m = np.stack([np.full((4, 5), 2.0), np.full((4, 5), 3.0)])
    predicted_m[0, 0, 0] = 4.0

    heaped = evaluate(predicted_m, target_m)
    averaged = evaluate(predicted_m, target_m, 'aligned_median')

    assert heaped['abs_rel'] == pytest.approx((1.0 + 5 * 0.5) / 25)
    assert averaged['abs_rel'] == pytest.approx((1.0 / 20 + 0.0) / 2)
    assert averaged['n'] == 25
    assert averaged['num_images'] == 2


def test_images_without_a_used_pixel_take_no_part_in_the_mean():
    target_m, predicted_m = room(size=(2, 6, 7)), room(1, size=(2, 6, 7))
    target_m[1] = np.nan

    both = evaluate(predicted_m, target_m, 'aligned_median')
    first = evaluate(predicted_m[0], target_m[0], 'aligned_median')

    assert both == first


def test_std_is_scaled_with_an_aligned_prediction():
    target_m = room()
    noisy_m = target_m * np.random.default_rng(3).uniform(0.8, 1.25, target_m.shape)
    std_m = noisy_m * np.random.default_rng(4).uniform(0.05, 0.3, target_m.shape)

    once = evaluate(noisy_m, target_m, 'aligned_median', std_m=std_m)
    tenfold = evaluate(10 * noisy_m, target_m, 'aligned_median', std_m=10 * std_m)

    assert once['coverage_1sigma'] == pytest.approx(tenfold['coverage_1sigma'])
    assert once['ause'] == pytest.approx(tenfold['ause'])


def test_arguments_are_left_alone():
    target_m, predicted_m, std_m = room(), room(1), room(2)
    copies = [array.copy() for array in (target_m, predicted_m, std_m)]

    evaluate(predicted_m, target_m, 'kitti_eigen', std_m=std_m)

    for array, copy in zip((target_m, predicted_m, std_m), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize(
    ('arguments', 'text'),
    [
        ({'predicted_m': np.ones((3, 4))}, r'predicted_m of the shape .*\(4, 3\), got \(3, 4\)'),
        ({'std_m': np.ones(12)}, r'std_m of the shape of target_m \(4, 3\), got \(12,\)'),
        ({'valid': np.ones((4, 4))}, r'valid of the shape of target_m \(4, 3\), got \(4, 4\)'),
        ({'target_m': np.ones(12)}, r'target_m of shape \(H, W\) or \(B, H, W\), got \(12,\)'),
    ],
)
def test_shapes_that_differ_are_refused(arguments, text):
    depth_m = np.ones((4, 3))

    with pytest.raises(InputError, match=text):
        evaluate(**({'predicted_m': depth_m, 'target_m': depth_m} | arguments))


def test_an_unknown_profile_is_refused():
    with pytest.raises(ProfileError, match='Expected an evaluation profile out of plain'):
        evaluate(np.ones((2, 2)), np.ones((2, 2)), 'eigen')


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize('profile', list_profiles())
@pytest.mark.parametrize('shape', [(0, 0), (0, 5), (5, 0), (0, 4, 5), (3, 5, 0)])
def test_images_without_pixels_give_nan_and_no_count(shape, profile):
    empty = np.zeros(shape)

    metrics = evaluate(empty, empty, profile, std_m=empty, valid=empty)

    assert metrics['n'] == metrics['num_images'] == 0
    assert np.isnan([metrics[key] for key in metrics if key not in ('n', 'num_images')]).all()


@pytest.mark.parametrize('name', ['predicted_m', 'target_m', 'std_m', 'valid'])
@pytest.mark.parametrize('wrong', [[['a', 'b']], [[1.0], [1.0, 2.0]], [[1j, 2j]], [[None, None]]])
def test_what_is_no_array_of_real_numbers_is_refused_by_name(name, wrong):
    arrays = {'predicted_m': np.ones((1, 2)), 'target_m': np.ones((1, 2)), name: wrong}

    with pytest.raises(InputError, match=name):
        evaluate(**arrays)


@pytest.mark.parametrize('profile', [None, 5, ['plain'], {}])
def test_a_profile_that_is_no_name_is_refused(profile):
    with pytest.raises(ProfileError, match='Expected an evaluation profile out of plain'):
        evaluate(room(), room(), profile)


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize('none', [np.nan, np.inf, 0.0, -1.0])
def test_no_usable_std_gives_nan_and_leaves_the_errors_alone(none):
    target_m, predicted_m = room(), room(1)

    metrics = evaluate(predicted_m, target_m, std_m=np.full(target_m.shape, none))

    assert np.isnan((metrics['ause'], metrics['coverage_1sigma'])).all()
    assert metrics['abs_rel'] == evaluate(predicted_m, target_m)['abs_rel']


def test_an_image_without_std_takes_no_part_in_the_mean_over_images():
    target_m = np.stack([room(), room(1)])
    predicted_m = np.stack([room(2), room(3)])
    std_m = np.stack([room(4), np.full(room().shape, np.nan)])

    both = evaluate(predicted_m, target_m, 'aligned_median', std_m=std_m)
    first = evaluate(predicted_m[0], target_m[0], 'aligned_median', std_m=std_m[0])

    assert both['ause'] == first['ause']
    assert both['coverage_1sigma'] == first['coverage_1sigma']
