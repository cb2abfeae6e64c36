"""DepthPipeline: inputs, rigs and bundles that it refuses, each with one clear error."""

from eventdepth_core import DepthPipeline, load_bundle, PipelineOptions, Rig
from eventdepth_core.errors import BundleError, InputError, UnsupportedInputError
import numpy as np
import pytest

STAMP_US = 100_000


def test_semantics_are_a_clear_error(make_pipeline, camera):
    pipeline = make_pipeline()

    with pytest.raises(
        UnsupportedInputError, match=r'out of events, image, points for bundle tiny, got semantics'
    ):
        pipeline.push_semantics(np.zeros(camera.size, np.int32), 0)

    assert pipeline.counts.drops == {'unsupported_input': 1}


@pytest.mark.parametrize(
    ('image', 'message'),
    [
        (np.zeros((50, 71), np.uint8), r'uint8 of shape \(50, 70\) or .*got uint8 \(50, 71\)'),
        (np.zeros((50, 70), np.float32), r'got float32 \(50, 70\)'),
        (np.zeros((50, 70, 4), np.uint8), r'got uint8 \(50, 70, 4\)'),
        (np.zeros(50, np.uint8), r'got uint8 \(50,\)'),
    ],
)
def test_a_wrong_image_is_refused_and_counted(make_pipeline, image, message):
    pipeline = make_pipeline()

    with pytest.raises(InputError, match=message):
        pipeline.push_image(image, 0)

    assert pipeline.counts.drops == {'bad_input': 1}


def test_wrong_points_and_depth_are_refused(make_pipeline):
    pipeline = make_pipeline()

    with pytest.raises(InputError, match=r'shape \(N, 3\), got \(4, 2\)'):
        pipeline.push_points(np.zeros((4, 2), np.float32), 0)
    with pytest.raises(InputError, match=r'sparse depth of shape \(50, 70\), got \(70, 50\)'):
        pipeline.push_sparse_depth(np.zeros((70, 50), np.float32), 0)


def test_inputs_that_the_bundle_does_not_use_are_refused(edit_manifest, camera, events, image):
    bundle = load_bundle(edit_manifest(lambda manifest: manifest['inputs'].pop('image')))
    pipeline = DepthPipeline(bundle, Rig(event=camera))
    pipeline.push_events(events)

    with pytest.raises(
        UnsupportedInputError, match='out of events, points for bundle tiny, got image'
    ):
        pipeline.push_image(image, STAMP_US)
    assert pipeline.estimate(STAMP_US).modalities == ('events',)


def test_a_bundle_without_a_needed_graph_is_refused(edit_manifest, camera):
    bundle = load_bundle(edit_manifest(lambda manifest: manifest['graphs'].pop('complete')))

    with pytest.raises(BundleError, match='in bundle tiny, got none for complete'):
        DepthPipeline(bundle, Rig(event=camera))


def test_a_bundle_with_another_voxel_convention_is_refused(edit_manifest, camera):
    bundle = load_bundle(
        edit_manifest(lambda manifest: manifest['inputs']['events'].update(convention='tonic'))
    )

    with pytest.raises(BundleError, match=r"the one form of this version, got .*'tonic'"):
        DepthPipeline(bundle, Rig(event=camera))


@pytest.mark.parametrize('name', ['max_image_age_us', 'image_min_depth_m'])
def test_a_limit_that_is_not_positive_is_refused(name):
    with pytest.raises(InputError, match=f'Expected {name} > 0, got 0'):
        PipelineOptions(**{name: 0})
