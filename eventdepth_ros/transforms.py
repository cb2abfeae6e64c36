"""
The static transforms of a running robot, from `/tf_static`, without tf2.

Laws: a frame has one parent, so a transform with the same child replaces the earlier one; a
transform that is no rigid motion costs that transform only and is counted; hearing the same
numbers again changes nothing.

"""

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from eventdepth_core.errors import DecodeError
from eventdepth_core.recordings.messages import RawTransform, RawTransforms
from eventdepth_core.recordings.poses import matrix_from_pose, StaticTransforms
from eventdepth_ros import msgs, qos
from eventdepth_ros.conversions import raw_transforms
import numpy as np
from rclpy.node import Node
from rclpy.subscription import Subscription

TOPIC = '/tf_static'


class TransformCollection:
    """The newest transform of each child frame."""

    def __init__(self) -> None:
        self._by_child: dict[str, RawTransform] = {}
        self._tree = StaticTransforms()
        self._dropped: Counter[str] = Counter()
        self.num_replaced = 0

    @property
    def transforms(self) -> StaticTransforms:
        """The tree of the frames; another object after each change."""
        return self._tree

    @property
    def dropped(self) -> Mapping[str, int]:
        """Transforms that were refused, as counts by reason."""
        return MappingProxyType(self._dropped)

    def add(self, message: RawTransforms) -> bool:
        """Take in a message; return whether it says anything new."""
        news = [each for each in message.transforms if self._is_new(each)]
        for transform in news:
            child = _frame(transform.child_frame_id)
            self.num_replaced += child in self._by_child
            self._by_child[child] = transform
        if news:
            self._tree = StaticTransforms(self._by_child.values())
        return bool(news)

    def _is_new(self, transform: RawTransform) -> bool:
        """Return whether a transform can be used and differs from what is known."""
        parent, child = _frame(transform.header.frame_id), _frame(transform.child_frame_id)
        try:
            matrix_from_pose(transform.pose)
        except DecodeError:
            self._dropped['bad_transform'] += 1
            return False
        if not parent or not child or parent == child:
            self._dropped['bad_frame'] += 1
            return False
        known = self._by_child.get(child)
        return (
            known is None
            or _frame(known.header.frame_id) != parent
            or not np.array_equal(known.pose, transform.pose)
        )


def subscribe_transforms(
    node: Node, callback: Callable[[RawTransforms], None], report: qos.QosReport
) -> Subscription:
    """Return a subscription to `/tf_static` that also gets what was sent before it began."""

    def received(message: Any) -> None:  # noqa: ANN401 - the type is made at run time
        """Convert a message and hand it on."""
        callback(raw_transforms(message))

    return qos.subscribe(
        node,
        msgs.require('tf2_msgs').TFMessage,
        TOPIC,
        received,
        profile=qos.static_transforms(),
        report=report,
    )


def _frame(name: str) -> str:
    return name.lstrip('/')
