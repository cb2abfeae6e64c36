"""Bags as topics: bytes as recorded, transforms first, a camera of the user's."""

from eventdepth_core.recordings.bag import Bag
from eventdepth_core.recordings.definitions import CAMERA_INFO, EVENT_PACKET, TF_MESSAGE
from eventdepth_core.recordings.message_codecs import decode_message
from eventdepth_ros.playing.bag_playable import BagPlayable, is_bag
from eventdepth_ros.playing.playable import Track
import pytest

CAMERA_FILE = """
image_width: 64
image_height: 48
camera_name: other
camera_matrix: {rows: 3, cols: 3, data: [99.0, 0.0, 30.0, 0.0, 98.0, 20.0, 0.0, 0.0, 1.0]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [0.0, 0.0, 0.0, 0.0, 0.0]}
"""


@pytest.fixture
def playable(bag_path):
    opened = BagPlayable(bag_path)
    yield opened
    opened.close()


def test_every_byte_is_that_of_the_bag(bag_path, playable):
    topics = ['/camera/events', '/camera/image_raw', '/lidar/points', '/wheels']

    played = [(m.topic, m.stamp_ns, m.raw) for m in playable.messages() if m.topic in topics]

    stored = [(m.topic, m.stamp_ns, m.raw) for m in Bag(bag_path).messages(topics)]
    assert played == stored


def test_transforms_are_latched_and_not_repeated(playable):
    assert [each.topic for each in playable.latched] == ['/tf_static'] * 2
    assert Track('/tf_static', TF_MESSAGE, 2) in playable.tracks
    assert not any(each.topic == '/tf_static' for each in playable.messages())


def test_tracks_are_the_topics_of_the_bag(playable):
    by_topic = {track.topic: track for track in playable.tracks}

    assert by_topic['/camera/events'] == Track('/camera/events', EVENT_PACKET)
    assert set(by_topic) == {
        '/camera/camera_info',
        '/camera/events',
        '/camera/image_raw',
        '/lidar/points',
        '/tf_static',
        '/wheels',
    }


def test_messages_begin_anew_at_each_call(playable):
    assert len(list(playable.messages())) == len(list(playable.messages())) > 0
    assert playable.dropped == {}


def test_a_camera_of_the_user_replaces_the_recorded_one(bag_path, tmp_path):
    (tmp_path / 'camera.yaml').write_text(CAMERA_FILE)

    playable = BagPlayable(bag_path, camera_file=str(tmp_path / 'camera.yaml'))

    infos = [m for m in playable.messages() if m.topic == '/camera/camera_info']
    cameras = [decode_message(CAMERA_INFO, each.raw) for each in infos]
    assert {camera.k[0] for camera in cameras} == {99.0}
    assert [each.stamp_ns for each in infos] == [camera.header.stamp_ns for camera in cameras]
    assert {camera.header.frame_id for camera in cameras} == {'camera'}
    assert 3 <= len(infos) <= 4  # every 100 ms of 300
    playable.close()


def test_an_assumed_field_of_view_leaves_a_known_camera_alone(bag_path):
    playable = BagPlayable(bag_path, fov_deg=90.0)

    infos = [m for m in playable.messages() if m.topic == '/camera/camera_info']

    assert {decode_message(CAMERA_INFO, each.raw).k[0] for each in infos} == {60.0}
    playable.close()


def test_bags_are_told_from_other_recordings(bag_path, tmp_path):
    (tmp_path / 'events.txt').write_text('0.0 1 2 1\n')

    assert is_bag(bag_path)
    assert is_bag(bag_path / 'small_0.mcap')
    assert not is_bag(tmp_path)
    assert not is_bag(tmp_path / 'events.txt')
