"""The writing thread: everything in order, bounded memory, a slow or full disk."""

import threading

from eventdepth_core.recordings import McapRecorder
from eventdepth_core.recordings.bag import Bag
from eventdepth_core.recordings.bag_metadata import QosProfile
from eventdepth_core.recordings.definitions import STRING
from eventdepth_ros.recording.writer import BagWriter, RecordedMessage

WAIT_S = 10.0


def message(i, topic='/a', num_bytes=100):
    return RecordedMessage(topic, STRING, i.to_bytes(4, 'big') + bytes(num_bytes - 4), i)


class SlowRecorder(McapRecorder):
    """A recorder whose disk stands still until it is told to go on."""

    def __init__(self, path):
        super().__init__(path)
        self.may_write = threading.Event()
        self.is_asked = threading.Event()

    def write(self, topic, type_name, raw, stamp_ns):
        self.is_asked.set()
        assert self.may_write.wait(WAIT_S)
        super().write(topic, type_name, raw, stamp_ns)


class FullRecorder(McapRecorder):
    """A recorder whose disk is full after ten messages."""

    def write(self, topic, type_name, raw, stamp_ns):
        if stamp_ns >= 10:
            raise OSError(28, 'No space left on device')
        super().write(topic, type_name, raw, stamp_ns)


def stored(path):
    bag = Bag(path)
    found = [(m.topic, m.stamp_ns, m.raw) for m in bag.messages([t.name for t in bag.topics])]
    bag.close()
    return found


def test_everything_put_is_in_the_bag_in_order(tmp_path):
    writer = BagWriter(McapRecorder(tmp_path / 'bag'), 1 << 20)
    sent = [message(i, f'/{"ab"[i % 2]}') for i in range(500)]

    for each in sent:
        writer.put(each)

    assert writer.close(WAIT_S)
    assert stored(tmp_path / 'bag') == [(m.topic, m.stamp_ns, m.raw) for m in sent]
    assert dict(writer.num_written) == {'/a': 250, '/b': 250}
    assert dict(writer.num_dropped) == {}


def test_a_slow_disk_costs_the_oldest_messages_and_counts_them(tmp_path):
    recorder = SlowRecorder(tmp_path / 'bag')
    writer = BagWriter(recorder, max_bytes=1000)
    writer.put(message(0))
    assert recorder.is_asked.wait(WAIT_S)

    for i in range(1, 31):
        writer.put(message(i))
    recorder.may_write.set()

    assert writer.close(WAIT_S)
    assert [stamp for _, stamp, _ in stored(tmp_path / 'bag')] == [0, *range(21, 31)]
    assert dict(writer.num_dropped) == {'/a': 20}
    assert writer.num_written['/a'] + writer.num_dropped['/a'] == 31


def test_one_message_larger_than_the_bound_is_kept(tmp_path):
    writer = BagWriter(McapRecorder(tmp_path / 'bag'), max_bytes=1000)

    writer.put(message(0, num_bytes=5000))

    assert writer.close(WAIT_S)
    assert dict(writer.num_written) == {'/a': 1}


def test_a_full_disk_is_told_and_what_was_written_stays(tmp_path):
    writer = BagWriter(FullRecorder(tmp_path / 'bag'), 1 << 20)

    for i in range(20):
        writer.put(message(i))

    assert not writer.close(WAIT_S)
    assert 'No space left' in str(writer.error)
    assert writer.num_written['/a'] == 10
    writer.put(message(99))
    assert writer.num_dropped['/a'] >= 1
    assert not (tmp_path / 'bag').exists()
    assert (tmp_path / 'bag.partial').is_dir()


def test_a_bag_too_slow_to_close_is_told(tmp_path):
    recorder = SlowRecorder(tmp_path / 'bag')
    writer = BagWriter(recorder, 1 << 20)
    writer.put(message(0))

    is_complete = writer.close(0.05)

    assert not is_complete
    recorder.may_write.set()
    assert writer.close(WAIT_S)


def test_the_qos_of_a_topic_is_kept(tmp_path):
    latched = (QosProfile(depth=3, durability='transient_local'),)
    writer = BagWriter(McapRecorder(tmp_path / 'bag'), 1 << 20)

    writer.put(RecordedMessage('/a', STRING, b'1234', 1, latched))

    assert writer.close(WAIT_S)
    assert 'durability: transient_local' in (tmp_path / 'bag' / 'metadata.yaml').read_text()


def test_an_empty_bag_is_complete(tmp_path):
    writer = BagWriter(McapRecorder(tmp_path / 'bag.mcap'), 1 << 20)

    assert writer.close(WAIT_S)
    assert (tmp_path / 'bag.mcap').is_file()
