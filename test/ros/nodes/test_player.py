"""The player as a process of its own, over real DDS."""

import signal
import time

from eventdepth_core.recordings.bag import Bag
from eventdepth_ros import msgs, qos
from playing.small_bag import NUM_PACKETS, START_NS, STEP_NS, write_bag
import pytest
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_srvs.srv import Trigger

EVENTS = '/camera/events'
MIN_RATE, MAX_RATE = 0.97, 1.03  # of nominal: other tests run beside this one
LONG_PACKETS = 300


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    return write_bag(tmp_path_factory.mktemp('bags') / 'small')


@pytest.fixture(scope='module')
def long_bag(tmp_path_factory):
    return write_bag(tmp_path_factory.mktemp('bags') / 'long', LONG_PACKETS)


@pytest.fixture
def play(ros):
    """Start a player that waits until this test listens to the events."""

    def start(path, **parameters):
        settings = {'recording': str(path), 'wait_for': [EVENTS], **parameters}
        return ros.start('player', parameters=settings)

    return start


def packet_type():
    return msgs.require('event_camera_msgs').EventPacket


def listen(ros, **options):
    """Collect event packets; before the player starts."""
    return ros.collect(packet_type(), EVENTS, qos.events_in('reliable'), **options)


def stamps_ns(packets):
    return [p.header.stamp.sec * 1_000_000_000 + p.header.stamp.nanosec for p in packets]


def same_bytes(received, sent):
    """Tell whether CDR came as it was sent; DDS fills it up with zeros to four bytes."""
    return received[: len(sent)] == sent and not any(received[len(sent) :])


def test_every_topic_comes_byte_by_byte_and_the_player_ends(ros, bag, play):
    types = {
        EVENTS: packet_type(),
        '/camera/camera_info': CameraInfo,
        '/camera/image_raw': Image,
        '/lidar/points': PointCloud2,
    }
    profile = qos.events_in('reliable')
    heard = {topic: ros.collect(kind, topic, profile, raw=True) for topic, kind in types.items()}
    latched = qos.static_transforms()
    transforms = ros.collect(msgs.require('tf2_msgs').TFMessage, '/tf_static', latched, raw=True)

    player = play(bag, wait_for=list(types))

    ros.spin_until(lambda: not player.is_alive, what='the end of the player')
    assert player.wait() == 0, player.text
    stored = Bag(bag)
    for topic, received in [*heard.items(), ('/tf_static', transforms)]:
        sent = [message.raw for message in stored.messages([topic])]
        assert len(received) == len(sent), topic
        assert all(map(same_bytes, received, sent)), topic
    stored.close()


def test_a_type_that_is_not_installed_costs_one_warning(ros, bag, play):
    packets = listen(ros)

    player = play(bag, rate=5.0)

    ros.spin_until(lambda: not player.is_alive, what='the end of the player')
    assert player.wait() == 0
    assert len(packets) == NUM_PACKETS
    warnings = [line for line in player.text.splitlines() if 'not played' in line]
    assert len(warnings) == 1
    assert '/wheels is not played' in warnings[0]
    assert 'robot_msgs' in warnings[0]


def test_the_rate_is_kept(ros, long_bag, play):
    times_s = []
    node = ros.node()
    node.create_subscription(
        packet_type(),
        EVENTS,
        lambda _: times_s.append(time.monotonic()),
        qos.events_in('reliable'),
    )

    player = play(long_bag)

    ros.spin_until(lambda: not player.is_alive, what='the end of the player')
    nominal_s = (LONG_PACKETS - 1) * STEP_NS * 1e-9
    assert nominal_s > 1.0
    assert MIN_RATE < nominal_s / (times_s[-1] - times_s[0]) < MAX_RATE
    assert 'Played' in player.text


def test_late_subscribers_get_the_transforms(ros, bag, play):
    listen(ros)
    player = play(bag, end_delay_s=60.0)
    ros.spin_until(lambda: 'Played' in player.text, what='the end of the recording')

    transforms = ros.collect(
        msgs.require('tf2_msgs').TFMessage, '/tf_static', qos.static_transforms()
    )

    ros.spin_until(lambda: len(transforms) == 2, what='both transforms')
    children = [each.transforms[0].child_frame_id for each in transforms]
    assert children == ['lidar', 'imu']


def test_pause_and_resume(ros, long_bag, play):
    packets = listen(ros)
    player = play(long_bag, start_paused=True)
    node = ros.node('caller')
    clients = {
        name: node.create_client(Trigger, f'/player/{name}')
        for name in ('pause', 'resume', 'toggle_paused')
    }
    ros.spin_until(lambda: all(c.service_is_ready() for c in clients.values()), what='services')

    def call(name):
        future = clients[name].call_async(Trigger.Request())
        ros.spin_until(future.done, what=name)
        return future.result()

    ros.spin_for(0.3)
    num_before = len(packets)
    assert call('resume').message == 'playing'
    ros.spin_until(lambda: len(packets) > 20, what='packets')
    assert call('pause').message == 'paused'
    ros.spin_for(0.1)
    num_at_pause = len(packets)
    ros.spin_for(0.5)
    num_after = len(packets)
    assert call('toggle_paused').message == 'playing'
    ros.spin_until(lambda: not player.is_alive, what='the end of the player')

    assert num_before == 0
    assert num_after == num_at_pause < LONG_PACKETS
    assert [packet.seq for packet in packets] == list(range(LONG_PACKETS))
    assert player.wait() == 0


def test_a_loop_goes_back_in_time(ros, bag, play):
    packets = listen(ros)

    player = play(bag, loop=True, rate=4.0)

    ros.spin_until(lambda: len(packets) > 2 * NUM_PACKETS + 5, what='a third pass')
    assert player.is_alive
    expected = [START_NS + i * STEP_NS for i in range(NUM_PACKETS)]
    assert stamps_ns(packets)[: 2 * NUM_PACKETS] == 2 * expected
    assert player.ending_s(signal.SIGINT)[0] == 0


def test_a_stretch_is_played(ros, bag, play):
    packets = listen(ros)

    player = play(bag, start_s=0.1, duration_s=0.05)

    ros.spin_until(lambda: not player.is_alive, what='the end of the player')
    assert stamps_ns(packets) == [START_NS + i * STEP_NS for i in range(20, 30)]


def test_only_the_topics_asked_for_are_offered_under_remapped_names(ros, bag):
    packets = ros.collect(packet_type(), '/robot/events', qos.events_in('reliable'))

    player = ros.start(
        'player',
        parameters={'recording': str(bag), 'topics': [EVENTS], 'wait_for': ['/robot/events']},
        remappings={EVENTS: '/robot/events'},
    )

    ros.spin_until(lambda: len(packets) == NUM_PACKETS, what='all packets')
    topics = dict(ros.node('looker').get_topic_names_and_types())
    assert '/camera/image_raw' not in topics
    assert player.wait() == 0


def test_nothing_is_played_before_someone_listens(ros, bag, play):
    player = play(bag)
    infos = ros.collect(CameraInfo, '/camera/camera_info', qos.sensor_in('reliable'))
    ros.wait_for_publishers(EVENTS)
    ros.spin_for(0.5)
    num_before = len(infos)

    packets = listen(ros)

    ros.spin_until(lambda: len(packets) == NUM_PACKETS, what='all packets')
    assert num_before == 0
    assert player.wait() == 0


def test_a_certain_node_can_be_waited_for(ros, bag, play):
    bystander = ros.node('bystander')
    seen = []
    bystander.create_subscription(packet_type(), EVENTS, seen.append, qos.events_in('reliable'))
    player = play(bag, wait_for=[f'{EVENTS} /robot/depth'])
    ros.wait_for_publishers(EVENTS)
    ros.spin_for(0.5)
    num_before = len(seen)

    packets = []
    awaited = ros.node('depth', namespace='/robot')
    awaited.create_subscription(packet_type(), EVENTS, packets.append, qos.events_in('reliable'))

    ros.spin_until(lambda: len(packets) == NUM_PACKETS, what='all packets')
    assert num_before == 0
    assert player.wait() == 0


def test_waiting_in_vain_ends_with_an_error(ros, bag, play):
    player = play(bag, wait_timeout_s=0.2)

    assert player.wait() == 1
    assert 'Expected a subscriber' in player.text


def test_the_clock_runs_with_the_recording(ros, long_bag, play):
    packets = listen(ros)
    clocks = ros.collect(Clock, '/clock', QoSProfile(depth=500))

    player = play(long_bag, clock=True)

    ros.spin_until(lambda: not player.is_alive, what='the end of the player')
    times_ns = [each.clock.sec * 1_000_000_000 + each.clock.nanosec for each in clocks]
    assert times_ns == sorted(times_ns)
    assert len(times_ns) >= 100
    assert times_ns[-1] > stamps_ns(packets)[-1]


def test_qos_can_be_overridden(ros, bag):
    name = f'qos_overrides.{EVENTS}.publisher.reliability'
    ros.start('player', parameters={'recording': str(bag), 'loop': True, name: 'best_effort'})
    node = ros.node()
    ros.wait_for_publishers(EVENTS)

    (publisher,) = node.get_publishers_info_by_topic(EVENTS)

    assert publisher.qos_profile.reliability == ReliabilityPolicy.BEST_EFFORT


@pytest.mark.parametrize(
    ('number', 'state'),
    [
        (signal.SIGINT, 'playing'),
        (signal.SIGTERM, 'playing'),
        (signal.SIGTERM, 'paused'),
        (signal.SIGINT, 'waiting'),
        (signal.SIGTERM, 'lingering'),
    ],
)
def test_a_signal_ends_the_player_at_once(ros, bag, play, number, state):
    parameters = {
        'playing': {'loop': True},
        'paused': {'start_paused': True},
        'waiting': {'wait_for': ['/lidar/points']},
        'lingering': {'rate': 50.0, 'end_delay_s': 60.0},
    }[state]
    packets = listen(ros)
    player = play(bag, **parameters)
    ros.wait_for_publishers(EVENTS)
    if state == 'playing':
        ros.spin_until(lambda: packets, what='packets')
    if state == 'lingering':
        ros.spin_until(lambda: 'Played' in player.text, what='the end of the recording')

    code, seconds = player.ending_s(number)

    assert code == 0, player.text
    assert seconds < 2.0


def test_a_recording_that_is_not_there_is_one_sentence(ros, tmp_path):
    player = ros.start('player', parameters={'recording': str(tmp_path / 'nothing')})

    assert player.wait() == 1
    assert 'got nothing at' in player.text
    assert 'Traceback' not in player.text


@pytest.mark.parametrize(
    ('parameters', 'sentence'),
    [
        ({}, 'Expected the parameter recording'),
        ({'topics': ['/camera/evnts']}, 'Expected topics out of the recording'),
        ({'wait_for': ['/nobody']}, 'Expected wait_for out of the played topics'),
    ],
)
def test_wrong_parameters_are_named(ros, bag, parameters, sentence):
    recording = {'recording': str(bag)} if parameters else {}

    player = ros.start('player', parameters={**recording, **parameters})

    assert player.wait() == 1
    assert sentence in player.text
    assert 'Traceback' not in player.text


def test_text_recordings_reach_their_topics(ros, tmp_path):
    lines = [f'{i * 1e-4:.6f} {i % 60} {i % 40} {i % 2}' for i in range(2000)]
    (tmp_path / 'events.txt').write_text('\n'.join(lines) + '\n')
    (tmp_path / 'calib.txt').write_text('50 51 30 20 0 0 0 0 0\n')
    packets = listen(ros)
    infos = ros.collect(CameraInfo, '/camera/camera_info', qos.sensor_in('reliable'))

    player = ros.start(
        'player',
        parameters={'recording': str(tmp_path), 'wait_for': [EVENTS, '/camera/camera_info']},
    )

    ros.spin_until(lambda: not player.is_alive, what='the end of the player')
    assert player.wait() == 0
    assert sum(len(packet.events) for packet in packets) == 8 * 2000
    assert {packet.encoding for packet in packets} == {'mono'}
    assert len(infos) >= 2
    assert infos[0].k[0] == 50.0
