"""Which camera belongs to which stream, and the rig that follows."""

from dataclasses import replace
import itertools

from eventdepth_core.recordings.messages import Header, RawTransform
from eventdepth_core.recordings.poses import matrix_from_pose, StaticTransforms
from eventdepth_core.recordings.recording import StreamSummary
from eventdepth_core.recordings.rig_assembly import (
    assembled_rig,
    Extrinsics,
    info_topic_beside,
    is_same_rig,
    NamedCamera,
    RigParts,
)
from eventdepth_core.types import Camera, Rig
import numpy as np
import pytest

EVENT = Camera(346, 260, 300.0, 301.0, 172.5, 129.5, (-0.1, 0.05, 0.001, -0.002, 0.01))
IMAGE = Camera(64, 48, 50.0, 51.0, 31.5, 23.5)
IMAGE_POSE = np.array([0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
LIDAR_POSE = np.array([0.1, -0.2, 0.3, 0.0, 0.0, np.sin(0.2), np.cos(0.2)])
STREAMS = {
    'events': StreamSummary('events', '', '/ev/events', width=346, height=260, frame_id='ev'),
    'image': StreamSummary('image', '', '/cam/image_raw', width=64, height=48, frame_id='cam'),
    'points': StreamSummary('points', '', '/points', frame_id='lidar'),
}
CAMERAS = [
    NamedCamera('/ev/camera_info', 'ev', EVENT),
    NamedCamera('/cam/camera_info', 'cam', IMAGE),
]
TRANSFORMS = [
    RawTransform(Header(0, 'ev'), 'cam', IMAGE_POSE),
    RawTransform(Header(0, 'ev'), 'lidar', LIDAR_POSE),
]


def parts(**changes):
    whole = RigParts(STREAMS, CAMERAS, StaticTransforms(TRANSFORMS))
    return replace(whole, **changes)


def test_two_cameras_and_a_lidar_make_a_rig_with_both_extrinsics():
    found = assembled_rig(parts())

    assert (found.rig.event, found.rig.image) == (EVENT, IMAGE)
    np.testing.assert_array_equal(found.rig.event_from_image, matrix_from_pose(IMAGE_POSE))
    np.testing.assert_array_equal(found.rig.event_from_points, matrix_from_pose(LIDAR_POSE))
    assert found.reference_frame == 'ev'
    assert (found.event.frame_id, found.image.frame_id) == ('ev', 'cam')


def test_the_order_of_cameras_and_transforms_does_not_matter():
    expected = assembled_rig(parts()).rig

    for cameras, transforms in itertools.product(
        itertools.permutations(CAMERAS), itertools.permutations(TRANSFORMS)
    ):
        found = assembled_rig(parts(cameras=cameras, transforms=StaticTransforms(transforms)))
        assert is_same_rig(found.rig, expected)


def test_without_a_camera_there_is_no_rig_but_a_frame():
    found = assembled_rig(parts(cameras=[]))

    assert found.rig is None
    assert found.reference_frame == 'ev'


def test_one_camera_info_for_both_streams_is_one_view():
    both = NamedCamera('/dvs/camera_info', '', EVENT)
    streams = {
        name: replace(STREAMS[name], topic=f'/dvs/{name}', width=346, height=260, frame_id='')
        for name in ('events', 'image')
    }

    found = assembled_rig(parts(streams=streams, cameras=[both]))

    assert (found.rig.event, found.rig.image) == (EVENT, None)
    assert found.image is found.event


@pytest.mark.parametrize(('frame_id', 'is_one_view'), [('ev', True), ('other', False)])
def test_equal_cameras_share_a_view_where_they_share_a_frame(frame_id, is_one_view):
    streams = {
        'events': STREAMS['events'],
        'image': replace(STREAMS['image'], width=346, height=260, frame_id=frame_id),
    }
    cameras = [CAMERAS[0], NamedCamera('/cam/camera_info', frame_id, EVENT)]

    found = assembled_rig(parts(streams=streams, cameras=cameras))

    assert (found.rig.image is None) == is_one_view


def test_a_camera_of_another_size_belongs_to_no_stream():
    small = replace(CAMERAS[0], camera=IMAGE)

    found = assembled_rig(parts(cameras=[small, CAMERAS[1]]))

    assert found.event is None
    assert (found.rig.event, found.rig.image) == (None, IMAGE)
    assert found.reference_frame == 'cam'


def test_a_stream_without_an_info_beside_it_takes_the_camera_of_its_frame():
    moved = replace(CAMERAS[0], topic='/elsewhere/camera_info')

    assert assembled_rig(parts(cameras=[moved])).rig.event == EVENT


def test_an_info_topic_that_is_named_is_taken_instead_of_the_one_beside():
    other = Camera(346, 260, 111.0, 111.0, 172.5, 129.5)
    cameras = [*CAMERAS, NamedCamera('/calibration/camera_info', 'ev', other)]

    found = assembled_rig(
        parts(cameras=cameras, info_topics={'events': '/calibration/camera_info'})
    )

    assert found.rig.event == other


def test_extrinsics_given_by_hand_stand_above_the_transforms():
    turned = matrix_from_pose(np.array([1.0, 2.0, 3.0, 0.0, 0.0, 0.6, 0.8]))

    found = assembled_rig(parts(extrinsics=Extrinsics(turned, turned)))

    np.testing.assert_array_equal(found.rig.event_from_image, turned)
    np.testing.assert_array_equal(found.rig.event_from_points, turned)


def test_frames_that_nothing_connects_give_no_extrinsic():
    found = assembled_rig(parts(transforms=StaticTransforms()))

    assert found.rig.event_from_image is None
    assert found.rig.event_from_points is None


@pytest.mark.parametrize(
    ('topic', 'expected'),
    [
        ('/camera/events', '/camera/camera_info'),
        ('/camera/image_raw/compressed', '/camera/camera_info'),
        ('/events', '/camera_info'),
    ],
)
def test_the_info_lies_in_the_folder_of_the_stream(topic, expected):
    assert info_topic_beside(topic) == expected


def test_rigs_are_the_same_within_rounding_and_differ_by_any_part():
    rig = assembled_rig(parts()).rig
    nudged, moved = rig.event_from_image.copy(), rig.event_from_image.copy()
    nudged[0, 3] += 1e-12
    moved[0, 3] += 1e-6

    assert is_same_rig(rig, replace(rig, event_from_image=nudged))
    assert is_same_rig(None, None)
    for other in (
        None,
        Rig(event=EVENT),
        replace(rig, event_from_image=moved),
        replace(rig, event_from_points=None),
        replace(rig, image=EVENT),
    ):
        assert not is_same_rig(rig, other)
