"""The table of graphs: what each starts, and what it says of wrong arguments."""

import ast
from importlib.util import find_spec
from pathlib import Path
import subprocess
import sys

from eventdepth_core.bundle import load_bundle
from eventdepth_core.bundle.store import SHIPPED_FOLDER
from eventdepth_core.errors import InputError
from eventdepth_core.install import installed_file
from eventdepth_core.recordings.rig_file import rig_path
from eventdepth_ros.graph import EXECUTABLES, graph, GRAPHS
from eventdepth_ros.graphs.settings import Setting
from eventdepth_ros.parameters import parameters_from, rows
from eventdepth_ros.parameters.tables import table_of
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
NAMES = ('depth', 'dsec_depth', 'mvsec_depth', 'demo', 'replay', 'view')
NEEDED = {'replay': {'bag': str(ROOT / 'config' / 'demo')}}


def specs(name, **given):
    return {spec.name: spec for spec in graph(name).nodes({**NEEDED.get(name, {}), **given})}


def test_the_graphs_are_those_with_a_launch_file():
    files = {
        path.name.removesuffix('.launch.py') for path in (ROOT / 'launch').glob('*.launch.py')
    }

    assert tuple(GRAPHS) == NAMES
    assert files == set(NAMES)


def test_executables_are_those_of_the_package():
    setup = ast.parse((ROOT / 'setup.py').read_text())
    assigned = {
        target.id: statement.value
        for statement in setup.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for target in getattr(statement, 'targets', None) or [statement.target]
    }
    try:
        nodes = ast.literal_eval(assigned['NODES'])
    except ValueError:
        nodes = eval(ast.unparse(assigned['NODES']))

    assert dict(EXECUTABLES) == nodes
    assert all(find_spec(module) for module in EXECUTABLES.values())


def test_the_table_is_read_without_ros():
    code = (
        'import sys\n'
        'class Refusing:\n'
        '    def find_spec(self, name, path=None, target=None):\n'
        "        if name.split('.')[0] in {'rclpy', 'launch', 'launch_ros', 'rcl_interfaces'}:\n"
        '            raise ModuleNotFoundError(name, name=name)\n'
        'sys.meta_path.insert(0, Refusing())\n'
        'import eventdepth_ros.bringup\n'
        'from eventdepth_ros.graph import GRAPHS\n'
        'for each in GRAPHS.values(): each.arguments\n'
        "GRAPHS['demo'].nodes({})\n"
    )

    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize('name', NAMES)
def test_every_argument_is_described_and_named_once(name):
    arguments = graph(name).arguments

    assert len({each.name for each in arguments}) == len(arguments)
    for each in arguments:
        assert len(each.description) > 10, each.name
        assert not each.choices or each.default in each.choices, each.name


@pytest.mark.parametrize('name', NAMES)
def test_parameters_of_every_node_are_in_its_table(name):
    for spec in graph(name).nodes(NEEDED.get(name, {})):
        if spec.package != 'eventdepth_ros':
            continue
        own = {key: value for key, value in spec.parameters.items() if key != 'use_sim_time'}

        parameters_from(table_of(spec.executable.removesuffix('_node')), own)


@pytest.mark.parametrize('name', NAMES)
def test_log_level_and_namespace_reach_every_node(name):
    for spec in graph(name).nodes(
        {**NEEDED.get(name, {}), 'namespace': 'robot', 'log_level': 'debug'}
    ):
        assert (spec.namespace, spec.log_level) == ('robot', 'debug')
        assert spec.full_name == f'/robot/{spec.name}'


def test_an_argument_that_is_not_given_leaves_its_parameter_alone():
    node = specs('depth')['eventdepth']

    assert dict(node.parameters) == {'use_sim_time': False}
    assert node.parameter_files == ()


def test_given_arguments_become_typed_parameters():
    node = specs(
        'depth',
        rate_hz='5',
        point_cloud='false',
        image_topic='none',
        bundle='big',
        autostart='true',
    )['eventdepth']

    assert dict(node.parameters) == {
        'bundle': 'big',
        'rate_hz': 5.0,
        'autostart': True,
        'cloud.enabled': False,
        'image.topic': '',
        'use_sim_time': False,
    }


@pytest.mark.parametrize(
    ('given', 'text'),
    [
        ({'rate_hz': 'fast'}, "Expected a value for rate_hz, got 'fast'"),
        ({'rate_hz': '-1'}, r"for rate_hz, got '-1': Expected rate_hz: 0\.1 to 1000"),
        ({'trigger': 'sometimes'}, 'Expected trigger out of , auto, rate, image, points, got'),
        ({'rviz': 'yes'}, "Expected rviz out of true, false, got 'yes'"),
        ({'bundel': 'x'}, "Expected an argument of depth, got 'bundel': did you mean bundle"),
        ({'zzz': 'x'}, "got 'zzz': known are bundle, engine"),
        ({'params_file': '/no/such.yaml'}, "Expected a file for params_file, got '/no/such.yaml'"),
    ],
)
def test_a_wrong_argument_is_refused_by_its_name(given, text):
    with pytest.raises(InputError, match=text):
        graph('depth').nodes(given)


def test_an_unknown_graph_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"got 'dsec_dept'\. Did you mean dsec_depth\?"):
        graph('dsec_dept')


@pytest.mark.parametrize('name', ['dsec_depth', 'mvsec_depth'])
def test_the_users_parameter_file_comes_after_the_shipped_one(name, tmp_path):
    own = tmp_path / 'own.yaml'
    own.write_text('/**: {ros__parameters: {rate_hz: 5.0}}')

    node = specs(name, params_file=str(own))['eventdepth']

    assert node.parameter_files == (installed_file('config', f'{name}.yaml'), own)


@pytest.mark.parametrize('name', ['dsec_depth', 'mvsec_depth'])
def test_the_rig_of_a_shipped_parameter_file_is_a_shipped_rig(name):
    text = installed_file('config', f'{name}.yaml').read_text()
    rig = name.removesuffix('_depth')

    assert f"rig_file: '{rig}'" in text
    assert rig_path(rig).is_file()


def test_a_bag_joins_the_player_and_its_clock():
    live, played = specs('depth'), specs('depth', bag='config/demo')

    assert set(live) == {'eventdepth'}
    assert set(played) == {'eventdepth', 'player'}
    assert played['player'].parameters['clock'] is True
    assert played['eventdepth'].parameters['use_sim_time'] is True
    assert not played['player'].ends_graph


def test_a_recording_is_listened_to_where_nobody_has_named_a_topic():
    played = specs('depth', bag='config/demo', namespace='robot')
    named = specs('depth', bag='config/demo', image_topic='none')

    assert played['eventdepth'].parameters['events.topic'] == '/camera/events'
    assert played['eventdepth'].parameters['image.transport'] == 'compressed'
    assert played['eventdepth'].parameters['points.topic'] == '/lidar/points'
    assert played['player'].parameters['wait_for'] == ('/camera/events /robot/eventdepth',)
    assert named['eventdepth'].parameters['image.topic'] == ''


def test_the_player_of_a_live_graph_waits_for_any_input_that_is_recorded():
    names = {'events_topic': 'none', 'image_transport': 'compressed'}

    nodes = specs('dsec_depth', bag='config/demo', **names)

    assert nodes['player'].parameters['wait_for'] == ('/camera/image_raw/compressed /eventdepth',)


def test_a_recording_of_which_no_topic_is_listened_to_is_refused():
    with pytest.raises(InputError, match=r'topics /davis/left/events.*set events_topic'):
        specs('mvsec_depth', bag='config/demo', points_topic='none')


def test_rviz_comes_with_the_picture_of_the_events_the_depth_node_listens_to():
    for given, topic in (
        ({}, '/eventdepth/events'),
        ({'namespace': 'robot'}, '/robot/eventdepth/events'),
        ({'events_topic': '/dvs/events'}, '/dvs/events'),
    ):
        nodes = specs('depth', rviz='true', **given)

        assert nodes['event_image'].parameters['events.topic'] == topic
    assert specs('mvsec_depth', rviz='true')['event_image'].parameters['events.topic'] == (
        '/davis/left/events'
    )


def test_rviz_follows_the_namespace_and_the_frame():
    plain = specs('depth', rviz='true')['rviz']
    moved = specs('depth', rviz='true', namespace='robot', fixed_frame='dvs')['rviz']

    assert plain.remappings == ()
    assert ('/eventdepth/depth/image', '/robot/eventdepth/depth/image') in moved.remappings
    assert plain.command == ('-d', str(installed_file('config', 'eventdepth.rviz')))
    assert moved.command[2:] == ('-f', 'dvs')


def test_the_demo_runs_on_the_shipped_recording_with_its_rig():
    nodes = specs('demo', out='somewhere')

    assert set(nodes) == {'player', 'eventdepth', 'recorder', 'evaluator', 'event_image'}
    depth, player = nodes['eventdepth'].parameters, nodes['player'].parameters
    assert player['recording'] == str(ROOT / 'config' / 'demo')
    assert depth['rig_file'] == str(ROOT / 'config' / 'demo' / 'rig.yaml')
    assert (depth['events.topic'], depth['events.reliability']) == ('/camera/events', 'reliable')
    assert (depth['image.topic'], depth['image.transport']) == ('/camera/image_raw', 'compressed')
    assert depth['points.topic'] == '/lidar/points'
    assert nodes['recorder'].parameters['output'] == str(Path('somewhere/depth.mcap').resolve())
    assert nodes['evaluator'].parameters['output'] == str(Path('somewhere').resolve())
    assert nodes['evaluator'].parameters['target.topic'] == '/ground_truth/depth'
    assert {name: node.ends_graph for name, node in nodes.items()} == {
        'player': True,
        'eventdepth': True,
        'recorder': False,
        'evaluator': False,
        'event_image': False,
    }


def test_nodes_on_a_recording_run_on_its_time():
    nodes = specs('demo')

    assert nodes['player'].parameters['clock'] is True
    assert all(node.parameters['use_sim_time'] for name, node in nodes.items() if name != 'player')


def test_a_recording_is_waited_for_longer_than_a_driver_unless_the_user_says_otherwise(tmp_path):
    file = tmp_path / 'mine.yaml'
    file.write_text('/**:\n  ros__parameters:\n    grace_ms: 20.0\n')

    assert specs('demo')['eventdepth'].parameters['grace_ms'] == 500.0
    assert specs('demo', params_file=str(file))['eventdepth'].parameters['grace_ms'] == 20.0


def test_the_player_waits_for_those_who_must_not_miss_anything():
    assert specs('demo')['player'].parameters['wait_for'] == (
        '/camera/events /eventdepth',
        '/ground_truth/depth /evaluator',
    )


def bundle_with(folder, *modalities):
    """Return a bundle that takes only these inputs: the shipped one with another manifest."""
    shipped = SHIPPED_FOLDER / 'eventdepth-s'
    manifest = yaml.safe_load((shipped / 'model.yaml').read_text())
    manifest['inputs'] = {name: manifest['inputs'][name] for name in modalities}
    manifest['reference'] = modalities[0]
    for graph_of_bundle in manifest['graphs'].values():
        (folder / graph_of_bundle['file']).symlink_to(shipped / graph_of_bundle['file'])
    (folder / 'model.yaml').write_text(yaml.safe_dump(manifest))
    assert load_bundle(folder).inputs.modalities == modalities
    return str(folder)


@pytest.mark.parametrize('name', ['demo', 'replay', 'depth'])
@pytest.mark.parametrize('is_in_file', [False, True])
def test_the_player_waits_for_nothing_that_the_bundle_does_not_take(tmp_path, name, is_in_file):
    bundle = bundle_with(tmp_path, 'image')
    file = tmp_path / 'mine.yaml'
    file.write_text(f'/**: {{ros__parameters: {{bundle: {bundle}}}}}')
    given = {'params_file': str(file)} if is_in_file else {'bundle': bundle}

    player = specs(name, bag='config/demo', **given)['player']

    assert player.parameters['wait_for'][0] == '/camera/image_raw/compressed /eventdepth'


@pytest.mark.parametrize('name', ['replay', 'depth'])
def test_a_recording_with_nothing_for_the_bundle_is_refused(tmp_path, name):
    bundle = bundle_with(tmp_path, 'image')
    recording = tmp_path / 'events.txt'
    recording.write_text('64 48\n' + ''.join(f'0.{i:06} {i % 64} 3 1\n' for i in range(500)))

    with pytest.raises(InputError, match=f'with an input of bundle {bundle}, got none'):
        specs(name, bag=str(recording), bundle=bundle)


def test_a_bundle_that_cannot_be_read_is_left_to_the_depth_node():
    nodes = specs('demo', bundle='no-such-bundle')

    assert nodes['player'].parameters['wait_for'][0] == '/camera/events /eventdepth'


def test_a_replay_needs_a_recording():
    with pytest.raises(InputError, match="Expected bag:=PATH of a recording, got ''"):
        graph('replay').nodes({})
    with pytest.raises(InputError, match="no file 'no_such_bag'"):
        graph('replay').nodes({'bag': 'no_such_bag'})


def test_a_replay_without_a_reference_judges_nothing(data_root):
    nodes = specs('replay', bag=str(data_root / 'event_bags' / 'evt3_vga'))

    assert nodes['evaluator'].parameters['target.topic'] == ''
    assert nodes['player'].parameters['wait_for'] == ('/event_camera/events /eventdepth',)
    assert nodes['eventdepth'].parameters['events.topic'] == '/event_camera/events'
    assert nodes['eventdepth'].parameters['image.topic'] == ''
    assert 'rig_file' not in nodes['eventdepth'].parameters


def test_recordings_without_topics_are_listened_to_where_the_player_plays_them(data_root):
    given = {row.name: row.default for row in rows(table_of('player'))}

    depth = specs('replay', bag=str(data_root / 'davis346_aedat4' / 'sample.aedat4'))['eventdepth']

    assert depth.parameters['events.topic'] == given['events_topic']
    assert depth.parameters['image.topic'] == given['image_topic']


def test_an_arguments_words_are_those_of_its_parameter():
    argument = Setting('image_topic', 'depth', 'image.topic').as_argument()
    row = next(row for row in rows(table_of('depth')) if row.name == 'image.topic')

    assert argument.description.startswith(row.description.replace("''", "'none'"))
    assert argument.description.endswith("'' = as in the parameter file.")


@pytest.mark.parametrize('motion', ['tf', 'odometry', 'pose', 'twist', 'none'])
def test_motion_says_where_poses_come_from(motion):
    node = specs('depth', motion=motion, motion_topic='/wheels/odometry')['eventdepth']

    assert node.parameters['motion.source'] == motion
    assert node.parameters['motion.topic'] == '/wheels/odometry'


def test_a_recording_s_poses_are_read_as_they_were_recorded():
    node = specs('replay')['eventdepth']

    assert node.parameters['motion.source'] == 'pose'
    assert node.parameters['motion.topic'] == '/ground_truth/pose'
    chosen = specs('replay', motion='none')['eventdepth'].parameters
    assert chosen['motion.source'] == 'none'
    assert 'motion.topic' not in chosen


def test_the_demo_leaves_motion_out_unless_it_is_asked_for():
    assert specs('demo')['eventdepth'].parameters['motion.source'] == 'none'
    asked = specs('demo', motion='pose', motion_topic='/ground_truth/pose')['eventdepth']
    assert asked.parameters['motion.source'] == 'pose'
