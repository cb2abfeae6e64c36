"""Conventions of the folders: axes of poses, codes of depth, times and cameras."""

import cv2
from eventdepth_core.errors import RecordingError
import numpy as np
import pytest
from training.simulate.sequence import linear_light, poses_at
from training.simulate.sequence_folders import (
    FolderOptions,
    open_sequence,
    pose_from_unreal,
    read_metric_depth,
)

AHEAD = np.array([0.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ('angles', 'looks'),
    [
        ({}, (0, 0, 1)),
        ({'yaw': 90}, (1, 0, 0)),  # CARLA's y is to the right
        ({'pitch': 90}, (0, -1, 0)),  # nose up; y of a camera points down
        ({'roll': 50}, (0, 0, 1)),
    ],
)
def test_a_carla_camera_looks_where_its_angles_say(angles, looks):
    pose = pose_from_unreal(dict.fromkeys(('x', 'y', 'z', 'pitch', 'yaw', 'roll'), 0.0) | angles)

    np.testing.assert_allclose(pose[:3, :3] @ AHEAD, looks, atol=1e-12)
    np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(pose[:3, :3]) == pytest.approx(1.0)


def test_a_tartanair_pose_goes_north_east_down(tmp_path):
    (tmp_path / 'image_left').mkdir()
    for i in range(2):
        cv2.imwrite(str(tmp_path / 'image_left' / f'{i}.png'), np.zeros((4, 6), np.uint8))
    half = np.sqrt(0.5)
    (tmp_path / 'pose_left.txt').write_text(f'1 2 3 0 0 0 1\n1 2 3 0 0 {half} {half}\n')

    sequence = open_sequence(tmp_path)

    np.testing.assert_allclose(sequence.poses[0][:3, 3], (2, 3, 1))
    np.testing.assert_allclose(sequence.poses[1][:3, :3] @ AHEAD, (1, 0, 0), atol=1e-12)
    assert sequence.kind == 'tartanair'
    assert sequence.stamps_us.tolist() == [0, 100_000]
    assert sequence.camera.fx == pytest.approx(3.0)  # 90 degrees


def test_depth_comes_in_metres_from_every_code(tmp_path):
    depth_m = np.array([[1.25, 30.5], [2000.0, 0.0]], np.float32)
    np.save(tmp_path / 'a.npy', depth_m)
    cv2.imwrite(str(tmp_path / 'b.png'), (depth_m[:1] * 1000).astype(np.uint16))
    cv2.imwrite(str(tmp_path / 'c.png'), depth_m[..., None].view(np.uint8))

    expected = np.array([[1.25, 30.5], [np.inf, np.nan]], np.float32)
    np.testing.assert_array_equal(read_metric_depth(tmp_path / 'a.npy'), expected)
    np.testing.assert_allclose(read_metric_depth(tmp_path / 'b.png'), expected[:1])
    np.testing.assert_array_equal(read_metric_depth(tmp_path / 'c.png'), expected)


def test_depth_of_another_code_is_refused(tmp_path):
    cv2.imwrite(str(tmp_path / 'd.png'), np.zeros((3, 4, 3), np.uint8))

    with pytest.raises(RecordingError, match='Expected depth as'):
        read_metric_depth(tmp_path / 'd.png')


def test_images_outside_of_the_poses_time_have_none():
    poses = np.repeat(np.eye(4)[None], 2, axis=0)
    poses[1, 0, 3] = 1.0

    found = poses_at(np.array([50, 100, 150, 200, 250]), np.array([100, 200]), poses)

    assert np.isnan(found[[0, 4]]).all()
    np.testing.assert_allclose(found[1:4, 0, 3], (0.0, 0.5, 1.0))


def test_times_that_do_not_grow_are_refused(tmp_path):
    for i in range(3):
        cv2.imwrite(str(tmp_path / f'{i}.png'), np.zeros((4, 6), np.uint8))
    (tmp_path / 'timestamps.txt').write_text('0.1\n0.2\n0.2\n')

    with pytest.raises(RecordingError, match='Expected increasing times'):
        open_sequence(tmp_path)


def test_a_folder_without_images_is_refused(tmp_path):
    with pytest.raises(RecordingError, match=r'Expected files \.png'):
        open_sequence(tmp_path, FolderOptions(fps=10.0))


def test_light_of_colour_is_weighted_after_the_gamma():
    picture = np.array([[[255, 0, 0], [128, 128, 128]]], np.uint8)

    light = linear_light(picture, 2.0)

    assert light[0, 0] == pytest.approx(0.299)
    assert light[0, 1] == pytest.approx((128 / 255) ** 2, rel=1e-5)


@pytest.mark.parametrize(
    ('name', 'text', 'said'),
    [
        ('images.txt', '0.1 0.png\nlater 1.png\n', r'Expected a time and a path in .*:2'),
        ('calib.txt', '100 100 x 3\n', 'Expected fx fy cx cy'),
    ],
)
def test_a_broken_list_is_one_clear_error(tmp_path, name, text, said):
    for i in range(2):
        cv2.imwrite(str(tmp_path / f'{i}.png'), np.zeros((4, 6), np.uint8))
    (tmp_path / name).write_text(text)

    with pytest.raises(RecordingError, match=said):
        open_sequence(tmp_path, FolderOptions(fps=10.0))


def test_a_cut_keeps_its_times_and_stays_inside(tmp_path):
    for i in range(5):
        cv2.imwrite(str(tmp_path / f'{i}.png'), np.zeros((4, 6), np.uint8))
    sequence = open_sequence(tmp_path, FolderOptions(fps=10.0))

    part = sequence.cut(2, 5)

    assert part.start_us == 200_000
    assert part.stamps_us.tolist() == [0, 100_000, 200_000]
    with pytest.raises(RecordingError, match='Expected 0 <= start < stop <= 5 images'):
        sequence.cut(3, 9)
