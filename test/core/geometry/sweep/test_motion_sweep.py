"""The sweep as a whole: metric, causal, independent of packets, silent where nothing is known."""

from itertools import pairwise

from eventdepth_core.errors import InputError
from eventdepth_core.geometry import distort_points, Trajectory
from eventdepth_core.geometry.sweep import MotionSweep, SweepOptions
from eventdepth_core.types import Camera, EVENT_DTYPE
import numpy as np
import pytest

from .conftest import CAMERA, pose_at, ride

STAMP_US = 180_000


def _swept(some_ride, stamp_us=STAMP_US, options=None, pieces=1):
    sweep = MotionSweep(some_ride.camera, options or SweepOptions())
    for piece in np.array_split(some_ride.events, pieces):
        sweep.push_events(piece)
    return sweep, sweep.points(some_ride.trajectory, stamp_us)


def _relative_error(some_ride, swept):
    truth = some_ride.nearest_truth(swept.stamp_us)
    both = np.isfinite(truth) & np.isfinite(swept.inverse_depth)
    return (swept.inverse_depth[both] / truth[both] - 1.0), int(both.sum())


def test_sideways_motion_gives_metric_depth(sideways):
    _, swept = _swept(sideways)

    error, count = _relative_error(sideways, swept)

    assert count > 300
    assert np.median(np.abs(error)) < 0.02
    assert (np.abs(error) < 0.1).mean() > 0.9


def test_sigma_covers_the_error(sideways):
    _, swept = _swept(sideways)
    truth = sideways.nearest_truth(STAMP_US)
    both = np.isfinite(truth) & np.isfinite(swept.inverse_depth)

    off = np.abs(swept.inverse_depth - truth)[both] / swept.sigma[both]

    assert (off < 1.0).mean() > 0.6
    assert (off < 3.0).mean() > 0.9


def test_depth_and_its_deviation_follow_from_inverse_depth(sideways):
    _, swept = _swept(sideways)
    some = np.isfinite(swept.inverse_depth)

    np.testing.assert_allclose(swept.depth_m[some], 1 / swept.inverse_depth[some], rtol=1e-6)
    np.testing.assert_allclose(
        swept.std_m[some], swept.sigma[some] * swept.depth_m[some] ** 2, rtol=1e-5
    )
    assert np.isnan(swept.depth_m[~some]).all()


def test_hand_held_motion_gives_metric_depth():
    shaken = ride(velocity=(0.2, -0.15, 0.1), turn=(0.3, 0.4, -0.5))

    error, count = _relative_error(shaken, _swept(shaken)[1])

    assert count > 200
    assert np.median(np.abs(error)) < 0.03


def test_rotation_alone_gives_no_points():
    turning = ride(velocity=(0.0, 0.0, 0.0), turn=(0.2, 1.0, 0.3))

    sweep, swept = _swept(turning)

    assert sweep.counts.voted > 1000
    assert np.isnan(swept.inverse_depth).all()


def test_forward_motion_gives_points_but_none_at_the_epipole():
    forward = ride(velocity=(0.0, 0.0, 1.2), num_strokes=120, seconds=0.3)

    _, swept = _swept(forward, 280_000)

    error, count = _relative_error(forward, swept)
    rows, columns = np.nonzero(np.isfinite(swept.inverse_depth))
    assert count > 200
    assert np.median(np.abs(error)) < 0.05
    assert np.hypot(columns - CAMERA.cx, rows - CAMERA.cy).min() > 6


def test_no_event_at_or_after_the_stamp_enters(sideways):
    stamp_us = 120_250
    before = sideways.events[sideways.events['t'] < stamp_us]
    sweep = MotionSweep(sideways.camera)
    sweep.push_events(before)

    alone = sweep.points(sideways.trajectory, stamp_us)
    _, among = _swept(sideways, stamp_us)

    np.testing.assert_array_equal(alone.inverse_depth, among.inverse_depth)
    np.testing.assert_array_equal(alone.sigma, among.sigma)


def test_the_result_does_not_depend_on_packets_or_early_votes(sideways):
    _, whole = _swept(sideways)
    sweep = MotionSweep(sideways.camera)
    for piece in np.array_split(sideways.events, 61):
        sweep.push_events(piece)
        sweep.vote(sideways.trajectory, min(int(piece['t'][-1]), STAMP_US))
    piecewise = sweep.points(sideways.trajectory, STAMP_US)

    np.testing.assert_array_equal(whole.inverse_depth, piecewise.inverse_depth)
    np.testing.assert_array_equal(whole.sigma, piecewise.sigma)


def test_poses_may_come_after_their_events(sideways):
    _, whole = _swept(sideways)
    sweep, late = MotionSweep(sideways.camera), Trajectory()
    sweep.push_events(sideways.events)
    for stamp_us in range(0, 200_001, 5000):
        late.push(sideways.trajectory.pose_at(stamp_us).world_from_camera, stamp_us)
        sweep.vote(late, stamp_us)
        if stamp_us == STAMP_US:
            break
    swept = sweep.points(late, STAMP_US)

    np.testing.assert_allclose(swept.inverse_depth, whole.inverse_depth, rtol=1e-6)


def test_points_are_seen_from_the_pose_at_the_stamp(sideways):
    sweep, _ = _swept(sideways, 150_000)
    later = sweep.points(sideways.trajectory, 199_000)

    error, count = _relative_error(sideways, later)

    assert count > 300
    assert np.median(np.abs(error)) < 0.02


def test_a_window_that_ends_keeps_its_points():
    long = ride(seconds=0.5, num_strokes=90)
    sweep = MotionSweep(long.camera)
    sweep.push_events(long.events)

    counts = [
        np.isfinite(sweep.points(long.trajectory, stamp_us).inverse_depth).sum()
        for stamp_us in range(150_000, 500_000, 25_000)
    ]

    assert sweep.counts.keyframes >= 2
    assert min(counts) > 0.4 * max(counts)


def test_a_jump_of_the_world_forgets_its_points(sideways):
    sweep, _ = _swept(sideways, 150_000)
    jumped = Trajectory()
    for stamp_us in range(0, 200_001, 5000):
        pose = pose_at(stamp_us * 1e-6, (0.3, 0.0, 0.0), (0.0, 0.0, 0.0))
        pose[1, 3] += 5.0 * (stamp_us > 150_000)
        jumped.push(pose, stamp_us)

    swept = sweep.points(jumped, 170_000)

    assert np.isfinite(swept.inverse_depth).sum() < 50


def test_events_without_a_pose_are_counted_and_left_out(sideways):
    sweep = MotionSweep(sideways.camera)
    sweep.push_events(sideways.events)

    swept = sweep.points(Trajectory(), STAMP_US)

    assert np.isnan(swept.inverse_depth).all()
    assert sweep.counts.without_pose == (sideways.events['t'] < STAMP_US).sum()
    assert sweep.counts.voted == 0


def test_nothing_pushed_gives_an_empty_result(sideways):
    sweep = MotionSweep(sideways.camera)

    swept = sweep.points(sideways.trajectory, STAMP_US)

    assert np.isnan(swept.inverse_depth).all()
    assert (swept.stamp_us, swept.window_us) == (STAMP_US, 0)


def test_a_wide_sensor_is_swept_at_half_size():
    camera = Camera(292, 214, 360.0, 362.0, 143.1, 108.9)
    wide = ride(camera=camera)
    sweep, swept = _swept(wide, options=SweepOptions(max_width_px=150))

    error, count = _relative_error(wide, swept)

    assert sweep.grid.camera.size == (107, 146)
    assert swept.inverse_depth.shape == (214, 292)
    assert count > 200
    assert np.median(np.abs(error)) < 0.03


def test_thinning_keeps_depth(sideways):
    rate_hz = 0.5 * len(sideways.events) / 0.2
    sweep, swept = _swept(sideways, options=SweepOptions(max_event_rate_hz=rate_hz))

    error, count = _relative_error(sideways, swept)

    assert 0.3 < sweep.counts.thinned / (sweep.counts.thinned + sweep.counts.voted) < 0.6
    assert count > 0.6 * _relative_error(sideways, _swept(sideways)[1])[1]
    assert np.median(np.abs(error)) < 0.04


def test_clear_forgets_everything(sideways):
    sweep, first = _swept(sideways)
    sweep.clear()
    sweep.push_events(sideways.events)

    again = sweep.points(sideways.trajectory, STAMP_US)

    np.testing.assert_array_equal(first.inverse_depth, again.inverse_depth)


@pytest.mark.parametrize(('x', 'y'), [(146, 0), (0, 107)])
def test_events_outside_the_sensor_are_refused(x, y):
    events = np.zeros(1, EVENT_DTYPE)
    events['x'], events['y'] = x, y

    with pytest.raises(InputError, match='Expected events inside 146x107'):
        MotionSweep(CAMERA).push_events(events)


def test_events_of_another_dtype_are_refused():
    with pytest.raises(InputError, match='Expected events of EVENT_DTYPE'):
        MotionSweep(CAMERA).push_events(np.zeros(3))


@pytest.mark.parametrize(('name', 'value'), [('min_depth_m', 0.0), ('num_planes', 4)])
def test_options_out_of_range_are_refused(name, value):
    with pytest.raises(InputError, match='Expected'):
        SweepOptions(**{name: value})


@pytest.mark.parametrize(
    ('size', 'given_hz', 'expected_hz'),
    [((180, 240), None, 2e6), ((100, 120), None, 2e6), ((480, 640), None, 1.125e6),
     ((480, 640), 5e6, 5e6)],
)  # fmt: skip
def test_without_a_limit_events_are_thinned_to_what_one_core_can_sweep(
    size, given_hz, expected_hz
):
    camera = Camera(size[1], size[0], 500.0, 500.0, size[1] / 2, size[0] / 2)

    sweep = MotionSweep(camera, SweepOptions(max_event_rate_hz=given_hz))

    assert sweep.options.max_event_rate_hz == pytest.approx(expected_hz)


def test_what_only_one_half_of_a_window_saw_is_no_point(sideways):
    vanishing = sideways.events[(sideways.events['t'] < 50_000) | (sideways.events['y'] < 50)]
    sweep = MotionSweep(sideways.camera)
    sweep.push_events(vanishing)

    swept = sweep.points(sideways.trajectory, STAMP_US)

    rows, _ = np.nonzero(np.isfinite(swept.inverse_depth))
    assert (rows < 50).sum() > 100
    assert (rows > 54).sum() < 0.1 * (rows < 50).sum()


def test_distortion_is_undone_event_by_event():
    straight = ride()
    lens = Camera(146, 107, 180.0, 181.0, 71.3, 54.2, (-0.25, 0.08, 0.0, 0.0))
    pixels = np.stack([straight.events['x'], straight.events['y']], axis=1)
    bent = np.rint(distort_points(pixels, lens))
    inside = ((bent >= 0) & (bent < (146, 107))).all(axis=1)
    events = straight.events[inside].copy()
    events['x'], events['y'] = bent[inside].T
    sweep = MotionSweep(lens)
    sweep.push_events(events)

    swept = sweep.points(straight.trajectory, STAMP_US)

    error, count = _relative_error(straight, swept)
    assert swept.camera == CAMERA
    assert count > 200
    assert np.median(np.abs(error)) < 0.04


def test_points_outlive_a_short_standstill_with_growing_sigma():
    moving_s, still_s = 0.3, 0.9

    def way(time_s):
        pose = np.eye(4)
        pose[0, 3] = 0.3 * min(time_s, moving_s)
        return pose

    seen = ride(way=way, seconds=moving_s + still_s)
    sweep = MotionSweep(seen.camera)
    sweep.push_events(seen.events)

    points = [sweep.points(seen.trajectory, t) for t in range(300_000, 1_200_001, 100_000)]

    counts = [int(np.isfinite(each.inverse_depth).sum()) for each in points]
    relative = [np.nanmedian(each.sigma / each.inverse_depth) for each in points]
    assert seen.events['t'].max() < 310_000
    assert min(counts[:6]) > 0.5 * counts[0] > 50
    assert all(a <= b for a, b in pairwise(relative[:6]))
    assert relative[5] > relative[0]


def test_after_an_hour_without_events_all_begins_anew(sideways):
    hour_us = 3_600_000_000
    sweep, _ = _swept(sideways)
    later = sideways.events.copy()
    later['t'] += hour_us
    trajectory = Trajectory()
    for stamp_us in range(0, 200_001, 5000):
        pose = sideways.trajectory.pose_at(stamp_us).world_from_camera
        trajectory.push(pose, stamp_us + hour_us)
    sweep.push_events(later[later['t'] < hour_us + 60_000])

    fresh = MotionSweep(sideways.camera)
    fresh.push_events(later[later['t'] < hour_us + 60_000])

    np.testing.assert_array_equal(
        sweep.points(trajectory, hour_us + 60_000).inverse_depth,
        fresh.points(trajectory, hour_us + 60_000).inverse_depth,
    )


def test_votes_in_a_silence_change_nothing(sideways):
    silent = sideways.events[(sideways.events['t'] < 60_000) | (sideways.events['t'] > 110_000)]
    whole, often = MotionSweep(sideways.camera), MotionSweep(sideways.camera)
    whole.push_events(silent)
    for start_us in range(0, STAMP_US, 5000):
        inside = (silent['t'] >= start_us) & (silent['t'] < start_us + 5000)
        often.push_events(silent[inside])
        often.vote(sideways.trajectory, start_us + 5000)

    np.testing.assert_array_equal(
        whole.points(sideways.trajectory, STAMP_US).sigma,
        often.points(sideways.trajectory, STAMP_US).sigma,
    )
