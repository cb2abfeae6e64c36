"""The recorder as a process of its own, over real DDS."""

import signal

from eventdepth_core.recordings.bag import Bag
from eventdepth_core.recordings.definitions import EVENT_PACKET, IMAGE, STRING
from eventdepth_core.types import EventPacket
from eventdepth_ros import conversions, msgs, qos
from eventdepth_ros.conversions import event_packet_message
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from std_msgs.msg import Bool, String

EVENTS, WORDS = '/camera/events', '/words'


@pytest.fixture
def record(ros, tmp_path):
    """Start a recorder that writes into the folder of the test."""

    def start(name='bag', **parameters):
        return ros.start('recorder', parameters={'output': str(tmp_path / name), **parameters})

    return start


@pytest.fixture
def talker(ros):
    return ros.node('talker')


def string(text):
    return String(data=text)


def packet(i):
    payload = np.random.default_rng(i).integers(0, 256, 400 + i, np.uint8).tobytes()
    return event_packet_message(EventPacket('evt3', 64, 48, 0, payload, i, 1000 * (i + 1)), 'cam')


def stored(path):
    bag = Bag(path)
    found = [(m.topic, m.stamp_ns, m.raw) for m in bag.messages([t.name for t in bag.topics])]
    types = {topic.name: topic.type_name for topic in bag.topics}
    bag.close()
    return found, types


def same_bytes(received, sent):
    """Tell whether CDR came as it was sent; DDS fills it up with zeros to four bytes."""
    common = min(len(received), len(sent))
    return received[:common] == sent[:common] and not any(received[common:] + sent[common:])


def ended(child, number=signal.SIGINT):
    code, seconds = child.ending_s(number)
    assert code == 0, child.text
    assert seconds < 2.0
    return child


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_raw_bytes_reach_the_bag(ros, talker, record, tmp_path, number):
    events = talker.create_publisher(
        msgs.require('event_camera_msgs').EventPacket, EVENTS, qos.events_out()
    )
    words = talker.create_publisher(String, WORDS, 10)
    recorder = record()
    ros.wait_for_subscribers(events, words)

    sent = [serialize_message(packet(i)) for i in range(200)]
    for each in sent:
        events.publish(each)
    words.publish(string('hello'))
    ros.spin_for(0.3)
    ended(recorder, number)

    found, types = stored(tmp_path / 'bag')
    assert types == {EVENTS: EVENT_PACKET, WORDS: STRING}
    raws = [raw for topic, _, raw in found if topic == EVENTS]
    assert len(raws) == len(sent)
    assert all(map(same_bytes, raws, sent))
    assert f'{EVENTS} 200, {WORDS} 1' in recorder.text


def test_latched_and_best_effort_topics_are_recorded_as_offered(ros, talker, record, tmp_path):
    latched = talker.create_publisher(String, '/latched', qos.latched())
    latched.publish(string('before'))
    weak = talker.create_publisher(String, '/weak', qos.sensor_in('best_effort'))
    recorder = record()
    ros.wait_for_subscribers(latched, weak)

    weak.publish(string('now'))
    ros.spin_for(0.3)
    ended(recorder)

    found, _ = stored(tmp_path / 'bag')
    assert sorted(topic for topic, _, _ in found) == ['/latched', '/weak']
    metadata = (tmp_path / 'bag' / 'metadata.yaml').read_text()
    assert 'durability: transient_local' in metadata
    assert 'reliability: best_effort' in metadata


def test_a_publisher_that_offers_less_later_is_still_recorded(ros, talker, record, tmp_path):
    strong = talker.create_publisher(String, WORDS, 10)
    recorder = record()
    ros.wait_for_subscribers(strong)
    strong.publish(string('strong'))
    ros.spin_for(0.2)

    weak = talker.create_publisher(String, WORDS, qos.sensor_in('best_effort'))
    ros.wait_for_subscribers(weak)
    weak.publish(string('weak'))
    ros.spin_for(0.3)
    ended(recorder)

    found, _ = stored(tmp_path / 'bag')
    assert len(found) == 2


def test_topics_are_chosen_and_excluded(ros, talker, record, tmp_path):
    names = ('/camera/a', '/camera/b', '/other', '/listed')
    publishers = {name: talker.create_publisher(String, name, qos.latched()) for name in names}
    for publisher in publishers.values():
        publisher.publish(string('x'))
    recorder = record(topics=['/listed'], regex='^/camera', exclude='b$')
    ros.wait_for_subscribers(publishers['/camera/a'], publishers['/listed'])
    ros.spin_for(0.3)

    ended(recorder)

    found, _ = stored(tmp_path / 'bag')
    assert sorted(topic for topic, _, _ in found) == ['/camera/a', '/listed']


def test_a_type_that_cannot_be_described_is_refused_once(ros, talker, record, tmp_path):
    flag = talker.create_publisher(Bool, '/flag', 10)
    words = talker.create_publisher(String, WORDS, 10)
    recorder = record()
    ros.wait_for_subscribers(words)
    ros.spin_for(0.5)

    ended(recorder)

    assert flag.get_subscription_count() == 0
    refused = [line for line in recorder.text.splitlines() if 'is not recorded' in line]
    assert len(refused) == 1
    assert '/flag is not recorded: Expected a message type out of' in refused[0]


def test_headers_give_the_record_time_where_asked(ros, talker, record, tmp_path):
    images = talker.create_publisher(Image, '/image', 10)
    recorder = record('bag.mcap', stamp='header')
    ros.wait_for_subscribers(images)

    for k in (3, 5):
        message = Image(height=1, width=1, encoding='mono8', step=1, data=bytes(1))
        message.header = conversions.header_message(k * 1_000_000, 'camera')
        images.publish(message)
    ros.spin_for(0.3)
    ended(recorder)

    found, types = stored(tmp_path / 'bag.mcap')
    assert [stamp for _, stamp, _ in found] == [3_000_000_000, 5_000_000_000]
    assert types == {'/image': IMAGE}


def test_simulated_time_is_the_record_time(ros, talker, record, tmp_path):
    clock = talker.create_publisher(Clock, '/clock', qos.clock())
    words = talker.create_publisher(String, WORDS, 10)
    recorder = record(use_sim_time=True, topics=[WORDS])
    ros.wait_for_subscribers(clock, words)

    words.publish(string('before the clock'))
    ros.spin_for(0.2)
    now = Clock()
    now.clock.sec = 1234
    clock.publish(now)
    ros.spin_for(0.2)
    words.publish(string('after'))
    ros.spin_for(0.3)
    ended(recorder)

    found, _ = stored(tmp_path / 'bag')
    assert [stamp for _, stamp, _ in found] == [1_234_000_000_000] * 2


def test_a_killed_recorder_leaves_what_it_had_written(ros, talker, record, tmp_path):
    events = talker.create_publisher(
        msgs.require('event_camera_msgs').EventPacket, EVENTS, qos.events_out()
    )
    recorder = record()
    ros.wait_for_subscribers(events)
    random = np.random.default_rng(0)
    partial = tmp_path / 'bag.partial' / 'bag_0.mcap'

    num_sent = 0
    while not partial.is_file() or partial.stat().st_size < 3_000_000:
        payload = random.integers(0, 256, 50_000, np.uint8).tobytes()
        events.publish(
            event_packet_message(EventPacket('evt3', 64, 48, 0, payload, num_sent, 1000), 'cam')
        )
        num_sent += 1
        assert num_sent < 2000
        ros.spin_for(0.005)
    recorder.kill()

    found, _ = stored(tmp_path / 'bag.partial')
    assert 40 <= len(found) <= num_sent
    assert not (tmp_path / 'bag').exists()
    assert (tmp_path / 'bag.partial' / 'INCOMPLETE.txt').is_file()


def test_nothing_to_record_is_an_empty_bag(ros, record, tmp_path):
    recorder = record(topics=['/nobody'])
    ros.spin_until((tmp_path / 'bag.partial').is_dir, what='the bag')

    ended(recorder)

    assert (tmp_path / 'bag' / 'bag_0.mcap').is_file()
    assert 'message_count: 0' in (tmp_path / 'bag' / 'metadata.yaml').read_text()
    assert 'nothing' in recorder.text


@pytest.mark.parametrize(
    ('parameters', 'sentence'),
    [
        ({'output': ''}, 'Expected the parameter output'),
        ({'regex': '('}, 'Expected a regular expression as regex'),
        ({'stamp': 'never'}, 'stamp'),
    ],
)
def test_wrong_parameters_are_named(record, parameters, sentence):
    recorder = record(**parameters)

    assert recorder.wait() == 1
    assert sentence in recorder.text
    assert 'Traceback' not in recorder.text


def test_a_bag_is_not_overwritten_unless_asked(ros, record, tmp_path):
    (tmp_path / 'bag').mkdir()

    recorder = record(overwrite=True)
    ros.spin_until((tmp_path / 'bag.partial').is_dir, what='the bag')
    ended(recorder)
    assert (tmp_path / 'bag' / 'metadata.yaml').is_file()

    refused = record()

    assert refused.wait() == 1
    assert 'Expected no file or folder' in refused.text
