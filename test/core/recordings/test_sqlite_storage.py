"""sqlite3 bags: whole, out of order, cut, damaged."""

from concurrent.futures import ThreadPoolExecutor
import sqlite3

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.definitions import EVENT_PACKET
from eventdepth_core.recordings.sqlite_storage import SqliteStorage
import pytest

NUM_MESSAGES = 40
MESSAGE_BYTES = 3000


@pytest.fixture
def database(tmp_path):
    path = tmp_path / 'bag file#1.db3'
    with sqlite3.connect(path) as connection:
        connection.execute(
            'CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, '
            'serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL)'
        )
        connection.execute(
            'CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, '
            'timestamp INTEGER NOT NULL, data BLOB NOT NULL)'
        )
        connection.execute('CREATE INDEX timestamp_idx ON messages (timestamp ASC)')
        for key, topic in ((1, '/a'), (2, '/b')):
            connection.execute(
                'INSERT INTO topics VALUES (?, ?, ?, ?, ?)', (key, topic, EVENT_PACKET, 'cdr', '')
            )
        for i in range(NUM_MESSAGES):
            raw = i.to_bytes(4, 'little') + bytes(MESSAGE_BYTES)
            connection.execute(
                'INSERT INTO messages (topic_id, timestamp, data) VALUES (?, ?, ?)',
                (1 + i % 2, 1000 + (i ^ 1), raw),
            )
    connection.close()
    return path


def test_messages_come_in_order_of_time(database):
    storage = SqliteStorage(database)

    stamps = [each.stamp_ns for each in storage.messages(['/a', '/b'])]

    assert stamps == list(range(1000, 1000 + NUM_MESSAGES))
    assert [(each.name, each.count) for each in storage.topics] == [('/a', 20), ('/b', 20)]
    assert (storage.start_ns, storage.end_ns) == (1000, 1000 + NUM_MESSAGES - 1)


def test_another_thread_reads_what_was_opened_here(database):
    storage = SqliteStorage(database)

    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(lambda: list(storage.messages(['/a', '/b']))).result()

    assert len(found) == NUM_MESSAGES
    assert not storage.dropped
    storage.close()


def test_only_the_topics_asked_for_are_given(database):
    storage = SqliteStorage(database)

    assert {each.topic for each in storage.messages(['/b'])} == {'/b'}
    assert list(storage.messages([])) == []


def test_reading_leaves_the_folder_as_it_was(database):
    before = database.read_bytes()

    storage = SqliteStorage(database)
    list(storage.messages(['/a']))
    storage.close()

    assert database.read_bytes() == before
    assert [file.name for file in database.parent.iterdir()] == [database.name]


@pytest.mark.parametrize('share', [0.2, 0.5, 0.8, 0.95])
def test_a_cut_file_gives_its_front_part(database, share):
    raw = database.read_bytes()
    database.write_bytes(raw[: int(len(raw) * share)])

    storage = SqliteStorage(database)
    found = [int.from_bytes(each.raw[:4], 'little') for each in storage.messages(['/a', '/b'])]

    assert found == list(range(len(found)))
    assert NUM_MESSAGES * (share - 0.2) < len(found) < NUM_MESSAGES
    assert storage.dropped == {'truncated': 1}


@pytest.mark.parametrize(
    'raw', [b'', b'SQLite format 3\x00', b'SQLite format 3\x00' + bytes(5000)]
)
def test_a_file_without_tables_is_a_clear_error(tmp_path, raw):
    path = tmp_path / 'a.db3'
    path.write_bytes(raw)

    with pytest.raises(RecordingError, match='table of topics'):
        SqliteStorage(path)


def test_a_blob_that_is_no_blob_is_counted(database):
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE messages SET data = 'text' WHERE id = 5")
    connection.close()
    storage = SqliteStorage(database)

    assert len(list(storage.messages(['/a', '/b']))) == NUM_MESSAGES - 1
    assert storage.dropped == {'undecodable': 1}
