"""The DDS profile: set unless the user set one, and it carries what the default loses."""

import os
from pathlib import Path
import subprocess
import sys

from eventdepth_core.errors import InputError
from eventdepth_ros import dds
import pytest

FRAME_BYTES = 640 * 480 * 4
NUM_FRAMES = 60
TALKER = f"""
import time
import rclpy
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
rclpy.init()
node = rclpy.create_node('talker')
qos = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
images = node.create_publisher(Image, 'images', qos)
while images.get_subscription_count() == 0:
    rclpy.spin_once(node, timeout_sec=0.05)
message = Image(height=480, width=640, encoding='32FC1', step=2560, data=bytes({FRAME_BYTES}))
until = time.monotonic()
for _ in range({NUM_FRAMES}):
    images.publish(message)
    until += 1 / 30
    time.sleep(max(0.0, until - time.monotonic()))
input()
rclpy.shutdown()
"""

ACKNOWLEDGED = """
import sys
import time
import rclpy
from rclpy.duration import Duration
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
rclpy.init()
node = rclpy.create_node('talker')
qos = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
images = node.create_publisher(Image, 'images', qos)
while images.get_subscription_count() == 0:
    rclpy.spin_once(node, timeout_sec=0.05)
for _ in range(50):
    images.publish(Image(data=bytes(1000)))
until = time.monotonic() + 2.0
while not (arrived := images.wait_for_all_acked(Duration())) and time.monotonic() < until:
    time.sleep(0.01)
rclpy.shutdown()
sys.exit(not arrived)
"""


@pytest.fixture
def clean(monkeypatch):
    """Take away what tests and users have set."""
    for name in (*dds.VARIABLES, dds.MODE_VARIABLE, dds.MIDDLEWARE_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_each_variable_names_the_file_of_its_releases(clean, repository):
    config = repository / 'config'

    assert dds.configure() == config / 'fastdds.xml'
    assert os.environ['FASTRTPS_DEFAULT_PROFILES_FILE'] == str(config / 'fastdds.xml')
    assert os.environ['FASTDDS_DEFAULT_PROFILES_FILE'] == str(config / 'fastdds_kilted.xml')
    for name in dds.VARIABLES:
        clean.delenv(name)


@pytest.mark.parametrize('name', dds.VARIABLES)
def test_a_file_of_the_user_is_never_replaced(clean, name):
    clean.setenv(name, '/home/user/own.xml')

    assert dds.configure() is None
    assert dds.environment() == {}
    assert os.environ[name] == '/home/user/own.xml'
    assert sum(each in os.environ for each in dds.VARIABLES) == 1


@pytest.mark.parametrize('middleware', ['rmw_cyclonedds_cpp', 'rmw_zenoh_cpp'])
def test_another_middleware_is_left_alone(clean, middleware):
    clean.setenv(dds.MIDDLEWARE_VARIABLE, middleware)

    assert dds.environment() == {}


def test_fast_dds_named_by_the_user_gets_the_profile(clean):
    clean.setenv(dds.MIDDLEWARE_VARIABLE, 'rmw_fastrtps_cpp')

    assert set(dds.environment()) == set(dds.VARIABLES)


def test_the_mode_comes_from_the_argument_then_from_the_environment(clean):
    clean.setenv(dds.MODE_VARIABLE, 'off')

    assert dds.environment() == {}
    assert dds.environment('auto')
    assert dds.environment(base={}) != {}
    assert dds.configure('off') is None


@pytest.mark.parametrize('from_environment', [True, False])
def test_a_mode_that_does_not_exist_is_refused(clean, from_environment):
    clean.setenv(dds.MODE_VARIABLE, 'on' if from_environment else 'auto')

    with pytest.raises(InputError, match=r"EVENTDEPTH_DDS\) out of auto, off, got 'on'"):
        dds.environment(None if from_environment else 'on')


def test_the_shipped_profile_holds_several_depth_images(repository):
    profile = dds.read_profile(repository / 'config' / 'fastdds.xml')

    assert profile.segment_bytes == 32 * 1024**2
    assert profile.max_message_bytes == 8 * 1024**2


def test_what_a_profile_does_not_say_is_the_default(tmp_path):
    path = tmp_path / 'own.xml'
    path.write_text('<dds xmlns="x"><profiles/></dds>')

    assert dds.read_profile(path).segment_bytes == dds.DEFAULT_SEGMENT_BYTES


@pytest.mark.parametrize('text', [None, '<dds>'])
def test_a_profile_that_cannot_be_read_is_named(tmp_path, text):
    path = tmp_path / 'own.xml'
    if text is not None:
        path.write_text(text)

    with pytest.raises(InputError, match=r'Expected a Fast DDS profile in .*own\.xml, got '):
        dds.read_profile(path)


def test_importing_it_loads_nothing_of_ros():
    code = 'import sys, eventdepth_ros.dds; sys.exit("rclpy" in sys.modules)'

    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0


def test_depth_images_arrive_best_effort_with_the_profile(ros, tmp_path: Path):
    from rclpy.qos import QoSProfile, ReliabilityPolicy
    from sensor_msgs.msg import Image

    script = tmp_path / 'talker.py'
    script.write_text(TALKER)
    qos = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
    received = ros.collect(Image, 'images', qos)
    talker = ros.start(str(script))

    # by default 7 % of them arrive; here a few may fall victim to a busy machine
    ros.spin_until(lambda: len(received) >= 0.8 * NUM_FRAMES, what='four of five depth images')

    talker.tell('')
    assert talker.wait() == 0
    assert len(received[0].data) == FRAME_BYTES


def test_a_reliable_writer_learns_soon_what_has_arrived(ros, tmp_path: Path):
    """With the default heartbeat it takes up to 3 s, and so does asking for what got lost."""
    from rclpy.qos import QoSProfile, ReliabilityPolicy
    from sensor_msgs.msg import Image

    script = tmp_path / 'talker.py'
    script.write_text(ACKNOWLEDGED)
    qos = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
    received = ros.collect(Image, 'images', qos)
    talker = ros.start(str(script))

    ros.spin_until(lambda: len(received) == 50, what='all messages')

    assert talker.wait() == 0
