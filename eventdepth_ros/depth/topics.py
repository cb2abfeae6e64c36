"""
Which topics the depth node reads, resolved, for what its bundle can use.

Laws: an input is used where the bundle can use it and its topic is not empty; poses are of use
where events come and the bundle takes points.

"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from eventdepth_core.bundle import Bundle
from eventdepth_core.errors import InputError
from eventdepth_core.recordings.recording import StreamName
from eventdepth_core.types import Modality
from eventdepth_ros.parameters.depth import DepthParameters

COMPRESSED = '/compressed'
POSE_TOPICS = {'tf': '/tf', 'odometry': '~/odometry', 'pose': '~/pose', 'twist': '~/twist'}


@dataclass(frozen=True, slots=True)
class InputTopics:
    """
    Resolved topics by modality, and the CameraInfo topics that the user has named.

    `pose_topic` is that of transforms, odometry, poses or twists, '' where poses are of no use;
    `gyro_topic` that of rotation rates beside twists.

    """

    topics: Mapping[Modality, str]
    info_topics: Mapping[Modality, str]
    pose_topic: str = ''
    gyro_topic: str = ''

    @property
    def streams(self) -> dict[StreamName, str]:
        """The topics by the names of a recording's streams, which are the same."""
        return dict(self.topics.items())

    @property
    def info_streams(self) -> dict[StreamName, str]:
        """The CameraInfo topics likewise."""
        return dict(self.info_topics.items())


def input_topics(
    parameters: DepthParameters, bundle: Bundle, resolve: Callable[[str], str]
) -> InputTopics:
    """
    Return the topics in use; `resolve` applies namespace and remappings.

    Raises
    ------
    InputError
        If the bundle can use none of the inputs that have a topic.

    """
    named: dict[Modality, str] = {
        'events': parameters.events_topic,
        'image': parameters.image_topic,
        'points': parameters.points_topic,
    }
    usable = bundle.inputs.modalities
    topics = {name: resolve(named[name]) for name in usable if named[name]}
    if not topics:
        raise InputError(
            f'Expected a topic for one of {", ".join(usable)}, the inputs of bundle '
            f"{bundle.name}, got '' in all of them."
        )
    if 'image' in topics and parameters.image_transport == 'compressed':
        topics['image'] = topics['image'].removesuffix(COMPRESSED) + COMPRESSED
    infos: dict[Modality, str] = {
        'events': parameters.events_camera_info_topic,
        'image': parameters.image_camera_info_topic,
    }
    pose_topic = _pose_topic(parameters, bundle, topics, resolve)
    has_gyro = pose_topic and parameters.motion_source == 'twist' and parameters.motion_gyro_topic
    return InputTopics(
        topics,
        {name: resolve(topic) for name, topic in infos.items() if topic and name in topics},
        pose_topic,
        resolve(parameters.motion_gyro_topic) if has_gyro else '',
    )


def _pose_topic(
    parameters: DepthParameters,
    bundle: Bundle,
    topics: Mapping[Modality, str],
    resolve: Callable[[str], str],
) -> str:
    if 'events' not in topics or bundle.inputs.points is None:
        return ''
    source = parameters.motion_source
    return '' if source == 'none' else resolve(parameters.motion_topic or POSE_TOPICS[source])
