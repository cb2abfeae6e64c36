"""
Every published protocol against its own oracle, on frames where its quirks change the number.

The frames have unmeasured and too far targets, a different maximum in each frame, saturated
predictions, targets below the nearest code and targets exactly on a cut-off.

"""

from pathlib import Path
import sys

from eventdepth_core.evaluation import evaluate, list_profiles, profile_named
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import oracles

MVSEC, KITTI, NYU = (266, 346), (375, 1242), (480, 640)


def frames(size, *, seed=0, num=3, farthest=(95.0, 60.0, 41.0), holes=0.4):
    """Return predictions and targets (B, H, W), metres."""
    random = np.random.default_rng(seed)
    shape = (num, *size)
    target = np.exp(random.uniform(np.log(0.8), np.log(40.0), shape))
    predicted = target * np.exp(random.normal(0.05, 0.35, shape))
    for k in range(num):
        target[k][random.random(size) < 0.02] = farthest[k]
    target[:, 5, 5:65] = np.repeat([10.0, 20.0, 30.0], 20)
    predicted[:, 20:30] = 80.0  # saturated
    target[random.random(shape) < holes] = np.nan
    return predicted, target


def assert_equal(metrics, expected):
    assert len(expected) > 3
    for name, value in expected.items():
        assert metrics[name] == pytest.approx(value, rel=1e-9, nan_ok=True), name


@pytest.mark.parametrize(
    ('profile', 'options'),
    [('mvsec_e2depth', {}), ('mvsec_e2depth_legacy', {'legacy': True})],
)
def test_e2depth(profile, options):
    predicted, target = frames(MVSEC)

    metrics = evaluate(predicted, target, profile)

    assert_equal(metrics, oracles.mvsec_e2depth(predicted, target, **options))


def test_rescaling_targets_by_their_own_maximum_changes_e2depth_by_more_than_a_tenth():
    predicted, target = frames(MVSEC)

    plain, legacy = (
        evaluate(predicted, target, name)['mae']
        for name in ('mvsec_e2depth', 'mvsec_e2depth_legacy')
    )

    assert abs(legacy - plain) > 0.1 * plain


def test_e2depth_reports_the_share_of_predictions_it_drops():
    predicted, target = frames(MVSEC)

    metrics = evaluate(predicted, target, 'mvsec_e2depth')

    kept = np.minimum(predicted, 39.0)
    assert metrics['coverage'] < 0.97
    assert evaluate(kept, target, 'mvsec_e2depth')['coverage'] == 1.0
    assert metrics['mae'] < evaluate(predicted, target, 'fuse')['mae']  # dropping flatters


def test_ramnet():
    predicted, target = frames(MVSEC)
    predicted[:, 40:44] = 0.3

    metrics = evaluate(predicted, target, 'mvsec_ramnet')

    expected = oracles.mvsec_ramnet(predicted, target)
    assert np.isnan(expected['rmse_log'])
    assert_equal(metrics, expected)


def test_ramnet_of_fully_measured_frames_has_a_logarithmic_error():
    predicted, target = frames(MVSEC, holes=0.0)

    metrics = evaluate(predicted, target, 'mvsec_ramnet')

    assert metrics['rmse_log'] > 0
    assert_equal(metrics, oracles.mvsec_ramnet(predicted, target))


def test_ereformer():
    predicted, target = frames(MVSEC)
    predicted[0, 50:60], predicted[1, 50:60] = np.nan, np.inf

    metrics = evaluate(predicted, target, 'mvsec_ereformer')

    assert metrics['coverage'] == 1.0
    assert_equal(metrics, oracles.mvsec_ereformer(predicted, target))


def test_hmnet():
    predicted, target = frames(MVSEC)
    predicted[1] = np.nan  # takes the prediction of frame 0

    metrics = evaluate(predicted, target, 'mvsec_hmnet')

    assert_equal(metrics, oracles.mvsec_hmnet(predicted, target))


def test_hmnet_on_the_pixels_of_the_others():
    predicted, target = frames((260, 346))

    metrics = evaluate(predicted, target, 'mvsec_hmnet_rpg')

    assert_equal(metrics, oracles.mvsec_hmnet(predicted, target, np.s_[2:258, 1:345]))


def test_cut_offs_of_hmnet_hold_targets_that_lie_on_them():
    predicted, target = frames(MVSEC, num=1)

    inclusive = evaluate(predicted, target, 'mvsec_hmnet')
    strict = evaluate(predicted, target, 'mvsec_ereformer')

    near = (np.nan_to_num(target) >= 1.978) & (np.nan_to_num(target) <= 10)
    assert inclusive['share_10m'] * inclusive['n'] == pytest.approx(near.sum())
    assert strict['share_10m'] * strict['n'] < near.sum()


def test_fuse_on_mvsec():
    predicted, target = frames(MVSEC)

    assert_equal(evaluate(predicted, target, 'fuse'), oracles.fuse(predicted, target))


def test_fuse_on_dense():
    predicted, target = frames(MVSEC, farthest=(1000.0, 1001.0, 300.0))

    metrics = evaluate(predicted, target, 'fuse_dense')

    assert_equal(metrics, oracles.fuse(predicted, target, 1000.0, 5.7))


@pytest.mark.parametrize(('profile', 'full'), [('aled', 100.0), ('aled_sled', 200.0)])
def test_aled(profile, full):
    predicted, target = frames(MVSEC, farthest=(95.0, 150.0, 201.0))
    target[1:, ::2] = np.nan  # frames of different weight

    metrics = evaluate(predicted, target, profile)

    assert_equal(metrics, oracles.aled(predicted, target, full))
    each = [evaluate(p, y, profile)['mae'] for p, y in zip(predicted, target, strict=True)]
    assert metrics['mae'] != pytest.approx(np.mean(each), rel=1e-4)


@pytest.mark.parametrize(
    ('profile', 'options'),
    [
        ('kitti_eigen', {}),
        ('kitti_eigen_metric', {'factor': 1.0}),
        ('kitti_eigen_stereo', {'factor': 5.4}),
        ('kitti_eigen_benchmark', {'cropped': False, 'low': 0.0, 'high': np.inf}),
    ],
)
def test_kitti_eigen(profile, options):
    predicted, target = frames(KITTI, num=2)

    metrics = evaluate(predicted, target, profile)

    assert_equal(metrics, oracles.kitti_eigen(predicted, target, **options))


def test_kitti_marigold():
    predicted, target = frames(KITTI, num=2)
    predicted = predicted / 100 - 0.02  # up to scale and shift, partly negative

    metrics = evaluate(predicted, target, 'kitti_marigold')

    assert_equal(metrics, oracles.kitti_marigold(predicted, target))


def test_aligned():
    predicted, target = frames(MVSEC)
    predicted = predicted / 100 - 0.02

    metrics = evaluate(predicted, target, 'aligned')

    assert_equal(metrics, oracles.aligned(predicted, target))


def test_aligned_inverse():
    predicted, target = frames(MVSEC)
    predicted = 3.0 * predicted

    metrics = evaluate(predicted, target, 'aligned_inverse')

    assert_equal(metrics, oracles.aligned_inverse(predicted, target))


def test_nyu():
    predicted, target = frames(NYU, farthest=(9.9, 10.0, 12.0))

    metrics = evaluate(predicted, target, 'nyu')

    assert_equal(metrics, oracles.nyu(predicted, target))


def test_nyu_fastdepth():
    predicted, target = frames((224, 224))

    metrics = evaluate(predicted, target, 'nyu_fastdepth')

    assert_equal(metrics, oracles.nyu_fastdepth(predicted, target))


def test_completion():
    predicted, target = frames((228, 304))

    assert_equal(evaluate(predicted, target, 'completion'), oracles.completion(predicted, target))


def test_dsec_disparity():
    predicted, target = frames((480, 640))
    target = np.nan_to_num(target)
    predicted[:, 100:120] = 0.0  # predicted at infinity, which counts

    metrics = evaluate(predicted, target, 'dsec_disparity')

    assert metrics['coverage'] == 1.0
    assert_equal(metrics, oracles.dsec_disparity(predicted, target))


def test_every_published_protocol_has_an_oracle():
    covered = set(dir(oracles)) | {
        'plain', 'aligned_median', 'mvsec_e2depth_legacy', 'mvsec_hmnet_rpg', 'fuse_dense',
        'aled_sled', 'kitti_eigen_metric', 'kitti_eigen_stereo', 'kitti_eigen_benchmark',
    }  # fmt: skip

    assert set(list_profiles()) <= covered


def test_fastdepth_scores_what_it_published_on_its_own_frame(data_root):
    predicted, target = (np.load(data_root / 'nyu_frame' / f'{n}.npy') for n in ('pred', 'depth'))
    predicted, target = np.squeeze(predicted), np.squeeze(target)

    whole = evaluate(predicted, target, 'nyu_fastdepth')
    cropped = evaluate(predicted, target, 'nyu')

    assert whole['abs_rel'] == pytest.approx(0.1405, abs=5e-5)
    assert whole['rmse'] == pytest.approx(0.618, abs=5e-4)
    assert whole['delta1'] == pytest.approx(0.777, abs=5e-4)
    assert cropped['abs_rel'] == pytest.approx(0.124, abs=5e-4)
    assert cropped['rmse'] == pytest.approx(0.534, abs=5e-4)
    assert cropped['delta1'] == pytest.approx(0.817, abs=5e-4)


def test_profiles_differ_from_plain_only_in_the_switches_they_list():
    assert profile_named('plain').switches() == {}
    assert profile_named('completion').switches() == {'averaging': 'images'}
    assert profile_named('mvsec_hmnet').switches().keys() == {
        'min_depth_m', 'max_depth_m', 'range_bound', 'cut_offs_m', 'cut_off_bound',
        'missing_frame', 'averaging', 'codec',
    }  # fmt: skip
