"""The rig of a running robot, and what it still lacks."""

from dataclasses import replace

from eventdepth_core.errors import InputError
from eventdepth_core.recordings import McapRecorder, open_recording
from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.definitions import (
    CAMERA_INFO,
    EVENT_PACKET,
    IMAGE,
    POINT_CLOUD,
    TF_MESSAGE,
)
from eventdepth_core.recordings.image_codec import raw_image
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import (
    Header,
    RawEventPacket,
    RawTransform,
    RawTransforms,
)
from eventdepth_core.recordings.point_codec import raw_points
from eventdepth_core.recordings.poses import matrix_from_pose
from eventdepth_core.recordings.rig_assembly import Extrinsics, is_same_rig
from eventdepth_core.types import Camera, Rig
from eventdepth_ros.conversions import camera_info_message, header_message, transforms_message
from eventdepth_ros.rig_source import extrinsic_from_numbers, RigSource
from hypothesis import given, strategies
import numpy as np
import pytest
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CameraInfo

EVENT = Camera(346, 260, 300.0, 301.0, 172.5, 129.5, (-0.1, 0.05, 0.001, -0.002, 0.01))
IMAGE_CAMERA = Camera(64, 48, 50.0, 51.0, 31.5, 23.5)
IMAGE_POSE = np.array([0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
LIDAR_POSE = np.array([0.1, -0.2, 0.3, 0.0, 0.0, 0.6, 0.8])
TOPICS = {'events': '/ev/events', 'image': '/cam/image_raw', 'points': '/points'}
TRANSFORMS = {
    'cam': RawTransform(Header(0, 'ev'), 'cam', IMAGE_POSE),
    'lidar': RawTransform(Header(0, 'ev'), 'lidar', LIDAR_POSE),
}


def info(camera=EVENT, frame_id='ev', time_us=5):
    return camera_info_message(camera, header_message(time_us, frame_id))


def hear_everything(source):
    """Give a source all that two cameras and a LiDAR say."""
    source.add_camera_info('events', info())
    source.add_camera_info('image', info(IMAGE_CAMERA, 'cam'))
    source.add_frame('events', 'ev', (260, 346))
    source.add_frame('image', 'cam', (48, 64))
    source.add_frame('points', 'lidar')
    source.add_transforms(RawTransforms(tuple(TRANSFORMS.values())))


@pytest.fixture
def source():
    return RigSource(TOPICS)


def test_nothing_heard_is_no_rig_and_says_what_is_expected_where(source):
    assert source.rig() is None
    assert source.rig(is_final=True) is None
    assert source.missing() == (
        'Expected the camera_info of events on /ev/camera_info, got none: start the driver with '
        'its calibration, set events.camera_info_topic, or name a calibration file in rig_file.',
        'Expected the camera_info of image on /cam/camera_info, got none: start the driver with '
        'its calibration, set image.camera_info_topic, or name a calibration file in rig_file.',
    )


def test_everything_heard_is_the_whole_rig(source):
    hear_everything(source)

    rig = source.rig()

    assert source.missing() == ()
    assert (rig.event, rig.image) == (EVENT, IMAGE_CAMERA)
    np.testing.assert_array_equal(rig.event_from_image, matrix_from_pose(IMAGE_POSE))
    np.testing.assert_array_equal(rig.event_from_points, matrix_from_pose(LIDAR_POSE))
    assert (source.frame('events'), source.frame('image')) == ('ev', 'cam')
    assert source.frame('points') == 'lidar'
    assert not source.changed


def test_the_transforms_may_come_as_the_message_of_tf2(source):
    source.add_transforms(transforms_message(RawTransforms((TRANSFORMS['cam'],))))
    source.add_camera_info('events', info())
    source.add_camera_info('image', info(IMAGE_CAMERA, 'cam'))

    rig = source.rig(is_final=True)

    np.testing.assert_array_equal(rig.event_from_image, matrix_from_pose(IMAGE_POSE))


def test_a_rig_waits_for_the_frame_of_the_points_unless_that_is_final(source):
    source.add_camera_info('events', info())
    source.add_camera_info('image', info(IMAGE_CAMERA, 'cam'))
    source.add_transforms(RawTransforms(tuple(TRANSFORMS.values())))

    assert source.missing() == (
        'Expected points with a frame_id on /points, got none yet: start the driver, or set '
        'extrinsics.event_from_points.',
    )
    assert source.unusable() == {'points'}
    assert source.rig() is None
    assert source.rig(is_final=True).event_from_points is None

    source.add_frame('points', 'lidar')
    assert source.changed
    assert source.rig().event_from_points is not None


def test_frames_that_nothing_connects_are_named(source):
    source.add_camera_info('events', info())
    source.add_camera_info('image', info(IMAGE_CAMERA, ''))
    source.add_frame('points', 'lidar')

    assert source.missing() == (
        "Expected a frame_id from the reference camera and from image, got 'ev' and '': set "
        'frame_id in the driver, or set extrinsics.event_from_image.',
        "Expected static transforms that connect 'ev' and 'lidar' on /tf_static, got none: "
        'publish it (static_transform_publisher, robot_state_publisher), or set '
        'extrinsics.event_from_points (x y z qx qy qz qw).',
    )


def test_streams_without_camera_or_extrinsic_are_unusable(source):
    assert source.unusable() == {'events', 'image'}

    source.add_camera_info('events', info())
    assert source.unusable() == {'image', 'points'}

    source.add_camera_info('image', info(IMAGE_CAMERA, 'cam'))
    source.add_frame('points', 'lidar')
    assert source.unusable() == {'image', 'points'}

    source.add_transforms(RawTransforms(tuple(TRANSFORMS.values())))
    assert source.unusable() == frozenset()


def test_an_uncalibrated_camera_says_so_and_does_not_replace_a_calibrated_one(source):
    source.add_camera_info('events', CameraInfo(width=346, height=260))

    assert source.missing()[0] == (
        'Expected a calibrated camera_info on /ev/camera_info, got K = 0: calibrate the camera, '
        'or name a calibration file in rig_file.'
    )
    hear_everything(source)
    source.rig()
    source.add_camera_info('events', CameraInfo(width=346, height=260))

    assert source.rig().event == EVENT
    assert not source.changed
    assert dict(source.dropped) == {'uncalibrated': 2}


def test_a_camera_info_that_we_cannot_use_says_why(source):
    message = info()
    message.distortion_model = 'thin_prism'

    source.add_camera_info('events', message)

    assert source.missing()[0].startswith(
        'Expected a camera_info of use on /ev/camera_info, got: Expected a distortion model out of'
    )
    assert "got 'thin_prism': calibrate the camera" in source.missing()[0]
    assert dict(source.dropped) == {'unsupported_camera_info': 1}


def test_a_camera_info_of_another_size_than_the_events_says_so(source):
    source.add_camera_info('events', info(IMAGE_CAMERA))
    source.add_frame('events', 'ev', (260, 346))

    assert source.missing()[0] == (
        'Expected a camera_info of 346 x 260 for events on /ev/camera_info, got 64 x 48: '
        'calibrate at the size in use, or set events.camera_info_topic.'
    )


def test_the_same_camera_info_under_a_new_stamp_changes_nothing(source):
    hear_everything(source)
    rig = source.rig()

    source.add_camera_info('events', info(time_us=99))
    source.add_frame('events', 'ev', (260, 346))
    source.add_transforms(RawTransforms((TRANSFORMS['lidar'],)))

    assert not source.changed
    assert source.rig() is rig


def other_camera(source):
    source.add_camera_info('events', info(replace(EVENT, fx=333.0)))


def other_distortion(source):
    source.add_camera_info('image', info(replace(IMAGE_CAMERA, distortion=(0.1,) * 4), 'cam'))


def other_extrinsic(source):
    moved = replace(TRANSFORMS['lidar'], pose=IMAGE_POSE)
    source.add_transforms(RawTransforms((moved,)))


def other_points_frame(source):
    source.add_frame('points', 'cam')


def other_size(source):
    source.add_frame('events', 'ev', (480, 640))


@pytest.mark.parametrize(
    'change', [other_camera, other_distortion, other_extrinsic, other_points_frame, other_size]
)
def test_whatever_makes_another_rig_is_noticed_until_the_rig_is_taken(source, change):
    hear_everything(source)
    before = source.rig()

    change(source)

    assert source.changed
    assert source.changed
    assert not is_same_rig(source.rig(is_final=True), before)
    assert not source.changed


def test_a_transform_between_other_frames_is_no_change(source):
    hear_everything(source)
    source.rig()

    source.add_transforms(RawTransforms((RawTransform(Header(0, 'ev'), 'imu', LIDAR_POSE),)))

    assert not source.changed


def test_events_and_images_with_one_camera_info_share_a_view():
    source = RigSource({'events': '/camera/events', 'image': '/camera/image_raw/compressed'})
    assert source.info_topic('events') == source.info_topic('image') == '/camera/camera_info'

    source.add_camera_info('events', info(frame_id=''))

    assert source.missing() == ()
    assert source.rig().image is None


def test_an_info_topic_that_is_named_is_listened_to():
    source = RigSource(
        {'events': '/ev/events', 'image': '/cam/image_raw'},
        info_topics={'events': '/calibration', 'image': ''},
    )

    source.add_camera_info('events', info())

    assert source.info_topic('events') == '/calibration'
    assert source.info_topic('image') == '/cam/camera_info'
    assert source.rig(is_final=True).event == EVENT


def test_an_image_alone_makes_the_image_the_reference():
    source = RigSource({'image': '/cam/image_raw', 'points': '/points'})
    source.add_camera_info('image', info(IMAGE_CAMERA, 'cam'))
    source.add_frame('points', 'cam')

    rig = source.rig()

    assert (rig.event, rig.image) == (None, IMAGE_CAMERA)
    np.testing.assert_array_equal(rig.event_from_points, np.eye(4))


def test_extrinsics_from_parameters_need_no_transforms():
    extrinsics = Extrinsics(matrix_from_pose(IMAGE_POSE), matrix_from_pose(LIDAR_POSE))
    source = RigSource(TOPICS, extrinsics=extrinsics)
    source.add_camera_info('events', info())
    source.add_camera_info('image', info(IMAGE_CAMERA, ''))

    rig = source.rig()

    np.testing.assert_array_equal(rig.event_from_image, extrinsics.event_from_image)
    np.testing.assert_array_equal(rig.event_from_points, extrinsics.event_from_points)


def test_a_whole_rig_from_a_file_is_there_at_once_and_nothing_changes_it():
    whole = Rig(EVENT, IMAGE_CAMERA, matrix_from_pose(LIDAR_POSE), matrix_from_pose(IMAGE_POSE))
    source = RigSource(TOPICS, given=whole, frames={'events': 'file_optical'})

    rig = source.rig()
    hear_everything(source)

    assert source.missing() == ()
    assert source.unusable() == frozenset()
    assert is_same_rig(rig, whole)
    assert not source.changed
    assert (source.frame('events'), source.frame('image')) == ('file_optical', 'cam')


def test_a_camera_from_a_file_takes_its_extrinsics_from_the_transforms():
    source = RigSource(TOPICS, given=EVENT, frames={'events': 'ev'})

    assert source.unusable() == {'points'}
    source.add_frame('points', 'lidar')
    source.add_transforms(RawTransforms((TRANSFORMS['lidar'],)))
    source.add_camera_info('image', info(IMAGE_CAMERA, 'cam'))

    rig = source.rig()
    assert (rig.event, rig.image, rig.event_from_image) == (EVENT, None, None)
    np.testing.assert_array_equal(rig.event_from_points, matrix_from_pose(LIDAR_POSE))


def test_an_extrinsic_by_hand_stands_above_that_of_the_file():
    whole = Rig(EVENT, IMAGE_CAMERA, np.eye(4), np.eye(4))
    extrinsics = Extrinsics(matrix_from_pose(IMAGE_POSE), None)
    source = RigSource(TOPICS, given=whole, extrinsics=extrinsics)

    rig = source.rig()

    np.testing.assert_array_equal(rig.event_from_image, extrinsics.event_from_image)
    np.testing.assert_array_equal(rig.event_from_points, np.eye(4))


def test_a_file_without_the_camera_of_the_events_says_so():
    source = RigSource({'events': '/ev/events'}, given=Rig(image=IMAGE_CAMERA))

    assert source.missing() == (
        'Expected a camera of events in rig_file, got none: add it, or do without events.',
    )
    assert source.rig() is None


def test_without_a_camera_info_the_frame_is_that_of_the_messages(source):
    source.add_frame('events', 'driver_frame', (260, 346))

    assert source.frame('events') == 'driver_frame'


@pytest.mark.parametrize(
    'numbers',
    ['0.1 -0.2 0.3 0 0 0.6 0.8', ' 0.1, -0.2, 0.3, 0, 0, 0.6, 0.8', LIDAR_POSE.tolist()],
)
def test_seven_numbers_are_an_extrinsic(numbers):
    np.testing.assert_allclose(
        extrinsic_from_numbers(numbers, name='x'), matrix_from_pose(LIDAR_POSE)
    )


@pytest.mark.parametrize('numbers', ['', '  ', ()])
def test_no_number_is_no_extrinsic(numbers):
    assert extrinsic_from_numbers(numbers, name='x') is None


@pytest.mark.parametrize(
    ('numbers', 'text'),
    [
        ('1 2 3', 'Expected 7 numbers x y z qx qy qz qw as extrinsics.a, got 3'),
        ('1 2 3 0 0 0 w', "Expected numbers as extrinsics.a, got '1 2 3 0 0 0 w'"),
        ('1 2 3 0 0 0 0', 'extrinsics.a: Expected a finite pose with a quaternion'),
        ('1 2 nan 0 0 0 1', 'extrinsics.a: Expected a finite pose with a quaternion'),
    ],
)
def test_a_bad_extrinsic_names_its_parameter(numbers, text):
    with pytest.raises(InputError, match=text):
        extrinsic_from_numbers(numbers, name='extrinsics.a')


@given(
    strategies.fixed_dictionaries(
        {
            'event_frame': strategies.sampled_from(['ev', 'cam', '']),
            'image_frame': strategies.sampled_from(['ev', 'cam', '']),
            'points_frame': strategies.sampled_from(['ev', 'lidar', '']),
            'event_camera': strategies.sampled_from([EVENT, IMAGE_CAMERA, None]),
            'image_camera': strategies.sampled_from([EVENT, IMAGE_CAMERA, None]),
            'image_folder': strategies.sampled_from(['/ev', '/cam']),
            'transforms': strategies.sets(strategies.sampled_from(sorted(TRANSFORMS))),
        }
    )
)
def test_a_node_has_the_rig_of_a_bag_with_the_same_messages(tmp_path_factory, robot):
    messages = messages_of(robot)
    path = tmp_path_factory.mktemp('rig') / 'bag'
    with McapRecorder(path) as recorder:
        for topic, type_name, message in messages:
            recorder.write(topic, type_name, encode_message(message), 1_000_000)

    source = RigSource({**TOPICS, 'image': f'{robot["image_folder"]}/image_raw'})
    for topic, type_name, message in messages:
        hear(source, topic, type_name, message)

    with open_recording(path) as recording:
        assert is_same_rig(source.rig(is_final=True), recording.rig)


def messages_of(robot):
    """Return one message of each topic of a robot as (topic, type, message)."""
    event, image, points = (
        Header(1_000_000, robot[f'{name}_frame']) for name in ('event', 'image', 'points')
    )
    folder, ones = robot['image_folder'], np.ones((48, 64), np.uint8)
    cameras = {'/ev/camera_info': (robot['event_camera'], event)}
    cameras.setdefault(f'{folder}/camera_info', (robot['image_camera'], image))
    transforms = RawTransforms(tuple(TRANSFORMS[each] for each in robot['transforms']))
    return [
        ('/tf_static', TF_MESSAGE, transforms),
        ('/ev/events', EVENT_PACKET, RawEventPacket(event, 260, 346, 0, 0, 'evt3', b'')),
        (f'{folder}/image_raw', IMAGE, raw_image(ones, 'mono8', image)),
        ('/points', POINT_CLOUD, raw_points(np.ones((3, 3), np.float32), points)),
        *(
            (topic, CAMERA_INFO, info_from_camera(camera, header))
            for topic, (camera, header) in cameras.items()
            if camera is not None
        ),
    ]


def hear(source, topic, type_name, message):
    """Give a source a message as it comes over the wire."""
    if type_name == TF_MESSAGE:
        source.add_transforms(message)
    elif type_name == CAMERA_INFO:
        stream = 'events' if topic == source.info_topic('events') else 'image'
        source.add_camera_info(stream, deserialize_message(encode_message(message), CameraInfo))
    else:
        stream = {EVENT_PACKET: 'events', IMAGE: 'image', POINT_CLOUD: 'points'}[type_name]
        size = None if stream == 'points' else (message.height, message.width)
        source.add_frame(stream, message.header.frame_id, size)
