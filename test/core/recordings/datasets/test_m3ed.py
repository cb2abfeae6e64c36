"""M3ED: events through lzf, depth out of the distorted view, poses turned around."""

import cv2
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import DepthSample, EventSlice, ImageSample, PoseSample
from layouts.m3ed import DISTORTION, INTRINSICS, write_m3ed
import numpy as np
import pytest


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp('m3ed')
    return folder, write_m3ed(folder)


@pytest.fixture(scope='module')
def samples(written):
    with open_recording(written[0]) as recording:
        return list(recording.samples())


def of_kind(samples, kind):
    return [sample for sample in samples if isinstance(sample, kind)]


def test_all_events_are_read(written, samples):
    events = np.concatenate([each.events for each in of_kind(samples, EventSlice)])

    np.testing.assert_array_equal(events['t'], written[1].t)
    np.testing.assert_array_equal(events['p'], np.where(written[1].p, 1, -1))


def test_depth_lies_where_undistorted_events_do(samples):
    depth_m = of_kind(samples, DepthSample)[0].depth_m

    fx, fy, cx, cy = INTRINSICS
    k = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
    raw = np.full((720, 1280), np.inf, np.float32)
    raw[300:420, 500:780] = 12.0
    grid = cv2.initUndistortRectifyMap(k, np.array(DISTORTION), None, k, (1280, 720), cv2.CV_32FC1)
    expected = cv2.remap(raw, *grid, cv2.INTER_NEAREST, borderValue=np.inf) == 12.0
    assert (np.isfinite(depth_m) == expected).mean() > 0.9999
    assert np.nanmax(depth_m) == 12.0


def test_poses_are_of_the_camera_in_the_world(samples):
    poses = of_kind(samples, PoseSample)

    np.testing.assert_allclose(poses[1].world_from_camera[:3, 3], (0, 0, 2.0))


def test_grey_pictures_have_two_axes_and_their_own_camera(written, samples):
    image = of_kind(samples, ImageSample)[1]
    with open_recording(written[0]) as recording:
        rig = recording.rig

    assert image.image.shape == (800, 1280)
    assert image.stamp_us == 150_000
    assert rig.image.size == (800, 1280)
    np.testing.assert_allclose(rig.event_from_image[:3, 3], (0.06, 0, 0.01))


def test_a_window_is_found_by_its_milliseconds(written):
    with open_recording(written[0]) as recording:
        events = recording.indexed_events.window(40_500, 90_250)

    t = written[1].t
    np.testing.assert_array_equal(events['t'], t[(t >= 40_500) & (t < 90_250)])
