"""
Graphs around the depth node: `depth`, and `dsec_depth` and `mvsec_depth` with their rigs.

A `bag` joins the player to them; without one the sensors' drivers run elsewhere.

"""

from pathlib import Path

from eventdepth_core.install import installed_file
from eventdepth_ros.graphs.parameter_files import value_in_files
from eventdepth_ros.graphs.settings import COMMON, existing_file, flag, Setting, values_given
from eventdepth_ros.graphs.spec import Argument, Given, Graph, NodeSpec
from eventdepth_ros.graphs.viewing import event_image_node, FIXED_FRAME, RVIZ, RVIZ_FILE, rviz_node

DEPTH_NAME = 'eventdepth'
DEPTH_SETTINGS = (
    Setting('bundle', 'depth', 'bundle'),
    Setting('engine', 'depth', 'engine'),
    Setting('rig_file', 'depth', 'rig_file'),
    Setting('frame_id', 'depth', 'frame_id'),
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
        has_bag = 'true' if given['bag'] else 'false'
        settled = {**given, 'use_sim_time': given['use_sim_time'] or has_bag}
        files = (installed_file('config', file),) if file else ()
        depth = depth_node(settled, DEPTH_SETTINGS + TOPIC_SETTINGS, files)
        made = [depth]
        if given['bag']:
            made.append(player_node(settled, ()))
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
    in_files = value_in_files(depth.parameter_files, 'events.topic', '~/events')
    topic = depth.parameters.get('events.topic', in_files)
    return str(topic).replace('~', depth.full_name, 1)


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
