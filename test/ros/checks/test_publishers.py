"""What publishers of a real graph offer, against what the depth node asks for."""

import os
from pathlib import Path

from eventdepth_core.errors import InputError
from eventdepth_ros import dds, msgs
from eventdepth_ros.checks import check_publishers
import pytest

pytest.importorskip('rclpy', reason='no ROS 2 here')
import rclpy
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CompressedImage


@pytest.fixture
def driver(ros):
    """Return a node in this process."""
    return ros.node('driver')


@pytest.fixture
def publish(driver):
    """Return a function that advertises a topic in this process."""

    def advertise(package: str, name: str, topic: str, **policies: object) -> None:
        message_type = getattr(msgs.require(package), name)
        driver.create_publisher(message_type, topic, QoSProfile(depth=5, **policies))

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


@pytest.fixture
def configured(tmp_path, by_subject):
    """Return a function that checks with the topics of a parameter file."""
    path = tmp_path / 'depth.yaml'

    def check(*lines: str):
        path.write_text('/**:\n  ros__parameters:\n' + ''.join(f'    {x}\n' for x in lines))
        return by_subject(lambda: check_publishers((path,)))

    return check


def test_the_topics_of_a_parameter_file_are_looked_at_and_no_others(publish, driver, configured):
    publish('event_camera_msgs', 'EventPacket', '/left/events')
    publish('event_camera_msgs', 'EventPacket', '/right/events')
    driver.create_publisher(CompressedImage, '/cam/image/compressed', 5)

    found = configured(
        'events: {topic: /left/events}',
        'image.topic: cam/image',
        'image.transport: compressed',
        'points: {topic: ""}',
    )

    assert {topic: each.state for topic, each in found.items()} == {
        '/left/events': 'ok',
        '/cam/image/compressed': 'ok',
    }
    assert 'driver: heard by the depth node (image.topic)' in found['/cam/image/compressed'].text


def test_a_configured_topic_without_a_publisher_is_a_problem_and_a_default_a_note(
    publish, configured
):
    found = configured('events.topic: /typo/events', 'points.topic: ""')

    assert found['/typo/events'].state == 'problem'
    assert 'nobody publishes it (events.topic)' in found['/typo/events'].text
    assert found['/eventdepth/image'].state == 'note'
    assert 'default of image.topic' in found['/eventdepth/image'].text
    assert '/eventdepth/points_in' not in found


def test_a_configured_reliability_that_nobody_offers_is_a_problem(publish, configured):
    weak = ReliabilityPolicy.BEST_EFFORT
    publish('event_camera_msgs', 'EventPacket', '/camera/events', reliability=weak)

    found = configured('events.topic: /camera/events', 'events.reliability: reliable')

    assert found['/camera/events'].state == 'problem'
    assert 'not heard by the depth node' in found['/camera/events'].text


def test_a_configured_topic_of_another_type_is_a_problem(driver, configured):
    driver.create_publisher(CompressedImage, '/camera/image', 5)

    finding = configured('image.topic: /camera/image')['/camera/image']

    assert finding.state == 'problem'
    assert 'publishes sensor_msgs/msg/CompressedImage' in finding.text
    assert 'set image.transport' in finding.text


@pytest.mark.parametrize('text', ['- 1', '{'])
def test_a_parameter_file_that_is_none_is_refused(tmp_path, text):
    path = Path(tmp_path / 'depth.yaml')
    path.write_text(text)

    with pytest.raises(InputError, match=r'depth\.yaml'):
        list(check_publishers((path,)))


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
