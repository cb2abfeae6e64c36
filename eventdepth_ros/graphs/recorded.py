"""
Graphs that play a recording to its end: `replay`, and `demo` over the shipped one.

Player, depth, evaluator and recorder, each in a process of its own; they run on the recording's
time, and the player waits until the depth node listens, so that nothing of the recording is lost.

"""

from dataclasses import replace
from pathlib import Path

from eventdepth_core.errors import InputError
from eventdepth_ros.graphs.live import (
    depth_node,
    DEPTH_SETTINGS,
    motion_of,
    no_usable_topic,
    PARAMS_FILE,
    player_node,
    setting_of,
)
from eventdepth_ros.graphs.parameter_files import value_in_files
from eventdepth_ros.graphs.recorded_topics import RecordedTopics, recording_path, topics_of
from eventdepth_ros.graphs.settings import COMMON, flag, Setting, values_given
from eventdepth_ros.graphs.spec import Argument, Given, Graph, NodeSpec
from eventdepth_ros.graphs.viewing import event_image_node, FIXED_FRAME, RVIZ, RVIZ_FILE, rviz_node
from eventdepth_ros.parameters.row import Value

PLAYER_SETTINGS = (
    Setting('rate', 'player', 'rate'),
    Setting('loop', 'player', 'loop'),
    Setting('start_s', 'player', 'start_s'),
    Setting('duration_s', 'player', 'duration_s'),
    Setting('camera_file', 'player', 'camera_file'),
    Setting('fov_deg', 'player', 'fov_deg'),
    Setting('end_delay_s', 'player', 'end_delay_s', '2.0'),
)
RECORDED_OUTPUTS = (
    'depth/image',
    'depth/std',
    'depth/valid_mask',
    'depth/image_color',
    'depth/camera_info',
    'mode',
)
EVALUATOR_SETTINGS = (Setting('profile', 'evaluator', 'profile'),)
SIM_TIME = Argument(
    'use_sim_time', 'true', "Run on the recording's time, from /clock.", ('true', 'false')
)
OUT_DESCRIPTION = 'Folder for depth.mcap, metrics.json, report.html and preview.png.'
RIG_NAME = 'rig.yaml'
GRACE_MS = 500.0
BAG_DESCRIPTION = 'Recording to play: a ROS 2 bag, .raw, .aedat4, event text, a KITTI folder.'


def _recorded_graph(
    name: str,
    description: str,
    bag: Argument,
    out: str,
    depth_settings: tuple[Setting, ...] = DEPTH_SETTINGS,
) -> Graph:
    return Graph(
        name=name,
        description=description,
        offers=(
            bag,
            Argument('out', out, OUT_DESCRIPTION),
            *PLAYER_SETTINGS,
            *depth_settings,
            *EVALUATOR_SETTINGS,
            PARAMS_FILE,
            RVIZ,
            RVIZ_FILE,
            FIXED_FRAME,
            SIM_TIME,
            *COMMON,
        ),
        make_nodes=_recorded_nodes,
    )


def _recorded_nodes(given: Given) -> tuple[NodeSpec, ...]:
    if not given['bag']:
        raise InputError("Expected bag:=PATH of a recording, got ''.")
    bag = recording_path(given['bag'])
    topics = topics_of(bag)
    out = Path(given['out']).expanduser().resolve()
    settled = {
        **given,
        'bag': str(bag),
        'events_topic': topics.events,
        'rig_file': given['rig_file'] or _rig_beside(bag),
    }
    made = [
        replace(
            player_node(settled, PLAYER_SETTINGS, _awaited(settled, topics)),
            ends_graph=True,
        ),
        _depth_node(settled, topics),
        _recorder_node(settled, out),
        _evaluator_node(settled, topics, out),
    ]
    if topics.events:
        made.append(event_image_node(settled))
    if flag(given, 'rviz'):
        made.append(rviz_node(settled))
    return tuple(made)


def _rig_beside(bag: Path) -> str:
    """Return the rig file in a recording's folder, '' without one."""
    rig = bag / RIG_NAME
    return str(rig) if rig.is_file() else ''


def _awaited(given: Given, topics: RecordedTopics) -> tuple[str, ...]:
    """
    Return who must listen before the first message.

    The depth node subscribes to events after everything else; others listen to them as well. It
    subscribes to nothing that its bundle does not take.

    Raises
    ------
    InputError
        If the recording has nothing that the bundle takes.

    """
    depth, evaluator = depth_node(given, DEPTH_SETTINGS), _outside(given, 'evaluator', {})
    bundle = setting_of(depth, 'bundle')
    usable = topics.usable_by(bundle)
    first = usable.events or usable.image or usable.points
    if not first:
        raise no_usable_topic(bundle)
    awaited = (f'{first} {depth.full_name}',)
    return (*awaited, f'{topics.depth} {evaluator.full_name}') if topics.depth else awaited


def _depth_node(given: Given, topics: RecordedTopics) -> NodeSpec:
    """
    Return the depth node on the topics of the recording; reliable, so that none is lost.

    It may wait longer for late packets than for a driver: nobody steers by a recording, and on a
    loaded machine a process is kept waiting for longer than a driver is silent.

    """
    node = depth_node(given, DEPTH_SETTINGS)
    grace_ms = value_in_files(node.parameter_files, 'grace_ms', GRACE_MS)
    listening: dict[str, Value] = {
        **motion_of(node, topics),
        'events.topic': topics.events,
        'events.reliability': 'reliable',
        'image.topic': topics.image_base,
        'image.transport': topics.image_transport,
        'points.topic': topics.points,
        'grace_ms': float(str(grace_ms)),
    }
    return replace(node, parameters={**listening, **node.parameters})


def _recorder_node(given: Given, out: Path) -> NodeSpec:
    depth = depth_node(given, ()).full_name
    recorded = tuple(f'{depth}/{name}' for name in RECORDED_OUTPUTS)
    parameters: dict[str, Value] = {
        'output': str(out / 'depth.mcap'),
        'overwrite': True,
        'stamp': 'header',
        'topics': recorded,
    }
    return _outside(given, 'recorder', parameters)


def _evaluator_node(given: Given, topics: RecordedTopics, out: Path) -> NodeSpec:
    depth = depth_node(given, ()).full_name
    parameters: dict[str, Value] = {
        'predicted.topic': f'{depth}/depth/image',
        'std.topic': f'{depth}/depth/std',
        'target.topic': topics.depth,
        'image.topic': topics.image_base,
        'image.transport': topics.image_transport,
        'points.topic': topics.points,
        'event_image.topic': f'{event_image_node(given, ()).full_name}/image',
        'output': str(out),
        **values_given(EVALUATOR_SETTINGS, given),
    }
    return _outside(given, 'evaluator', parameters)


def _outside(given: Given, node: str, parameters: dict[str, Value]) -> NodeSpec:
    """Return a node that only listens."""
    return NodeSpec(
        executable=f'{node}_node',
        name=node,
        namespace=given['namespace'],
        parameters={**parameters, 'use_sim_time': flag(given, 'use_sim_time')},
        log_level=given['log_level'],
    )


# Two cores keep up with five processes and images; with the sweep as well they may not.
DEMO_SETTINGS = tuple(
    replace(each, default='none') if each.parameter == 'motion.source' else each
    for each in DEPTH_SETTINGS
)
DEMO = _recorded_graph(
    'demo',
    'The shipped recording through the whole graph: player, depth, evaluator, recorder.',
    Argument('bag', 'config/demo', BAG_DESCRIPTION),
    'out/demo',
    DEMO_SETTINGS,
)
REPLAY = _recorded_graph(
    'replay',
    'A recording through the whole graph: player, depth, evaluator, recorder.',
    Argument('bag', '', BAG_DESCRIPTION),
    'out/replay',
)
