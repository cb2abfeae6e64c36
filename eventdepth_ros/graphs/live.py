"""
Graphs around the depth node: `depth`, and `dsec_depth` and `mvsec_depth` with their rigs.

A `bag` joins the player to them, which waits until the depth node listens; without one the
sensors' drivers run elsewhere.

"""

from dataclasses import replace
from pathlib import Path

from eventdepth_core.errors import InputError
from eventdepth_core.install import installed_file
from eventdepth_core.recordings.definitions import ODOMETRY, POSE_STAMPED, TF_MESSAGE
from eventdepth_ros.graphs.parameter_files import value_in_files
from eventdepth_ros.graphs.recorded_topics import RecordedTopics, recording_path, topics_of
from eventdepth_ros.graphs.settings import COMMON, existing_file, flag, Setting, values_given
from eventdepth_ros.graphs.spec import Argument, Given, Graph, NodeSpec
from eventdepth_ros.graphs.viewing import event_image_node, FIXED_FRAME, RVIZ, RVIZ_FILE, rviz_node
from eventdepth_ros.parameters.depth import DepthParameters
from eventdepth_ros.parameters.row import rows, Value

DEPTH_NAME = 'eventdepth'
DEPTH_SETTINGS = (
    Setting('bundle', 'depth', 'bundle'),
    Setting('engine', 'depth', 'engine'),
    Setting('rig_file', 'depth', 'rig_file'),
    Setting('frame_id', 'depth', 'frame_id'),
    Setting('motion', 'depth', 'motion.source'),
    Setting('motion_topic', 'depth', 'motion.topic'),
    Setting('motion_twist_type', 'depth', 'motion.twist_type'),
    Setting('motion_gyro_topic', 'depth', 'motion.gyro_topic'),
    Setting('trigger', 'depth', 'trigger'),
    Setting('rate_hz', 'depth', 'rate_hz'),
    Setting('executor', 'depth', 'executor'),
    Setting('autostart', 'depth', 'autostart'),
    Setting('depth_encoding', 'depth', 'depth.encoding'),
    Setting('point_cloud', 'depth', 'cloud.enabled'),
)
TOPIC_SETTINGS = (
    Setting('events_topic', 'depth', 'events.topic'),
    Setting('events_reliability', 'depth', 'events.reliability'),
    Setting('image_topic', 'depth', 'image.topic'),
    Setting('image_transport', 'depth', 'image.transport'),
    Setting('points_topic', 'depth', 'points.topic'),
)
MOTION_SOURCES = {TF_MESSAGE: 'tf', ODOMETRY: 'odometry', POSE_STAMPED: 'pose'}
PARAMS_FILE = Argument(
    'params_file', '', "Parameter file of the depth node; '' = none. See config/depth.yaml."
)
BAG = Argument('bag', '', "Recording to play into the graph; '' = live sensors.")
SIM_TIME = Argument(
    'use_sim_time',
    '',
    "Take the time from /clock; '' = true with a bag, whose player then gives it, else false.",
    ('', 'true', 'false'),
)


def depth_node(
    given: Given, settings: tuple[Setting, ...], files: tuple[Path, ...] = ()
) -> NodeSpec:
    """Return the depth node; `files` come before the user's parameter file."""
    return NodeSpec(
        executable='depth_node',
        name=DEPTH_NAME,
        namespace=given['namespace'],
        parameters={
            **values_given(settings, given),
            'use_sim_time': flag(given, 'use_sim_time'),
        },
        parameter_files=(*files, *existing_file(given, 'params_file')),
        log_level=given['log_level'],
        ends_graph=True,
    )


def player_node(
    given: Given, settings: tuple[Setting, ...], wait_for: tuple[str, ...] = ()
) -> NodeSpec:
    """Return the player of `bag`, which gives the time to nodes on simulated time."""
    return NodeSpec(
        executable='player_node',
        name='player',
        namespace=given['namespace'],
        parameters={
            **values_given(settings, given),
            'recording': given['bag'],
            'clock': flag(given, 'use_sim_time'),
            'wait_for': wait_for,
        },
        log_level=given['log_level'],
    )


def _live_graph(name: str, description: str, file: str | None = None) -> Graph:
    """Make a graph around the depth node with the shipped parameter file `file`."""

    def nodes(given: Given) -> tuple[NodeSpec, ...]:
        """Return the nodes for settled arguments."""
        has_bag = 'true' if given['bag'] else 'false'
        settled = {**given, 'use_sim_time': given['use_sim_time'] or has_bag}
        files = (installed_file('config', file),) if file else ()
        depth = depth_node(settled, DEPTH_SETTINGS + TOPIC_SETTINGS, files)
        made = [depth]
        if given['bag']:
            bag = recording_path(given['bag'])
            topics = topics_of(bag)
            depth = _listening(depth, topics)
            player = player_node({**settled, 'bag': str(bag)}, (), (_awaited(depth, topics),))
            made = [depth, player]
        if flag(given, 'rviz'):
            seen = {**settled, 'events_topic': _events_topic(depth)}
            made += [event_image_node(seen), rviz_node(settled)]
        return tuple(made)

    return Graph(
        name=name,
        description=description,
        offers=(
            *DEPTH_SETTINGS,
            *TOPIC_SETTINGS,
            PARAMS_FILE,
            BAG,
            RVIZ,
            RVIZ_FILE,
            FIXED_FRAME,
            SIM_TIME,
            *COMMON,
        ),
        make_nodes=nodes,
    )


def _events_topic(depth: NodeSpec) -> str:
    """Return the topic of the events as another node of the graph has to name it."""
    return _resolved(depth, setting_of(depth, 'events.topic'))


def _listening(depth: NodeSpec, topics: RecordedTopics) -> NodeSpec:
    """Return the depth node; inputs whose topics nobody has named are those of the recording."""
    recorded: dict[str, Value] = {
        'events.topic': topics.events,
        'image.topic': topics.image_base,
        'points.topic': topics.points,
        **motion_of(depth, topics),
    }
    found = {
        name: topic
        for name, topic in recorded.items()
        if topic and setting_of(depth, name) == _default(name)
    }
    if 'image.topic' in found:
        found['image.transport'] = topics.image_transport
    return replace(depth, parameters={**found, **depth.parameters})


def motion_of(depth: NodeSpec, topics: RecordedTopics) -> dict[str, Value]:
    """Return where the depth node finds the poses of a recording, unless somebody said it."""
    if setting_of(depth, 'motion.source') != _default('motion.source'):
        return {}
    source = MOTION_SOURCES.get(topics.pose_type, 'none')
    return {'motion.source': source, 'motion.topic': topics.pose}


def _awaited(depth: NodeSpec, topics: RecordedTopics) -> str:
    """
    Return what the player waits for: that the depth node listens to a recorded topic.

    Raises
    ------
    InputError
        If it listens to none of them.

    """
    compressed = '/compressed' if setting_of(depth, 'image.transport') == 'compressed' else ''
    image = _resolved(depth, setting_of(depth, 'image.topic')).removesuffix(compressed)
    listened = (
        _events_topic(depth),
        image and image + compressed,
        _resolved(depth, setting_of(depth, 'points.topic')),
    )
    bundle = setting_of(depth, 'bundle')
    usable = topics.usable_by(bundle)
    played = (usable.events, usable.image, usable.points)
    for one, other in zip(listened, played, strict=True):
        if one and one == other:
            return f'{one} {depth.full_name}'
    if not any(played):
        raise no_usable_topic(bundle)
    raise InputError(
        f'Expected a recording with one of the topics {", ".join(filter(None, listened))}, got '
        f'{", ".join(filter(None, played))}: set events_topic, image_topic or points_topic.'
    )


def setting_of(depth: NodeSpec, name: str) -> str:
    """Return a text parameter of the depth node, by argument, file or default."""
    in_files = value_in_files(depth.parameter_files, name, _default(name))
    return str(depth.parameters.get(name, in_files))


def no_usable_topic(bundle: str) -> InputError:
    """Return the error for a recording with nothing for a bundle."""
    return InputError(f'Expected a recording with an input of bundle {bundle}, got none.')


def _default(name: str) -> Value:
    return next(row.default for row in rows(DepthParameters) if row.name == name)


def _resolved(node: NodeSpec, topic: str) -> str:
    """Return the absolute name of a topic, '' for none."""
    if not topic or topic.startswith('/'):
        return topic
    if topic.startswith('~'):
        return topic.replace('~', node.full_name, 1)
    return f'{node.full_name.rpartition("/")[0]}/{topic}'


DEPTH = _live_graph('depth', 'The depth node alone, for the topics of your drivers.')
DSEC_DEPTH = _live_graph(
    'dsec_depth',
    'Depth with the rig of DSEC: rectified event camera, frame camera, LiDAR.',
    'dsec_depth.yaml',
)
MVSEC_DEPTH = _live_graph(
    'mvsec_depth',
    'Depth with the rig of MVSEC: the left DAVIS m346B and the LiDAR.',
    'mvsec_depth.yaml',
)
