"""KITTI frames and drives: image, points and how they stand to each other."""

import cv2
from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import ImageSample, PointsSample
import numpy as np
import pytest

K = np.array([[700.0, 0.0, 30.0], [0.0, 700.0, 20.0], [0.0, 0.0, 1.0]])
OFFSET = np.array([0.06, -0.001, 0.002])
ROTATION = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
TRANSLATION = np.array([0.01, -0.08, -0.27])


def line(name, matrix):
    return f'{name}: {" ".join(f"{number:.12e}" for number in np.ravel(matrix))}\n'


@pytest.fixture
def projection():
    return K @ np.column_stack([np.eye(3), OFFSET])


@pytest.fixture
def frame(tmp_path, projection):
    points = np.random.default_rng(2).normal(10, 3, (50, 4)).astype('<f4')
    points[4, 0] = np.nan
    (tmp_path / 'velodyne.bin').write_bytes(points.tobytes())
    cv2.imwrite(str(tmp_path / 'image_2.png'), np.full((40, 60, 3), (10, 20, 30), np.uint8))
    (tmp_path / 'calib.txt').write_text(
        line('P2', projection)
        + line('R0_rect', np.eye(3))
        + line('Tr_velo_to_cam', np.column_stack([ROTATION, TRANSLATION]))
    )
    return tmp_path


def test_points_come_before_the_image(frame):
    with open_recording(frame) as recording:
        points, image = recording.samples()

    assert isinstance(points, PointsSample)
    assert isinstance(image, ImageSample)
    assert points.stamp_us == image.stamp_us
    assert points.points_m.shape == (49, 3)
    np.testing.assert_array_equal(image.image[0, 0], [30, 20, 10])
    assert recording.kind == 'folder'


def test_the_rig_projects_as_kitti_does(frame, projection):
    with open_recording(frame) as recording:
        rig = recording.rig

    point = np.array([12.0, 1.5, -0.5, 1.0])
    in_camera = rig.event_from_points @ point
    ours = (rig.image.matrix @ in_camera[:3]) / in_camera[2]
    theirs = projection @ np.append(ROTATION @ point[:3] + TRANSLATION, 1.0)
    np.testing.assert_allclose(ours[:2], theirs[:2] / theirs[2], rtol=1e-9)
    assert in_camera[2] == pytest.approx(theirs[2])
    assert rig.event is None
    assert recording.camera_source == 'recording'


@pytest.mark.parametrize(('old', 'new', 'text'), [
    ('P2', 'P9', 'Expected 12 numbers for P2'),
    ('R0_rect', 'none', 'Expected 9 numbers for R0_rect'),
    ('1.000000000000e+00', '2.0', 'Expected a KITTI calibration'),
])  # fmt: skip
def test_an_incomplete_calibration_is_a_clear_error(frame, old, new, text):
    calibration = frame / 'calib.txt'
    calibration.write_text(calibration.read_text().replace(old, new))

    with pytest.raises(RecordingError, match=text):
        open_recording(frame)


def test_a_missing_calibration_is_named(frame):
    (frame / 'calib.txt').unlink()

    with pytest.raises(RecordingError, match=r'Expected the calibration .*calib.txt'):
        open_recording(frame)


def test_a_cut_point_file_is_counted(frame):
    raw = (frame / 'velodyne.bin').read_bytes()
    (frame / 'velodyne.bin').write_bytes(raw[:-5])

    with open_recording(frame) as recording:
        points, _ = recording.samples()

    assert len(points.points_m) == 48
    assert recording.dropped == {'truncated': 1}


@pytest.fixture
def drive(tmp_path, projection):
    date = tmp_path / '2011_09_26'
    drive = date / '2011_09_26_drive_0001_sync'
    for folder in ('image_02', 'velodyne_points'):
        (drive / folder / 'data').mkdir(parents=True)
    for i in range(3):
        cv2.imwrite(
            str(drive / 'image_02' / 'data' / f'{i:010d}.png'), np.full((40, 60), i, np.uint8)
        )
        points = np.full((i + 1, 4), i, '<f4')
        (drive / 'velodyne_points' / 'data' / f'{i:010d}.bin').write_bytes(points.tobytes())
    times = ''.join(f'2011-09-26 13:02:25.{i}64389445\n' for i in range(3))
    (drive / 'image_02' / 'timestamps.txt').write_text(times)
    (drive / 'velodyne_points' / 'timestamps.txt').write_text(
        times.replace('64389445', '00000000')
    )
    (date / 'calib_cam_to_cam.txt').write_text(
        'calib_time: 09-Jan-2012 13:57:47\n'
        + line('R_rect_00', np.eye(3))
        + line('P_rect_02', projection)
    )
    (date / 'calib_velo_to_cam.txt').write_text(
        'calib_time: 15-Mar-2012 11:37:16\n' + line('R', ROTATION) + line('T', TRANSLATION)
    )
    return drive


def test_a_drive_is_read_in_time_order(drive):
    with open_recording(drive) as recording:
        samples = list(recording.samples())

    assert [type(each) for each in samples] == [PointsSample, ImageSample] * 3
    stamps = [each.stamp_us for each in samples]
    assert stamps == sorted(stamps)
    assert samples[1].stamp_us - samples[0].stamp_us == 64_389
    assert samples[2].stamp_us - samples[0].stamp_us == 100_000
    assert [len(each.points_m) for each in samples[::2]] == [1, 2, 3]


def test_frame_and_drive_give_the_same_rig(drive, frame):
    with open_recording(drive) as one, open_recording(frame) as other:
        np.testing.assert_allclose(one.rig.event_from_points, other.rig.event_from_points)
        assert one.rig.image == other.rig.image
