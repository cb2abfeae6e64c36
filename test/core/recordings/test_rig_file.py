"""Rig files: what is read and refused, and that the shipped ones are the published numbers."""

import copy
import json

from eventdepth_core.errors import CameraFileError
from eventdepth_core.install import installed_file
from eventdepth_core.recordings import read_camera
from eventdepth_core.recordings.rig_file import rig_from_file, rig_path, SCHEMA_PATH
from eventdepth_core.types import Camera
from jsonschema import Draft7Validator
import numpy as np
import pytest
import yaml

SHIPPED = sorted(installed_file('config', 'rigs').glob('*.yaml'))
TURN = [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
MOVE = [[1.0, 0.0, 0.0, 0.1], [0.0, 1.0, 0.0, 0.2], [0.0, 0.0, 1.0, 0.3], [0.0, 0.0, 0.0, 1.0]]


def content():
    """Return a rig with two cameras, a rectification and a LiDAR."""
    pinhole = {'width': 346, 'height': 260, 'fx': 300.0, 'fy': 301, 'cx': 172.5, 'cy': 129.5}
    return {
        'source': 'made up',
        'cameras': {
            'event': {
                **pinhole,
                'frame': 'event_frame',
                'distortion_model': 'equidistant',
                'distortion': [0.1, 0.2, 0.3, 0.4],
                'rectification': {**pinhole, 'rotation': TURN},
            },
            'image': {**pinhole, 'width': 640, 'frame': 'image_frame'},
        },
        'points': {'frame': 'lidar'},
        'extrinsics': {'event_from_image': MOVE, 'event_from_points': MOVE},
    }


def written(tmp_path, rig):
    path = tmp_path / 'rig.yaml'
    path.write_text(yaml.safe_dump(rig))
    return path


def changed(key, value):
    """Return the content with `value` at the dotted key; None removes it."""
    rig = copy.deepcopy(content())
    *groups, last = key.split('.')
    place = rig
    for group in groups:
        place = place[group]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return rig


def test_a_full_rig_is_read(tmp_path):
    named = rig_from_file(written(tmp_path, content()))

    assert named.rig.event == Camera(
        346, 260, 300.0, 301.0, 172.5, 129.5, (0.1, 0.2, 0.3, 0.4), 'equidistant'
    )
    assert named.rig.image == Camera(640, 260, 300.0, 301.0, 172.5, 129.5)
    assert np.array_equal(named.rig.rectification.rotation, TURN)
    assert named.rig.rectification.camera == Camera(346, 260, 300.0, 301.0, 172.5, 129.5)
    assert np.array_equal(named.rig.event_from_image, MOVE)
    assert np.array_equal(named.rig.event_from_points, MOVE)
    assert dict(named.frames) == {
        'events': 'event_frame',
        'image': 'image_frame',
        'points': 'lidar',
    }


def test_without_an_image_camera_images_share_the_view_and_the_frame(tmp_path):
    rig = changed('cameras.image', None)
    del rig['extrinsics']['event_from_image']

    named = rig_from_file(written(tmp_path, rig))

    assert named.rig.image is None
    assert named.frames['image'] == 'event_frame'


def test_an_image_camera_alone_is_the_reference(tmp_path):
    rig = changed('cameras.event', None)
    del rig['extrinsics']['event_from_image']

    named = rig_from_file(written(tmp_path, rig))

    assert named.rig.reference == named.rig.image
    assert 'events' not in named.frames


def test_sensors_without_frames_have_none(tmp_path):
    rig = changed('cameras.event.frame', None)
    del rig['cameras']['image']['frame'], rig['points']

    assert dict(rig_from_file(written(tmp_path, rig)).frames) == {}


@pytest.mark.parametrize(
    ('key', 'value', 'text'),
    [
        ('cameras.event.fxx', 1.0, r'no key cameras\.event\.fxx in .*: did you mean fx\?'),
        ('camera', {}, r'no key camera in .*did you mean cameras\?'),
        ('cameras.left', {}, r'no key cameras\.left in .*known are event, image'),
        ('cameras.event.rectification.K', 1, r'no key cameras\.event\.rectification\.K'),
        ('extrinsics.image_from_event', MOVE, r'no key extrinsics\.image_from_event'),
        ('cameras.event.fx', None, "cameras.event to fit .*'fx' is a required property"),
        ('cameras.event.fx', 'wide', r"cameras\.event\.fx to fit .*'wide' is not of type"),
        ('cameras.event.fx', -3.0, r'cameras\.event\.fx'),
        ('cameras.event.width', 346.5, r'cameras\.event\.width'),
        ('cameras.event.distortion', [0.1], 'Expected a rig in .*coefficients'),
        ('cameras.event.distortion_model', 'radtan', r'cameras\.event\.distortion_model'),
        ('cameras.event.rectification.rotation', TURN[:2], r'rectification\.rotation'),
        ('cameras.event.rectification.rotation', [[2.0, 0, 0], *TURN[1:]], 'Expected a rig in'),
        ('cameras.event.frame', '', r'cameras\.event\.frame'),
        ('extrinsics.event_from_points', TURN, r'extrinsics\.event_from_points'),
        ('extrinsics.event_from_points', [[2.0, 0, 0, 0], *MOVE[1:]], 'event_from_points'),
        ('extrinsics.event_from_points', [[float('nan'), 0, 0, 0], *MOVE[1:]], 'finite numbers'),
        ('extrinsics.event_from_image', None, 'key extrinsics.event_from_image .* two cameras'),
        ('cameras', {}, 'cameras to fit'),
        (
            'cameras.image.rectification',
            {**content()['cameras']['event']['rectification']},
            r'reference camera \(event\) only at cameras\.image\.rectification',
        ),
    ],
)
def test_a_wrong_key_is_refused_by_its_dotted_name(tmp_path, key, value, text):
    path = written(tmp_path, changed(key, value))

    with pytest.raises(CameraFileError, match=text):
        rig_from_file(path)


def test_a_missing_file_names_the_shipped_rigs(tmp_path):
    with pytest.raises(CameraFileError, match=r'a rig out of dsec, mvsec, got .*nothing\.yaml'):
        rig_from_file(tmp_path / 'nothing.yaml')


def test_calibration_files_of_other_tools_are_read_without_frames(tmp_path):
    path = tmp_path / 'camera.yaml'
    path.write_text('cam0: {intrinsics: [300.0, 301.0, 172.5, 129.5], resolution: [346, 260]}')

    named = rig_from_file(path)

    assert named.rig.event == Camera(346, 260, 300.0, 301.0, 172.5, 129.5)
    assert dict(named.frames) == {}


@pytest.mark.parametrize('path', SHIPPED, ids=lambda path: path.stem)
def test_shipped_rigs_keep_the_schema_and_are_found_by_name(path):
    schema = json.loads(SCHEMA_PATH.read_text())
    Draft7Validator.check_schema(schema)

    Draft7Validator(schema).validate(yaml.safe_load(path.read_text()))

    assert rig_path(path.stem) == path
    assert rig_from_file(path.stem).rig.event_from_points is not None


def test_the_shipped_dsec_rig_is_what_dsec_publishes(data_root):
    published = read_camera(data_root / 'dsec_calibration' / 'cam_to_cam.yaml')

    shipped = rig_from_file('dsec').rig

    assert shipped.event == published.event
    assert shipped.image == published.image
    assert shipped.rectification.camera == published.rectification.camera
    assert np.array_equal(shipped.rectification.rotation, published.rectification.rotation)
    assert np.allclose(shipped.event_from_image, published.event_from_image, atol=1e-11)
    assert np.allclose(shipped.event_from_points, published.event_from_points, atol=1e-11)


def test_the_lidar_of_the_shipped_rigs_looks_where_the_camera_looks():
    for name in ('dsec', 'mvsec'):
        forward = rig_from_file(name).rig.event_from_points[:3, :3] @ [1.0, 0.0, 0.0]

        assert forward[2] > 0.99, name
