"""QoS over real DDS: what two ends cannot agree on is said, and parameters override."""

from collections import defaultdict
import time

from eventdepth_core.errors import InputError
from eventdepth_ros import qos
import pytest
from rclpy.duration import Duration
from rclpy.experimental import EventsExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, HistoryPolicy, ReliabilityPolicy
from std_msgs.msg import String, UInt8MultiArray

DEADLINE_S = 10.0
FLOOD = """
import array
import sys
import time

import rclpy
from eventdepth_ros import qos
from rclpy.node import Node
from std_msgs.msg import UInt8MultiArray

rclpy.init()
node = Node('flood')
publisher = node.create_publisher(UInt8MultiArray, '/flood', qos.events_in(depth=5))
message = UInt8MultiArray(data=array.array('B', bytes(1_000_000)))
while publisher.get_subscription_count() < 1:
    time.sleep(0.01)
sys.stdin.readline()  # until the test is ready
for _ in range(100):
    publisher.publish(message)
    time.sleep(0.002)
node.destroy_node()
rclpy.shutdown()
"""


class Ledger:
    """Takes reports and keeps the newest of each topic and kind."""

    def __init__(self):
        self.newest = {}
        self.calls = defaultdict(int)

    def __call__(self, topic, kind, text, count):
        self.newest[topic, kind] = (text, count)
        self.calls[topic, kind] += 1


@pytest.fixture
def ledger():
    return Ledger()


def overridden(topic, side, **policies):
    prefix = f'qos_overrides.{topic}.{side}'
    return [Parameter(f'{prefix}.{name}', value=value) for name, value in policies.items()]


def ignore(_message):
    """Take a message and do nothing."""


@pytest.mark.parametrize(
    ('profile', 'reliability', 'depth', 'durability'),
    [
        (qos.events_in(), 'BEST_EFFORT', 1000, 'VOLATILE'),
        (qos.events_in('reliable', 7), 'RELIABLE', 7, 'VOLATILE'),
        (qos.sensor_in(), 'BEST_EFFORT', 5, 'VOLATILE'),
        (qos.depth_out(), 'RELIABLE', 5, 'VOLATILE'),
        (qos.latched(), 'RELIABLE', 1, 'TRANSIENT_LOCAL'),
        (qos.events_out(), 'RELIABLE', 1000, 'VOLATILE'),
        (qos.sensor_out(), 'RELIABLE', 10, 'VOLATILE'),
        (qos.clock(), 'RELIABLE', 10, 'VOLATILE'),
        (qos.static_transforms(), 'RELIABLE', 100, 'TRANSIENT_LOCAL'),
    ],
)
def test_profiles_are_what_their_names_say(profile, reliability, depth, durability):
    assert profile.reliability == ReliabilityPolicy[reliability]
    assert profile.durability == DurabilityPolicy[durability]
    assert (profile.history, profile.depth) == (HistoryPolicy.KEEP_LAST, depth)


def test_each_profile_is_a_new_object_because_overrides_are_written_into_it():
    assert qos.events_in() is not qos.events_in()


@pytest.mark.parametrize(
    ('arguments', 'text'),
    [(('reliably', 5), "best_effort, reliable, got 'reliably'"), (('reliable', 0), 'got 0')],
)
def test_a_profile_that_does_not_exist_says_what_there_is(arguments, text):
    with pytest.raises(InputError, match=text):
        qos.events_in(*arguments)


def test_a_subscription_that_asks_for_too_much_says_what_to_set(ros, ledger):
    node = ros.node()
    qos.advertise(node, String, '/word', profile=qos.events_in(), report=ledger)

    qos.subscribe(node, String, '/word', ignore, profile=qos.events_in('reliable'), report=ledger)
    ros.spin_until(lambda: ledger.calls['/word', 'incompatible'] == 2, DEADLINE_S)

    text, count = ledger.newest['/word', 'incompatible']
    assert count == 1
    assert 'reliability' in text
    assert 'matched' not in {kind for _, kind in ledger.newest}


def test_both_ends_name_the_policy_and_the_parameter(ros):
    subscriber, publisher = Ledger(), Ledger()
    node = ros.node()
    qos.advertise(node, String, 'word', profile=qos.events_in(), report=publisher)
    qos.subscribe(node, String, 'word', ignore, profile=qos.depth_out(), report=subscriber)

    ros.spin_until(lambda: subscriber.newest and publisher.newest, DEADLINE_S)

    assert subscriber.newest['/word', 'incompatible'] == (
        'A publisher of /word offers reliability best_effort, this node asks for more: none of '
        'its messages come. Set qos_overrides./word.subscription.reliability:=best_effort here, '
        'or reliability reliable in the publisher.',
        1,
    )
    assert publisher.newest['/word', 'incompatible'] == (
        'A subscription to /word asks for reliability reliable, more than this node offers: it '
        'gets no messages. Set reliability best_effort in the subscription, or '
        'qos_overrides./word.publisher.reliability:=reliable here.',
        1,
    )


def test_a_latched_subscription_to_a_volatile_publisher_names_the_durability(ros, ledger):
    node = ros.node()
    node.create_publisher(String, '/tf', qos.depth_out())

    qos.subscribe(node, String, '/tf', ignore, profile=qos.latched(), report=ledger)
    ros.spin_until(lambda: ledger.newest, DEADLINE_S)

    text, _ = ledger.newest['/tf', 'incompatible']
    assert 'offers durability volatile' in text
    assert 'durability transient_local in the publisher' in text
    assert node.has_parameter('qos_overrides./tf.subscription.durability')
    assert 'qos_overrides./tf.subscription.durability:=volatile' in text


def test_a_policy_that_no_parameter_overrides_is_changed_at_the_other_end(ros):
    subscriber, publisher = Ledger(), Ledger()
    node = ros.node()
    asked = qos.depth_out()
    asked.deadline = Duration(seconds=1)
    qos.advertise(node, String, '/word', profile=qos.depth_out(), report=publisher)

    qos.subscribe(node, String, '/word', ignore, profile=asked, report=subscriber)
    ros.spin_until(lambda: subscriber.newest and publisher.newest, DEADLINE_S)

    assert publisher.newest['/word', 'incompatible'][0] == (
        'A subscription to /word asks for another deadline than this node offers: it gets no '
        'messages. Leave deadline at its default in the subscription.'
    )
    assert subscriber.newest['/word', 'incompatible'][0] == (
        'A publisher of /word offers another deadline than this node asks for: none of its '
        'messages come. Leave deadline at its default in the publisher.'
    )


def test_matches_are_counted_up_and_down(ros, ledger):
    node = ros.node()
    qos.subscribe(node, String, '/word', ignore, profile=qos.events_in(), report=ledger)

    publisher = node.create_publisher(String, '/word', qos.depth_out())
    ros.spin_until(lambda: ledger.newest.get(('/word', 'matched'), ('', 0))[1] == 1, DEADLINE_S)
    node.destroy_publisher(publisher)
    ros.spin_until(lambda: ledger.newest['/word', 'matched'][1] == 0, DEADLINE_S)

    assert ledger.newest['/word', 'matched'][0] == '/word has 0 matching publisher(s).'


def test_a_parameter_overrides_the_profile_of_a_subscription(ros, ledger):
    overrides = overridden('/word', 'subscription', reliability='reliable', depth=3)
    node = ros.node(parameter_overrides=overrides)

    subscription = qos.subscribe(
        node, String, '/word', ignore, profile=qos.events_in(), report=ledger
    )
    qos.advertise(node, String, '/word', profile=qos.events_in(), report=ledger)
    ros.spin_until(lambda: ledger.calls['/word', 'incompatible'] == 2, DEADLINE_S)

    effective = subscription.qos_profile
    assert (effective.reliability, effective.depth) == (ReliabilityPolicy.RELIABLE, 3)


def test_a_parameter_overrides_the_profile_of_a_publisher(ros, ledger):
    overrides = overridden('/word', 'publisher', reliability='best_effort')
    node = ros.node(parameter_overrides=overrides)

    qos.advertise(node, String, '/word', profile=qos.depth_out(), report=ledger)
    heard = ros.collect(String, '/word', qos.depth_out())
    ros.spin_until(lambda: ledger.newest, DEADLINE_S)

    assert 'reliability' in ledger.newest['/word', 'incompatible'][0]
    assert heard == []


def test_a_subscription_made_again_keeps_its_overrides(ros, ledger):
    overrides = overridden('/word', 'subscription', depth=3)
    node = ros.node(parameter_overrides=overrides)

    for _ in range(2):
        subscription = qos.subscribe(
            node, String, '/word', ignore, profile=qos.events_in(), report=ledger
        )
        assert subscription.qos_profile.depth == 3
        node.destroy_subscription(subscription)


def test_lost_messages_are_counted_and_the_sentence_says_what_to_do(ros, ledger, tmp_path):
    """Without the shipped profile the shared memory of DDS is too small for 1 MB at this rate."""
    script = tmp_path / 'flood.py'
    script.write_text(FLOOD)
    received = []
    node = ros.node()
    qos.subscribe(
        node, UInt8MultiArray, '/flood', received.append, profile=qos.events_in(), report=ledger
    )
    defaults = {'FASTRTPS_DEFAULT_PROFILES_FILE': '', 'FASTDDS_DEFAULT_PROFILES_FILE': ''}
    child = ros.start(str(script), environment=defaults)
    ros.spin_until(lambda: ledger.newest.get(('/flood', 'matched'), ('', 0))[1] == 1)

    child.tell('go')
    ros.spin_until(lambda: ledger.newest['/flood', 'matched'][1] == 0)

    text, count = ledger.newest['/flood', 'lost']
    assert 0 < count <= 100 - len(received)
    assert text == (
        f'{count} message(s) of /flood were lost before this node took them. Raise '
        f'qos_overrides./flood.subscription.depth, use the shipped DDS profile (dds: auto), or '
        f'publish reliably.'
    )


def test_the_events_executor_reports_as_well(ros, ledger):
    node = Node('probe', context=ros.context)
    executor = EventsExecutor(context=ros.context)
    executor.add_node(node)
    try:
        qos.subscribe(node, String, '/word', ignore, profile=qos.depth_out(), report=ledger)
        node.create_publisher(String, '/word', qos.events_in())
        deadline_s = time.monotonic() + DEADLINE_S
        while not ledger.newest and time.monotonic() < deadline_s:
            executor.spin_once(timeout_sec=0.05)
    finally:
        executor.shutdown()
        node.destroy_node()

    assert 'reliability' in ledger.newest['/word', 'incompatible'][0]
