"""Launch files say what the table says; with the real launch and launch_ros, where they are."""

from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import pytest
import yaml

pytest.importorskip('launch_ros', reason='launch_ros is not importable here (not on PyPI)')

from eventdepth_core.errors import InputError
from eventdepth_ros.bringup import command_line
from eventdepth_ros.graph import EXECUTABLES, graph, GRAPHS
from eventdepth_ros.graphs.programs import child_environment
from eventdepth_ros.graphs.spec import PACKAGE
from eventdepth_ros.launching import launch_node
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable, Shutdown
from launch.utilities import perform_substitutions

from launch import LaunchContext, LaunchDescription

ROOT = Path(__file__).resolve().parents[2]
STUB = """#!{python}
import json, os, signal, sys
files = [sys.argv[i + 1] for i, word in enumerate(sys.argv) if word == '--params-file']
call = {{
    'words': sys.argv,
    'files': [open(file).read() for file in files],
    'dds': os.environ.get('EVENTDEPTH_DDS'),
}}
name = os.path.join({calls!r}, str(os.getpid()))
with open(name, 'w') as file:
    json.dump(call, file)
os.rename(name, name + '.json')
signal.pause()
"""
LAUNCH = """
import json, sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
service = LaunchService(argv=[])
source = PythonLaunchDescriptionSource(sys.argv[1])
given = [tuple(pair) for pair in json.loads(sys.argv[2])]
service.include_launch_description(
    LaunchDescription([IncludeLaunchDescription(source, launch_arguments=given)])
)
sys.exit(service.run())
"""
NEEDED = {'replay': {'bag': str(ROOT / 'config' / 'demo')}}


def description(name) -> LaunchDescription:
    path = ROOT / 'launch' / f'{name}.launch.py'
    spec = spec_from_file_location(f'launch_file_{name}', path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.generate_launch_description()


def started(name, given):
    """Return the actions that a launch file starts for the arguments given."""
    context = LaunchContext()
    context.launch_configurations.update({**NEEDED.get(name, {}), **given})
    actions = []
    for entity in description(name).entities:
        visited = entity.visit(context)
        if isinstance(entity, OpaqueFunction):
            actions += visited
    return context, actions


@pytest.mark.parametrize('name', GRAPHS)
def test_a_launch_file_declares_the_arguments_of_its_graph(name):
    declared = {
        each.name: each
        for each in description(name).entities
        if isinstance(each, DeclareLaunchArgument)
    }

    for argument in graph(name).arguments:
        action = declared.pop(argument.name)
        default = perform_substitutions(LaunchContext(), action.default_value)
        assert default == argument.default
        assert action.description.startswith(argument.description)
        assert list(action.choices or ()) == list(argument.choices)
    assert not declared


@pytest.fixture
def prefix(tmp_path, monkeypatch):
    """Install nodes that write down how they were called, and wait."""
    root = tmp_path / 'prefix'
    share, lib = root / 'share' / PACKAGE, root / 'lib' / PACKAGE
    index = root / 'share' / 'ament_index' / 'resource_index' / 'packages'
    for folder in (share, lib, index, tmp_path / 'calls'):
        folder.mkdir(parents=True)
    (index / PACKAGE).touch()
    (share / 'package.xml').symlink_to(ROOT / 'package.xml')
    (share / 'config').symlink_to(ROOT / 'config')
    for executable in EXECUTABLES:
        stub = lib / executable
        stub.write_text(STUB.format(python=sys.executable, calls=str(tmp_path / 'calls')))
        stub.chmod(0o755)
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'{root}:{os.environ["AMENT_PREFIX_PATH"]}')
    monkeypatch.setenv('PYTHONPATH', f'{ROOT}:{os.environ.get("PYTHONPATH", "")}')
    return root


def launched(path, given, calls, count):
    """Launch a file for real until `count` nodes have been called; return how."""
    process = subprocess.Popen(
        [sys.executable, '-c', LAUNCH, str(path), json.dumps(list(given.items()))],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    deadline_s = time.monotonic() + 60.0
    while len(list(calls.glob('*.json'))) < count and process.poll() is None:
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30.0)
    found = [json.loads(file.read_text()) for file in calls.glob('*.json')]
    assert len(found) == count, output
    return {next(word for word in call['words'] if '__node' in word): call for call in found}


def meaning(words, files):
    """Return what the words of a command say to ROS, whatever their order."""
    said = {pair for pair in pairwise(words) if pair[0] in ('-r', '--log-level')}
    return said, [yaml.safe_load(text) for text in files]


@pytest.mark.parametrize(
    ('name', 'given'),
    [
        ('depth', {'rate_hz': '5', 'namespace': 'robot', 'image_topic': 'none'}),
        ('dsec_depth', {'bag': 'config/demo', 'log_level': 'debug', 'frame_id': '5.0'}),
        ('demo', {'trigger': 'image', 'dds': 'off'}),
    ],
)
def test_launch_and_bringup_call_the_same_nodes_with_the_same_words(name, given, prefix, tmp_path):
    specs = graph(name).nodes(given)
    path = ROOT / 'launch' / f'{name}.launch.py'

    calls = launched(path, given, tmp_path / 'calls', len(specs))

    for spec in specs:
        call = calls[f'__node:={spec.name}']
        words = command_line(spec, tmp_path)
        files = [
            Path(words[i + 1]).read_text()
            for i, word in enumerate(words)
            if word == '--params-file'
        ]
        assert meaning(call['words'], call['files']) == meaning(words, files)
        assert Path(call['words'][0]).name == spec.executable
        assert call['dds'] == child_environment({'dds': 'auto', **given}).get('EVENTDEPTH_DDS')


def test_the_end_of_an_ending_node_ends_the_launch():
    specs = {spec.name: spec for spec in graph('demo').nodes({})}

    for name, spec in specs.items():
        handlers = launch_node(spec)._ExecuteLocal__on_exit
        assert isinstance(handlers, Shutdown) == spec.ends_graph, name


def test_the_profile_is_set_before_the_nodes():
    _, actions = started('depth', {'dds': 'off'})

    first = actions[0]
    assert isinstance(first, SetEnvironmentVariable)
    assert {perform_substitutions(LaunchContext(), first.name)} == set(
        child_environment({'dds': 'off'})
    )


def test_a_wrong_value_is_refused_before_anything_starts():
    with pytest.raises(InputError, match="Expected a value for rate_hz, got 'fast'"):
        started('depth', {'rate_hz': 'fast'})
