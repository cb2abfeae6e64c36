"""DepthPipeline: inputs, rigs and bundles that it refuses, each with one clear error."""

from eventdepth_core import DepthPipeline, EVENT_DTYPE, load_bundle, PipelineOptions, Rig
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


@pytest.mark.parametrize('field', [{'span': 'events'}, {'representation': 'time_surface'}])
def test_a_bundle_with_events_in_a_form_that_does_not_stream_is_refused(
    edit_manifest, camera, field
):
    bundle = load_bundle(
        edit_manifest(lambda manifest: manifest['inputs']['events'].update(field))
    )

    with pytest.raises(
        BundleError, match=f"one of the forms .*, got .*'{next(iter(field.values()))}'"
    ):
        DepthPipeline(bundle, Rig(event=camera))


@pytest.mark.parametrize('convention', ['e2vid', 'tonic', 'event_cube'])
def test_a_bundle_gets_its_events_in_the_convention_of_its_manifest(
    edit_manifest, camera, events, convention
):
    from eventdepth_core.events import event_tensor, RepresentationSpec

    change = {'convention': convention, 'bins': 5, 'window_us': 50_000, 'interval_us': 2_500}
    bundle = load_bundle(
        edit_manifest(lambda manifest: manifest['inputs']['events'].update(change))
    )
    pipeline = DepthPipeline(bundle, Rig(event=camera))
    pipeline.push_events(events)

    window = pipeline.capture(100_000).window

    spec = RepresentationSpec(convention=convention, bins=5, window_us=50_000, interval_us=2_500)
    expected = event_tensor(events, spec, size=camera.size, end_us=100_000)
    np.testing.assert_allclose(window.voxel, expected, atol=1e-6)
    assert window.voxel.any()


@pytest.mark.parametrize('name', ['max_image_age_us', 'image_min_depth_m'])
def test_a_limit_that_is_not_positive_is_refused(name):
    with pytest.raises(InputError, match=f'Expected {name} > 0, got 0'):
        PipelineOptions(**{name: 0})


LABELS = np.zeros((50, 70), np.int32)


@pytest.mark.parametrize('stamp_us', [1.5, 'a', None, 2**63, -(2**70)])
def test_a_stamp_that_is_no_usable_integer_is_refused(make_pipeline, image, sparse_m, stamp_us):
    pipeline = make_pipeline()
    points_m = np.ones((4, 3), np.float32)
    calls = [
        lambda: pipeline.push_image(image, stamp_us),
        lambda: pipeline.push_points(points_m, stamp_us),
        lambda: pipeline.push_sparse_depth(sparse_m, stamp_us),
        lambda: pipeline.push_semantics(LABELS, stamp_us),
        lambda: pipeline.push_pose(np.eye(4), stamp_us),
        lambda: pipeline.estimate(stamp_us),
    ]

    for call in calls:
        with pytest.raises(InputError, match='Expected stamp_us'):
            call()

    assert pipeline.counts.drops == {'bad_input': len(calls)}


@pytest.mark.parametrize('values', ['text', [[1, 2, 3], [4]], np.array([None]), None])
def test_values_that_are_no_numbers_are_refused(make_pipeline, values):
    pipeline = make_pipeline()
    calls = [
        pipeline.push_image,
        pipeline.push_points,
        pipeline.push_sparse_depth,
        pipeline.push_semantics,
        pipeline.push_pose,
    ]

    for call in calls:
        with pytest.raises(InputError, match='as an array of numbers'):
            call(values, 0)

    assert pipeline.counts.drops == {'bad_input': len(calls)}


@pytest.mark.parametrize(
    'changed',
    [
        {'payload': 5},
        {'payload': 'text'},
        {'payload': [300]},
        {'payload': np.zeros(4)},
        {'time_base_ns': 0.5},
        {'seq': 'a'},
        {'arrival_us': 1.5},
        {'arrival_us': 2**63},
        {'width': '70'},
    ],
)
def test_a_packet_with_an_argument_of_another_kind_is_refused(make_pipeline, changed):
    pipeline = make_pipeline()
    fields = {'width': 70, 'height': 50, 'time_base_ns': 0, 'payload': b'', **changed}

    with pytest.raises(InputError, match='Expected '):
        pipeline.push_packet('evt3', **fields)

    assert pipeline.counts.drops == {'bad_input': 1}


@pytest.mark.parametrize('pushed', [(None,), ([1, 2],), (np.zeros(1, EVENT_DTYPE), 1.5)])
def test_events_of_another_kind_are_refused(make_pipeline, pushed):
    pipeline = make_pipeline()

    with pytest.raises(InputError, match='Expected '):
        pipeline.push_events(*pushed)

    assert pipeline.counts.drops == {'bad_input': 1}


def test_engine_must_be_a_name_or_an_engine(tiny_bundle, camera):
    with pytest.raises(InputError, match=r'engine to be a name or an engine, got int'):
        DepthPipeline(tiny_bundle, Rig(event=camera), 5)


@pytest.mark.parametrize('name', ['bundle', 'rig', 'options'])
def test_a_pipeline_of_other_parts_is_refused(tiny_bundle, tiny_engine, camera, name):
    parts = {'bundle': tiny_bundle, 'rig': Rig(event=camera), 'options': PipelineOptions()}

    with pytest.raises(InputError, match=f'Expected {name} of type .*, got str'):
        DepthPipeline(engine=tiny_engine, **{**parts, name: 'other'})


def test_a_latent_with_other_channels_than_its_graphs_is_refused(edit_manifest, camera, events):
    bundle = load_bundle(edit_manifest(lambda manifest: manifest['latents'][0].update(channels=7)))
    pipeline = DepthPipeline(bundle, Rig(event=camera))
    pipeline.push_events(events)

    with pytest.raises(BundleError, match=r'Expected mu_fine of shape \(1, 7, .*, got \(1, '):
        pipeline.estimate(STAMP_US)
