"""Calibration files of three schemas, and what is wrong with a bad one."""

import math

from eventdepth_core.errors import CameraFileError, InputError
from eventdepth_core.recordings import assumed_camera, read_camera
from eventdepth_core.types import Camera
import numpy as np
import pytest
import yaml

ROS = """
image_width: 346
image_height: 260
camera_name: davis
camera_matrix: {rows: 3, cols: 3, data: [300.0, 0, 172.5, 0, 301.0, 129.5, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [-0.1, 0.05, 0.001, -0.002, 0.01]}
"""
KALIBR = """
cam0:
  camera_model: pinhole
  intrinsics: [300.0, 301.0, 172.5, 129.5]
  distortion_model: equidistant
  distortion_coeffs: [0.1, 0.2, 0.3, 0.4]
  resolution: [346, 260]
  rostopic: /dvs/events
"""
KALIBR_SECOND = """
cam1:
  camera_model: pinhole
  intrinsics: [900.0, 901.0, 640.0, 360.0]
  distortion_model: radtan
  distortion_coeffs: [0.1, 0.2, 0.003, 0.004]
  resolution: [1280, 720]
  T_cn_cnm1: [[0, -1, 0, 0.1], [1, 0, 0, 0.2], [0, 0, 1, 0.3], [0, 0, 0, 1]]
"""
TURN = [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]


def dsec():
    """Return the fields of DSEC's schema with easy numbers."""
    pinhole = {'camera_model': 'pinhole', 'resolution': [640, 480]}
    return {
        'intrinsics': {
            'cam0': {
                **pinhole,
                'camera_matrix': [550.0, 551.0, 340.0, 220.0],
                'distortion_model': 'radtan',
                'distortion_coeffs': [-0.1, 0.2, 0.001, 0.002],
            },
            'camRect0': {**pinhole, 'camera_matrix': [570.0, 570.0, 336.0, 222.0]},
            'camRect1': {
                'camera_model': 'pinhole',
                'resolution': [1440, 1080],
                'camera_matrix': [1150.0, 1150.0, 723.0, 572.0],
            },
        },
        'extrinsics': {
            'T_10': [[1, 0, 0, -0.04], [0, 1, 0, 0.001], [0, 0, 1, -0.01], [0, 0, 0, 1]],
            'R_rect0': TURN,
            'R_rect1': np.eye(3).tolist(),
        },
    }


@pytest.fixture
def write(tmp_path):
    def write_text(content):
        path = tmp_path / 'calibration.yaml'
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        return path

    return write_text


def test_ros_camera_info(write):
    expected = Camera(346, 260, 300.0, 301.0, 172.5, 129.5, (-0.1, 0.05, 0.001, -0.002, 0.01))

    assert read_camera(write(ROS)) == expected


def test_opencv_s_head_line_is_passed_over(write):
    assert read_camera(write(f'%YAML:1.0\n---{ROS}')).width == 346


def test_kalibr_with_one_camera(write):
    camera = read_camera(str(write(KALIBR)))

    assert camera == Camera(
        346, 260, 300.0, 301.0, 172.5, 129.5, (0.1, 0.2, 0.3, 0.4), 'equidistant'
    )


def test_kalibr_with_two_cameras_is_a_rig(write):
    rig = read_camera(write(KALIBR + KALIBR_SECOND))

    assert (rig.event.size, rig.image.size) == ((260, 346), (720, 1280))
    point_in_image = np.array([0.1, 0.2, 0.3, 1.0])
    np.testing.assert_allclose(rig.event_from_image @ point_in_image, [0, 0, 0, 1], atol=1e-12)


def test_dsec_gives_event_camera_rectification_and_frame_camera(write):
    rig = read_camera(write(dsec()))

    assert rig.event.distortion == (-0.1, 0.2, 0.001, 0.002)
    np.testing.assert_array_equal(rig.rectification.rotation, TURN)
    assert rig.rectification.camera == Camera(640, 480, 570.0, 570.0, 336.0, 222.0)
    assert rig.image == Camera(1440, 1080, 1150.0, 1150.0, 723.0, 572.0)
    np.testing.assert_allclose(rig.event_from_image[:3, 3], [0.04, -0.001, 0.01])
    assert rig.event_from_points is None


def test_dsec_s_lidar_lies_beside(write):
    path = write(dsec())
    lidar_from_image = np.eye(4)
    lidar_from_image[:3, 3] = [0.5, 0.25, -0.2]
    path.with_name('cam_to_lidar.yaml').write_text(
        yaml.safe_dump({'T_lidar_camRect1': lidar_from_image.tolist()})
    )

    rig = read_camera(path)

    np.testing.assert_allclose(
        rig.event_from_points @ [0.5, 0.25, -0.2, 1.0], rig.event_from_image[:, 3], atol=1e-12
    )


def test_the_real_dsec_file_is_consistent(data_root):
    rig = read_camera(data_root / 'dsec_calibration' / 'cam_to_cam.yaml')

    assert rig.event.size == (480, 640)
    assert rig.event.fx == pytest.approx(553.4686750102932)
    assert rig.rectification.camera.fx == pytest.approx(569.2873535700672)
    assert rig.image.size == (1080, 1440)
    # Rectified, both cameras look straight ahead, each along its own stereo pair.
    rectified_from_image = rig.rectification.rotation @ rig.event_from_image[:3, :3]
    angle = math.degrees(math.acos((np.trace(rectified_from_image) - 1) / 2))
    assert angle < 1.0
    baseline_m = np.linalg.norm(rig.event_from_image[:3, 3])
    assert baseline_m == pytest.approx(0.0457, abs=1e-3)
    # LiDAR x is forward, camera z is forward.
    ahead = rig.event_from_points @ [20.0, 0.0, 0.0, 1.0]
    assert ahead[2] > 19.0


def without(fields, *keys):
    *path, last = keys
    place = fields
    for key in path:
        place = place[key]
    del place[last]
    return fields


@pytest.mark.parametrize(('content', 'text'), [
    ('', 'Expected a YAML mapping in'),
    ('a: [', 'Expected YAML in'),
    ('other: 1', r'intrinsics.cam0 \(DSEC\), cam0 \(Kalibr\) .* got other'),
    (without(dsec(), 'intrinsics', 'cam0', 'camera_matrix'), 'key intrinsics.cam0.camera_matrix'),
    (without(dsec(), 'extrinsics', 'R_rect0'), 'key extrinsics.R_rect0'),
    (without(dsec(), 'extrinsics'), 'key extrinsics in'),
    (KALIBR.replace('[346, 260]', '[346]'), '2 numbers at cam0.resolution'),
    (KALIBR.replace('pinhole', 'omni'), 'pinhole at cam0.camera_model .* got .omni'),
    (KALIBR.replace('equidistant', 'fov'), "cam0.distortion_model .* got 'fov'"),
    (KALIBR.replace('301.0', '-1'), 'fx, fy > 0'),
    (KALIBR.replace('301.0', 'one'), 'numbers at cam0.intrinsics'),
    (KALIBR.replace('301.0', '.nan'), 'finite numbers at cam0.intrinsics'),
    (KALIBR + KALIBR_SECOND.replace('[0, -1, 0, 0.1]', '[0, -2, 0, 0.1]'),
     'rigid transform at cam1.T_cn_cnm1'),
    (ROS.replace('0, 0, 1]', '0, 0]'), 'shape .3, 3. at camera_matrix.data'),
    (ROS.replace('camera_matrix', 'matrix'), 'key intrinsics.cam0'),
    (ROS.replace('rows: 1, cols: 5, data: [', 'data: [1, 1, 1, 1, 1, 1, '), '5 distortion coeff'),
])  # fmt: skip
def test_a_bad_file_names_the_file_and_the_key(write, content, text):
    path = write(content)

    with pytest.raises(CameraFileError, match=text) as caught:
        read_camera(path)

    assert str(path) in str(caught.value)


def test_a_missing_and_a_binary_file_are_clear_errors(tmp_path):
    binary = tmp_path / 'camera.yaml'
    binary.write_bytes(b'\xff\xfe\x00\x01')

    with pytest.raises(CameraFileError, match='Expected a calibration file at'):
        read_camera(tmp_path / 'none.yaml')
    with pytest.raises(CameraFileError, match='Expected a calibration file at'):
        read_camera(binary)


def test_an_assumed_camera_spans_its_field_of_view():
    camera = assumed_camera(640, 480, 90.0)

    assert camera.fx == pytest.approx(320.0)
    assert (camera.cx, camera.cy) == (319.5, 239.5)
    assert camera.fx == camera.fy
    assert not camera.is_distorted


@pytest.mark.parametrize('fov_deg', [0.0, -10.0, 180.0, math.nan])
def test_an_impossible_field_of_view_is_refused(fov_deg):
    with pytest.raises(InputError, match='Expected fov_deg'):
        assumed_camera(640, 480, fov_deg)
