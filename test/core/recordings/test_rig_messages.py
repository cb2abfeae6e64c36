"""A rig as camera_info and /tf_static."""

from eventdepth_core.recordings.camera_info import camera_from_info
from eventdepth_core.recordings.definitions import CAMERA_INFO, TF_MESSAGE
from eventdepth_core.recordings.message_codecs import decode_message
from eventdepth_core.recordings.poses import matrix_from_pose
from eventdepth_core.recordings.rig_messages import (
    camera_info_topic,
    camera_topics,
    due_infos,
    FrameNames,
    static_transforms,
)
from eventdepth_core.types import Camera, Rig
import numpy as np
import pytest

EVENT = Camera(346, 260, 300.0, 301.0, 172.5, 129.5, (-0.1, 0.05, 0.001, -0.002, 0.01))
IMAGE = Camera(640, 480, 500.0, 501.0, 320.0, 240.0)
SHIFT = np.eye(4)
SHIFT[:3, 3] = (0.1, -0.2, 0.3)
FRAMES = FrameNames(events='event', image='rgb', points='lidar')


@pytest.mark.parametrize(
    ('topic', 'expected'),
    [
        ('/camera/events', '/camera/camera_info'),
        ('/camera/image_raw/compressed', '/camera/camera_info'),
        ('/events', '/camera_info'),
    ],
)
def test_camera_info_stands_beside_its_sensor(topic, expected):
    assert camera_info_topic(topic) == expected


def test_each_camera_has_its_topic_and_survives():
    rig = Rig(event=EVENT, image=IMAGE, event_from_image=SHIFT)

    event, image = camera_topics(rig, '/ev/events', '/rgb/image_raw', FRAMES)

    assert (event.topic, image.topic) == ('/ev/camera_info', '/rgb/camera_info')
    message = decode_message(CAMERA_INFO, event.raw(123))
    assert camera_from_info(message) == EVENT
    assert (message.header.stamp_ns, message.header.frame_id) == (123, 'event')


def test_a_shared_view_has_one_camera():
    topics = camera_topics(Rig(event=EVENT), '/cam/events', '/cam/image_raw', FRAMES)

    assert [each.topic for each in topics] == ['/cam/camera_info']


def test_an_image_camera_alone_is_told():
    (camera,) = camera_topics(Rig(image=IMAGE), '', '/cam/image_raw', FRAMES)

    assert (camera.camera, camera.frame_id) == (IMAGE, 'rgb')


def test_extrinsics_become_transforms_from_the_reference():
    rig = Rig(event=EVENT, image=IMAGE, event_from_image=SHIFT, event_from_points=SHIFT)

    message = decode_message(TF_MESSAGE, static_transforms(rig, FRAMES, 7))

    found = {each.child_frame_id: each for each in message.transforms}
    assert set(found) == {'rgb', 'lidar'}
    assert {each.header.frame_id for each in message.transforms} == {'event'}
    np.testing.assert_allclose(matrix_from_pose(found['lidar'].pose), SHIFT, atol=1e-12)


def test_a_rig_without_extrinsics_has_no_transforms():
    assert static_transforms(Rig(event=EVENT), FRAMES, 7) is None


def test_cameras_are_told_every_tenth_of_a_second_and_after_a_step_back():
    cameras = camera_topics(Rig(event=EVENT), '/cam/events', '', FRAMES)

    told = [
        bool(list(due_infos(cameras, last, now)))
        for last, now in [
            (None, 0),
            (0, 99_999_999),
            (0, 100_000_000),
            (500_000_000, 0),
        ]
    ]

    assert told == [True, False, True, True]
