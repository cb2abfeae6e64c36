from dataclasses import replace
import json

from eventdepth_core.evaluation import evaluate
from eventdepth_core.recordings.messages import Header, RawTransform, RawTransforms
from eventdepth_core.recordings.poses import StaticTransforms
from eventdepth_core.types import Camera, DepthSample, ImageSample, PointsSample
from eventdepth_ros.evaluating import Evaluation, EvaluationOptions
from eventdepth_ros.evaluating.evaluation import MAX_WITHOUT_STD
import numpy as np
import pytest

SIZE = (24, 32)
OPTIONS = EvaluationOptions('/depth', '/target', std_topic='/std', node='eventdepth')
STEP_US = 100_000


def maps(k):
    random = np.random.default_rng(k)
    target_m = random.uniform(1, 8, SIZE).astype(np.float32)
    depth_m = (target_m * random.uniform(0.7, 1.3, SIZE)).astype(np.float32)
    return depth_m, (0.2 * depth_m).astype(np.float32), target_m


class Bench:
    def __init__(self, options=OPTIONS):
        self.frames = []
        self.evaluation = Evaluation(options, self.frames.append)

    def send(self, k, *, std=True, target=True, shift_us=0):
        depth_m, std_m, target_m = maps(k)
        self.evaluation.take_depth(DepthSample(depth_m, STEP_US * k))
        if std:
            self.evaluation.take_std(DepthSample(std_m, STEP_US * k))
        if target:
            self.evaluation.take_target(DepthSample(target_m, STEP_US * k + shift_us))

    def summary(self):
        self.evaluation.finish()
        return self.evaluation.summary()


def test_metrics_are_those_of_the_library_with_std():
    bench = Bench()
    bench.send(0)
    bench.send(1)

    depth_m, std_m, target_m = maps(0)
    assert bench.frames[0].values == evaluate(depth_m, target_m, std_m=std_m)
    assert [frame.stamp_us for frame in bench.frames] == [0]  # the newest waits for its mode


def test_the_mode_that_comes_after_its_frame_still_counts():
    bench = Bench()
    bench.send(0)
    mode = {'stamp_us': 0, 'modalities': ['events'], 'scale': 'prior', 'incomplete': []}
    bench.evaluation.modes.add(json.dumps(mode))

    summary = bench.summary()

    assert summary.modalities == {'events': 1}
    assert summary.scales == {'prior': 1}


def test_frames_without_a_std_are_compared_without_it():
    bench = Bench()
    for k in range(MAX_WITHOUT_STD + 2):
        bench.send(k, std=False)

    assert 'ause' not in bench.frames[0].values
    assert bench.summary().counts.num_compared == MAX_WITHOUT_STD + 2


def test_a_std_may_come_before_its_depth():
    bench = Bench()
    depth_m, std_m, target_m = maps(0)
    bench.evaluation.take_std(DepthSample(std_m, 0))
    bench.evaluation.take_depth(DepthSample(depth_m, 0))
    bench.evaluation.take_target(DepthSample(target_m, 0))

    assert 'ause' in bench.summary().metrics[0].values


def test_stamps_beyond_the_tolerance_do_not_meet():
    bench = Bench(replace(OPTIONS, tolerance_ms=2.0))
    bench.send(0, shift_us=2_000)
    bench.send(1, shift_us=2_001)

    counts = bench.summary().counts

    assert (counts.num_pairs, counts.num_unmatched_predicted, counts.num_unmatched_targets) == (
        1, 1, 1,
    )  # fmt: skip


def test_a_reference_of_another_size_is_refused_and_said():
    bench = Bench()
    depth_m, std_m, _ = maps(0)
    bench.evaluation.take_depth(DepthSample(depth_m, 0))
    bench.evaluation.take_std(DepthSample(std_m, 0))
    bench.evaluation.take_target(DepthSample(np.ones((5, 7), np.float32), 0))

    summary = bench.summary()

    assert summary.counts.refused == {'size_mismatch': 1}
    assert 'compare images of the same camera and size' in summary.reason


def test_pairs_without_a_common_pixel_are_said():
    bench = Bench()
    depth_m, std_m, _ = maps(0)
    bench.evaluation.take_depth(DepthSample(depth_m, 0))
    bench.evaluation.take_std(DepthSample(std_m, 0))
    bench.evaluation.take_target(DepthSample(np.full(SIZE, np.nan, np.float32), 0))

    assert 'none of 1 pairs has a pixel' in bench.summary().reason


@pytest.mark.parametrize(
    ('sends', 'expected'),
    [
        ((), 'no depth image has come on /depth'),
        (((0, True, False),), 'no reference depth has come on /target'),
    ],
)
def test_a_side_that_never_came_is_named(sends, expected):
    bench = Bench()
    for k, std, target in sends:
        bench.send(k, std=std, target=target)

    assert expected in bench.summary().reason


def test_without_a_reference_topic_frames_are_shown_all_the_same():
    bench = Bench(replace(OPTIONS, target_topic=''))
    for k in range(3):
        bench.send(k, target=False)

    summary = bench.summary()

    assert len(summary.pictures) == 3
    assert summary.reason == 'No reference was asked for: target.topic is empty.'


def test_baselines_stand_beside_the_model():
    bench = Bench()
    transform = RawTransform(Header(0, 'camera'), 'lidar', np.array([0.0, 0, 0, 0, 0, 0, 1]))
    points = bench.evaluation.points
    points.camera = Camera(SIZE[1], SIZE[0], 20.0, 20.0, 15.5, 11.5)
    points.camera_frame = 'camera'
    points.transforms = StaticTransforms(RawTransforms((transform,)).transforms)
    wall_m = np.array([[x, y, 4.0] for x in (-2.5, 0, 2.5) for y in (-2, 0, 2)], np.float32)
    points.add(PointsSample(wall_m, 0, 'lidar'))

    bench.send(0)

    baselines = {each.subset: each.values for each in bench.summary().baselines}
    target_m = maps(0)[2]
    flat = evaluate(np.full(SIZE, 4.0, np.float32), target_m)
    assert list(baselines) == [
        'median of the reference', 'points, nearest', 'points, linear in 1/z',
        'points, spread switch',
    ]  # fmt: skip
    assert baselines['points, nearest']['abs_rel'] == pytest.approx(flat['abs_rel'], rel=1e-6)
    constant = evaluate(np.full(SIZE, np.median(target_m), np.float32), target_m)
    assert baselines['median of the reference']['rmse'] == constant['rmse']


def test_pictures_of_the_inputs_are_those_of_the_time():
    bench = Bench()
    near, far = np.zeros((*SIZE, 3), np.uint8), np.full((*SIZE, 3), 90, np.uint8)
    bench.evaluation.backdrops.add_event_picture(5_000, lambda: ImageSample(near, 5_000))
    bench.evaluation.backdrops.add_event_picture(400_000, lambda: ImageSample(far, 400_000))

    bench.send(0)

    assert not bench.summary().pictures[0].inputs.any()


def test_events_are_drawn_over_the_image():
    bench = Bench()
    events = np.full((*SIZE, 3), 255, np.uint8)
    events[3, 4] = (30, 70, 220)
    bench.evaluation.backdrops.add_event_picture(0, lambda: ImageSample(events, 0))
    bench.evaluation.backdrops.add_image(0, lambda: ImageSample(np.full(SIZE, 100, np.uint8), 0))

    bench.send(0)

    inputs = bench.summary().pictures[0].inputs
    assert inputs[3, 4].tolist() == [30, 70, 220]
    assert inputs[0, 0].tolist() == [60, 60, 60]


def test_an_image_that_did_not_enter_is_not_drawn():
    bench = Bench()
    mode = {'stamp_us': 0, 'modalities': ['events'], 'scale': 'prior', 'incomplete': []}
    bench.evaluation.modes.add(json.dumps(mode))
    bench.evaluation.backdrops.add_image(0, lambda: ImageSample(np.zeros(SIZE, np.uint8), 0))

    bench.send(0)

    assert (bench.summary().pictures[0].inputs == 255).all()


def test_memory_does_not_grow():
    bench = Bench()
    for k in range(200):
        bench.send(k, target=k % 3 > 0)

    evaluation = bench.evaluation
    waiting = evaluation._pairs.first.waiting, evaluation._pairs.second.waiting
    assert max(map(len, waiting)) <= 16
    assert len(evaluation._matched) <= 1
    assert len(evaluation._depths) + len(evaluation._stds) <= 2 * MAX_WITHOUT_STD
    assert len(bench.summary().pictures) == 6
