"""Light between images against a scene that is known at every moment."""

from eventdepth_core.errors import InputError
import numpy as np
import pytest
from training.simulate.between import CrossFade, num_sub_frames, Sampling, sub_frames
from training.simulate.between_depth import (
    DepthInterval,
    filled_from_behind,
    Optics,
    pose_between,
)
from training.simulate.between_flow import FlowInterval
import two_planes

STEP_M = 0.1  # 4 px of the square, 2 px of the wall


def depth_interval(step_m=STEP_M, camera=two_planes.CAMERA):
    return DepthInterval(Optics(camera), two_planes.view_at(0.0), two_planes.view_at(step_m))


def flow_interval(step_m=STEP_M):
    return FlowInterval(
        two_planes.view_at(0.0, has_depth=False), two_planes.view_at(step_m, has_depth=False)
    )


def mean_error(interval, share):
    wrong = np.abs(interval.light(share) - two_planes.light_at(share * STEP_M))
    return float(wrong[:, 3:-3].mean())


@pytest.mark.parametrize('share', [0.13, 0.5, 0.8])
def test_depth_gives_the_light_of_every_moment(share):
    by_depth, by_flow = mean_error(depth_interval(), share), mean_error(flow_interval(), share)
    faded = mean_error(CrossFade(two_planes.view_at(0.0), two_planes.view_at(STEP_M)), share)

    assert by_depth < 0.006
    assert by_depth < by_flow < 0.5 * faded


def test_depth_of_a_moment_between_has_the_square_where_it_is():
    nearness = depth_interval().nearness(0.5)

    wrong = np.abs(1 / nearness - two_planes.depth_at(0.5 * STEP_M)) > 0.01
    assert wrong[:, 3:-3].mean() < 0.01


def test_a_wall_that_comes_out_of_hiding_is_taken_from_the_image_that_sees_it():
    share, exact = 0.5, two_planes.light_at(0.5 * STEP_M)
    hidden_before = (two_planes.depth_at(0.0) == two_planes.NEAR_M) & (
        two_planes.depth_at(0.5 * STEP_M) == two_planes.FAR_M
    )

    light = depth_interval().light(share)

    assert hidden_before.sum() > 20
    assert np.abs(light - exact)[hidden_before].mean() < 0.03


@pytest.mark.parametrize('interval_of', [depth_interval, flow_interval])
def test_a_camera_that_stands_still_changes_nothing(interval_of):
    interval = interval_of(0.0)

    assert interval.motion_px < 0.05
    np.testing.assert_allclose(interval.light(0.4), two_planes.light_at(0.0), atol=2e-3)


@pytest.mark.parametrize('interval_of', [depth_interval, flow_interval])
def test_the_last_moment_is_the_second_image(interval_of):
    assert np.array_equal(interval_of().light(1.0), two_planes.light_at(STEP_M))


def test_motion_is_that_of_the_nearest_surface():
    assert depth_interval().motion_px == pytest.approx(80 * STEP_M / 2, rel=1e-4)
    assert flow_interval().motion_px == pytest.approx(80 * STEP_M / 2, rel=0.2)


@pytest.mark.parametrize('limit_px', [0.2, 0.5, 1.7])
def test_sub_frames_keep_motion_below_the_limit(limit_px):
    interval = depth_interval()
    sampling = Sampling(max_motion_px=limit_px, max_step_us=1_000_000)

    stamps = [frame.stamp_us for frame in sub_frames(interval, 1000, 41_000, sampling)]

    steps_px = interval.motion_px * np.diff([1000, *stamps]) / 40_000
    assert steps_px.max() <= limit_px * 1.001
    assert len(stamps) == np.ceil(interval.motion_px / limit_px - 1e-6)
    assert stamps[-1] == 41_000


def test_sub_frames_are_limited_in_time_and_number():
    interval = depth_interval()

    assert num_sub_frames(interval, 40_000, Sampling(100.0, max_step_us=1000)) == 40
    assert num_sub_frames(interval, 40_000, Sampling(1e-3, max_steps=7)) == 7
    assert num_sub_frames(interval, 3, Sampling(1e-3)) == 3


def test_a_distorted_lens_still_gives_the_light_of_a_still_scene():
    camera = two_planes.CAMERA
    bent = type(camera)(97, 65, 80.0, 80.0, 47.5, 32.0, (-0.2, 0.05, 0.0, 0.0))

    interval = depth_interval(0.0, camera=bent)

    assert interval.motion_px < 0.01
    np.testing.assert_allclose(interval.light(0.5), two_planes.light_at(0.0), atol=2e-3)


def test_the_sky_does_not_move_when_the_camera_does():
    first, second = (two_planes.view_at(x_m) for x_m in (0.0, STEP_M))
    sky = np.full(two_planes.CAMERA.size, np.inf, np.float32)
    views = [
        type(view)(0, view.light, view.grey, view.image, sky, view.world_from_camera)
        for view in (first, second)
    ]

    assert DepthInterval(Optics(two_planes.CAMERA), *views).motion_px < 1e-3


def test_unknown_depth_is_filled_with_what_lies_behind():
    nearness = np.full((5, 9), 0.5, np.float32)
    nearness[:, 5:] = 0.1
    nearness[2, 4] = -1.0

    assert filled_from_behind(nearness)[2, 4] == np.float32(0.1)
    assert (filled_from_behind(np.full((4, 4), -1.0, np.float32)) == 0).all()


def test_poses_between_turn_and_move_evenly():
    end = np.eye(4)
    end[:3, :3] = [[0, 0, 1], [0, 1, 0], [-1, 0, 0]]
    end[:3, 3] = (1.0, 2.0, 3.0)

    middle = pose_between(np.eye(4), end, 0.5)

    np.testing.assert_allclose(middle[:3, :3] @ middle[:3, :3], end[:3, :3], atol=1e-12)
    np.testing.assert_allclose(middle[:3, 3], (0.5, 1.0, 1.5))


def test_views_without_depth_or_pose_are_refused():
    bare = two_planes.view_at(0.0, has_depth=False)

    with pytest.raises(InputError, match='Expected depth at 0 µs'):
        DepthInterval(Optics(two_planes.CAMERA), bare, bare)


def test_limits_of_sub_frames_must_be_positive():
    with pytest.raises(InputError, match='Expected max_motion_px'):
        Sampling(max_motion_px=0.0)
