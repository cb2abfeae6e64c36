"""Held-out frames are the pipeline's own, and stand beside trivial predictions."""

from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.recordings import open_recording
import numpy as np
import pytest
from training.sequences import held_out
from training.sequences.held_out import BundlePredictor, held_out_table, layout_priors, tries
from training.sequences.sample_set import SampleSet


@pytest.fixture(scope='module')
def samples(store) -> SampleSet:
    return SampleSet([('walk_a', store)])


@pytest.fixture(scope='module')
def predictor(bundle) -> BundlePredictor:
    return BundlePredictor(bundle, 1)


def test_an_image_and_points_give_the_frame_of_the_pipeline(walks, bundle, samples, predictor):
    with open_recording(walks / 'walk_a') as recording:
        pipeline = DepthPipeline(bundle, recording.rig)
    index = len(samples) - 1
    given = next(each for each in tries(samples, index, ()) if each.label == 'IP recorded')

    pipeline.push_image(given.example.image, 0)
    pipeline.push_sparse_depth(given.sparse_m, 0)
    expected = pipeline.estimate(0)

    actual = predictor.frame(given)
    np.testing.assert_allclose(actual.depth_m, expected.depth_m, rtol=1e-5)
    np.testing.assert_allclose(actual.std_m, expected.std_m, rtol=1e-5)


def test_the_table_has_every_subset_with_its_baselines(samples, predictor, monkeypatch):
    monkeypatch.setattr(held_out, 'MIN_JUDGED', 50)
    priors = layout_priors(samples)

    rows = held_out_table({'model': predictor}, samples, priors, frames=2, densities=[0.05])

    names = {(row['subset'], row['name']) for row in rows}
    assert {('E', 'model'), ('E', 'mean map'), ('EI', 'constant median')} <= names
    assert {('P recorded', 'nearest fill'), ('EIP 5%', '1/z-linear fill')} <= names
    by_name = {(row['subset'], row['name']): row for row in rows}
    assert (
        by_name['P 5%', 'nearest fill']['abs_rel'] == by_name['EP 5%', 'nearest fill']['abs_rel']
    )


def test_the_mean_map_of_the_judged_frames_themselves_is_hard_to_beat(samples):
    priors = layout_priors(samples)

    size = samples.depth_m(0).shape
    error = np.log(priors.mean_map(size)) - np.log(samples.depth_m(0))

    assert np.nanmean(np.abs(error)) < 0.5
    assert priors.mean_map((23, 31)).shape == (23, 31)


def test_measured_pixels_are_not_judged(samples):
    index = len(samples) - 1
    for given in tries(samples, index, [0.05]):
        if given.sparse_m is not None:
            assert np.isnan(given.target_m[np.isfinite(given.sparse_m)]).all()
