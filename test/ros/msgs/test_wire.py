"""Messages of built packages between two processes, and their identity on the wire."""

from pathlib import Path

from eventdepth_core.recordings.definitions import EVENT_PACKET, TF_MESSAGE, TYPE_HASHES
from eventdepth_ros import msgs
import pytest

pytest.importorskip('rclpy', reason='no ROS 2 here')

TALKER = """
import rclpy
from eventdepth_ros import msgs
from geometry_msgs.msg import TransformStamped
from rclpy.executors import ExternalShutdownException

packet_type = msgs.require('event_camera_msgs').EventPacket
transforms_type = msgs.require('tf2_msgs').TFMessage
rclpy.init()
node = rclpy.create_node('talker')
events = node.create_publisher(packet_type, 'events', 10)
transforms = node.create_publisher(transforms_type, 'transforms', 10)
packet = packet_type(width=346, height=260, seq=7, time_base=2**40, encoding='mono')
packet.header.frame_id = 'camera'
packet.events = bytes(range(256)) * 3
transform = TransformStamped(child_frame_id='lidar')
transform.transform.rotation.w = -1.0

def talk():
    events.publish(packet)
    transforms.publish(transforms_type(transforms=[transform, transform]))

node.create_timer(0.05, talk)
try:
    rclpy.spin(node)
except (KeyboardInterrupt, ExternalShutdownException):
    pass
finally:
    rclpy.try_shutdown()
"""


@pytest.fixture
def talker(ros, tmp_path: Path):
    script = tmp_path / 'talker.py'
    script.write_text(TALKER)
    return ros.start(str(script))


def test_events_arrive_as_they_were_sent(ros, talker):
    received = ros.collect(msgs.require('event_camera_msgs').EventPacket, 'events')

    ros.spin_until(lambda: received, what='an event packet')

    packet = received[0]
    assert (packet.width, packet.height, packet.seq) == (346, 260, 7)
    assert (packet.time_base, packet.encoding) == (2**40, 'mono')
    assert packet.header.frame_id == 'camera'
    assert bytes(packet.events) == bytes(range(256)) * 3


def test_transforms_arrive_as_they_were_sent(ros, talker):
    received = ros.collect(msgs.require('tf2_msgs').TFMessage, 'transforms')

    ros.spin_until(lambda: received, what='transforms')

    assert [each.child_frame_id for each in received[0].transforms] == ['lidar', 'lidar']
    assert received[0].transforms[0].transform.rotation.w == -1.0


def test_the_hash_on_the_wire_is_that_of_the_drivers(ros, talker):
    node = ros.node()
    ros.wait_for_publishers('events', 'transforms')

    seen = {
        info.topic_type: str(info.topic_type_hash)
        for topic in ('events', 'transforms')
        for info in node.get_publishers_info_by_topic(topic)
    }

    assert seen == {name: TYPE_HASHES[name] for name in (EVENT_PACKET, TF_MESSAGE)}
