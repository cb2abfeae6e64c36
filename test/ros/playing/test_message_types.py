"""Message classes by name, installed, built or missing."""

from eventdepth_core.errors import InputError
from eventdepth_core.recordings.definitions import EVENT_PACKET, IMAGE, TF_MESSAGE
from eventdepth_ros import msgs
from eventdepth_ros.playing.message_types import message_class
import pytest

sensor_msgs = pytest.importorskip('sensor_msgs.msg', reason='no ROS 2 here')


def test_installed_and_built_types_are_found():
    assert message_class(IMAGE) is sensor_msgs.Image
    assert message_class(EVENT_PACKET) is msgs.require('event_camera_msgs').EventPacket
    assert message_class(TF_MESSAGE) is msgs.require('tf2_msgs').TFMessage


@pytest.mark.parametrize(
    ('type_name', 'sentence'),
    [
        ('nobodys_msgs/msg/Thing', 'Expected the message package nobodys_msgs'),
        ('sensor_msgs/msg/Smell', 'Expected the message Smell in sensor_msgs'),
        ('sensor_msgs/Image', 'Expected a type as package/msg/Name'),
        ('', 'Expected a type as package/msg/Name'),
    ],
)
def test_what_is_missing_is_named(type_name, sentence):
    with pytest.raises(InputError, match=sentence):
        message_class(type_name)
