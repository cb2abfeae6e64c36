"""Points like those of a sweep: where they lie, how noisy they are, how they vary."""

from dataclasses import replace

from eventdepth_core.geometry.nearest import nearest_measured
import numpy as np
import pytest
from training.data.augment import Example
from training.data.points import MIN_POINTS
from training.data.swept import (
    edge_pattern,
    joined_with_lidar,
    made_points,
    NOISELESS,
    random_sweep_noise,
    sweep_measurement,
    SweepNoise,
)
from training.simulate.excursions import excursion, ExcursionSpec
from training.simulate.swept_shards import swept_depths

SIZE = (90, 120)


def _scene(seed=0):
    """Return a far wall and a near box, with events along the box alone."""
    rng = np.random.default_rng(seed)
    depth_m = np.full(SIZE, 8.0, np.float32)
    depth_m[30:60, 40:80] = 2.0
    voxel = np.zeros((5, *SIZE), np.float32)
    voxel[2, 28:62, 38:82] = 3.0
    voxel[2, 33:57, 43:77] = 0.0
    image = rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    return Example(voxel, image, np.log(depth_m), 100.0)


@pytest.mark.parametrize('seed', range(8))
def test_made_points_lie_at_events_and_leave_interiors_empty(seed):
    mask = edge_pattern(np.random.default_rng(seed), _scene())

    assert mask.sum() >= MIN_POINTS
    assert not mask[44:47, 55:66].any()
    assert not mask[:20, :20].any()


def test_without_events_points_lie_at_edges_of_the_image():
    image = np.zeros((*SIZE, 3), np.uint8)
    image[:, 60:] = 200
    quiet = replace(_scene(), voxel=np.zeros((5, *SIZE), np.float32), image=image)

    columns = np.nonzero(edge_pattern(np.random.default_rng(1), quiet))[1]

    assert (np.abs(columns - 59.5) < 4).mean() > 0.9


def test_noiseless_points_are_the_depth_at_their_pixels():
    scene = _scene()
    mask = edge_pattern(np.random.default_rng(2), scene)

    points = made_points(np.random.default_rng(0), scene.log_depth, mask, NOISELESS)

    np.testing.assert_array_equal(np.isfinite(points.depth_m), mask)
    np.testing.assert_array_equal(np.isfinite(points.sigma_log), mask)
    np.testing.assert_allclose(points.depth_m[mask], np.exp(scene.log_depth[mask]), rtol=1e-5)


def test_noise_of_inverse_depth_makes_far_points_worse():
    log_depth = np.log(np.where(np.arange(120) < 60, 2.0, 8.0) * np.ones(SIZE)).astype(np.float32)
    everywhere = np.ones(SIZE, np.bool_)
    noise = SweepNoise(floor=0.02, share=0.0, spill=0.0, wild=0.0, moved=0.0)

    points = made_points(np.random.default_rng(0), log_depth, everywhere, noise)

    error = np.log(points.depth_m) - log_depth
    near, far = np.nanstd(error[:, :60]), np.nanstd(error[:, 60:])
    assert far == pytest.approx(4 * near, rel=0.3)
    inside = np.abs(error) < points.sigma_log
    assert inside.mean() == pytest.approx(0.65, abs=0.08)


def test_spilled_points_stand_one_pixel_beyond_an_edge():
    scene = _scene()
    noise = SweepNoise(floor=0.0, share=0.0, spill=1.0, wild=0.0, moved=0.0)

    points = made_points(np.random.default_rng(0), scene.log_depth, np.ones(SIZE, np.bool_), noise)

    wrong = np.abs(np.log(points.depth_m) - scene.log_depth) > 0.1
    expected = np.zeros(SIZE, np.bool_)
    expected[29:61, 39:81] = True
    expected[30:60, 40:80] = False
    np.testing.assert_array_equal(wrong, expected)


def test_outliers_are_as_many_as_stated_and_patches_agree_with_themselves():
    log_depth, everywhere = np.zeros((200, 200), np.float32), np.ones((200, 200), np.bool_)
    rng = np.random.default_rng(0)

    wild = made_points(rng, log_depth, everywhere, SweepNoise(0, 0, 0, 0.1, 0))
    moved = made_points(rng, log_depth, everywhere, SweepNoise(0, 0, 0, 0, 0.09))

    assert (np.abs(np.log(wild.depth_m)) > 1e-5).mean() == pytest.approx(0.1, abs=0.01)
    patches = np.abs(np.log(moved.depth_m)) > 1e-5
    assert patches.mean() == pytest.approx(0.09, abs=0.03)
    assert len(np.unique(np.round(np.log(moved.depth_m)[patches], 4))) <= 6


def test_a_lidar_beside_swept_points_is_believed():
    swept = made_points(
        np.random.default_rng(0), np.zeros(SIZE, np.float32), np.ones(SIZE, np.bool_), NOISELESS
    )
    lidar = np.full(SIZE, np.nan, np.float32)
    lidar[45, ::10] = 5.0

    joined = joined_with_lidar(lidar, replace(swept, sigma_log=swept.sigma_log + 0.05))

    np.testing.assert_array_equal(joined.depth_m[45, ::10], 5.0)
    assert (joined.depth_m[5] == 1.0).all()
    assert not np.isfinite(joined.depth_m[44, 1:110]).any()


@pytest.mark.parametrize('seed', range(6))
def test_measurements_are_finite_together_and_never_empty(seed, tiny_swept):
    from training.data.batches import example_at

    rng = np.random.default_rng(seed)
    for example in (_scene(seed), example_at(tiny_swept, seed)):
        points = sweep_measurement(rng, example)

        known = np.isfinite(points.sparse_m)
        assert known.sum() >= 1
        np.testing.assert_array_equal(known, np.isfinite(points.sigma_log))
        assert (points.sparse_m[known] > 0).all()
        assert (points.sigma_log[known] >= 0).all()


def test_what_a_real_sweep_measures_lies_within_what_is_made():
    """Density, emptiness, closeness to edges, error, outliers; whole sets: docs/motion.md."""
    spec = ExcursionSpec(kind='lateral', family='fly', seed=11, split='train', seconds=0.2)
    recording = excursion(spec, (200_000,))
    swept = swept_depths(recording, recording.poses)[0]
    log_depth = np.log(recording.depth_m[0])
    log_depth[~np.isfinite(log_depth)] = np.nan
    fired = np.zeros((1, *spec.size), np.float32)
    late = recording.events[recording.events['t'] >= 150_000]
    np.add.at(fired[0], (late['y'], late['x']), 1.0)
    example = Example(fired, np.zeros((*spec.size, 3), np.uint8), log_depth, 200.0)
    rng, made = np.random.default_rng(0), []
    for _ in range(40):
        mask, noise = edge_pattern(rng, example), random_sweep_noise(rng)
        made.append(
            _statistics(np.log(made_points(rng, log_depth, mask, noise).depth_m), log_depth)
        )

    real = np.array(_statistics(np.log(swept.depth_m), log_depth))
    low, high = np.percentile(made, [2, 98], axis=0)
    assert (real >= low).all(), (real, low)
    assert (real <= high).all(), (real, high)


def _statistics(log_swept, log_depth):
    """Density, median distance to a point (px), closeness to edges, median error, outliers."""
    both = np.isfinite(log_swept) & np.isfinite(log_depth)
    error = np.abs(np.expm1(log_swept - log_depth))[both]
    step = np.abs(np.diff(log_depth, axis=1, append=log_depth[:, -1:]))
    step += np.abs(np.diff(log_depth, axis=0, append=log_depth[-1:]))
    near_edge = nearest_measured(step > 0.1)[1] <= 2
    away = np.median(nearest_measured(np.isfinite(log_swept))[1])
    closeness = near_edge[both].mean() / near_edge.mean()
    return [both.mean(), away, closeness, np.median(error), (error > 0.2).mean()]
