"""MVSEC: seconds to µs, fisheye with rectification, and depth that lies where the events do."""

import cv2
from eventdepth_core.errors import CameraFileError, RecordingError
from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.datasets.mvsec import MvsecRecording
from eventdepth_core.types import (
    Camera,
    DepthSample,
    EventSlice,
    ImageSample,
    PointsSample,
    PoseSample,
    Rig,
)
from layouts.mvsec import DISTORTION, INTRINSICS, write_mvsec
import numpy as np
import pytest

START_US = 1_506_118_124_000_000


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    return write_mvsec(tmp_path_factory.mktemp('mvsec'))


def of_kind(samples, kind):
    return [sample for sample in samples if isinstance(sample, kind)]


@pytest.fixture(scope='module')
def samples(written):
    with open_recording(written.folder) as recording:
        return list(recording.samples())


def test_events_in_seconds_come_back_in_their_microseconds(written, samples):
    events = np.concatenate([each.events for each in of_kind(samples, EventSlice)])

    np.testing.assert_array_equal(events['t'], START_US + written.events.t)
    np.testing.assert_array_equal(events['x'], written.events.x)
    np.testing.assert_array_equal(events['p'], np.where(written.events.p, 1, -1))


def test_images_scans_and_poses_have_their_own_stamps(samples):
    images, scans = of_kind(samples, ImageSample), of_kind(samples, PointsSample)
    pose = of_kind(samples, PoseSample)[0]

    assert images[0].stamp_us == START_US + 38_000
    assert images[3].image[0, 0] == 3
    assert scans[0].stamp_us == START_US + 18_000
    np.testing.assert_allclose(pose.world_from_camera[:3, 3], (1, 2, 3))


def test_rows_that_pad_a_scan_are_no_points(samples):
    points_m = of_kind(samples, PointsSample)[0].points_m

    np.testing.assert_allclose(points_m, [[5, 0.2, -0.1], [4, 1, 0], [9, -2, 1]], rtol=1e-6)


def test_with_the_rectification_depth_is_the_rectified_one(written, samples):
    with open_recording(written.folder) as recording:
        rig = recording.rig

    assert rig.event.distortion_model == 'equidistant'
    assert rig.rectification.camera == Camera(346, 260, 200.0, 200.0, 177.0, 128.0)
    depths = of_kind(samples, DepthSample)
    assert [each.depth_m[10, 4] for each in depths] == [4.5] * 4
    assert np.isnan(depths[0].depth_m[11, 4])


def test_the_lidar_stands_where_the_calibration_says(written):
    with open_recording(written.folder) as recording:
        in_camera = recording.rig.event_from_points @ (5.0, 0.2, -0.1, 1.0)

    np.testing.assert_allclose(in_camera[:3], (-0.16, 0.01, 4.87))  # -y, -z, x and the offset


def test_the_unpacked_calibration_is_found_as_well(tmp_path):
    written = write_mvsec(tmp_path, num_frames=1, calibration='folder')

    with open_recording(written.folder / 'indoor_flying1_data.hdf5') as recording:
        assert recording.rig.rectification is not None


def test_with_a_camera_alone_raw_depth_is_undistorted_as_events_are(tmp_path):
    written = write_mvsec(tmp_path, num_frames=1, calibration='none')
    camera = Camera(346, 260, *INTRINSICS, DISTORTION, 'equidistant')

    with open_recording(written.folder, camera=camera) as recording:
        depth_m = of_kind(recording.samples(), DepthSample)[0].depth_m

    raw = np.full((260, 346), np.nan, np.float32)
    raw[10], raw[100:160, 100:240] = 2.5, 3.0
    k = np.array([[226.0, 0, 173], [0, 226.5, 133], [0, 0, 1]])
    grid = cv2.fisheye.initUndistortRectifyMap(
        k, np.array(DISTORTION), np.eye(3), k, (346, 260), cv2.CV_32FC1
    )
    expected_m = cv2.remap(raw, *grid, cv2.INTER_NEAREST, borderValue=float('nan'))
    differs = ~((depth_m == expected_m) | (np.isnan(depth_m) & np.isnan(expected_m)))
    assert differs.mean() < 1e-3  # ties between two pixels
    assert (depth_m == 3.0).sum() > 8000


def test_without_any_camera_depth_stays_as_it_is_stored(tmp_path):
    written = write_mvsec(tmp_path, num_frames=1, calibration='none')

    with open_recording(written.folder) as recording:
        depth_m = of_kind(recording.samples(), DepthSample)[0].depth_m

        assert recording.depth_view == 'raw'
    assert (depth_m[10] == 2.5).all()


def test_raw_events_with_rectified_depth_are_refused(tmp_path):
    written = write_mvsec(tmp_path, num_frames=1, calibration='none', depths=('rect',))

    with pytest.raises(RecordingError, match='it pairs with rectified events'):
        open_recording(written.folder)
    with (
        MvsecRecording(written.folder, 'rectified') as recording,
        pytest.raises(CameraFileError, match='raw events pair with depth_image_raw'),
    ):
        list(recording.samples())


def test_raw_depth_beside_undistorted_events_is_refused(written):
    with MvsecRecording(written.folder, 'raw') as recording:
        with pytest.raises(
            CameraFileError, match='it lies in the distorted view, undistorted events do not'
        ):
            list(recording.samples())
        recording.rig = None

        depth_m = of_kind(recording.samples(), DepthSample)[0].depth_m

    assert (depth_m[10] == 2.5).all()


def test_raw_depth_alone_is_turned_into_the_rectified_view(tmp_path):
    written = write_mvsec(tmp_path, num_frames=1, depths=('raw',))

    with open_recording(written.folder) as recording:
        depth_m = of_kind(recording.samples(), DepthSample)[0].depth_m
        rotation = recording.rig.rectification.rotation

    # the middle of the patch is near the axis, where z' = z (R e_z)_z
    assert depth_m[128, 170] == pytest.approx(3.0 * rotation[2, 2], rel=0.02)


def test_the_right_davis_is_no_image_camera(written):
    camera = Camera(346, 260, *INTRINSICS)

    with pytest.raises(CameraFileError, match='cam1 of the calibration is the right DAVIS'):
        open_recording(written.folder, camera=Rig(camera, camera, np.eye(4)))


@pytest.mark.parametrize(('start', 'end'), [(30_000, 80_000), (30_001, 30_002), (90, 90)])
def test_a_window_found_by_bisection_holds_what_lies_in_it(written, start, end):
    with MvsecRecording(written.folder) as recording:
        events = recording.window(START_US + start, START_US + end)

    inside = (written.events.t >= start) & (written.events.t < end)
    np.testing.assert_array_equal(events['t'] - START_US, written.events.t[inside])
    np.testing.assert_array_equal(events['y'], written.events.y[inside])


def test_a_window_beyond_the_recording_is_none_and_nothing_is_newest_before_it(written):
    with MvsecRecording(written.folder) as recording:
        assert recording.window(START_US - 1, START_US + 9) is None
        assert recording.window(START_US + 190_000, START_US + 201_000) is None
        assert recording.newest('image', START_US) is None
        assert recording.newest('image', START_US + 90_000).stamp_us == START_US + 88_000


def test_several_sequences_in_a_folder_are_named(tmp_path):
    write_mvsec(tmp_path, num_frames=1)
    (tmp_path / 'indoor_flying2_data.hdf5').write_bytes(b'')

    with pytest.raises(RecordingError, match=r'indoor_flying1_data.hdf5, indoor_flying2'):
        open_recording(tmp_path)


def test_a_file_that_is_no_hdf5_is_a_clear_error(tmp_path):
    (tmp_path / 'indoor_flying2_data.hdf5').write_bytes(b'no such thing')

    with pytest.raises(RecordingError, match='Expected a readable HDF5 file'):
        open_recording(tmp_path)
