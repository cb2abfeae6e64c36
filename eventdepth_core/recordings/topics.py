"""A recording as topics: their names and types, and messages as CDR bytes with their time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Track:
    """One topic; a latched one keeps its `num_latched` messages for late joiners."""

    topic: str
    type_name: str
    num_latched: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class TimedMessage:
    """CDR bytes for a topic, due at `stamp_ns` of the recording's own clock."""

    topic: str
    stamp_ns: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class TopicNames:
    """Where the streams of a recording without topics go."""

    events: str = '/camera/events'
    image: str = '/camera/image_raw'
    points: str = '/lidar/points'
    depth: str = '/ground_truth/depth'
    pose: str = '/ground_truth/pose'
