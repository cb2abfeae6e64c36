"""
The graph `dsec_depth` of real nodes, as users start it: by bringup and by `ros2 launch`.

A driver process publishes 640x480 events on the topic of the graph, with a camera_info that is not
the rig's. A run is looked at from outside while it works (topics, lifecycle and
parameter service; with `ros2` also its own commands) and is then ended with SIGINT.

"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import pairwise
import os
from pathlib import Path
import re
import shutil
import signal
import subprocess

from harness.children import ChildNode
from harness.depth_node import DepthWatch, NODE, stamp_us
from harness.session import ROOT, RosSession, START_S
from lifecycle_msgs.srv import GetState
import numpy as np
import pytest
from rcl_interfaces.srv import GetParameters
import yaml

DRIVER = str(Path(__file__).parents[1] / 'harness' / 'driver.py')
DRIVER_WORDS = ('--size', '480', '640', '--rate-hz', '500000')
INPUTS = ('/camera/events', '/camera/image_raw', '/lidar/points')
OUTPUTS = tuple(
    f'/{NODE}/{name}'
    for name in ('depth/image', 'depth/camera_info', 'depth/std', 'depth/valid_mask', 'mode')
)
LAZY_OUTPUTS = (f'/{NODE}/depth/image_color', f'/{NODE}/points')
RATE_HZ = 2.0
NUM_IMAGES = 10
DEADLINE_S = 60.0
HZ_LINE = re.compile(r'average rate: ([\d.]+)')


@dataclass
class Run:
    """What a run of the graph has shown."""

    topics: dict = field(default_factory=dict)
    listened: dict = field(default_factory=dict)
    images: list = field(default_factory=list)
    infos: list = field(default_factory=list)
    mode: dict = field(default_factory=dict)
    parameters: dict = field(default_factory=dict)
    state: str = ''
    commands: dict = field(default_factory=dict)
    code: int | None = None
    output: str = ''


def start_by_bringup(ros: RosSession, words: tuple[str, ...]):
    return ros.start('eventdepth_ros.bringup', arguments=('dsec_depth', *words), name=None)


def start_by_launch(ros: RosSession, words: tuple[str, ...]):
    line = [ros2(), 'launch', 'eventdepth_ros', 'dsec_depth.launch.py', *words]
    child = ChildNode(line, ros.folder / 'launch.txt', ros.environment, 'ros2 launch')
    ros.children.append(child)
    return child


def ros2() -> str:
    """Return the program, or skip where the parts of ROS that PyPI lacks are not there."""
    program = shutil.which('ros2')
    if program is None or find_spec('launch_ros') is None:
        pytest.skip('ros2 launch is not here: ros2 and launch_ros are not on PyPI')
    prefixes = filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep))
    launch_file = Path('share', 'eventdepth_ros', 'launch', 'dsec_depth.launch.py')
    if not any((Path(prefix) / launch_file).is_file() for prefix in prefixes):
        pytest.skip('eventdepth_ros is in no ament prefix: build it with colcon, source its setup')
    return program


STARTERS = {'bringup': start_by_bringup, 'ros2 launch': start_by_launch}


def answer(ros: RosSession, service: type, name: str, request):
    client = ros.node('asking').create_client(service, name)
    ros.spin_until(client.service_is_ready, what=name)
    future = client.call_async(request)
    ros.spin_until(future.done, what=f'an answer of {name}')
    return future.result()


def asked_parameters(ros: RosSession, *names: str) -> dict[str, object]:
    request = GetParameters.Request(names=list(names))
    values = answer(ros, GetParameters, f'/{NODE}/get_parameters', request).values
    kinds = {2: 'integer_value', 3: 'double_value', 4: 'string_value'}
    return {
        name: getattr(value, kinds[value.type]) for name, value in zip(names, values, strict=True)
    }


def commanded(ros: RosSession) -> dict[str, str]:
    """Return what commands of `ros2` say about the running graph."""
    words = {
        'topics': ('topic', 'list', '-t', '--no-daemon', '--spin-time', '1'),
        'parameter': ('param', 'get', '--no-daemon', '--spin-time', '1', f'/{NODE}', 'rate_hz'),
        'state': ('lifecycle', 'get', '--no-daemon', '--spin-time', '1', f'/{NODE}'),
    }
    said = {name: told(ros, *line) for name, line in words.items()}
    return {**said, 'rate': measured_rate(ros)}


def told(ros: RosSession, *words: str) -> str:
    """Return what `ros2` writes; a copy stays beside the outputs of the nodes."""
    ran = subprocess.run(
        [ros2(), *words], env=ros.environment, capture_output=True, text=True, check=False,
        timeout=DEADLINE_S,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    (ros.folder / f'{words[0]}.txt').write_text(ran.stdout)
    return ran.stdout


def measured_rate(ros: RosSession) -> str:
    """Return what `ros2 topic hz` has written until it has told a rate three times."""
    path = ros.folder / 'hz.txt'
    line = [ros2(), 'topic', 'hz', f'/{NODE}/depth/image']
    with path.open('wb') as file:
        measuring = subprocess.Popen(
            line, env={**ros.environment, 'PYTHONUNBUFFERED': '1'}, stdout=file, stderr=file
        )
    try:
        ros.spin_until(
            lambda: len(HZ_LINE.findall(path.read_text())) >= 3, DEADLINE_S, 'three rates'
        )
    finally:
        measuring.send_signal(signal.SIGINT)
        measuring.wait(DEADLINE_S)
    return path.read_text()


@pytest.fixture(scope='module', params=STARTERS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    if request.param == 'ros2 launch':
        ros2()
    ros = RosSession(tmp_path_factory.mktemp('dsec_depth'))
    inherited = os.environ.get('PYTHONPATH', '')
    ros.environment['PYTHONPATH'] = os.pathsep.join(
        filter(None, [ros.environment['PYTHONPATH'], inherited])
    )
    try:
        yield seen_and_ended(ros, request.param)
    finally:
        ros.close()


def seen_and_ended(ros: RosSession, starter: str) -> Run:
    seen, watch = Run(), DepthWatch(ros)
    graph = STARTERS[starter](ros, ('bundle:=eventdepth-s', f'rate_hz:={RATE_HZ}'))
    ros.start(DRIVER, arguments=DRIVER_WORDS, name='driver')
    ros.spin_until(lambda: watch.images, START_S, 'the first depth')
    first = len(watch.images)
    ros.spin_until(lambda: len(watch.images) >= first + NUM_IMAGES, DEADLINE_S, 'depth')
    seen.images, seen.infos, seen.mode = watch.images[first:], watch.infos[:], watch.mode
    node = ros.node('looking')
    ros.spin_until(lambda: set(OUTPUTS) <= set(dict(node.get_topic_names_and_types())))
    seen.topics = dict(node.get_topic_names_and_types())
    seen.listened = {topic: node.count_subscribers(topic) for topic in INPUTS}
    seen.parameters = asked_parameters(ros, 'rate_hz', 'rig_file', 'bundle')
    seen.state = answer(
        ros, GetState, f'/{NODE}/get_state', GetState.Request()
    ).current_state.label
    seen.commands = commanded(ros) if starter == 'ros2 launch' else {}
    seen.code, _ = graph.ending_s(signal.SIGINT)
    seen.output = graph.text
    return seen


def test_the_topics_of_the_graph_are_there(run):
    assert {*OUTPUTS, *LAZY_OUTPUTS, '/diagnostics'} <= set(run.topics)
    assert run.topics[f'/{NODE}/depth/image'] == ['sensor_msgs/msg/Image']
    assert run.topics['/camera/events'] == ['event_camera_msgs/msg/EventPacket']


def test_every_input_of_the_rig_is_listened_to(run):
    assert all(run.listened.values()), run.listened


def test_depth_belongs_to_the_rectified_view_of_the_rig_and_not_to_the_drivers_camera(run):
    rig = yaml.safe_load((ROOT / 'config' / 'rigs' / 'dsec.yaml').read_text())
    view = rig['cameras']['event']['rectification']
    expected = [view['fx'], 0, view['cx'], 0, view['fy'], view['cy'], 0, 0, 1]

    for info in run.infos:
        assert (info.height, info.width) == (480, 640)
        assert np.allclose(info.k, expected, rtol=1e-6)
        assert info.header.frame_id == rig['cameras']['event']['frame']


def test_depth_comes_at_the_rate_that_was_asked(run):
    stamps = [stamp_us(image) for image in run.images]
    steps_us = [b - a for a, b in pairwise(stamps)]

    assert abs(np.median(steps_us) - 1e6 / RATE_HZ) < 5_000
    assert (len(stamps) - 1) * 1e6 / (stamps[-1] - stamps[0]) > 0.8 * RATE_HZ


def test_depth_is_made_of_the_events(run):
    assert run.mode['modalities'] == ['events']


def test_parameters_of_the_argument_and_of_the_shipped_file_are_in_force(run):
    assert run.parameters == {'rate_hz': RATE_HZ, 'rig_file': 'dsec', 'bundle': 'eventdepth-s'}


def test_the_node_is_active(run):
    assert run.state == 'active'


def test_sigint_ends_the_graph_with_status_0(run):
    assert run.code == 0, run.output
    assert 'Traceback' not in run.output


@pytest.mark.parametrize('run', ['ros2 launch'], indirect=True, scope='module')
def test_the_commands_of_ros2_say_the_same(run):
    rates_hz = [float(text) for text in HZ_LINE.findall(run.commands['rate'])]

    assert f'/{NODE}/depth/image [sensor_msgs/msg/Image]' in run.commands['topics']
    assert run.commands['parameter'].strip() == f'Double value is: {RATE_HZ}'
    assert run.commands['state'].strip() == 'active [3]'
    assert abs(rates_hz[-1] - RATE_HZ) < 0.2 * RATE_HZ
