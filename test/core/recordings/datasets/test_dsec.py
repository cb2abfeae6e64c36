"""DSEC: absolute times, pairing by order, depth by Q, the millisecond table, the forward map."""

from pathlib import Path
import shutil
import subprocess
import sys

import cv2
from eventdepth_core.errors import CameraFileError, RecordingError
from eventdepth_core.geometry import undistort_points
from eventdepth_core.geometry.cameras import pixel_grid
from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.datasets.dsec import DsecRecording
from eventdepth_core.types import Camera, DepthSample, EventSlice, ImageSample
import h5py
from layouts.dsec import FIRST_STAMP_US, OFFSET_US, write_dsec, write_events
from layouts.streams import Columns
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    return write_dsec(tmp_path_factory.mktemp('dsec') / 'zurich_city_00_a')


@pytest.fixture
def copied(written, tmp_path):
    return shutil.copytree(written.folder, tmp_path / 'zurich_city_00_a')


def of_kind(samples, kind):
    return [sample for sample in samples if isinstance(sample, kind)]


@pytest.fixture(scope='module')
def samples(written):
    with open_recording(written.folder) as recording:
        return list(recording.samples())


def test_events_come_whole_in_absolute_time(written, samples):
    events = np.concatenate([each.events for each in of_kind(samples, EventSlice)])

    np.testing.assert_array_equal(events['t'], written.events.t + OFFSET_US)
    np.testing.assert_array_equal(events['x'], written.events.x)
    np.testing.assert_array_equal(events['y'], written.events.y)
    np.testing.assert_array_equal(events['p'], np.where(written.events.p, 1, -1))


def test_frames_lie_between_the_events_before_and_after_them(samples):
    event_us, stamp_us = 0, 0
    for sample in samples:
        if isinstance(sample, EventSlice):
            assert sample.events['t'][0] >= max(event_us, stamp_us)
            event_us = int(sample.events['t'][-1])
        else:
            assert sample.stamp_us > event_us
            stamp_us = sample.stamp_us


def test_even_names_are_paired_with_stamps_by_order(written, samples):
    depths = of_kind(samples, DepthSample)

    assert [each.stamp_us for each in depths] == written.disparity_stamps_us.tolist()
    # the single pixel of map i has disparity i + 1, whatever number its file has
    expected_m = [500.0 * 0.5 / (i + 1) for i in range(3)]
    np.testing.assert_allclose([each.depth_m[5, 6] for each in depths], expected_m, rtol=1e-6)


def test_disparity_of_12800_is_50_px_and_5_metres(samples):
    depth_m = of_kind(samples, DepthSample)[0].depth_m

    assert depth_m[100, 200] == pytest.approx(5.0, rel=1e-6)  # 500 px * 0.5 m / 50 px
    assert np.isfinite(depth_m).sum() == 201
    assert depth_m.dtype == np.float32


def test_images_are_rgb_at_their_stamps(written, samples):
    images = of_kind(samples, ImageSample)

    assert [each.stamp_us for each in images] == written.image_stamps_us.tolist()
    assert images[2].image.shape == (1080, 1440, 3)
    np.testing.assert_array_equal(images[2].image[0, 0], [30, 20, 12])


def test_the_rig_looks_through_the_rectified_cameras(written):
    with open_recording(written.folder) as recording:
        rig, streams, start_us = recording.rig, recording.streams, recording.start_us

    assert rig.rectification.camera.fx == 500.0
    assert rig.image.size == (1080, 1440)
    assert list(streams) == ['events', 'image', 'depth']
    assert (streams['image'].width, streams['image'].height) == (1440, 1080)
    assert start_us == OFFSET_US + written.events.t[0]


def test_the_forward_map_is_the_rectification_of_the_calibration(written):
    with DsecRecording(written.folder) as recording:
        positions, rig = recording.rectify_map(), recording.rig

    ours = undistort_points(pixel_grid(rig.event), rig.event, rig.rectification)
    np.testing.assert_allclose(positions.reshape(-1, 2), ours, atol=2e-3)


@pytest.mark.parametrize(('start', 'end'), [(20_000, 70_000), (20_001, 69_999), (3, 5), (9, 9)])
def test_a_window_holds_the_events_from_its_start_to_before_its_end(written, start, end):
    with DsecRecording(written.folder) as recording:
        events = recording.indexed_events.window(OFFSET_US + start, OFFSET_US + end)

    inside = (written.events.t >= start) & (written.events.t < end)
    np.testing.assert_array_equal(events['t'], written.events.t[inside] + OFFSET_US)
    np.testing.assert_array_equal(events['x'], written.events.x[inside])


@pytest.mark.parametrize(('start', 'end'), [(-1, 10_000), (250_000, 301_000)])
def test_a_window_beyond_the_table_is_none(written, start, end):
    with DsecRecording(written.folder) as recording:
        assert recording.indexed_events.window(OFFSET_US + start, OFFSET_US + end) is None


def test_the_published_example_of_the_table_is_read_as_meant(copied):
    t = np.array([0, 500, 2100, 5000, 5000, 7100, 7200, 7200, 8100, 9000])
    columns = Columns(t, np.arange(10), np.arange(10), np.ones(10, bool))
    place = copied / 'events' / 'left' / 'events.h5'
    write_events(place, columns)

    with h5py.File(place) as file:
        assert file['ms_to_idx'][()].tolist() == [0, 2, 2, 3, 3, 3, 5, 5, 8, 9]
    with DsecRecording(copied) as recording:
        events = recording.indexed_events.window(OFFSET_US + 5000, OFFSET_US + 7200)
    assert (events['t'] - OFFSET_US).tolist() == [5000, 5000, 7100]


def test_without_stamps_images_take_the_middle_of_their_exposure(copied):
    (copied / 'images' / 'timestamps.txt').unlink()

    with open_recording(copied) as recording:
        image = of_kind(recording.samples(), ImageSample)[0]

    assert image.stamp_us == FIRST_STAMP_US  # the middle of -4000 and +4001, rounded down


def test_stamps_that_do_not_fit_the_files_are_refused(copied):
    (copied / 'disparity' / 'event' / '000002.png').unlink()

    with pytest.raises(RecordingError, match=r'one stamp for each of the 2 disparity maps.* 3'):
        open_recording(copied)


def test_an_unreadable_picture_is_counted(copied):
    (copied / 'disparity' / 'event' / '000002.png').write_bytes(b'no picture')

    with open_recording(copied) as recording:
        depths = of_kind(recording.samples(), DepthSample)

        assert len(depths) == 2
        assert recording.dropped == {'unreadable_depth': 1}


def test_disparity_without_its_calibration_is_left_out_with_a_remark(copied):
    (copied / 'calibration' / 'cam_to_cam.yaml').unlink()

    with open_recording(copied) as recording:
        assert list(recording.streams) == ['events', 'image']
        assert 'cams_03' in recording.remarks[0]
        assert recording.rig is None


def test_a_camera_without_the_rectification_is_refused(written):
    camera = Camera(640, 480, 550.0, 550.0, 320.0, 240.0)

    with pytest.raises(CameraFileError, match='Expected the rectification camRect0'):
        open_recording(written.folder, camera=camera)


def test_the_archives_may_stay_apart(written, tmp_path):
    for part in ('events', 'images', 'disparity', 'calibration'):
        target = tmp_path / f'train_{part}' / 'zurich_city_00_a' / part
        shutil.copytree(written.folder / part, target)

    with open_recording(tmp_path / 'train_events' / 'zurich_city_00_a') as recording:
        assert list(recording.streams) == ['events', 'image', 'depth']
        assert recording.rig.rectification is not None


def test_the_file_of_events_means_its_sequence(written):
    with open_recording(written.folder / 'events' / 'left' / 'events.h5') as recording:
        assert recording.kind == 'dsec'
        assert 'depth' in recording.streams


def test_the_published_calibration_gives_its_baselines(data_root, copied):
    shutil.copy(data_root / 'dsec_calibration' / 'cam_to_cam.yaml', copied / 'calibration')
    raw = np.full((480, 640), 12800, np.uint16)
    cv2.imwrite(str(copied / 'disparity' / 'event' / '000000.png'), raw)

    with open_recording(copied) as recording:
        depth = of_kind(recording.samples(), DepthSample)[0]

    # 569.28735 px / (1.66935667 1/m * 50 px)
    assert depth.depth_m[7, 9] == pytest.approx(6.820441, rel=1e-6)


def test_a_missing_filter_is_named_before_anything_is_read(written):
    code = """
import sys

sys.modules['hdf5plugin'] = None  # as if it were not installed
from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings import open_recording

try:
    open_recording(sys.argv[1])
except RecordingError as error:
    print(error)
"""
    place = str(written.folder)
    output = subprocess.run(
        [sys.executable, '-c', code, place], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout

    assert 'Expected the HDF5 filter 32001 (blosc) for /events/t in ' in output
    assert output.endswith('got none: pip install hdf5plugin\n')
