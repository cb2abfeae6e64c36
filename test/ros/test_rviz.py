"""
The RViz configuration: RViz cannot be run here, so it is held against what RViz reads.

Expected are the classes and property names of rviz_common and rviz_default_plugins (jazzy), and
that the nodes really publish the topics, with the types and QoS that the displays ask for.

"""

import signal
import subprocess
import sys

from eventdepth_core.install import installed_file
from eventdepth_ros.graphs.viewing import VIEWED_TOPICS
import pytest
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    LivelinessPolicy,
    qos_check_compatible,
    QoSCompatibility,
    QoSProfile,
    ReliabilityPolicy,
)
import yaml

TOPIC = {'Value', 'Depth', 'History Policy', 'Reliability Policy', 'Durability Policy'}
COMMON = {'Class', 'Enabled', 'Name', 'Value'}
DISPLAYS = {
    'rviz_default_plugins/Image': {
        'keys': {'Topic', 'Normalize Range', 'Min Value', 'Max Value', 'Median window'},
        'type': 'sensor_msgs/msg/Image',
        'topic': TOPIC,
    },
    'rviz_default_plugins/PointCloud2': {
        'keys': {
            'Topic', 'Alpha', 'Autocompute Intensity Bounds', 'Autocompute Value Bounds', 'Axis',
            'Channel Name', 'Color', 'Color Transformer', 'Decay Time', 'Invert Rainbow',
            'Max Color', 'Max Intensity', 'Min Color', 'Min Intensity', 'Position Transformer',
            'Selectable', 'Size (Pixels)', 'Size (m)', 'Style', 'Use Fixed Frame', 'Use rainbow',
        },
        'type': 'sensor_msgs/msg/PointCloud2',
        'topic': TOPIC | {'Filter size'},
    },
    'rviz_default_plugins/Axes': {
        'keys': {'Length', 'Radius', 'Reference Frame'},
        'type': None,
        'topic': set(),
    },
}  # fmt: skip
PANELS = {f'rviz_common/{name}' for name in (
    'Displays', 'Selection', 'Tool Properties', 'Views', 'Time', 'Help', 'Transformation',
)}  # fmt: skip
TOOLS = {f'rviz_default_plugins/{name}' for name in (
    'Interact', 'MoveCamera', 'Select', 'FocusCamera', 'Measure', 'SetInitialPose', 'SetGoal',
    'PublishPoint',
)}  # fmt: skip
ORBIT = {
    'Class', 'Distance', 'Enable Stereo Rendering', 'Focal Point', 'Focal Shape Fixed Size',
    'Focal Shape Size', 'Invert Z Axis', 'Name', 'Near Clip Distance', 'Pitch', 'Target Frame',
    'Value', 'Yaw',
}  # fmt: skip
POLICIES = {
    'History Policy': {'Keep Last', 'Keep All', 'System Default'},
    'Reliability Policy': {'Reliable', 'Best Effort', 'System Default'},
    'Durability Policy': {'Volatile', 'Transient Local', 'System Default'},
}


@pytest.fixture(scope='module')
def config():
    return yaml.safe_load(installed_file('config', 'eventdepth.rviz').read_text())


@pytest.fixture(scope='module')
def displays(config):
    return config['Visualization Manager']['Displays']


def asked_profile(topic):
    return QoSProfile(
        depth=topic['Depth'],
        history=HistoryPolicy[topic['History Policy'].upper().replace(' ', '_')],
        reliability=ReliabilityPolicy[topic['Reliability Policy'].upper().replace(' ', '_')],
        liveliness=LivelinessPolicy.AUTOMATIC,
        durability=DurabilityPolicy[topic['Durability Policy'].upper().replace(' ', '_')],
    )


def test_displays_have_the_properties_that_their_plugins_read(displays):
    for display in displays:
        known = DISPLAYS[display['Class']]

        assert set(display) == known['keys'] | COMMON, display['Name']
        assert set(display.get('Topic', ())) == known['topic'], display['Name']


def test_policies_are_words_that_rviz_knows(displays):
    for display in displays:
        for key, known in POLICIES.items():
            assert display.get('Topic', {key: 'System Default'})[key] in known


def test_panels_tools_and_view_are_of_known_classes(config):
    manager = config['Visualization Manager']
    view = manager['Views']['Current']

    assert {panel['Class'] for panel in config['Panels']} <= PANELS
    assert {tool['Class'] for tool in manager['Tools']} <= TOOLS
    assert view['Class'] == 'rviz_default_plugins/Orbit'
    assert set(view) == ORBIT
    assert manager['Transformation']['Current']['Class'] == 'rviz_default_plugins/TF'
    assert {'Background Color', 'Fixed Frame', 'Frame Rate'} == set(manager['Global Options'])


def test_names_are_unique_and_expanded_entries_exist(config, displays):
    names = [display['Name'] for display in displays]
    expanded = config['Panels'][0]['Property Tree Widget']['Expanded']
    roots = {entry.strip('/').rstrip('1') for entry in expanded}

    assert len(set(names)) == len(names)
    assert roots <= {*names, 'Global Options', 'Status'}


def test_depth_is_shown_in_a_fixed_range(displays):
    for display in displays:
        if display['Class'] == 'rviz_default_plugins/Image':
            assert display['Normalize Range'] is False
            assert display['Min Value'] < display['Max Value']


def test_viewed_topics_are_those_that_a_namespace_moves(displays):
    shown = {display['Topic']['Value'] for display in displays if 'Topic' in display}

    assert shown <= set(VIEWED_TOPICS)


def test_each_topic_is_published_with_a_compatible_profile(ros, displays, tiny_bundle_folder):
    command = [sys.executable, '-m', 'eventdepth_ros.bringup', 'depth']
    nodes = [
        subprocess.Popen(words, env=ros.environment, stdout=subprocess.DEVNULL)
        for words in (
            [*command, f'bundle:={tiny_bundle_folder}'],
            [sys.executable, '-m', 'eventdepth_ros.nodes.event_image'],
        )
    ]
    probe = ros.node()
    try:
        for display in (each for each in displays if 'Topic' in each):
            topic = display['Topic']['Value']
            ros.spin_until(lambda topic=topic: probe.count_publishers(topic), 60.0, topic)
            (offered,) = probe.get_publishers_info_by_topic(topic)

            compatibility, reason = qos_check_compatible(
                offered.qos_profile, asked_profile(display['Topic'])
            )
            assert compatibility == QoSCompatibility.OK, reason
            assert offered.topic_type == DISPLAYS[display['Class']]['type']
    finally:
        for node in nodes:
            node.send_signal(signal.SIGINT)
        codes = [node.wait(20.0) for node in nodes]

    assert codes == [0, 0]
