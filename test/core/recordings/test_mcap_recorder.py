"""The MCAP writer against rosbag2's fields and two independent readers."""

import hashlib

from eventdepth_core.errors import InputError, RecordingError
from eventdepth_core.recordings import McapRecorder, open_recording
from eventdepth_core.recordings.bag_metadata import QosProfile
from eventdepth_core.recordings.definitions import (
    CAMERA_INFO,
    EVENT_PACKET,
    message_definition,
    type_hash,
)
from mcap.reader import make_reader
import pytest
import yaml

# The fields that rosbag2 (Jazzy and rolling) writes, in its order.
METADATA_FIELDS = [
    'version', 'storage_identifier', 'duration', 'starting_time', 'message_count',
    'topics_with_message_count', 'compression_format', 'compression_mode',
    'relative_file_paths', 'files', 'custom_data', 'ros_distro',
]  # fmt: skip
TOPIC_FIELDS = [
    'name', 'type', 'serialization_format', 'offered_qos_profiles', 'type_description_hash',
]  # fmt: skip
QOS_FIELDS = [
    'history', 'depth', 'reliability', 'durability', 'deadline', 'lifespan', 'liveliness',
    'liveliness_lease_duration', 'avoid_ros_namespace_conventions',
]  # fmt: skip


def record(path, messages):
    with McapRecorder(path) as recorder:
        for topic, type_name, raw, stamp_ns in messages:
            recorder.write(topic, type_name, raw, stamp_ns)
    return path


def test_metadata_has_the_fields_of_rosbag2(tmp_path, robot_messages):
    path = record(tmp_path / 'run', robot_messages)

    content = yaml.safe_load((path / 'metadata.yaml').read_text())

    fields = content['rosbag2_bagfile_information']
    assert list(fields) == METADATA_FIELDS
    assert (fields['version'], fields['storage_identifier']) == (9, 'mcap')
    assert fields['message_count'] == len(robot_messages)
    assert fields['starting_time'] == {'nanoseconds_since_epoch': 900_000_000}
    assert fields['duration'] == {'nanoseconds': robot_messages[-1][3] - 900_000_000}
    assert fields['relative_file_paths'] == ['run_0.mcap']
    assert list(fields['files'][0]) == ['path', 'starting_time', 'duration', 'message_count']
    topic = next(
        each['topic_metadata']
        for each in fields['topics_with_message_count']
        if each['topic_metadata']['name'] == '/ev/events'
    )
    assert list(topic) == TOPIC_FIELDS
    assert list(topic['offered_qos_profiles'][0]) == QOS_FIELDS
    assert topic['type_description_hash'] == type_hash(EVENT_PACKET)


def test_fields_equal_those_of_the_independent_writer(tmp_path, write_rosbag, robot_messages):
    ours = yaml.safe_load((record(tmp_path / 'run', robot_messages) / 'metadata.yaml').read_text())
    their_bag = write_rosbag(robot_messages, 'MCAP')
    theirs = yaml.safe_load((their_bag / 'metadata.yaml').read_text())

    ours, theirs = (each['rosbag2_bagfile_information'] for each in (ours, theirs))

    assert ours.keys() == theirs.keys()
    for name in ('version', 'storage_identifier', 'duration', 'starting_time', 'message_count',
                 'compression_format', 'compression_mode', 'custom_data'):  # fmt: skip
        assert ours[name] == theirs[name], name
    for mine, other in zip(
        ours['topics_with_message_count'], theirs['topics_with_message_count'], strict=True
    ):
        mine['topic_metadata'].pop('offered_qos_profiles')
        other['topic_metadata'].pop('offered_qos_profiles')
        assert mine == other


def test_the_file_is_as_rosbag2_writes_it(tmp_path, robot_messages):
    path = record(tmp_path / 'run.mcap', robot_messages)

    with path.open('rb') as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        records = list(reader.iter_metadata())
        messages = [message for _, _, message in reader.iter_messages()]
        profile = reader.get_header().profile

    assert profile == 'ros2'
    for schema in summary.schemas.values():
        assert schema.encoding == 'ros2msg'
        assert schema.data.decode() == message_definition(schema.name)
    for channel in summary.channels.values():
        assert channel.message_encoding == 'cdr'
        assert list(channel.metadata) == ['offered_qos_profiles', 'topic_type_hash']
        assert list(yaml.safe_load(channel.metadata['offered_qos_profiles'])[0]) == QOS_FIELDS
        assert channel.metadata['topic_type_hash'].startswith('RIHS01_')
    assert {chunk.compression for chunk in summary.chunk_indexes} == {'zstd'}
    assert [each.name for each in records] == ['rosbag2']
    assert list(yaml.safe_load(records[0].metadata['serialized_metadata'])) == METADATA_FIELDS
    assert [each.data for each in messages] == [raw for _, _, raw, _ in robot_messages]


def shape(value):
    """Return the names, order and types of nested fields, lists by their first element."""
    if isinstance(value, dict):
        return [(name, shape(each)) for name, each in value.items()]
    return [shape(value[0])] if isinstance(value, list) else type(value).__name__


def test_every_field_has_the_place_and_type_that_rosbag2_gives_it(data_root, tmp_path):
    theirs = data_root / 'event_bags' / 'libcaer_cmp_davis346' / 'test_events_2_0.mcap'
    ours = record(tmp_path / 'run.mcap', [('/events', EVENT_PACKET, b'', 5)])
    fields, channels = [], []

    for path in (theirs, ours):
        with path.open('rb') as file:
            reader = make_reader(file)
            *_, last = reader.iter_metadata()
            assert last.name == 'rosbag2'
            assert list(last.metadata) == ['serialized_metadata']
            fields.append(yaml.safe_load(last.metadata['serialized_metadata']))
            (channel,) = reader.get_summary().channels.values()
            channels.append(channel)

    assert shape(fields[0]) == shape(fields[1])
    profiles = [each['topics_with_message_count'][0]['topic_metadata'] for each in fields]
    for profile in (each['offered_qos_profiles'][0] for each in profiles):
        profile.update(depth=1, reliability='')
    assert profiles[0]['offered_qos_profiles'] == profiles[1]['offered_qos_profiles']
    assert list(channels[0].metadata) == list(channels[1].metadata)
    qos = [yaml.safe_load(each.metadata['offered_qos_profiles']) for each in channels]
    assert shape(qos[0]) == shape(qos[1])


@pytest.mark.parametrize('name', ['run', 'run.mcap'])
def test_the_rosbags_reader_opens_it(tmp_path, robot_messages, name):
    from rosbags.rosbag2 import Reader

    path = record(tmp_path / name, robot_messages)

    with Reader(path) as reader:
        found = [(each.topic, bytes(raw), stamp) for each, stamp, raw in reader.messages()]
        connections = {each.topic: each for each in reader.connections}

    assert found == [(topic, raw, stamp) for topic, _, raw, stamp in robot_messages]
    assert connections['/ev/events'].msgtype == EVENT_PACKET
    assert connections['/ev/events'].msgcount == 20
    assert connections['/ev/events'].ext.offered_qos_profiles[0].depth == 10


def test_the_mcap_ros2_reader_decodes_it(tmp_path, robot_messages):
    from mcap_ros2.decoder import DecoderFactory

    path = record(tmp_path / 'run.mcap', robot_messages)

    with path.open('rb') as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        decoded = {each[1].topic: each[3] for each in reader.iter_decoded_messages()}

    assert decoded['/ev/events'].seq == 19
    assert decoded['/cam/depth'].encoding == '32FC1'
    assert decoded['/ev/camera_info'].k[0] == 300.0
    assert decoded['/points'].width == 30
    assert decoded['/tf_static'].transforms[1].child_frame_id == 'lidar'
    assert decoded['/odom'].child_frame_id == 'lidar'


@pytest.mark.parametrize('name', ['run', 'run.mcap'])
def test_the_same_messages_give_the_same_bytes(tmp_path, robot_messages, name):
    digests = []
    for folder in ('first', 'second'):
        path = record(tmp_path / folder / name, robot_messages)
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        digests.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])

    assert digests[0] == digests[1]


def test_an_empty_recording_is_complete(tmp_path):
    with McapRecorder(tmp_path / 'empty') as recorder:
        recorder.add_topic('/events', EVENT_PACKET)

    with open_recording(tmp_path / 'empty') as recording:
        assert list(recording.samples()) == []
        assert recording.streams['events'].count == 0


def test_the_qos_of_a_topic_is_kept(tmp_path):
    latched = QosProfile(depth=1, durability='transient_local')
    with McapRecorder(tmp_path / 'run') as recorder:
        recorder.add_topic('/camera_info', CAMERA_INFO, (latched,))

    fields = yaml.safe_load((tmp_path / 'run' / 'metadata.yaml').read_text())
    topic = fields['rosbag2_bagfile_information']['topics_with_message_count'][0]
    profile = topic['topic_metadata']['offered_qos_profiles'][0]
    assert (profile['depth'], profile['durability']) == (1, 'transient_local')


def test_nothing_has_the_final_name_before_it_is_complete(tmp_path, robot_messages):
    recorder = McapRecorder(tmp_path / 'run')
    topic, type_name, raw, stamp_ns = robot_messages[0]
    recorder.write(topic, type_name, raw, stamp_ns)

    assert not (tmp_path / 'run').exists()
    assert 'was not closed' in (tmp_path / 'run.partial' / 'INCOMPLETE.txt').read_text()
    recorder.close()
    recorder.close()
    assert [file.name for file in (tmp_path / 'run').iterdir()].count('INCOMPLETE.txt') == 0
    assert not (tmp_path / 'run.partial').exists()


@pytest.mark.parametrize('name', ['run', 'run.mcap'])
def test_after_an_error_what_was_written_can_be_read(tmp_path, robot_messages, name):
    broken = [*robot_messages, ('/ev/events', EVENT_PACKET, b'', -1)]

    with pytest.raises(InputError):
        record(tmp_path / name, broken)

    assert not (tmp_path / name).exists()
    with open_recording(tmp_path / f'{name}.partial') as recording:
        assert len(list(recording.samples())) == 36


def test_after_a_crash_whole_chunks_can_be_read(tmp_path, robot_messages):
    recorder = McapRecorder(tmp_path / 'run')
    topic, type_name, raw, _ = next(each for each in robot_messages if each[1] == EVENT_PACKET)
    for i in range(4000):
        recorder.write(topic, type_name, raw, i)

    with open_recording(tmp_path / 'run.partial') as recording:
        num_samples = len(list(recording.samples()))

    assert 1000 < num_samples < 4000
    assert recording.dropped['truncated'] == 1
    recorder.abort()


def test_an_existing_target_is_kept_unless_asked(tmp_path, robot_messages):
    path = record(tmp_path / 'run', robot_messages)

    with pytest.raises(RecordingError, match='Expected no file or folder at'):
        McapRecorder(path)

    with McapRecorder(path, overwrite=True) as recorder:
        recorder.add_topic('/events', EVENT_PACKET)
    with open_recording(path) as recording:
        assert list(recording.samples()) == []


def test_a_topic_keeps_its_type(tmp_path, robot_messages):
    with McapRecorder(tmp_path / 'run') as recorder:
        recorder.add_topic('/a', EVENT_PACKET)

        with pytest.raises(InputError, match=f'Expected {EVENT_PACKET} on topic /a'):
            recorder.write('/a', CAMERA_INFO, b'', 0)


def test_what_cannot_be_written_is_refused(tmp_path):
    with McapRecorder(tmp_path / 'run') as recorder:
        with pytest.raises(InputError, match='got -1'):
            recorder.write('/a', EVENT_PACKET, b'', -1)
        with pytest.raises(InputError, match="got 'std_msgs/msg/Bool'"):
            recorder.write('/a', 'std_msgs/msg/Bool', b'', 0)

    with pytest.raises(InputError, match='which is closed'):
        recorder.write('/a', EVENT_PACKET, b'', 0)
