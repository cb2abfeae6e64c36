"""
What rosbag2 writes about a bag, field by field: metadata.yaml version 9 and QoS profiles.

The order and spelling of the fields are those of rosbag2's own writer (Jazzy and later).

"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import yaml

METADATA_VERSION = 9
INFINITE = (9223372036, 854775807)  # seconds and nanoseconds of rmw's infinite duration
NO_START_NS = (1 << 63) - 1

Reliability: TypeAlias = Literal['reliable', 'best_effort']
Durability: TypeAlias = Literal['volatile', 'transient_local']


@dataclass(frozen=True, slots=True)
class QosProfile:
    """The quality of service a publisher offers, as far as a bag keeps it."""

    depth: int = 10
    reliability: Reliability = 'reliable'
    durability: Durability = 'volatile'


@dataclass(slots=True)
class TopicRecord:
    """One topic of a bag in writing."""

    name: str
    type_name: str
    type_hash: str
    qos: tuple[QosProfile, ...] = (QosProfile(),)
    num_messages: int = 0


@dataclass(slots=True)
class FileRecord:
    """One file of a bag in writing: its messages and their times in ns."""

    name: str
    num_messages: int = 0
    start_ns: int | None = None
    end_ns: int | None = None

    def add(self, stamp_ns: int) -> None:
        """Count one message."""
        self.num_messages += 1
        self.start_ns = stamp_ns if self.start_ns is None else min(self.start_ns, stamp_ns)
        self.end_ns = stamp_ns if self.end_ns is None else max(self.end_ns, stamp_ns)


@dataclass(slots=True)
class BagRecord:
    """One bag in writing: its files, its topics, its times in ns."""

    files: list[FileRecord]
    topics: list[TopicRecord] = field(default_factory=list)

    @property
    def num_messages(self) -> int:
        """All messages of all topics."""
        return sum(topic.num_messages for topic in self.topics)

    @property
    def start_ns(self) -> int | None:
        """The least time of a message, None without one."""
        return min(
            (each.start_ns for each in self.files if each.start_ns is not None), default=None
        )

    @property
    def end_ns(self) -> int | None:
        """The greatest time of a message, None without one."""
        return max((each.end_ns for each in self.files if each.end_ns is not None), default=None)

    def add(self, topic: TopicRecord, stamp_ns: int) -> None:
        """Count one message in the last file."""
        topic.num_messages += 1
        self.files[-1].add(stamp_ns)


def bag_metadata(bag: BagRecord) -> dict[str, object]:
    """Return the fields under `rosbag2_bagfile_information`."""
    return {
        'version': METADATA_VERSION,
        'storage_identifier': 'mcap',
        **_times(bag.start_ns, bag.end_ns, ('duration', 'starting_time')),
        'message_count': bag.num_messages,
        'topics_with_message_count': [_topic_metadata(topic) for topic in bag.topics],
        'compression_format': '',
        'compression_mode': '',
        'relative_file_paths': [file.name for file in bag.files],
        'files': [
            {
                'path': file.name,
                **_times(file.start_ns, file.end_ns, ('starting_time', 'duration')),
                'message_count': file.num_messages,
            }
            for file in bag.files
        ],
        'custom_data': None,
        'ros_distro': 'eventdepth_ros',
    }


def qos_metadata(profiles: tuple[QosProfile, ...]) -> list[dict[str, object]]:
    """Return the fields of QoS profiles."""
    infinite = {'sec': INFINITE[0], 'nsec': INFINITE[1]}
    return [
        {
            'history': 'keep_last',
            'depth': profile.depth,
            'reliability': profile.reliability,
            'durability': profile.durability,
            'deadline': dict(infinite),
            'lifespan': dict(infinite),
            'liveliness': 'automatic',
            'liveliness_lease_duration': dict(infinite),
            'avoid_ros_namespace_conventions': False,
        }
        for profile in profiles
    ]


def yaml_text(content: object) -> str:
    """Return YAML in block style, fields in the order given."""
    return yaml.safe_dump(content, sort_keys=False, default_flow_style=False)


def _times(
    start_ns: int | None, end_ns: int | None, order: tuple[str, str]
) -> dict[str, dict[str, int]]:
    """Return start and duration in the order in which rosbag2 writes them at that place."""
    first_ns = NO_START_NS if start_ns is None else start_ns
    fields = {
        'starting_time': {'nanoseconds_since_epoch': first_ns},
        'duration': {'nanoseconds': 0 if end_ns is None else end_ns - first_ns},
    }
    return {name: fields[name] for name in order}


def _topic_metadata(topic: TopicRecord) -> dict[str, object]:
    return {
        'topic_metadata': {
            'name': topic.name,
            'type': topic.type_name,
            'serialization_format': 'cdr',
            'offered_qos_profiles': qos_metadata(topic.qos),
            'type_description_hash': topic.type_hash,
        },
        'message_count': topic.num_messages,
    }
