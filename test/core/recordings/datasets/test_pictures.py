"""Pictures with depth: NYU, DDOS, exports of CARLA, KITTI's depth completion."""

import json
import shutil

import cv2
from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.datasets.options import DatasetOptions
from eventdepth_core.types import DepthSample, EventSlice, ImageSample
from layouts.pictures import write_carla, write_ddos, write_labelled_nyu, write_nyu
import numpy as np
import pytest


def of_kind(samples, kind):
    return [sample for sample in samples if isinstance(sample, kind)]


def test_frames_of_nyu_have_their_axes_last(tmp_path):
    with open_recording(write_nyu(tmp_path)) as recording:
        samples = list(recording.samples())

    images, depths = of_kind(samples, ImageSample), of_kind(samples, DepthSample)
    np.testing.assert_array_equal(images[1].image[5, 7], [20, 99, 0])
    assert depths[1].depth_m[9, 9] == 3.0
    assert np.isnan(depths[0].depth_m[0, 0])
    assert [each.stamp_us for each in images] == [0, 100_000]
    assert recording.rig.image.size == (480, 640)


def test_one_file_of_nyu_is_a_recording(tmp_path):
    with open_recording(write_nyu(tmp_path) / '00201.h5') as recording:
        assert recording.streams['depth'].count == 1


def test_the_labelled_set_is_turned_back(tmp_path):
    with open_recording(write_labelled_nyu(tmp_path / 'nyu_depth_v2_labeled.mat')) as recording:
        samples = list(recording.samples())

    image, depth = of_kind(samples, ImageSample)[1], of_kind(samples, DepthSample)[1]
    assert image.image.shape == (480, 640, 3)
    np.testing.assert_array_equal(image.image[5, 7], [1, 2, 3])
    assert depth.depth_m[5, 7] == 3.25
    assert depth.depth_m[7, 5] == 1.5


def test_the_real_frame_of_nyu_survives_the_format(data_root, tmp_path):
    rgb = np.load(data_root / 'nyu_frame' / 'rgb.npy', allow_pickle=False)
    depth = np.load(data_root / 'nyu_frame' / 'depth.npy', allow_pickle=False)
    rgb = np.asarray(rgb if rgb.max() > 1 else rgb * 255, np.uint8)
    import h5py

    with h5py.File(tmp_path / '00001.h5', 'w') as file:
        file['rgb'], file['depth'] = rgb.transpose(2, 0, 1), depth.astype(np.float32)

    with open_recording(tmp_path, fov_deg=60) as recording:
        depth_m = of_kind(recording.samples(), DepthSample)[0].depth_m

    assert depth_m.shape == (224, 224)
    assert 0.71 < np.nanmin(depth_m) < 0.73
    assert 5.86 < np.nanmax(depth_m) < 5.88


def test_frames_of_ddos_are_ordered_as_numbers_and_have_no_depth_without_a_scale(tmp_path):
    with open_recording(write_ddos(tmp_path)) as recording:
        images = of_kind(recording.samples(), ImageSample)

        assert list(recording.streams) == ['image']
        assert 'depth_scale_m' in recording.remarks[0]
        normalised = recording.normalised_depth(10)
        assert recording.labels(10)[0, 0] == 3
    assert [each.image[0, 0, 0] for each in images] == [9, 10, 11]
    assert normalised[30, 30] == pytest.approx(6553 / 65535)
    assert np.isnan(normalised[0, 0])


def test_a_scale_of_500_metres_makes_6553_of_ddos_50_metres(tmp_path):
    options = DatasetOptions(depth_scale_m=500.0)

    with open_recording(write_ddos(tmp_path), dataset=options) as recording:
        depth_m = of_kind(recording.samples(), DepthSample)[0].depth_m

    assert depth_m[40, 40] == pytest.approx(49.996185, rel=1e-6)  # 6553 * 500 / 65535
    assert np.isnan(depth_m[:20]).all()  # sky


def test_a_scale_that_is_not_positive_is_refused():
    with pytest.raises(InputError, match='Expected depth_scale_m > 0, got 0'):
        DatasetOptions(depth_scale_m=0.0)


def test_an_export_of_carla_is_read_with_its_view(tmp_path):
    with open_recording(write_carla(tmp_path)) as recording:
        samples = list(recording.samples())

    depth, events = of_kind(samples, DepthSample)[0], of_kind(samples, EventSlice)[0].events
    assert depth.depth_m[7, 9] == pytest.approx(5.960465, rel=1e-6)  # 1e8 / (2**24 - 1)
    assert np.isfinite(depth.depth_m).sum() == 1
    assert depth.stamp_us == 50_000
    assert events['t'].tolist() == [1000, 2000, 3000]
    assert events['p'].tolist() == [1, -1, 1]
    assert recording.rig.event.fx == pytest.approx(40.0)  # 80 px, 90 deg


def test_an_export_without_stamps_takes_its_step(tmp_path):
    write_carla(tmp_path)
    (tmp_path / 'timestamps.txt').unlink()
    with pytest.raises(RecordingError, match='fixed_delta_seconds'):
        open_recording(tmp_path)
    (tmp_path / 'metadata.json').write_text(json.dumps({'fixed_delta_seconds': 0.05}))

    with open_recording(tmp_path) as recording:
        assert of_kind(recording.samples(), DepthSample)[0].stamp_us == 6_000_000  # 120 steps
        assert recording.rig is None


def test_the_depth_of_a_kitti_drive_is_paired_by_name(tmp_path):
    drive = tmp_path / '2011_09_26_drive_0001_sync'
    for folder in ('image_02/data', 'velodyne_points/data', 'proj_depth/groundtruth/image_02'):
        (drive / folder).mkdir(parents=True)
    for i in range(3):
        cv2.imwrite(str(drive / 'image_02/data' / f'{i:010d}.png'), np.zeros((40, 60), np.uint8))
        (drive / 'velodyne_points/data' / f'{i:010d}.bin').write_bytes(bytes(16))
    raw = np.zeros((40, 60), np.uint16)
    raw[3, 4] = 2570
    cv2.imwrite(str(drive / 'proj_depth/groundtruth/image_02' / '0000000001.png'), raw)
    (drive / 'calib_cam_to_cam.txt').write_text(
        'R_rect_00: 1 0 0 0 1 0 0 0 1\nP_rect_02: 700 0 30 0 0 700 20 0 0 0 1 0\n'
    )
    (drive / 'calib_velo_to_cam.txt').write_text('R: 0 -1 0 0 0 -1 1 0 0\nT: 0 0 0\n')

    with open_recording(drive) as recording:
        depths = of_kind(recording.samples(), DepthSample)

    assert [each.stamp_us for each in depths] == [100_000]
    assert depths[0].depth_m[3, 4] == pytest.approx(10.0390625)  # 2570 / 256
    assert np.isfinite(depths[0].depth_m).sum() == 1


def test_a_folder_of_anything_else_is_still_nothing(tmp_path):
    shutil.rmtree(tmp_path)
    (tmp_path / 'image').mkdir(parents=True)

    with pytest.raises(RecordingError, match='a sequence of DSEC, MVSEC'):
        open_recording(tmp_path)
