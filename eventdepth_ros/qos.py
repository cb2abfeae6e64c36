"""
Quality of service: the named profiles, their overrides by parameter, and what goes wrong with it.

A subscription gets nothing from a publisher that offers less than it asks for (RELIABLE from
BEST_EFFORT, TRANSIENT_LOCAL from VOLATILE); DDS says so only in an event. `subscription_events`
and `publisher_events` turn these events into sentences that say what to do. Each profile is a new
object, because overrides are written into it.

"""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from eventdepth_core.errors import InputError
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    QoSPolicyKind,
    QoSProfile,
    ReliabilityPolicy,
)
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription

Reliability: TypeAlias = Literal['best_effort', 'reliable']
QosKind: TypeAlias = Literal['incompatible', 'lost', 'matched']
QosReport: TypeAlias = Callable[[str, QosKind, str, int], None]
"""Takes topic, kind, a sentence, and a count: in all so far, for `matched` the present number."""

RELIABILITIES: tuple[Reliability, ...] = ('best_effort', 'reliable')
EVENTS_DEPTH = 1000
SENSOR_DEPTH = 5
PLAYED_DEPTH = 10
STATIC_TRANSFORMS_DEPTH = 100
POSES_DEPTH = 100

_WEAK = {'reliability': 'best_effort', 'durability': 'volatile'}
_STRONG = {'reliability': 'reliable', 'durability': 'transient_local'}


def events_in(reliability: str = 'best_effort', depth: int = EVENTS_DEPTH) -> QoSProfile:
    """Return the profile of an event subscription: no packet may be skipped, so a long queue."""
    return _profile(reliability, depth)


def sensor_in(reliability: str = 'best_effort', depth: int = SENSOR_DEPTH) -> QoSProfile:
    """Return the profile of an image or points subscription."""
    return _profile(reliability, depth)


def poses_in(reliability: str, depth: int = POSES_DEPTH) -> QoSProfile:
    """Return the profile of a subscription to poses; one that is lost costs its neighbours."""
    return _profile(reliability, depth)


def depth_out(depth: int = SENSOR_DEPTH) -> QoSProfile:
    """Return the profile of what the depth node publishes; it serves every subscription."""
    return _profile('reliable', depth)


def latched(depth: int = 1) -> QoSProfile:
    """Return a profile whose last messages late subscriptions get as well."""
    return _profile('reliable', depth, DurabilityPolicy.TRANSIENT_LOCAL)


def events_out(depth: int = EVENTS_DEPTH) -> QoSProfile:
    """Return the profile of played events."""
    return _profile('reliable', depth)


def sensor_out(depth: int = PLAYED_DEPTH) -> QoSProfile:
    """Return the profile of played images, points and camera infos."""
    return _profile('reliable', depth)


def poses_out(depth: int = POSES_DEPTH) -> QoSProfile:
    """Return the profile of played transforms, which is that of tf2."""
    return _profile('reliable', depth)


def clock(depth: int = PLAYED_DEPTH) -> QoSProfile:
    """Return the profile of /clock."""
    return _profile('reliable', depth)


def static_transforms() -> QoSProfile:
    """Return the profile of /tf_static on both sides: each publisher's last messages are kept."""
    return latched(STATIC_TRANSFORMS_DEPTH)


def overrides() -> QoSOverridingOptions:
    """
    Return the option that declares the policies of a topic as read-only parameters.

    They are `qos_overrides.<resolved topic>.<subscription|publisher>.<policy>` with the policies
    history, depth, reliability and durability.

    """
    return QoSOverridingOptions(
        (
            QoSPolicyKind.HISTORY,
            QoSPolicyKind.DEPTH,
            QoSPolicyKind.RELIABILITY,
            QoSPolicyKind.DURABILITY,
        )
    )


def subscribe(
    node: Node,
    message_type: type,
    topic: str,
    callback: Callable[[Any], None],  # Any: a message class
    *,
    profile: QoSProfile,
    report: QosReport,
) -> Subscription:
    """Return a subscription whose QoS parameters override and whose troubles are reported."""
    return node.create_subscription(
        message_type,
        topic,
        callback,
        profile,
        event_callbacks=subscription_events(node.resolve_topic_name(topic), report),
        qos_overriding_options=overrides(),
    )


def advertise(
    node: Node, message_type: type, topic: str, *, profile: QoSProfile, report: QosReport
) -> Publisher:
    """Return a publisher whose QoS parameters override and whose troubles are reported."""
    return node.create_publisher(
        message_type,
        topic,
        profile,
        event_callbacks=publisher_events(node.resolve_topic_name(topic), report),
        qos_overriding_options=overrides(),
    )


def subscription_events(topic: str, report: QosReport) -> SubscriptionEventCallbacks:
    """Return callbacks that report incompatible publishers, lost messages and matches."""

    def incompatible(event: Any) -> None:  # noqa: ANN401 - a type of the C extension
        """Report a publisher that offers too little."""
        policy = policy_name(event.last_policy_kind)
        report(topic, 'incompatible', _refused_by_subscription(topic, policy), event.total_count)

    def lost(event: Any) -> None:  # noqa: ANN401 - a type of the C extension
        """Report messages that were lost before they were read."""
        report(topic, 'lost', _lost(topic, event.total_count), event.total_count)

    def matched(event: Any) -> None:  # noqa: ANN401 - a type of the C extension
        """Report how many publishers are matched."""
        count = event.current_count
        report(topic, 'matched', f'{topic} has {count} matching publisher(s).', count)

    return SubscriptionEventCallbacks(
        incompatible_qos=incompatible, message_lost=lost, matched=matched
    )


def publisher_events(topic: str, report: QosReport) -> PublisherEventCallbacks:
    """Return callbacks that report incompatible subscriptions and matches."""

    def incompatible(event: Any) -> None:  # noqa: ANN401 - a type of the C extension
        """Report a subscription that asks for too much."""
        policy = policy_name(event.last_policy_kind)
        report(topic, 'incompatible', _refused_by_publisher(topic, policy), event.total_count)

    def matched(event: Any) -> None:  # noqa: ANN401 - a type of the C extension
        """Report how many subscriptions are matched."""
        count = event.current_count
        report(topic, 'matched', f'{topic} has {count} matching subscription(s).', count)

    return PublisherEventCallbacks(incompatible_qos=incompatible, matched=matched)


def policy_name(kind: int) -> str:
    """Return the name of the policy of an incompatible-QoS event, as parameters spell it."""
    return QoSPolicyKind(int(kind)).name.lower()


def _refused_by_subscription(topic: str, policy: str) -> str:
    if policy not in _WEAK:
        return (
            f'A publisher of {topic} offers another {policy} than this node asks for: none of its '
            f'messages come. Leave {policy} at its default in the publisher.'
        )
    return (
        f'A publisher of {topic} offers {policy} {_WEAK[policy]}, this node asks for more: none '
        f'of its messages come. Set {_parameter(topic, "subscription", policy)}:={_WEAK[policy]} '
        f'here, or {policy} {_STRONG[policy]} in the publisher.'
    )


def _refused_by_publisher(topic: str, policy: str) -> str:
    if policy not in _STRONG:
        return (
            f'A subscription to {topic} asks for another {policy} than this node offers: it gets '
            f'no messages. Leave {policy} at its default in the subscription.'
        )
    return (
        f'A subscription to {topic} asks for {policy} {_STRONG[policy]}, more than this node '
        f'offers: it gets no messages. Set {policy} {_WEAK[policy]} in the subscription, or '
        f'{_parameter(topic, "publisher", policy)}:={_STRONG[policy]} here.'
    )


def _lost(topic: str, count: int) -> str:
    return (
        f'{count} message(s) of {topic} were lost before this node took them. Raise '
        f'{_parameter(topic, "subscription", "depth")}, use the shipped DDS profile '
        f'(dds: auto), or publish reliably.'
    )


def _parameter(topic: str, side: str, policy: str) -> str:
    """Return the name of the parameter that overrides a policy."""
    return f'qos_overrides.{topic}.{side}.{policy}'


def _profile(
    reliability: str, depth: int, durability: DurabilityPolicy = DurabilityPolicy.VOLATILE
) -> QoSProfile:
    if reliability not in RELIABILITIES:
        raise InputError(
            f'Expected a reliability out of {", ".join(RELIABILITIES)}, got {reliability!r}.'
        )
    if depth < 1:
        raise InputError(f'Expected a queue depth of at least 1, got {depth}.')
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=ReliabilityPolicy[reliability.upper()],
        durability=durability,
    )
