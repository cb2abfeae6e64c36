"""What publishers of a real graph offer, against what the depth node asks for."""

import os

from eventdepth_ros import dds, msgs
from eventdepth_ros.checks import check_publishers
import pytest

pytest.importorskip('rclpy', reason='no ROS 2 here')
import rclpy
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy


@pytest.fixture
def publish(ros):
    """Return a function that advertises a topic in this process."""
    node = ros.node('driver')

    def advertise(package: str, name: str, topic: str, **policies: object) -> None:
        message_type = getattr(msgs.require(package), name)
        node.create_publisher(message_type, topic, QoSProfile(depth=5, **policies))

    return advertise


@pytest.mark.parametrize(
    ('reliability', 'state'),
    [(ReliabilityPolicy.RELIABLE, 'ok'), (ReliabilityPolicy.BEST_EFFORT, 'note')],
)
def test_an_event_publisher_is_told_with_its_reliability(publish, by_subject, reliability, state):
    publish('event_camera_msgs', 'EventPacket', '/camera/events', reliability=reliability)

    finding = by_subject(check_publishers)['/camera/events']

    assert finding.state == state
    assert f'driver publishes events, {reliability.name.lower()}' in finding.text
    assert ('events.reliability reliable hears nothing' in finding.text) == (state == 'note')


def test_static_transforms_that_latecomers_do_not_get_are_a_problem(publish, by_subject):
    publish('event_camera_msgs', 'EventPacket', '/camera/events')
    publish('tf2_msgs', 'TFMessage', '/tf_static', durability=DurabilityPolicy.VOLATILE)

    finding = by_subject(check_publishers)['/tf_static']

    assert finding.state == 'problem'
    assert 'not heard by the depth node (Volatile publisher and transient' in finding.text


def test_an_empty_graph_is_no_problem_and_names_the_domain(ros_domain, by_subject):
    finding = by_subject(check_publishers)['publishers']

    assert finding.state == 'ok'
    assert f'on domain {ros_domain} within 1 s' in finding.text


def test_looking_leaves_the_environment_as_it_was(ros, by_subject, monkeypatch):
    for name in dds.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    before = dict(os.environ)

    by_subject(check_publishers)

    assert dict(os.environ) == before


@pytest.mark.parametrize('domain', ['100000', '233', '-1', 'robot'])
def test_a_domain_that_would_end_the_process_is_a_finding(by_subject, monkeypatch, domain):
    monkeypatch.setenv('ROS_DOMAIN_ID', domain)

    (finding,) = by_subject(check_publishers).values()

    assert (finding.subject, finding.state) == ('ROS_DOMAIN_ID', 'problem')
    assert f'from 0 to 232, got {domain!r}' in finding.text


def test_a_graph_that_cannot_be_joined_is_a_finding(ros_domain, by_subject, monkeypatch):
    def refuse(**_options: object) -> None:
        raise RuntimeError('no interface')

    monkeypatch.setattr(rclpy, 'init', refuse)

    (finding,) = by_subject(check_publishers).values()

    assert finding.state == 'problem'
    assert 'the graph cannot be joined: no interface' in finding.text
