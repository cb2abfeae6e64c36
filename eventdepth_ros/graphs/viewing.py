"""RViz and the picture of the events: the graph `view`, and the part that others add."""

from eventdepth_core.install import installed_file
from eventdepth_ros.graphs.settings import COMMON, existing_file, flag, Setting, values_given
from eventdepth_ros.graphs.spec import Argument, Given, Graph, NodeSpec

VIEWED_TOPICS = (
    '/eventdepth/depth/image',
    '/eventdepth/depth/std',
    '/eventdepth/depth/camera_info',
    '/eventdepth/points',
    '/event_image/image',
)
"""Topics of config/eventdepth.rviz, which are those of a graph without a namespace."""

FIXED_FRAME = Argument(
    'fixed_frame', '', "Fixed frame of RViz, the depth's own; '' = that of its configuration."
)
RVIZ_FILE = Argument(
    'rviz_file', '', "Display configuration of RViz; '' = the shipped config/eventdepth.rviz."
)
RVIZ = Argument('rviz', 'false', 'Start RViz with the picture of the events.', ('true', 'false'))
SIM_TIME = Argument(
    'use_sim_time', 'false', 'Take the time from /clock instead of the system.', ('true', 'false')
)
EVENTS = Setting('events_topic', 'event_image', 'events.topic', '/camera/events')


def rviz_node(given: Given) -> NodeSpec:
    """Return RViz with the display configuration, its topics moved into the namespace."""
    namespace = '/' + given['namespace'].strip('/')
    files = existing_file(given, 'rviz_file') or (installed_file('config', 'eventdepth.rviz'),)
    frame = given['fixed_frame'] or given.get('frame_id', '')
    moved = tuple((topic, namespace + topic) for topic in VIEWED_TOPICS if namespace != '/')
    return NodeSpec(
        executable='rviz2',
        name='rviz',
        package='rviz2',
        namespace=given['namespace'],
        parameters={'use_sim_time': flag(given, 'use_sim_time')},
        remappings=moved,
        command=('-d', str(files[0]), *(('-f', frame) if frame else ())),
        log_level=given['log_level'],
    )


def event_image_node(given: Given, settings: tuple[Setting, ...] = (EVENTS,)) -> NodeSpec:
    """Return the node that draws the events."""
    return NodeSpec(
        executable='event_image_node',
        name='event_image',
        namespace=given['namespace'],
        parameters={
            **values_given(settings, given),
            'use_sim_time': flag(given, 'use_sim_time'),
        },
        log_level=given['log_level'],
    )


def _view(given: Given) -> tuple[NodeSpec, ...]:
    return rviz_node(given), event_image_node(given)


VIEW = Graph(
    name='view',
    description='RViz on a running graph, with a picture of its events.',
    offers=(EVENTS, RVIZ_FILE, FIXED_FRAME, SIM_TIME, *COMMON),
    make_nodes=_view,
)
