"""Poses pushed into a pipeline: depth swept from motion enters its estimates."""

from dataclasses import replace

from eventdepth_core import Camera, DepthPipeline, Rig
from eventdepth_core.engine import load_engine
from eventdepth_core.errors import InputError, LatePoseError, UnsupportedInputError
from eventdepth_core.geometry import PoseLimits, Trajectory
from eventdepth_core.geometry.sweep import MotionSweep
from eventdepth_core.pipeline import PipelineOptions
from eventdepth_core.types import Rectification
import numpy as np
import pytest
from slides import DURATION_US, expected_depth, pose_at, poses, slide_events

CAMERA = Camera(width=160, height=120, fx=150.0, fy=150.0, cx=79.5, cy=59.5)
STAMPS_US = (100_000, 150_000, 200_000)


@pytest.fixture(scope='module')
def slide():
    return slide_events(CAMERA)


@pytest.fixture
def make(make_pipeline):
    return lambda **options: make_pipeline(Rig(event=CAMERA), options=PipelineOptions(**options))


def played(pipeline, events, given=None, *, pieces=1, stamps_us=STAMPS_US, late_us=0, delay_us=0):
    """Return frames at stamps, made `delay_us` later; poses come `late_us` after their stamp."""
    waiting, frames, start_us = list(poses() if given is None else given), [], 0
    for stamp_us in stamps_us:
        end_us = stamp_us + delay_us
        part = events[(events['t'] >= start_us) & (events['t'] < end_us)]
        for piece in np.array_split(part, pieces):
            pipeline.push_events(piece)
        while waiting and waiting[0][0] + late_us <= end_us:
            time_us, pose = waiting.pop(0)
            pipeline.push_pose(pose, time_us)
        frames.append(pipeline.estimate(stamp_us))
        start_us = end_us
    return frames


def swept_error(pipeline):
    """Return the relative errors of what a pipeline has swept by the end of the slide."""
    motion = pipeline._motion
    found = motion._sweep.points(motion._trajectory, DURATION_US)
    measured = np.isfinite(found.inverse_depth)
    return np.abs(found.depth_m / expected_depth(CAMERA) - 1)[measured]


def test_known_motion_gives_metric_depth_without_any_points(make, slide):
    pipeline = make()

    frame = played(pipeline, slide)[-1]

    assert frame.modalities == ('events', 'motion')
    assert frame.scale == 'metric'
    error = swept_error(pipeline)
    assert error.size > 100
    assert np.median(error) < 0.03


@pytest.fixture(scope='module')
def reading_bundle(tiny_bundle):
    """Return a bundle with a second completion head, which reads the sigma of points."""
    head = replace(tiny_bundle.graphs['complete'], name='complete_motion')
    return replace(tiny_bundle, graphs={**tiny_bundle.graphs, 'complete_motion': head})


def test_sigma_reaches_the_head_for_swept_points(tiny_bundle, tiny_engine, reading_bundle, slide):
    plain = DepthPipeline(tiny_bundle, Rig(event=CAMERA), tiny_engine)
    reading = DepthPipeline(reading_bundle, Rig(event=CAMERA), 'onnxruntime')

    without, with_sigma = played(plain, slide)[-1], played(reading, slide)[-1]

    motion = reading._motion
    swept = motion._sweep.points(motion._trajectory, DURATION_US)
    changed = with_sigma.std_m != without.std_m
    np.testing.assert_array_equal(changed, np.isfinite(swept.inverse_depth))
    assert (with_sigma.std_m <= without.std_m).all()  # log-variance of `tiny`: the distance code


@pytest.mark.parametrize(
    ('use', 'head'),
    [
        ('lidar', 'complete'),
        ('motion', 'complete_motion'),
        ('few points', 'complete_motion'),
        ('many points', 'complete'),
    ],
)
def test_the_head_follows_what_measured(reading_bundle, slide, use, head):
    """The head for motion completes where swept points are enough beside those of a LiDAR."""
    engine = Recording(load_engine(reading_bundle))
    pipeline = DepthPipeline(reading_bundle, Rig(event=CAMERA), engine)
    depth_m = np.full(CAMERA.size, np.nan, np.float32)
    if use == 'many points':
        depth_m[:, :60] = 4.0
    depth_m[10::40, 5::40] = 4.0
    if use != 'motion':
        pipeline.push_sparse_depth(depth_m, STAMPS_US[-1])

    frame = played(pipeline, slide, given=[] if use == 'lidar' else None)[-1]

    assert engine.heads[-1] == head
    assert ('motion' in frame.modalities) == (use != 'lidar')


class Recording:
    """An engine that notes which completion heads it runs."""

    def __init__(self, engine):
        self._engine, self.heads = engine, []

    def run(self, graph, inputs):
        if graph.startswith('complete'):
            self.heads.append(graph)
        return self._engine.run(graph, inputs)

    def __getattr__(self, name):
        return getattr(self._engine, name)


def test_without_poses_nothing_differs_from_motion_switched_off(make, slide):
    with_motion, without = make(), make(uses_motion=False)

    some = played(with_motion, slide, given=[])
    others = played(without, slide, given=[])

    for one, other in zip(some, others, strict=True):
        assert one.modalities == ('events',)
        assert one.depth_m.tobytes() == other.depth_m.tobytes()
        assert one.std_m.tobytes() == other.std_m.tobytes()


def test_packets_may_be_cut_anywhere(make, slide):
    whole = played(make(), slide)

    cut = played(make(), slide, pieces=37)

    for one, other in zip(whole, cut, strict=True):
        assert 'motion' in one.modalities
        assert one.depth_m.tobytes() == other.depth_m.tobytes()
        assert one.std_m.tobytes() == other.std_m.tobytes()


def test_with_a_delay_the_depth_of_a_stamp_is_that_of_the_events_up_to_its_end(make, slide):
    delay_us, stamps_us = 20_000, (100_000, 150_000)
    pipeline, causal = make(motion_delay_us=delay_us), make()
    sweep, trajectory = MotionSweep(CAMERA), Trajectory()
    for time_us, pose in poses():
        trajectory.push(pose, time_us)

    frames = played(pipeline, slide, stamps_us=stamps_us, delay_us=delay_us)

    assert [frame.motion_delay_us for frame in frames] == [delay_us] * 2
    assert [frame.motion_delay_us for frame in played(causal, slide)] == [0] * 3
    assert pipeline.counts.num_swept_events == int((slide['t'] < 170_000).sum())
    sweep.push_events(slide)
    for stamp_us in stamps_us:
        sweep.vote(trajectory, stamp_us + delay_us)
        expected = sweep.points(trajectory, stamp_us)
    motion = pipeline._motion
    found = motion._sweep.points(motion._trajectory, stamps_us[-1], motion._voted_us)
    np.testing.assert_allclose(found.inverse_depth, expected.inverse_depth, atol=1e-6)


def test_nothing_after_the_delay_enters_and_everything_before_its_end_does(make, slide):
    delay_us, stamp_us = 20_000, 100_000
    is_later = slide['t'] >= stamp_us + delay_us
    is_between = (slide['t'] >= stamp_us) & ~is_later
    kept = {'whole': slide, 'none_later': slide[~is_later], 'none_between': slide[~is_between]}
    frames = {}

    for name, events in kept.items():
        pipeline = make(motion_delay_us=delay_us)
        pipeline.push_events(events)
        for time_us, pose in poses():
            pipeline.push_pose(pose, time_us)
        frames[name] = pipeline.estimate(stamp_us).depth_m.tobytes()

    assert frames['whole'] == frames['none_later']
    assert frames['whole'] != frames['none_between']


def test_a_delay_out_of_range_is_refused():
    with pytest.raises(InputError, match='motion_delay_us of 0 to 100000, got -1'):
        PipelineOptions(motion_delay_us=-1)
    with pytest.raises(InputError, match='motion_delay_us of 0 to 100000, got 100001'):
        PipelineOptions(motion_delay_us=100_001)


def test_events_wait_for_poses_that_come_late(make, slide):
    in_time, late = make(), make()

    played(in_time, slide)
    played(late, slide, late_us=40_000)

    counts, late_counts = in_time.counts, late.counts
    assert counts.num_unposed_events == late_counts.num_unposed_events == 0
    first_us = DURATION_US - 40_000
    num_waiting = int((slide['t'] >= first_us).sum())
    assert counts.num_swept_events == len(slide)
    assert late_counts.num_swept_events >= len(slide) - num_waiting
    assert late_counts.num_swept_events < len(slide)


def test_a_stamp_long_after_the_newest_pose_has_no_swept_depth(make, slide):
    given = [each for each in poses() if each[0] < 130_000]

    frames = played(make(), slide, given=given)

    assert [('motion' in frame.modalities) for frame in frames] == [True, True, False]


def test_events_in_a_gap_are_left_out_and_counted(make, slide):
    limits = PoseLimits(max_gap_us=20_000, max_extrapolation_us=0)
    given = [each for each in poses() if not 40_000 < each[0] < 80_000]
    pipeline = make(poses=limits)

    played(pipeline, slide, given=given)

    in_gap = int(((slide['t'] > 40_000) & (slide['t'] < 80_000)).sum())
    counts = pipeline.counts
    assert counts.num_pose_gaps == 1
    assert abs(counts.num_unposed_events - in_gap) < 0.1 * in_gap
    assert counts.num_swept_events + counts.num_unposed_events <= len(slide)


def test_a_jump_of_the_world_is_counted_and_what_was_swept_before_is_gone(make, slide):
    def moved(stamp_us):
        pose = pose_at(stamp_us)
        pose[1, 3] += 5.0 * (stamp_us >= 100_000)
        return pose

    given = [(time_us, moved(time_us)) for time_us, _ in poses()]
    pipeline = make()

    frames = played(pipeline, slide, given=given)

    assert pipeline.counts.num_pose_jumps == 1
    assert 'motion' in frames[-1].modalities
    assert np.median(swept_error(pipeline)) < 0.05


def test_rotation_only_gives_no_motion(make, slide):
    def turned(stamp_us):
        angle = 0.5 * stamp_us * 1e-6
        pose = np.eye(4)
        pose[:3, :3] = [
            [np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]
        ]  # fmt: skip
        return pose

    frames = played(make(), slide, given=[(t, turned(t)) for t, _ in poses()])

    assert all(frame.modalities == ('events',) for frame in frames)


def test_lidar_points_and_motion_are_named_apart(make, slide):
    pipeline = make()
    sparse_m = np.full(CAMERA.size, np.nan, np.float32)
    sparse_m[:20:9, ::9] = expected_depth(CAMERA)[:20:9, ::9]  # far from most edges
    pipeline.push_sparse_depth(sparse_m, 199_000)

    frame = played(pipeline, slide)[-1]

    assert frame.modalities == ('events', 'points', 'motion')
    assert frame.scale == 'metric'


def test_a_rectified_reference_gets_its_own_poses(make_pipeline, slide):
    angle = 0.1
    turn = np.array([
        [np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1],
    ])  # fmt: skip
    rig = Rig(event=CAMERA, rectification=Rectification(turn, CAMERA))
    pipeline = make_pipeline(rig)

    played(pipeline, slide)

    motion = pipeline._motion
    pose = motion._trajectory.pose_at(DURATION_US).world_from_camera
    np.testing.assert_allclose(pose[:3, :3] @ turn, np.eye(3), atol=1e-12)
    found = motion._sweep.points(motion._trajectory, DURATION_US)
    depth_m = found.depth_m[np.isfinite(found.inverse_depth)]
    near = np.minimum(np.abs(depth_m / 2.4 - 1), np.abs(depth_m / 1.2 - 1))
    assert depth_m.size > 100
    assert np.median(near) < 0.03


def test_a_reset_forgets_poses_and_votes(make, slide):
    pipeline = make()
    first = played(pipeline, slide)
    pipeline.reset()

    again = played(pipeline, slide)

    for one, other in zip(first, again, strict=True):
        assert one.depth_m.tobytes() == other.depth_m.tobytes()


def test_a_late_pose_is_refused_and_counted(make):
    pipeline = make()
    pipeline.push_pose(np.eye(4), 2_000)

    with pytest.raises(LatePoseError, match='stamped after 2000 µs, got one at 1000 µs'):
        pipeline.push_pose(np.eye(4), 1_000)
    with pytest.raises(InputError, match='Expected a rotation'):
        pipeline.push_pose(np.diag([1000.0, 1000.0, 1000.0, 1.0]), 3_000)

    assert dict(pipeline.counts.drops) == {'late_pose': 1, 'bad_input': 1}
    assert pipeline.counts.num_poses == 1


def test_poses_are_refused_where_motion_is_of_no_use(make):
    with pytest.raises(UnsupportedInputError, match='motion switched on'):
        make(uses_motion=False).push_pose(np.eye(4), 0)
