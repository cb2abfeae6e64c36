"""
The topics that a depth node with given parameter files would read.

Law: what the files do not say is as the node declares it. The node is taken for `/eventdepth`, so
that is what `~` stands for; remappings of a launch file are not known here.

"""

from dataclasses import dataclass
from pathlib import Path

from eventdepth_core.recordings.definitions import (
    COMPRESSED_IMAGE,
    EVENT_PACKET,
    IMAGE,
    POINT_CLOUD,
)
from eventdepth_ros.graphs.parameter_files import value_in_files
from eventdepth_ros.parameters.depth import DepthParameters
from eventdepth_ros.parameters.row import rows

NODE = '/eventdepth'
NOT_GIVEN = ' '  # no name of a topic
COMPRESSED = '/compressed'
TYPES = {'events.topic': EVENT_PACKET, 'image.topic': IMAGE, 'points.topic': POINT_CLOUD}
TRANSPORT, RELIABILITY = 'image.transport', 'events.reliability'


@dataclass(frozen=True, slots=True)
class ConfiguredTopic:
    """A resolved topic, the parameter that names it, and whether the files give that."""

    parameter: str
    topic: str
    type_name: str
    is_given: bool
    reliability: str = 'best_effort'

    @property
    def origin(self) -> str:
        """Where the topic comes from."""
        return self.parameter if self.is_given else f'default of {self.parameter}'

    @property
    def advice(self) -> str:
        """What to do about a publisher of another type."""
        if self.parameter == 'image.topic':
            return f'set {TRANSPORT} to raw or compressed, whichever it publishes'
        return 'name the topic of that type'


def configured_topics(files: tuple[Path, ...]) -> tuple[ConfiguredTopic, ...]:
    """
    Return the topics in use.

    Raises
    ------
    InputError
        If a file is no YAML mapping.

    """
    found = (_configured(name, files) for name in TYPES)
    return tuple(each for each in found if each is not None)


def _configured(name: str, files: tuple[Path, ...]) -> ConfiguredTopic | None:
    is_given = value_in_files(files, name, NOT_GIVEN) != NOT_GIVEN
    topic = _resolved(_chosen(name, files))
    type_name = TYPES[name]
    if name == 'image.topic' and _chosen(TRANSPORT, files) == 'compressed':
        topic, type_name = topic and topic.removesuffix(COMPRESSED) + COMPRESSED, COMPRESSED_IMAGE
    if not topic:
        return None
    return ConfiguredTopic(name, topic, type_name, is_given, _chosen(RELIABILITY, files))


def _chosen(name: str, files: tuple[Path, ...]) -> str:
    return str(value_in_files(files, name, _default(name)))


def _default(name: str) -> str:
    return next(str(row.default) for row in rows(DepthParameters) if row.name == name)


def _resolved(topic: str) -> str:
    if topic.startswith('~'):
        return NODE + topic[1:]
    return topic if topic.startswith('/') or not topic else f'/{topic}'
