"""One door: what is opened as what, whose camera counts, and what a wrong path hears."""

from dataclasses import replace

from eventdepth_core.errors import CameraFileError, RecordingError
from eventdepth_core.recordings import open_recording
from eventdepth_core.types import Camera, Rig
import numpy as np
import pytest

KALIBR = """
cam0:
  camera_model: pinhole
  intrinsics: [310.0, 310.0, 172.5, 129.5]
  distortion_model: none
  distortion_coeffs: []
  resolution: [346, 260]
"""
IMAGE_CAMERA = Camera(64, 48, 50.0, 50.0, 31.5, 23.5)
EVENT_CAMERA = Camera(346, 260, 310.0, 310.0, 172.5, 129.5)


def only_events(messages):
    return [message for message in messages if message[0] == '/ev/events']


def test_a_missing_path_names_everything_that_would_do(tmp_path):
    with pytest.raises(RecordingError, match=r'Expected a ROS 2 bag .* got nothing at .*/none'):
        open_recording(tmp_path / 'none')


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(RecordingError, match='got the empty folder'):
        open_recording(tmp_path)


def test_an_unknown_suffix_is_named(tmp_path):
    (tmp_path / 'a.mp4').write_bytes(b'film')

    with pytest.raises(RecordingError, match=r'Expected a ROS 2 bag .* got the file .*a.mp4'):
        open_recording(tmp_path / 'a.mp4')


def test_a_folder_of_something_else_names_what_lies_there(tmp_path):
    (tmp_path / 'readme.md').write_text('hello')

    with pytest.raises(RecordingError, match=r'readme\.md'):
        open_recording(tmp_path)


@pytest.mark.parametrize('name', ['a.mcap', 'a.db3'])
@pytest.mark.parametrize('raw', [b'', b'no bag at all, but some bytes'])
def test_a_file_that_is_no_bag_is_one_clear_error(tmp_path, name, raw):
    (tmp_path / name).write_bytes(raw)

    with pytest.raises(RecordingError, match='Expected an MCAP or sqlite3 bag file'):
        open_recording(tmp_path / name)


def test_a_bare_bag_file_opens_like_its_folder(write_bag, robot_messages):
    folder = write_bag(robot_messages)

    with open_recording(folder) as whole, open_recording(folder / 'bag_0.mcap') as bare:
        assert len(list(whole.samples())) == len(list(bare.samples())) == 36


def test_the_given_file_replaces_the_reference_camera_only(tmp_path, write_bag, robot_messages):
    (tmp_path / 'camera.yaml').write_text(KALIBR)

    with open_recording(write_bag(robot_messages), camera=tmp_path / 'camera.yaml') as recording:
        assert recording.rig.event == EVENT_CAMERA
        assert recording.rig.image.size == (48, 64)
        assert recording.rig.event_from_points is not None
        assert recording.camera_source == 'file'


def test_a_given_rig_replaces_the_whole_rig(write_bag, robot_messages):
    rig = Rig(event=EVENT_CAMERA, event_from_points=np.eye(4))

    with open_recording(write_bag(robot_messages), camera=rig) as recording:
        assert recording.rig is rig


def test_a_given_camera_serves_a_recording_without_one(write_bag, robot_messages):
    path = write_bag(only_events(robot_messages))

    with open_recording(path, camera=EVENT_CAMERA) as recording:
        assert recording.rig.event == EVENT_CAMERA


def test_a_camera_of_another_size_is_refused(write_bag, robot_messages):
    path = write_bag(robot_messages)

    with pytest.raises(CameraFileError, match=r'Expected a camera of 346 x 260 .* got 345 x 260'):
        open_recording(path, camera=replace(EVENT_CAMERA, width=345))


def test_a_rig_for_events_and_images_serves_images_alone(write_bag, robot_messages):
    images = [each for each in robot_messages if each[0] in ('/cam/image_raw', '/points')]
    event_from_image, event_from_points = np.eye(4), np.eye(4)
    event_from_image[0, 3], event_from_points[0, 3] = 0.1, 0.5
    rig = Rig(EVENT_CAMERA, IMAGE_CAMERA, event_from_image, event_from_points)

    with open_recording(write_bag(images), camera=rig) as recording:
        assert (recording.rig.event, recording.rig.image) == (None, IMAGE_CAMERA)
        np.testing.assert_allclose(recording.rig.event_from_points[:3, 3], [0.4, 0, 0])


def test_the_image_camera_of_a_rig_must_fit_as_well(write_bag, robot_messages):
    rig = Rig(EVENT_CAMERA, replace(IMAGE_CAMERA, width=65))

    with pytest.raises(CameraFileError, match='Expected a camera of 64 x 48 for image'):
        open_recording(write_bag(robot_messages), camera=rig)


def test_a_field_of_view_is_used_where_no_camera_is_known(write_bag, robot_messages):
    path = write_bag(only_events(robot_messages))

    with open_recording(path, fov_deg=90.0) as recording:
        assert recording.camera_source == 'assumed'
        assert recording.rig.event.fx == pytest.approx(173.0)
        assert recording.rig.event.size == (260, 346)


def test_a_field_of_view_does_not_replace_a_known_camera(write_bag, robot_messages):
    with open_recording(write_bag(robot_messages), fov_deg=90.0) as recording:
        assert recording.camera_source == 'recording'
        assert recording.rig.event.fx == 300.0


def test_an_unreadable_camera_file_stops_before_the_recording_is_opened(tmp_path):
    (tmp_path / 'camera.yaml').write_text('cam0: [')

    with pytest.raises(CameraFileError, match=r'camera\.yaml'):
        open_recording(tmp_path / 'none', camera=tmp_path / 'camera.yaml')


def test_a_closed_recording_may_be_closed_again(write_bag, robot_messages):
    recording = open_recording(write_bag(robot_messages))

    recording.close()
    recording.close()
