"""Bag folders: files in order, compression, wrong metadata."""

import shutil

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.bag import Bag, bag_files
import pytest

EVENTS = '/ev/events'


def stored(bag):
    topics = [topic.name for topic in bag.topics]
    return [(each.topic, each.raw, each.stamp_ns) for each in bag.messages(topics)]


def expected(messages):
    return [(topic, raw, stamp_ns) for topic, _, raw, stamp_ns in messages]


@pytest.mark.parametrize(('plugin', 'mode'), [
    ('SQLITE3', 'NONE'), ('SQLITE3', 'FILE'), ('SQLITE3', 'MESSAGE'),
    ('MCAP', 'NONE'), ('MCAP', 'FILE'), ('MCAP', 'MESSAGE'), ('MCAP', 'STORAGE'),
])  # fmt: skip
def test_every_storage_and_compression_gives_the_same(write_rosbag, robot_messages, plugin, mode):
    bag = Bag(write_rosbag(robot_messages, plugin, mode))

    assert sorted(stored(bag)) == sorted(expected(robot_messages))
    assert [stamp for _, _, stamp in stored(bag)] == [each[3] for each in robot_messages]
    assert not bag.damage()
    bag.close()


def test_our_own_bag_gives_the_same(write_bag, robot_messages):
    bag = Bag(write_bag(robot_messages))

    assert sorted(stored(bag)) == sorted(expected(robot_messages))


def test_an_empty_storage_id_does_no_harm(write_rosbag, robot_messages):
    path = write_rosbag(robot_messages, 'MCAP')
    metadata = path / 'metadata.yaml'
    metadata.write_text(metadata.read_text().replace(' mcap\n', ' ""\n', 1))

    assert len(stored(Bag(path))) == len(robot_messages)


@pytest.mark.parametrize(
    'text', ['', 'no: bag', '[', '\x00\xff', 'rosbag2_bagfile_information: 3']
)
def test_useless_metadata_does_no_harm(write_rosbag, robot_messages, text):
    path = write_rosbag(robot_messages)
    (path / 'metadata.yaml').write_bytes(text.encode('latin1'))

    assert len(stored(Bag(path))) == len(robot_messages)


def test_a_bag_without_metadata_is_read(write_rosbag, robot_messages):
    path = write_rosbag(robot_messages)
    (path / 'metadata.yaml').unlink()

    assert len(stored(Bag(path))) == len(robot_messages)


def test_split_files_are_read_in_order(tmp_path, write_bag, robot_messages):
    folder = tmp_path / 'split'
    folder.mkdir()
    half = len(robot_messages) // 2
    parts = {'split_1.mcap': robot_messages[half:], 'split_0.mcap': robot_messages[:half]}
    for name, part in parts.items():
        shutil.copy(write_bag(part, f'part_{name}'), folder / name)

    bag = Bag(folder)

    assert [each[2] for each in stored(bag)] == [each[3] for each in robot_messages]
    assert {each.name: each.count for each in bag.topics}[EVENTS] == 20


def test_an_unreadable_part_is_counted_and_the_rest_is_read(tmp_path, write_bag, robot_messages):
    folder = tmp_path / 'split'
    folder.mkdir()
    shutil.copy(write_bag(robot_messages, 'whole.mcap'), folder / 'split_0.mcap')
    (folder / 'split_1.mcap').write_bytes(b'')

    bag = Bag(folder)

    assert len(stored(bag)) == len(robot_messages)
    assert bag.damage() == {'unreadable_file': 1}


def test_a_damaged_packed_message_is_counted(write_rosbag, robot_messages):
    import sqlite3

    path = write_rosbag(robot_messages, 'SQLITE3', 'MESSAGE')
    with sqlite3.connect(next(path.glob('*.db3'))) as connection:
        connection.execute("UPDATE messages SET data = x'28b52ffd00000000' WHERE id = 7")
    connection.close()

    bag = Bag(path)

    assert len(stored(bag)) == len(robot_messages) - 1
    assert bag.damage() == {'undecodable': 1}


def test_missing_files_are_named(tmp_path, write_rosbag, robot_messages):
    path = write_rosbag(robot_messages)
    name = next(path.glob('*.db3')).name
    (path / name).unlink()

    with pytest.raises(RecordingError, match=f'Expected {name} in the bag'):
        bag_files(path)


def test_a_file_of_other_bytes_names_its_first_bytes(tmp_path):
    path = tmp_path / 'a.mcap'
    path.write_bytes(b'GIF89a..')

    with pytest.raises(RecordingError, match="got b'GIF89a"):
        Bag(path)
