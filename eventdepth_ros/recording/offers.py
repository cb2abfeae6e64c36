"""
What publishers of a topic offer, and the subscription that gets all of it.

Laws: the profile asked for is met by every publisher (reliable and latched only if all are); a
topic with publishers of different types has none.

"""

from collections.abc import Sequence
from dataclasses import dataclass

from eventdepth_core.errors import InputError
from eventdepth_core.recordings.bag_metadata import QosProfile
from eventdepth_core.recordings.definitions import EVENT_PACKET, message_definition
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo

EVENTS_DEPTH = 1000
DEPTH = 100
UNTOLD_DEPTH = QosProfile().depth


@dataclass(frozen=True, slots=True)
class Offer:
    """The type of a topic and what all its publishers have in common."""

    type_name: str
    is_reliable: bool
    is_latched: bool
    qos: tuple[QosProfile, ...]

    @property
    def profile(self) -> QoSProfile:
        """The QoS to subscribe with."""
        return QoSProfile(
            history=HistoryPolicy.KEEP_LAST,
            depth=EVENTS_DEPTH if self.type_name == EVENT_PACKET else DEPTH,
            reliability=(
                ReliabilityPolicy.RELIABLE if self.is_reliable else ReliabilityPolicy.BEST_EFFORT
            ),
            durability=(
                DurabilityPolicy.TRANSIENT_LOCAL if self.is_latched else DurabilityPolicy.VOLATILE
            ),
        )

    def is_less_than(self, other: 'Offer') -> bool:
        """Return whether a subscription made for `other` would miss messages now."""
        return (other.is_reliable and not self.is_reliable) or (
            other.is_latched and not self.is_latched
        )


def offer_of(topic: str, publishers: Sequence[TopicEndpointInfo]) -> Offer:
    """
    Return what the publishers of a topic, at least one, offer.

    Raises
    ------
    InputError
        For publishers of different types, or a type that cannot be written into a bag.

    """
    type_names = sorted({each.topic_type for each in publishers})
    if len(type_names) != 1:
        raise InputError(f'Expected one type on {topic}, got {", ".join(type_names)}.')
    message_definition(type_names[0])
    profiles = [each.qos_profile for each in publishers]
    return Offer(
        type_name=type_names[0],
        is_reliable=all(each.reliability == ReliabilityPolicy.RELIABLE for each in profiles),
        is_latched=all(each.durability == DurabilityPolicy.TRANSIENT_LOCAL for each in profiles),
        qos=tuple(dict.fromkeys(_recorded(each) for each in profiles)),
    )


def _recorded(profile: QoSProfile) -> QosProfile:
    """Return the part of a profile that a bag keeps; DDS does not tell the depth of others."""
    is_reliable = profile.reliability == ReliabilityPolicy.RELIABLE
    is_latched = profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
    return QosProfile(
        depth=profile.depth or UNTOLD_DEPTH,
        reliability='reliable' if is_reliable else 'best_effort',
        durability='transient_local' if is_latched else 'volatile',
    )
