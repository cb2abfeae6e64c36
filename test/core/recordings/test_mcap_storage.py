"""MCAP read record by record: whole, cut, damaged, without summary, without chunks."""

from contextlib import suppress
import struct

from eventdepth_core.errors import RecordingError
from eventdepth_core.recordings.definitions import EVENT_PACKET, message_definition
from eventdepth_core.recordings.mcap_storage import McapStorage
from mcap.writer import CompressionType, IndexType, Writer
import pytest

NUM_MESSAGES = 60


def write_mcap(path, *, compression=CompressionType.ZSTD, stamps=None, **options):
    """Write NUM_MESSAGES messages on /a and /b in turn, payload = index."""
    with path.open('wb') as file:
        writer = Writer(file, chunk_size=400, compression=compression, **options)
        writer.start('ros2', 'test')
        schema = writer.register_schema(
            EVENT_PACKET, 'ros2msg', message_definition(EVENT_PACKET).encode()
        )
        channels = [writer.register_channel(topic, 'cdr', schema) for topic in ('/a', '/b')]
        for i in range(NUM_MESSAGES):
            stamp_ns = 1000 + i if stamps is None else stamps[i]
            payload = i.to_bytes(4, 'little') * 10
            writer.add_message(channels[i % 2], stamp_ns, payload, stamp_ns, i)
        writer.finish()
    return path


def indices(storage, topics=('/a', '/b')):
    return [int.from_bytes(each.raw[:4], 'little') for each in storage.messages(topics)]


@pytest.mark.parametrize('compression', list(CompressionType))
def test_messages_come_whole_and_in_order(tmp_path, compression):
    storage = McapStorage(write_mcap(tmp_path / 'a.mcap', compression=compression))

    assert indices(storage) == list(range(NUM_MESSAGES))
    assert [(each.name, each.type_name, each.count) for each in storage.topics] == [
        ('/a', EVENT_PACKET, 30),
        ('/b', EVENT_PACKET, 30),
    ]
    assert (storage.start_ns, storage.end_ns) == (1000, 1059)
    assert not storage.dropped


@pytest.mark.parametrize('compression', list(CompressionType))
@pytest.mark.parametrize('index_types', [IndexType.ALL, IndexType.NONE])
def test_messages_of_stamp_zero_are_read(tmp_path, compression, index_types):
    path = write_mcap(
        tmp_path / 'a.mcap',
        compression=compression,
        stamps=[0] * NUM_MESSAGES,
        index_types=index_types,
    )

    storage = McapStorage(path)

    assert indices(storage) == list(range(NUM_MESSAGES))
    assert (storage.start_ns, storage.end_ns) == (0, 0)
    assert not storage.dropped


def test_a_chunk_without_messages_does_not_set_the_start(tmp_path):
    path = write_mcap(tmp_path / 'a.mcap')
    raw = path.read_bytes()
    records = struct.pack('<BQ', 0x0F, 4) + bytes(4)
    body = struct.pack('<QQQIIQ', 0, 0, len(records), 0, 0, len(records)) + records
    path.write_bytes(raw[:8] + struct.pack('<BQ', 0x06, len(body)) + body + raw[8:])

    storage = McapStorage(path)

    assert indices(storage) == list(range(NUM_MESSAGES))
    assert (storage.start_ns, storage.end_ns) == (1000, 1059)


def test_only_the_topics_asked_for_are_given(tmp_path):
    storage = McapStorage(write_mcap(tmp_path / 'a.mcap'))

    assert indices(storage, ['/b']) == list(range(1, NUM_MESSAGES, 2))
    assert indices(storage, []) == []


def test_a_file_without_chunks_reads_the_same(tmp_path):
    storage = McapStorage(write_mcap(tmp_path / 'a.mcap', use_chunking=False))

    assert indices(storage) == list(range(NUM_MESSAGES))


def test_a_file_without_summary_reads_the_same(tmp_path):
    path = write_mcap(
        tmp_path / 'a.mcap',
        index_types=IndexType.NONE,
        repeat_channels=False,
        repeat_schemas=False,
        use_statistics=False,
        use_summary_offsets=False,
    )

    storage = McapStorage(path)

    assert [each.count for each in storage.topics] == [None, None]
    assert indices(storage) == list(range(NUM_MESSAGES))


def test_messages_out_of_order_are_sorted_across_chunks(tmp_path):
    stamps = [1000 + (i ^ 1) + (30 if i % 7 == 0 else 0) for i in range(NUM_MESSAGES)]

    storage = McapStorage(write_mcap(tmp_path / 'a.mcap', stamps=stamps))

    found = [each.stamp_ns for each in storage.messages(['/a', '/b'])]
    assert found == sorted(stamps)


@pytest.mark.parametrize('compression', list(CompressionType))
def test_a_file_cut_anywhere_gives_a_front_part_or_a_clear_error(tmp_path, compression):
    whole = write_mcap(tmp_path / 'a.mcap', compression=compression).read_bytes()
    cut_file = tmp_path / 'cut.mcap'
    most, opened = 0, []

    for length in range(0, len(whole), 97):
        cut_file.write_bytes(whole[:length])
        with suppress(RecordingError):
            storage = McapStorage(cut_file)
            opened.append(length)
        if not opened:
            continue
        found = indices(storage)
        assert found == list(range(len(found)))
        assert len(found) >= most or length > len(whole) - 40
        assert storage.dropped['truncated'] == 1 or len(found) == NUM_MESSAGES
        most = len(found)
        storage.close()

    assert most == NUM_MESSAGES
    assert opened == list(range(opened[0], len(whole), 97))
    assert opened[0] < len(whole) / 4


def test_an_uncompressed_chunk_is_read_up_to_the_cut(tmp_path):
    whole = write_mcap(tmp_path / 'a.mcap', compression=CompressionType.NONE).read_bytes()
    third = whole.find((2).to_bytes(4, 'little') * 10)
    cut_file = tmp_path / 'cut.mcap'
    cut_file.write_bytes(whole[: third + 10])

    assert indices(McapStorage(cut_file)) == [0, 1]


def test_a_damaged_chunk_is_counted_and_the_others_are_read(tmp_path):
    path = write_mcap(tmp_path / 'a.mcap', compression=CompressionType.NONE)
    raw = bytearray(path.read_bytes())
    raw[raw.find((3).to_bytes(4, 'little') * 10)] ^= 0xFF
    path.write_bytes(raw)
    storage = McapStorage(path)

    found = indices(storage)

    assert storage.dropped == {'unreadable_chunk': 1}
    assert 0 < len(found) < NUM_MESSAGES
    assert 3 not in found
    assert found[-1] == NUM_MESSAGES - 1
    assert indices(storage) == found
    assert storage.dropped == {'unreadable_chunk': 1}


def test_other_bytes_are_no_mcap(tmp_path):
    path = tmp_path / 'a.mcap'
    path.write_bytes(b'no such thing')

    with pytest.raises(RecordingError, match='Expected an MCAP file'):
        McapStorage(path)
