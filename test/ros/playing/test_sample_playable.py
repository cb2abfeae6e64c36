"""Recordings without topics as topics: text, raw and KITTI, made on the spot."""

import cv2
from eventdepth_core.events import encode, packet_decoder
from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.definitions import (
    CAMERA_INFO,
    EVENT_PACKET,
    IMAGE,
    POINT_CLOUD,
    POSE_STAMPED,
    TF_MESSAGE,
)
from eventdepth_core.recordings.image_codec import image_from_raw
from eventdepth_core.recordings.message_codecs import decode_message
from eventdepth_core.recordings.messages import RawTransforms
from eventdepth_core.recordings.point_codec import points_from_raw
from eventdepth_core.types import EVENT_DTYPE
from eventdepth_ros.playing import open_playable, PlayableOptions, TopicNames
import numpy as np
import pytest

TYPES = {
    '/camera/events': EVENT_PACKET,
    '/camera/image_raw': IMAGE,
    '/camera/camera_info': CAMERA_INFO,
    '/lidar/points': POINT_CLOUD,
    '/ground_truth/pose': POSE_STAMPED,
    '/tf': TF_MESSAGE,
    '/tf_static': TF_MESSAGE,
}


def some_events(num=2000, span_us=40_000, start_us=3_000):
    rng = np.random.default_rng(4)
    made = np.zeros(num, EVENT_DTYPE)
    made['t'] = np.sort(rng.integers(start_us, start_us + span_us, num))
    made['x'] = rng.integers(0, 60, num)
    made['y'] = rng.integers(0, 40, num)
    made['p'] = rng.choice(np.array([-1, 1], np.int8), num)
    return made


@pytest.fixture
def text_folder(tmp_path):
    events = some_events()
    lines = [f'{e["t"] * 1e-6:.6f} {e["x"]} {e["y"]} {int(e["p"] > 0)}' for e in events]
    (tmp_path / 'events.txt').write_text('\n'.join(lines) + '\n')
    (tmp_path / 'calib.txt').write_text('50 51 30 20 0 0 0 0 0\n')
    (tmp_path / 'images.txt').write_text('0.000000 a.png\n0.020000 a.png\n')
    (tmp_path / 'groundtruth.txt').write_text('0.010 1 2 3 0 0 0 1\n')
    cv2.imwrite(str(tmp_path / 'a.png'), np.full((40, 60), 77, np.uint8))
    return tmp_path


@pytest.fixture
def raw_file(tmp_path):
    path = tmp_path / 'events.raw'
    header = b'% evt 3.0\n% geometry 60x40\n% end\n'
    path.write_bytes(header + encode('evt3', some_events(), 60, 40))
    return path


def decoded(playable):
    return [
        (each.stamp_ns, each.topic, decode_message(TYPES[each.topic], each.raw))
        for each in playable.messages()
    ]


def test_text_becomes_messages_of_every_stream(text_folder):
    playable = open_playable(text_folder)

    found = decoded(playable)

    topics = [topic for _, topic, _ in found]
    assert {track.topic for track in playable.tracks} == set(topics)
    assert topics.count('/camera/image_raw') == 2
    assert topics.count('/ground_truth/pose') == 1
    assert topics.count('/camera/events') >= 30
    image = next(m for _, topic, m in found if topic == '/camera/image_raw')
    assert (image_from_raw(image) == 77).all()
    playable.close()


def test_a_recording_that_begins_at_zero_is_played_a_second_later(text_folder):
    playable = open_playable(text_folder)

    found = decoded(playable)

    assert found[0][0] == playable.start_ns == 1_000_000_000
    headers = [
        header
        for _, _, message in found
        for header in (
            [each.header for each in message.transforms]
            if isinstance(message, RawTransforms)
            else [message.header]
        )
    ]
    assert all(header.stamp_ns > 0 for header in headers)
    playable.close()


def test_poses_are_played_as_transforms_of_the_camera_as_well(text_folder):
    playable = open_playable(text_folder)

    found = decoded(playable)

    (pose,) = [m for _, topic, m in found if topic == '/ground_truth/pose']
    ((transform,),) = [m.transforms for _, topic, m in found if topic == '/tf']
    assert (transform.header.frame_id, transform.child_frame_id) == ('odom', 'camera')
    assert transform.header.stamp_ns == pose.header.stamp_ns == 1_010_000_000
    np.testing.assert_array_equal(transform.pose, pose.pose)
    playable.close()


def test_decoded_events_survive_with_their_time(text_folder):
    playable = open_playable(text_folder)
    decoder = packet_decoder('mono', 60, 40)

    packets = [m for _, topic, m in decoded(playable) if topic == '/camera/events']

    events = np.concatenate([decoder.decode(p.payload, p.time_base_ns) for p in packets])
    sent = some_events()
    assert np.array_equal(events['t'], sent['t'] + 1_000_000)
    assert np.array_equal(events[['x', 'y', 'p']], sent[['x', 'y', 'p']])
    assert [p.seq for p in packets] == list(range(len(packets)))
    playable.close()


def test_a_packet_is_stamped_at_its_first_event_and_due_at_its_newest(text_folder):
    playable = open_playable(text_folder)
    decoder = packet_decoder('mono', 60, 40)

    for due_ns, topic, message in decoded(playable):
        if topic == '/camera/events':
            events = decoder.decode(message.payload, message.time_base_ns)
            assert message.header.stamp_ns == 1000 * events['t'][0]
            assert due_ns == 1000 * events['t'][-1]
    playable.close()


def test_messages_are_due_in_order_and_events_before_the_image_they_precede(text_folder):
    playable = open_playable(text_folder)

    due = [stamp for stamp, _, _ in decoded(playable)]

    assert due == sorted(due)
    playable.close()


def test_the_camera_is_told_first_and_again_every_tenth_of_a_second(text_folder):
    playable = open_playable(text_folder)

    found = decoded(playable)

    assert found[0][1] == '/camera/camera_info'
    assert found[0][2].k[0] == 50.0
    assert sum(topic == '/camera/camera_info' for _, topic, _ in found) == 1  # 0.04 s in all
    playable.close()


def test_raw_files_keep_their_words(raw_file):
    playable = open_playable(raw_file, PlayableOptions(fov_deg=60.0))

    packets = [m for _, topic, m in decoded(playable) if topic == '/camera/events']

    assert b''.join(bytes(p.payload) for p in packets) == encode('evt3', some_events(), 60, 40)
    assert {p.encoding for p in packets} == {'evt3'}
    assert len(packets) >= 20
    assert packets[0].header.stamp_ns == 1000 * some_events()['t'][0]
    playable.close()


def test_names_of_topics_can_be_chosen(raw_file):
    names = TopicNames(events='/front/events')

    playable = open_playable(raw_file, PlayableOptions(fov_deg=60.0, names=names))

    assert {track.topic for track in playable.tracks} == {'/front/events', '/front/camera_info'}
    playable.close()


def test_real_points_and_pictures_are_played_with_their_transform(data_root):
    path = data_root / 'kitti_frame'
    playable = open_playable(path)

    found = decoded(playable)

    with open_recording(path) as recording:
        points = next(s for s in recording.samples() if s.stream == 'points')
        rig = recording.rig
    cloud = next(m for _, topic, m in found if topic == '/lidar/points')
    assert np.array_equal(points_from_raw(cloud), points.points_m)
    transform = decode_message(TF_MESSAGE, playable.latched[0].raw).transforms[0]
    assert (transform.header.frame_id, transform.child_frame_id) == ('image_02', 'velodyne')
    np.testing.assert_allclose(transform.pose[:3], rig.event_from_points[:3, 3])
    playable.close()
