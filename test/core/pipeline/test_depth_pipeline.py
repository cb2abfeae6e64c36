"""DepthPipeline: which evidence enters an estimate, and what comes out."""

from itertools import combinations
import threading

from eventdepth_core import Camera, EVENT_DTYPE, PipelineOptions, Rig
from eventdepth_core.errors import EngineError, InputError
from eventdepth_core.events.filters import Filtering
from eventdepth_core.types import MODALITIES
import numpy as np
import pytest

STAMP_US = 100_000
SUBSETS = [subset for size in (1, 2, 3) for subset in combinations(MODALITIES, size)]


def same(first, second):
    return (
        first.depth_m.tobytes() == second.depth_m.tobytes()
        and first.std_m.tobytes() == second.std_m.tobytes()
    )


def fed(pipeline, subset, *, events, image, sparse_m, stamp_us=STAMP_US):
    if 'events' in subset:
        pipeline.push_events(events)
    if 'image' in subset:
        pipeline.push_image(image, stamp_us)
    if 'points' in subset:
        pipeline.push_sparse_depth(sparse_m, stamp_us)
    return pipeline


@pytest.mark.parametrize('subset', SUBSETS)
def test_every_subset_of_sensors_gives_dense_depth(
    make_pipeline, events, image, sparse_m, camera, subset
):
    pipeline = fed(make_pipeline(), subset, events=events, image=image, sparse_m=sparse_m)

    frame = pipeline.estimate(STAMP_US)

    assert frame.modalities == subset
    assert frame.scale == ('metric' if 'points' in subset else 'prior')
    assert frame.depth_m.shape == frame.std_m.shape == frame.valid.shape == camera.size
    assert (frame.depth_m.dtype, frame.valid.dtype) == (np.float32, np.bool_)
    assert frame.valid.all()
    assert (frame.std_m > 0).all()
    assert (frame.stamp_us, frame.camera, frame.incomplete) == (STAMP_US, camera, ())
    assert frame.timing.total_ms > 0


def test_every_sensor_changes_the_estimate(make_pipeline, events, image, sparse_m):
    frames = [
        fed(make_pipeline(), subset, events=events, image=image, sparse_m=sparse_m).estimate(
            STAMP_US
        )
        for subset in SUBSETS
    ]

    assert len({frame.depth_m.tobytes() for frame in frames}) == len(SUBSETS)


def test_the_same_messages_give_the_same_bytes(make_pipeline, events, image, sparse_m):
    first, second = (
        fed(make_pipeline(), MODALITIES, events=events, image=image, sparse_m=sparse_m)
        for _ in range(2)
    )

    assert same(first.estimate(STAMP_US), second.estimate(STAMP_US))
    assert same(first.estimate(STAMP_US), second.estimate(STAMP_US))


def test_nothing_of_one_estimate_reaches_the_next(make_pipeline, events):
    first, second = (
        fed(make_pipeline(), ('events',), events=events, image=None, sparse_m=None)
        for _ in range(2)
    )

    first.estimate(60_000)

    assert same(first.estimate(STAMP_US), second.estimate(STAMP_US))


@pytest.mark.parametrize(
    ('age_us', 'enters'), [(-1, False), (0, True), (20_000, True), (20_001, False)]
)
def test_an_image_enters_from_its_stamp_until_it_is_too_old(
    make_pipeline, events, image, age_us, enters
):
    pipeline = make_pipeline(options=PipelineOptions(max_image_age_us=20_000))
    pipeline.push_events(events)
    pipeline.push_image(image, STAMP_US - age_us)

    assert ('image' in pipeline.estimate(STAMP_US).modalities) is enters


def test_stale_points_leave_no_trace(make_pipeline, events, sparse_m):
    without = make_pipeline()
    stale = make_pipeline(options=PipelineOptions(max_points_age_us=10_000))
    stale.push_sparse_depth(sparse_m, STAMP_US - 10_001)
    for pipeline in (without, stale):
        pipeline.push_events(events)

    assert same(without.estimate(STAMP_US), stale.estimate(STAMP_US))


def test_an_estimate_between_two_images_uses_the_older(make_pipeline, image):
    pipeline, older_only = make_pipeline(), make_pipeline()
    pipeline.push_image(image, 90_000)
    pipeline.push_image(image[::-1].copy(), 110_000)
    older_only.push_image(image, 90_000)

    assert same(pipeline.estimate(STAMP_US), older_only.estimate(STAMP_US))


def test_images_of_a_restarted_clock_replace_the_old(make_pipeline, image):
    pipeline = make_pipeline()
    pipeline.push_image(image, 5_000_000)
    pipeline.push_image(image, 1_000)

    assert pipeline.estimate(1_000).modalities == ('image',)
    assert pipeline.counts.num_discontinuities == 1
    with pytest.raises(InputError):
        pipeline.estimate(5_000_000)


def test_an_estimate_from_nothing_says_what_could_be_pushed(make_pipeline):
    with pytest.raises(
        InputError, match='at least one of events, image, points for an estimate at 5 µs'
    ):
        make_pipeline().estimate(5)


def test_a_grey_image_equals_its_three_channel_copy(make_pipeline, image):
    grey, colour = make_pipeline(), make_pipeline()
    grey.push_image(image[..., 0], 0)
    colour.push_image(np.repeat(image[..., :1], 3, axis=2), 0)

    np.testing.assert_allclose(grey.estimate(0).depth_m, colour.estimate(0).depth_m, rtol=1e-5)


def test_points_in_the_camera_frame_equal_the_sparse_depth_that_they_project_to(
    make_pipeline, camera, sparse_m
):
    rows, columns = np.nonzero(np.isfinite(sparse_m))
    depth_m = sparse_m[rows, columns].astype(np.float64)
    points_m = np.stack(
        [
            (columns - camera.cx) / camera.fx * depth_m,
            (rows - camera.cy) / camera.fy * depth_m,
            depth_m,
        ],
        axis=1,
    )
    from_points = np.eye(4)
    from_points[:3, 3] = (0.1, -0.2, 0.3)
    rig = Rig(event=camera, event_from_points=from_points)
    by_points, by_depth = make_pipeline(rig), make_pipeline()
    by_points.push_points((points_m - from_points[:3, 3]).astype(np.float32), 0)
    by_depth.push_sparse_depth(sparse_m, 0)

    np.testing.assert_allclose(
        by_points.estimate(0).depth_m, by_depth.estimate(0).depth_m, rtol=1e-5
    )


@pytest.mark.parametrize(
    'points_m',
    [np.zeros((0, 3)), np.array([[0.0, 0.0, -2.0]]), np.full((4, 3), np.nan)],
)
def test_points_of_which_none_is_in_view_are_a_counted_drop(make_pipeline, points_m):
    pipeline = make_pipeline()

    pipeline.push_points(points_m.astype(np.float32), 0)

    assert pipeline.counts.drops == {'no_points_in_view': 1}
    with pytest.raises(InputError):
        pipeline.estimate(0)


def test_depth_outside_of_the_bundle_range_is_not_measured(make_pipeline, camera):
    depth_m = np.full(camera.size, 500.0, np.float32)
    depth_m[0, :3] = (np.inf, 0.01, -1.0)
    pipeline = make_pipeline()

    pipeline.push_sparse_depth(depth_m, 0)

    assert pipeline.counts.drops == {'no_points_in_view': 1}


def test_measured_pixels_are_reproduced_within_their_noise(make_pipeline, sparse_m):
    pipeline = make_pipeline()
    pipeline.push_sparse_depth(sparse_m, 0)

    frame = pipeline.estimate(0)

    measured = np.isfinite(sparse_m)
    assert np.abs(np.log(frame.depth_m[measured] / sparse_m[measured])).max() < 0.01
    assert np.median(frame.std_m[measured]) < np.median(frame.std_m[~measured])


@pytest.mark.parametrize('size', [(346, 260), (64, 48), (41, 97), (200, 160)])
def test_any_size_works(make_pipeline, size):
    camera = Camera(*size, fx=90.0, fy=90.0, cx=size[0] / 2, cy=size[1] / 2)
    pipeline = make_pipeline(Rig(event=camera))
    depth_m = np.full(camera.size, np.nan, np.float32)
    depth_m[3::9, 2::9] = 6.0
    pipeline.push_sparse_depth(depth_m, 0)
    pipeline.push_image(np.zeros(camera.size, np.uint8), 0)
    pipeline.push_events(np.array([(0, 0, 0, 1)], EVENT_DTYPE))

    frame = pipeline.estimate(100)

    assert frame.depth_m.shape == camera.size
    np.testing.assert_allclose(frame.depth_m, 6.0, rtol=0.02)


def test_the_first_estimate_of_a_stream_that_just_began_is_not_full(make_pipeline, events):
    pipeline = make_pipeline()
    pipeline.push_events(events)

    assert pipeline.estimate(49_000).incomplete == ('window_not_full',)
    assert pipeline.estimate(50_000).incomplete == ()


def test_a_window_without_events_is_a_measurement(make_pipeline, events):
    pipeline = make_pipeline()
    pipeline.push_events(events)

    frame = pipeline.estimate(400_000)

    assert frame.modalities == ('events',)
    assert frame.valid.all()
    assert not same(frame, pipeline.estimate(STAMP_US))


def test_events_before_their_first_sign_do_not_enter(make_pipeline, events, image):
    pipeline = make_pipeline()
    late = events.copy()
    late['t'] += 1_000_000
    pipeline.push_events(late)
    pipeline.push_image(image, 0)

    assert pipeline.estimate(0).modalities == ('image',)


def test_silent_events_leave_while_another_sensor_is_fresh(make_pipeline, events, image):
    pipeline = make_pipeline(options=PipelineOptions(max_event_silence_us=300_000))
    pipeline.push_events(events)
    pipeline.push_image(image, 499_000)
    pipeline.push_image(image, 501_000)

    assert pipeline.estimate(499_000).modalities == ('events', 'image')
    assert pipeline.estimate(501_000).modalities == ('image',)
    assert pipeline.estimate(900_000).modalities == ('events',)


def test_filters_leave_events_out_and_are_counted(make_pipeline, events, camera):
    filtering = Filtering(refractory_us=150_000)
    filtered = make_pipeline(options=PipelineOptions(filtering=filtering))
    by_hand = make_pipeline()

    filtered.push_events(events)
    by_hand.push_events(filtering.chain(camera.size).apply(events))

    assert 0 < filtered.counts.num_filtered < events.size == filtered.counts.num_events
    assert by_hand.counts.num_filtered == 0
    same = [each.estimate(190_000).depth_m for each in (filtered, by_hand)]
    np.testing.assert_array_equal(*same)


def test_poses_are_checked_and_stored_and_never_named(make_pipeline, events):
    pipeline, without = make_pipeline(), make_pipeline()
    for each in (pipeline, without):
        each.push_events(events)
    pipeline.push_pose(np.eye(4), 1_000)
    pipeline.push_pose(np.eye(4), 2_000)

    frame = pipeline.estimate(STAMP_US)

    assert frame.modalities == ('events',)
    assert same(frame, without.estimate(STAMP_US))
    with pytest.raises(InputError, match='Expected a pose stamped after 2000 µs'):
        pipeline.push_pose(np.eye(4), 2_000)
    with pytest.raises(InputError, match='Expected a rotation'):
        pipeline.push_pose(np.diag([1.0, 1.0, 2.0, 1.0]), 3_000)


class FailingEngine:
    """Fails in one graph as often as asked, then runs it."""

    name = 'failing'
    num_threads = 1

    def __init__(self, engine, graph, num_failures):
        self._engine = engine
        self._graph = graph
        self._num_failures = num_failures

    def run(self, graph, inputs):
        if graph == self._graph and self._num_failures:
            self._num_failures -= 1
            raise EngineError('Expected finite numbers, got NaN.')
        return self._engine.run(graph, inputs)

    def warm(self, size):
        self._engine.warm(size)


@pytest.mark.parametrize('graph', ['encode_events', 'fuse_decode', 'complete'])
def test_a_failing_graph_costs_one_frame(
    tiny_bundle, tiny_engine, events, sparse_m, make_pipeline, graph
):
    from eventdepth_core import DepthPipeline

    engine = FailingEngine(tiny_engine, graph, 1)
    healthy = make_pipeline()
    pipeline = DepthPipeline(tiny_bundle, healthy.rig, engine)
    for each in (pipeline, healthy):
        each.push_events(events)
        each.push_sparse_depth(sparse_m, STAMP_US)

    with pytest.raises(EngineError, match='finite'):
        pipeline.estimate(STAMP_US)

    assert same(pipeline.estimate(STAMP_US), healthy.estimate(STAMP_US))
    assert (pipeline.counts.num_estimates, dict(pipeline.counts.drops)) == (
        1,
        {'engine_failed': 1},
    )


def test_counts_are_a_frozen_snapshot(make_pipeline, events, image, sparse_m):
    pipeline = fed(make_pipeline(), MODALITIES, events=events, image=image, sparse_m=sparse_m)
    before = pipeline.counts

    pipeline.estimate(STAMP_US)

    assert (before.num_events, before.num_images, before.num_points) == (events.size, 1, 1)
    assert (before.num_estimates, pipeline.counts.num_estimates) == (0, 1)
    with pytest.raises(TypeError):
        before.drops['nothing'] = 1


def test_reset_forgets_all_evidence(make_pipeline, events, image, sparse_m):
    pipeline = fed(make_pipeline(), MODALITIES, events=events, image=image, sparse_m=sparse_m)
    pipeline.push_pose(np.eye(4), 50)

    pipeline.reset()

    with pytest.raises(InputError):
        pipeline.estimate(STAMP_US)
    pipeline.push_pose(np.eye(4), 50)
    fresh = fed(make_pipeline(), MODALITIES, events=events, image=image, sparse_m=sparse_m)
    fed(pipeline, MODALITIES, events=events, image=image, sparse_m=sparse_m)
    assert same(pipeline.estimate(STAMP_US), fresh.estimate(STAMP_US))


def test_warm_leaves_no_trace(make_pipeline):
    pipeline = make_pipeline()

    assert pipeline.warm() > 0

    assert pipeline.counts.num_estimates == 0
    with pytest.raises(InputError):
        pipeline.estimate(1)


@pytest.mark.parametrize('rig', ['image', 'stereo'])
def test_warm_works_for_every_rig(make_pipeline, camera, rig):
    shifted = np.eye(4)
    shifted[0, 3] = 2.0
    rigs = {
        'image': Rig(image=camera),
        'stereo': Rig(event=camera, image=camera, event_from_image=shifted),
    }

    assert make_pipeline(rigs[rig]).warm() > 0


def test_one_thread_may_push_while_another_estimates(make_pipeline, events, image):
    pipeline, alone = make_pipeline(), make_pipeline()
    alone.push_events(events)
    alone.push_image(image, 190_000)
    pipeline.push_events(events[:10])

    def push():
        for part in np.array_split(events[10:], 100):
            pipeline.push_events(part)
        pipeline.push_image(image, 190_000)

    pushing = threading.Thread(target=push)
    pushing.start()
    while pushing.is_alive():
        pipeline.estimate(STAMP_US)
    pushing.join()

    assert same(pipeline.estimate(200_000), alone.estimate(200_000))


def test_of_two_images_with_one_stamp_the_last_enters(make_pipeline, image):
    corrected, plain = make_pipeline(), make_pipeline()
    corrected.push_image(255 - image, STAMP_US)
    for each in (corrected, plain):
        each.push_image(image, STAMP_US)

    assert same(corrected.estimate(STAMP_US), plain.estimate(STAMP_US))
