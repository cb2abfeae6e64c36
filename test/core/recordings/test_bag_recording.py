"""A bag as typed samples: streams, rig, bad messages."""

from collections import Counter
import sqlite3

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings import open_recording
from eventdepth_core.recordings.camera_info import info_from_camera
from eventdepth_core.recordings.definitions import (
    CAMERA_INFO,
    COMPRESSED_IMAGE,
    EVENT_ARRAY,
    EVENT_PACKET,
    IMAGE,
    ODOMETRY,
    POSE_STAMPED,
    TF_MESSAGE,
)
from eventdepth_core.recordings.image_codec import compressed_image, raw_image
from eventdepth_core.recordings.message_codecs import encode_message
from eventdepth_core.recordings.messages import (
    Header,
    RawCompressedImage,
    RawEventPacket,
    RawOdometry,
    RawPose,
    RawTransform,
    RawTransforms,
)
from eventdepth_core.recordings.poses import inverse, matrix_from_pose
from eventdepth_core.types import (
    Camera,
    DepthSample,
    EventPacket,
    ImageSample,
    PointsSample,
    PoseSample,
)
from mcap.writer import Writer
import numpy as np
import pytest

EVENT_CAMERA = Camera(346, 260, 300.0, 301.0, 172.5, 129.5, (-0.1, 0.05, 0.001, -0.002, 0.01))
IMAGE_CAMERA = Camera(64, 48, 50.0, 51.0, 31.5, 23.5)
LIDAR_POSE = np.array([0.1, -0.2, 0.3, 0.0, 0.0, np.sin(0.2), np.cos(0.2)])
IMAGE_POSE = np.array([0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])


def packet(i=0, frame='', size=(260, 346)):
    return encode_message(RawEventPacket(Header(i, frame), *size, i, 0, 'evt3', b'\x01\x02'))


def test_every_message_becomes_its_sample(write_bag, robot_messages):
    with open_recording(write_bag(robot_messages)) as recording:
        samples = list(recording.samples())

    assert Counter(map(type, samples)) == {
        EventPacket: 20, ImageSample: 4, DepthSample: 4, PointsSample: 4, PoseSample: 4,
    }  # fmt: skip
    assert not recording.dropped
    assert recording.kind == 'rosbag2'
    assert (recording.start_us, recording.end_us) == (900_000, 1_191_000)


def test_an_event_packet_keeps_all_it_was_sent_with(write_bag, robot_messages):
    with open_recording(write_bag(robot_messages)) as recording:
        packets = [each for each in recording.samples() if isinstance(each, EventPacket)]

    third = packets[3]
    assert (third.encoding, third.width, third.height, third.seq) == ('evt3', 346, 260, 3)
    assert third.payload == np.random.default_rng(3).integers(0, 256, 512, np.uint8).tobytes()
    assert (third.stamp_us, third.arrival_us) == (1_030_000, 1_031_000)


def test_pictures_depth_and_points_keep_their_values(write_bag, robot_messages):
    with open_recording(write_bag(robot_messages)) as recording:
        samples = list(recording.samples())

    image = next(each for each in samples if isinstance(each, ImageSample))
    depth = next(each for each in samples if isinstance(each, DepthSample))
    points = next(each for each in samples if isinstance(each, PointsSample))
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    np.testing.assert_array_equal(image.image, picture)
    assert (image.stamp_us, image.frame_id) == (1_000_000, 'image_optical')
    np.testing.assert_array_equal(depth.depth_m, np.full((48, 64), 1.5))
    expected = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)
    np.testing.assert_array_equal(points.points_m, expected)


def test_the_rig_comes_from_camera_infos_and_static_transforms(write_bag, robot_messages):
    with open_recording(write_bag(robot_messages)) as recording:
        rig = recording.rig

    assert recording.camera_source == 'recording'
    assert (rig.event, rig.image) == (EVENT_CAMERA, IMAGE_CAMERA)
    np.testing.assert_allclose(rig.event_from_image, matrix_from_pose(IMAGE_POSE))
    np.testing.assert_allclose(rig.event_from_points, matrix_from_pose(LIDAR_POSE))


def test_odometry_is_carried_into_the_camera(write_bag, robot_messages):
    with open_recording(write_bag(robot_messages)) as recording:
        pose = next(each for each in recording.samples() if isinstance(each, PoseSample))

    world_from_lidar = matrix_from_pose(LIDAR_POSE)
    expected = world_from_lidar @ inverse(matrix_from_pose(LIDAR_POSE))
    np.testing.assert_allclose(pose.world_from_camera, expected, atol=1e-12)


def test_odometry_of_an_unknown_frame_is_counted(write_bag):
    odometry = encode_message(RawOdometry(Header(1, 'odom'), 'wheel', LIDAR_POSE))
    path = write_bag(
        [('/ev', EVENT_PACKET, packet(frame='optical'), 1), ('/odom', ODOMETRY, odometry, 2)]
    )

    with open_recording(path) as recording:
        samples = list(recording.samples())

    assert len(samples) == 1
    assert recording.dropped == {'unconnected_pose': 1}


def test_a_stamped_pose_is_the_camera_s(write_bag):
    raw = encode_message(RawPose(Header(5_000, 'world'), LIDAR_POSE))

    with open_recording(write_bag([('/pose', POSE_STAMPED, raw, 9)])) as recording:
        (sample,) = recording.samples()

    np.testing.assert_allclose(sample.world_from_camera, matrix_from_pose(LIDAR_POSE))
    assert sample.stamp_us == 5


def test_the_streams_say_what_is_there(write_bag, robot_messages):
    with open_recording(write_bag(robot_messages)) as recording:
        streams = recording.streams

    assert list(streams) == ['events', 'image', 'points', 'depth', 'pose']
    events, depth = streams['events'], streams['depth']
    assert (events.topic, events.type_name, events.count) == ('/ev/events', EVENT_PACKET, 20)
    assert (events.encoding, events.width, events.height) == ('evt3', 346, 260)
    assert (depth.topic, depth.encoding, depth.frame_id) == (
        '/cam/depth',
        '32FC1',
        'image_optical',
    )


def test_the_first_topic_by_name_is_taken_and_the_others_are_listed(write_bag):
    messages = [(topic, EVENT_PACKET, packet(), 1) for topic in ('/right', '/left', '/middle')]

    with open_recording(write_bag(messages)) as recording:
        events = recording.streams['events']

    assert events.topic == '/left'
    assert events.alternatives == ('/middle', '/right')


def test_a_topic_can_be_chosen(write_bag):
    messages = [(topic, EVENT_PACKET, packet(), 1) for topic in ('/left', '/right')]

    with open_recording(write_bag(messages), topics={'events': '/right'}) as recording:
        assert recording.streams['events'].topic == '/right'
        assert recording.streams['events'].alternatives == ('/left',)


def test_a_topic_that_is_not_there_is_named_with_those_that_are(write_bag):
    path = write_bag([('/left', EVENT_PACKET, packet(), 1)])

    with pytest.raises(RecordingError, match=r"events on topic '/up' .* got .*'/left'"):
        open_recording(path, topics={'events': '/up'})


def test_a_bag_without_sensors_names_its_topics(write_bag):
    raw = encode_message(info_from_camera(IMAGE_CAMERA))

    with pytest.raises(RecordingError, match=r"got .*'/camera_info'"):
        open_recording(write_bag([('/camera_info', CAMERA_INFO, raw, 1)]))


def test_random_bytes_in_a_message_cost_that_message_only(write_bag, robot_messages):
    rng = np.random.default_rng(7)
    messages = []
    for i, (topic, type_name, raw, stamp_ns) in enumerate(robot_messages):
        is_broken = i % 5 == 4 and topic != '/tf_static'
        messages.append((topic, type_name, rng.bytes(20) if is_broken else raw, stamp_ns))
    num_broken = sum(old != new for old, new in zip(robot_messages, messages, strict=True))

    with open_recording(write_bag(messages)) as recording:
        num_samples = len(list(recording.samples()))

    assert recording.dropped == {'undecodable': num_broken}
    assert num_samples + num_broken == 36


def test_an_unknown_event_encoding_is_left_to_the_packet_decoder(write_bag):
    raw = encode_message(RawEventPacket(Header(), 260, 346, 0, 0, 'evt9', b'??'))

    with open_recording(write_bag([('/events', EVENT_PACKET, raw, 1)])) as recording:
        (sample,) = recording.samples()

    assert sample.encoding == 'evt9'


def test_big_endian_events_are_counted(write_bag):
    raw = encode_message(RawEventPacket(Header(), 2, 2, 0, 0, 'evt3', b'', is_bigendian=True))
    path = write_bag([('/events', EVENT_PACKET, raw, 1), ('/events', EVENT_PACKET, packet(), 2)])

    with open_recording(path) as recording:
        assert len(list(recording.samples())) == 1
        assert recording.dropped == {'big_endian_events': 1}


def test_an_unknown_image_encoding_is_counted(write_bag):
    picture = raw_image(np.zeros((4, 6), np.uint8), 'mono8')
    strange = encode_message(picture).replace(b'mono8', b'mono7')

    with open_recording(write_bag([('/image', IMAGE, strange, 1)])) as recording:
        assert list(recording.samples()) == []
        assert recording.dropped == {'undecodable': 1}


def test_reading_twice_counts_once(write_bag, robot_messages):
    messages = [*robot_messages, ('/ev/events', EVENT_PACKET, b'broken', 2_000_000_000)]

    with open_recording(write_bag(messages)) as recording:
        first, second = list(recording.samples()), list(recording.samples())

    assert len(first) == len(second)
    assert recording.dropped == {'undecodable': 1}


def test_compressed_images_are_pictures_of_known_size(write_bag):
    picture = np.random.default_rng(0).integers(0, 256, (10, 14, 3), np.uint8)
    raw = encode_message(compressed_image(picture, Header(3_000)))

    with open_recording(write_bag([('/c/compressed', COMPRESSED_IMAGE, raw, 1)])) as recording:
        (sample,) = recording.samples()

    np.testing.assert_array_equal(sample.image, picture)
    assert (recording.streams['image'].width, recording.streams['image'].height) == (14, 10)


def test_compressed_depth_is_not_taken_for_a_picture(write_bag):
    picture = compressed_image(np.zeros((4, 6), np.uint8))
    depth = RawCompressedImage(Header(), '16UC1; compressedDepth png', b'\x00' * 12)
    messages = [('/b', COMPRESSED_IMAGE, picture), ('/a', COMPRESSED_IMAGE, depth)]
    path = write_bag([(*each[:2], encode_message(each[2]), 1) for each in messages])

    with open_recording(path) as recording:
        assert recording.streams['image'].topic == '/b'
        assert recording.streams['image'].alternatives == ()


def test_a_message_without_stamp_takes_its_record_time(write_bag):
    raw = encode_message(raw_image(np.zeros((4, 6), np.uint8), 'mono8'))

    with open_recording(write_bag([('/image', IMAGE, raw, 8_000_000)])) as recording:
        (sample,) = recording.samples()

    assert sample.stamp_us == 8000


def test_events_and_images_beside_one_camera_info_share_a_view(write_bag):
    camera = Camera(346, 260, 300.0, 300.0, 172.0, 130.0)
    picture = raw_image(np.zeros((260, 346), np.uint8), 'mono8')
    path = write_bag(
        [
            ('/dvs/camera_info', CAMERA_INFO, encode_message(info_from_camera(camera)), 1),
            ('/dvs/events', EVENT_PACKET, packet(), 2),
            ('/dvs/image_raw', IMAGE, encode_message(picture), 3),
        ]
    )

    with open_recording(path) as recording:
        assert (recording.rig.event, recording.rig.image) == (camera, None)


def test_a_camera_of_another_size_is_not_the_stream_s(write_bag):
    info = encode_message(info_from_camera(IMAGE_CAMERA, Header(0, 'dvs')))
    path = write_bag(
        [('/dvs/camera_info', CAMERA_INFO, info, 1), ('/dvs/events', EVENT_PACKET, packet(), 2)]
    )

    with open_recording(path) as recording:
        assert recording.rig is None
        assert recording.camera_source == 'none'


def test_an_image_camera_alone_is_the_reference(write_bag):
    info = encode_message(info_from_camera(IMAGE_CAMERA, Header(0, 'cam')))
    picture = encode_message(raw_image(np.zeros((48, 64), np.uint8), 'mono8', Header(1, 'cam')))
    path = write_bag(
        [('/cam/camera_info', CAMERA_INFO, info, 1), ('/cam/image', IMAGE, picture, 2)]
    )

    with open_recording(path) as recording:
        assert (recording.rig.event, recording.rig.image) == (None, IMAGE_CAMERA)


def test_a_transform_that_is_none_is_counted(write_bag):
    transforms = RawTransforms((RawTransform(Header(0, 'a'), 'b', np.zeros(7)),))
    path = write_bag(
        [
            ('/tf_static', TF_MESSAGE, encode_message(transforms), 1),
            ('/dvs/events', EVENT_PACKET, packet(), 2),
        ]
    )

    with open_recording(path) as recording:
        assert recording.dropped == {'bad_transform': 1}


IDL = """\
================================================================================
IDL: event_camera_msgs/msg/EventPacket
#include "std_msgs/msg/Header.idl"
module event_camera_msgs { module msg { struct EventPacket {
  std_msgs::msg::Header header; uint32 height; uint32 width; uint64 seq; uint64 time_base;
  string encoding; boolean is_bigendian; sequence<uint8> events;
}; }; };
"""


def write_metadata(folder, storage_id, file_name, type_name):
    (folder / 'metadata.yaml').write_text(
        'rosbag2_bagfile_information:\n'
        '  version: 5\n'
        f'  storage_identifier: "{storage_id}"\n'
        '  duration: {nanoseconds: 4000}\n'
        '  starting_time: {nanoseconds_since_epoch: 0}\n'
        '  message_count: 5\n'
        '  topics_with_message_count:\n'
        f'    - topic_metadata: {{name: /ev/events, type: {type_name}, '
        'serialization_format: cdr, offered_qos_profiles: ""}\n'
        '      message_count: 5\n'
        '  compression_format: ""\n'
        '  compression_mode: ""\n'
        f'  relative_file_paths: [{file_name}]\n'
    )


@pytest.fixture
def idl_bag(tmp_path):
    """Write an MCAP bag with IDL text for a schema and an empty storage id."""
    write_metadata(tmp_path, '', 'idl_0.mcap', EVENT_PACKET)
    with (tmp_path / 'idl_0.mcap').open('wb') as file:
        writer = Writer(file)
        writer.start('ros2', 'test')
        schema = writer.register_schema(EVENT_PACKET, 'ros2idl', IDL.encode())
        channel = writer.register_channel('/ev/events', 'cdr', schema)
        for i in range(5):
            writer.add_message(channel, 1_000 * i, packet(i), 1_000 * i)
        writer.finish()
    return tmp_path


@pytest.fixture
def old_type_bag(tmp_path):
    """Write a sqlite3 bag whose events have the type name of before they were renamed."""
    write_metadata(tmp_path, 'sqlite3', 'old_0.db3', EVENT_ARRAY)
    with sqlite3.connect(tmp_path / 'old_0.db3') as connection:
        connection.executescript(
            'CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, '
            'serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL);'
            'CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, '
            'timestamp INTEGER NOT NULL, data BLOB NOT NULL);'
        )
        connection.execute(
            'INSERT INTO topics VALUES (1, ?, ?, ?, ?)', ('/ev/events', EVENT_ARRAY, 'cdr', '')
        )
        rows = [(1, 1_000 * i, packet(i)) for i in range(5)]
        connection.executemany(
            'INSERT INTO messages (topic_id, timestamp, data) VALUES (?, ?, ?)', rows
        )
    connection.close()
    return tmp_path


def assert_five_packets(path, type_name):
    with open_recording(path, fov_deg=60.0) as recording:
        samples = list(recording.samples())

    (stream,) = recording.streams.values()
    assert (stream.name, stream.type_name, stream.topic) == ('events', type_name, '/ev/events')
    assert (stream.count, stream.encoding, stream.width, stream.height) == (5, 'evt3', 346, 260)
    assert [(each.seq, each.encoding, each.payload) for each in samples] == [
        (i, 'evt3', b'\x01\x02') for i in range(5)
    ]
    assert all((each.width, each.height, each.time_base_ns) == (346, 260, 0) for each in samples)
    assert not recording.dropped


def test_a_bag_with_idl_schemas_and_an_empty_storage_id_is_read(idl_bag):
    assert_five_packets(idl_bag, EVENT_PACKET)


def test_a_bag_with_the_old_type_name_of_events_is_read(old_type_bag):
    assert_five_packets(old_type_bag, EVENT_ARRAY)


def moving_messages(parent='odom', child='event_optical', count=4):
    """Return transforms of a robot that moves along x, one every 10 ms."""
    return [
        (
            '/tf',
            TF_MESSAGE,
            encode_message(
                RawTransforms(
                    (
                        RawTransform(
                            Header(1_000_000_000 + 10_000_000 * k, parent),
                            child,
                            np.array([0.01 * k, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
                        ),
                    )
                )
            ),
            1_000_500_000 + 10_000_000 * k,
        )
        for k in range(count)
    ]


def test_transforms_give_the_camera_s_poses_where_nothing_else_does(write_bag, robot_messages):
    messages = [each for each in robot_messages if each[1] != ODOMETRY]
    path = write_bag(sorted(messages + moving_messages(), key=lambda each: each[3]))

    with open_recording(path) as recording:
        poses = [each for each in recording.samples() if isinstance(each, PoseSample)]
        again = [each for each in recording.samples() if isinstance(each, PoseSample)]

    assert recording.streams['pose'].topic == '/tf'
    assert [each.stamp_us for each in poses] == [1_000_000, 1_010_000, 1_020_000, 1_030_000]
    assert len(again) == 4
    moved_m = poses[3].world_from_camera[:3, 3] - poses[0].world_from_camera[:3, 3]
    np.testing.assert_allclose(moved_m, [0.03, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(poses[0].world_from_camera, np.eye(4), atol=1e-12)


def test_transforms_may_be_chosen_before_odometry(write_bag, robot_messages):
    path = write_bag(sorted(robot_messages + moving_messages(), key=lambda each: each[3]))

    with open_recording(path) as recording:
        assert recording.streams['pose'].topic == '/odom'
    with open_recording(path, topics={'pose': '/tf'}) as recording:
        poses = [each for each in recording.samples() if isinstance(each, PoseSample)]

    assert recording.streams['pose'].topic == '/tf'
    assert [each.stamp_us for each in poses] == [1_000_000, 1_010_000, 1_020_000, 1_030_000]


def test_transforms_that_do_not_reach_the_camera_are_no_poses(write_bag, robot_messages):
    messages = [each for each in robot_messages if each[1] != ODOMETRY]
    path = write_bag(messages + moving_messages(child='arm'))

    with open_recording(path) as recording:
        assert 'pose' not in recording.streams
    with pytest.raises(RecordingError, match=r"connect one of odom.*'event_optical' on /tf"):
        open_recording(path, topics={'pose': '/tf'})
