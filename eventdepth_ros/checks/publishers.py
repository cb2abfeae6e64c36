"""
What the publishers of the running graph offer, against what the depth node asks for.

Looks for a second at the domain that nodes started from here would join: at the topics of the
depth node's parameter files where some are given, else at every publisher of the types that it
reads. Law: the environment and the graph are as before; the node that looked is gone. Fast DDS
ends a process that joins a domain above 232, so the number is looked at first.

"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
import os
from pathlib import Path
import time
from typing import TYPE_CHECKING

from eventdepth_core.commands.doctor import Finding, State
from eventdepth_core.recordings.definitions import (
    COMPRESSED_IMAGE,
    EVENT_PACKET,
    IMAGE,
    POINT_CLOUD,
    TF_MESSAGE,
    type_hash,
)
from eventdepth_ros import dds
from eventdepth_ros.checks.configured_topics import configured_topics, ConfiguredTopic
from eventdepth_ros.checks.installation import has_ros

if TYPE_CHECKING:
    from rclpy.node import Node
    from rclpy.qos import QoSProfile
    from rclpy.topic_endpoint_info import TopicEndpointInfo

LOOK_S = 1.0
LARGEST_DOMAIN = 232
STATIC_TRANSFORMS = '/tf_static'


def check_publishers(params_files: tuple[Path, ...] = ()) -> Iterator[Finding]:
    """
    Look at the publishers of events, images, points and static transforms.

    Parameters
    ----------
    params_files : tuple of Path
        Parameter files of the depth node; the later wins. None: all publishers are looked at.

    Raises
    ------
    InputError
        If a file is no YAML mapping.

    """
    if not has_ros():
        return
    topics = configured_topics(params_files) if params_files else ()
    domain = os.environ.get('ROS_DOMAIN_ID') or '0'
    if not domain.isdigit() or int(domain) > LARGEST_DOMAIN:
        text = f'Expected a number from 0 to {LARGEST_DOMAIN}, got {domain!r}: no node can start'
        yield Finding('ROS_DOMAIN_ID', 'problem', text)
        return
    try:
        with _looking_node() as node:
            time.sleep(LOOK_S)  # nothing says when all publishers and their names are known
            findings = list(_configured(node, topics) if topics else _findings(node, domain))
    except RuntimeError as error:  # what rclpy raises where the middleware refuses
        findings = [Finding('publishers', 'problem', f'the graph cannot be joined: {error}')]
    yield from findings


@contextmanager
def _looking_node() -> Iterator['Node']:
    import rclpy
    from rclpy.context import Context

    context = Context()
    with _variables(dds.environment()):
        rclpy.init(context=context)
        try:
            node = rclpy.create_node(
                'eventdepth_doctor', context=context, start_parameter_services=False
            )
            yield node
            node.destroy_node()
        finally:
            rclpy.try_shutdown(context=context)


@contextmanager
def _variables(settings: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _findings(node: 'Node', domain: str) -> Iterator[Finding]:
    events = _topics(node, EVENT_PACKET)
    if not events:
        text = f'no event camera seen on domain {domain} within {LOOK_S:g} s; start it to check it'
        yield Finding('publishers', 'ok', text)
    for topic in events:
        for offered in node.get_publishers_info_by_topic(topic):
            yield _event_publisher(topic, offered)
    yield from _heard(node, _others(node))


def _heard(node: 'Node', asked: Mapping[str, 'QoSProfile']) -> Iterator[Finding]:
    """Yield the publishers that the middleware would not connect."""
    for topic, profile in asked.items():
        for offered in node.get_publishers_info_by_topic(topic):
            reason = _incompatible(offered, profile)
            if reason:
                yield Finding(topic, 'problem', f'{offered.node_name}: {reason}')


def _configured(node: 'Node', topics: tuple[ConfiguredTopic, ...]) -> Iterator[Finding]:
    """Look at what the depth node with these topics would hear."""
    from eventdepth_ros import qos

    for each in topics:
        publishers = node.get_publishers_info_by_topic(each.topic)
        if not publishers:
            state: State = 'problem' if each.is_given else 'note'
            text = f'nobody publishes it ({each.origin}) within {LOOK_S:g} s: start the driver or '
            yield Finding(each.topic, state, f"{text}set {each.parameter}; '' = not used")
        for offered in publishers:
            yield _configured_publisher(each, offered)
    yield from _heard(node, _static_transforms(node, qos.static_transforms()))


def _configured_publisher(wanted: ConfiguredTopic, offered: 'TopicEndpointInfo') -> Finding:
    from eventdepth_ros import qos

    if offered.topic_type != wanted.type_name:
        text = (
            f'{offered.node_name} publishes {offered.topic_type}, {wanted.parameter} expects '
            f'{wanted.type_name}: {wanted.advice}'
        )
        return Finding(wanted.topic, 'problem', text)
    if wanted.type_name == EVENT_PACKET:
        return _event_publisher(wanted.topic, offered, wanted.reliability)
    reason = _incompatible(offered, qos.sensor_in())
    text = reason or f'heard by the depth node ({wanted.parameter})'
    return Finding(wanted.topic, 'problem' if reason else 'ok', f'{offered.node_name}: {text}')


def _event_publisher(
    topic: str, offered: 'TopicEndpointInfo', asked: str = 'best_effort'
) -> Finding:
    from eventdepth_ros import qos
    from rclpy.qos import ReliabilityPolicy

    actual = str(getattr(offered, 'topic_type_hash', type_hash(EVENT_PACKET)))
    if actual != type_hash(EVENT_PACKET):
        text = (
            f'{offered.node_name} publishes another {EVENT_PACKET} ({actual}, expected '
            f'{type_hash(EVENT_PACKET)}): install the same event_camera_msgs on both sides'
        )
        return Finding(topic, 'problem', text)
    reason = _incompatible(offered, qos.events_in(asked))
    if reason:
        return Finding(topic, 'problem', f'{offered.node_name}: {reason}')
    reliability = offered.qos_profile.reliability
    how = 'by default' if asked == 'best_effort' else f'with events.reliability {asked}'
    text = f'{offered.node_name} publishes events, {reliability.name.lower()}, heard {how}'
    if reliability == ReliabilityPolicy.RELIABLE:
        return Finding(topic, 'ok', text)
    text += '; packets may get lost, and a node with events.reliability reliable hears nothing'
    return Finding(topic, 'note', text)


def _others(node: 'Node') -> dict[str, 'QoSProfile']:
    """Return what the depth node asks for on the topics that are not events."""
    from eventdepth_ros import qos

    sensors = [
        topic for each in (IMAGE, COMPRESSED_IMAGE, POINT_CLOUD) for topic in _topics(node, each)
    ]
    asked = {topic: qos.sensor_in() for topic in sensors}
    return {**asked, **_static_transforms(node, qos.static_transforms())}


def _static_transforms(node: 'Node', profile: 'QoSProfile') -> dict[str, 'QoSProfile']:
    is_published = STATIC_TRANSFORMS in _topics(node, TF_MESSAGE)
    return {STATIC_TRANSFORMS: profile} if is_published else {}


def _incompatible(offered: 'TopicEndpointInfo', asked: 'QoSProfile') -> str:
    """Return why the middleware would not connect the two, '' where it would."""
    from rclpy.qos import qos_check_compatible, QoSCompatibility

    verdict, reason = qos_check_compatible(offered.qos_profile, asked)
    if verdict != QoSCompatibility.ERROR:
        return ''
    said = reason.replace('ERROR:', '').strip(' ;')
    return f'not heard by the depth node ({said}); publish with what it asks for'


def _topics(node: 'Node', type_name: str) -> list[str]:
    return sorted(name for name, types in node.get_topic_names_and_types() if type_name in types)
