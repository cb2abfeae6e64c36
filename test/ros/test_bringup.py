"""Bringup: what it reads, what it starts, and that ROS takes the parameters as the graph means."""

import os
from pathlib import Path
import signal
import subprocess
import sys

from eventdepth_core.errors import InputError
from eventdepth_ros.bringup import argument_list, assignments, command_line, main
from eventdepth_ros.graph import graph, GRAPHS, NodeSpec
from eventdepth_ros.graphs.parameter_files import parameter_file_text, value_in_files
from eventdepth_ros.graphs.programs import child_environment
import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 60.0
PROBE = """#!{python}
import sys
import rclpy
rclpy.init(args=sys.argv)
node = rclpy.create_node('unnamed')
for name, value in (('a', 'x'), ('group.b', 'x'), ('rate', 1.0), ('list', ['x']), ('flag', False)):
    value = node.declare_parameter(name, value).value
    sys.stdout.write(f'{{name}}={{value!r}}\\n')
sys.stdout.write(f'name={{node.get_fully_qualified_name()}}\\n')
sys.stdout.write(f'topic={{node.resolve_topic_name("/old")}}\\n')
sys.stdout.write(f'level={{node.get_logger().get_effective_level().name}}\\n')
sys.stdout.write(f'own={{sys.argv[1]}}\\n')
node.destroy_node()
rclpy.try_shutdown()
"""


@pytest.fixture
def probe(tmp_path, monkeypatch, ros):
    """Run a node of another package as a graph would, and return what it says of itself."""
    program = tmp_path / 'probe_node'
    program.write_text(PROBE.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv('PATH', f'{tmp_path}:{os.environ["PATH"]}')

    def run(**fields):
        spec = NodeSpec('probe_node', 'probe', package='elsewhere', command=('word',), **fields)
        done = subprocess.run(
            command_line(spec, tmp_path), env=ros.environment, text=True, capture_output=True,
            check=False, timeout=DEADLINE_S,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return dict(line.split('=', 1) for line in done.stdout.splitlines())

    return run


def parameter_file(path, node, **parameters):
    path.write_text(parameter_file_text(node, {'rate': 2.0, **parameters}))
    return path


def test_parameters_reach_the_node_with_their_types(probe):
    said = probe(
        parameters={'a': '5', 'group.b': "it's", 'rate': 3.0, 'list': ('p', ''), 'flag': True}
    )

    assert (said['a'], said['group.b'], said['rate']) == ("'5'", '"it\'s"', '3.0')
    assert (said['list'], said['flag']) == ("['p', '']", 'True')


def test_empty_texts_and_lists_reach_the_node(probe):
    said = probe(parameters={'a': '', 'list': ()})

    assert (said['a'], said['list']) == ("''", "['']")


def test_name_namespace_remapping_level_and_words_reach_the_node(probe):
    said = probe(namespace='robot', remappings=(('/old', '/new'),), log_level='debug')

    assert said['name'] == '/robot/probe'
    assert said['topic'] == '/new'
    assert said['level'] == 'DEBUG'
    assert said['own'] == 'word'


@pytest.mark.parametrize('namespace', ['', 'robot'])
@pytest.mark.parametrize('key', ['/**', '/**/probe', 'full'])
def test_a_given_argument_wins_over_every_parameter_file(probe, tmp_path, key, namespace):
    full = f'/{namespace}/probe' if namespace else '/probe'
    shipped = parameter_file(
        tmp_path / 'shipped.yaml', '/**', a='shipped', **{'group.b': 'shipped'}
    )
    users = parameter_file(tmp_path / 'users.yaml', full if key == 'full' else key, a='users')

    said = probe(namespace=namespace, parameters={'rate': 3.0}, parameter_files=(shipped, users))

    assert (said['rate'], said['a'], said['group.b']) == ('3.0', "'users'", "'shipped'")


def test_our_nodes_run_in_this_interpreter(tmp_path):
    (spec,) = graph('depth').nodes({'rate_hz': '5'})

    words = command_line(spec, tmp_path, ('--ros-args', '-p', 'x:=1'))

    assert words[:3] == (sys.executable, '-m', 'eventdepth_ros.nodes.depth')
    assert words[-3:] == ('--ros-args', '-p', 'x:=1')
    assert value_in_files((tmp_path / 'eventdepth.yaml',), 'rate_hz', 0.0) == 5.0


def test_values_of_files_are_read_nested_and_flat(tmp_path):
    first, second = tmp_path / 'first.yaml', tmp_path / 'second.yaml'
    first.write_text('/**: {ros__parameters: {events: {topic: /a}, rate: 1.0}}')
    second.write_text('/**: {ros__parameters: {events.topic: /b}}')

    assert value_in_files((first,), 'events.topic', '') == '/a'
    assert value_in_files((first, second), 'events.topic', '') == '/b'
    assert value_in_files((first, second), 'rate', 2.0) == 1.0
    assert value_in_files((second,), 'rate', 2.0) == 2.0


@pytest.mark.parametrize('text', ['a: [', 'just words', '- a'])
def test_a_parameter_file_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / 'bad.yaml'
    path.write_text(text)

    with pytest.raises(InputError, match=r'Expected .*bad\.yaml'):
        value_in_files((path,), 'rate', 1.0)


def test_assignments_keep_what_stands_behind_the_first_sign():
    assert assignments(['bag:=a:=b', 'rviz:=']) == {'bag': 'a:=b', 'rviz': ''}


@pytest.mark.parametrize(
    ('words', 'text'),
    [
        (['bag=x'], "Expected name:=value, got 'bag=x'"),
        ([':=x'], "Expected name:=value, got ':=x'"),
        (['bag:=x', 'bag:=y'], "Expected bag once, got 'x' and 'y'"),
    ],
)
def test_words_that_are_no_assignment_are_refused(words, text):
    with pytest.raises(InputError, match=text):
        assignments(words)


@pytest.mark.parametrize(
    ('words', 'text'),
    [
        (['dept'], 'Expected a graph out of depth, dsec_depth'),
        (['depth', 'bundel:=x'], "got 'bundel': did you mean bundle?"),
        (['depth', 'rviz=true'], 'Expected name:=value'),
        (['replay'], 'Expected bag:=PATH of a recording'),
        (['depth', 'rviz_file:=/no/file', 'rviz:=true'], 'Expected a file for rviz_file'),
    ],
)
def test_wrong_words_end_with_one_sentence_and_status_2(words, text, capsys):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert text in error
    assert 'Traceback' not in error


def test_a_missing_rviz_is_said_before_anything_starts(monkeypatch, capsys):
    monkeypatch.setenv('PATH', '/nowhere')
    monkeypatch.setenv('AMENT_PREFIX_PATH', '/nowhere')

    assert main(['view']) == 2
    error = capsys.readouterr().err
    assert 'Expected the program rviz2, got none: apt install' in error


@pytest.mark.parametrize('name', GRAPHS)
def test_arguments_are_listed_with_defaults_and_words(name, capsys):
    assert main([name, '-s']) == 0
    listed = capsys.readouterr().out

    assert listed == argument_list(graph(name))
    for argument in graph(name).arguments:
        assert f"  {argument.name}:='{argument.default}'\n      {argument.description}" in listed


def test_the_shipped_profile_is_for_all_children_unless_it_is_off(monkeypatch):
    for name in ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE'):
        monkeypatch.delenv(name, raising=False)

    shipped, off = child_environment({'dds': 'auto'}), child_environment({'dds': 'off'})

    assert shipped['FASTRTPS_DEFAULT_PROFILES_FILE'].endswith('config/fastdds.xml')
    assert off == {'EVENTDEPTH_DDS': 'off'}
    monkeypatch.setenv('FASTRTPS_DEFAULT_PROFILES_FILE', '/own.xml')
    assert child_environment({'dds': 'auto'}) == {}


def test_a_graph_of_real_nodes_starts_and_ends(ros, tiny_bundle_folder):
    process = subprocess.Popen(
        [sys.executable, '-m', 'eventdepth_ros.bringup', 'depth', f'bundle:={tiny_bundle_folder}',
         'namespace:=robot', 'events_topic:=/camera/events'],
        env=ros.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        node = ros.node()
        topic = '/robot/eventdepth/depth/image'
        ros.spin_until(
            lambda: node.count_publishers(topic) and node.count_subscribers('/camera/events'),
            DEADLINE_S,
        )
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=DEADLINE_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()

    assert process.returncode == 0, output
    assert '[bringup] SIGINT: ending all nodes' in output
    assert '[eventdepth] ' in output
