"""What is built is the text that the core keeps, and what it needs is derived from it."""

from eventdepth_core.errors import InputError
from eventdepth_ros.msgs.packages import package_named, PACKAGES
import pytest


def test_the_text_of_a_type_is_that_of_the_core():
    texts = PACKAGES['event_camera_msgs'].texts

    assert list(texts) == ['msg/EventPacket.msg']
    assert texts['msg/EventPacket.msg'].splitlines()[-1] == 'uint8[] events'
    assert 'MSG:' not in texts['msg/EventPacket.msg']


@pytest.mark.parametrize(
    ('name', 'needs'),
    [
        ('event_camera_msgs', ('builtin_interfaces', 'std_msgs')),
        ('nav_msgs', ('builtin_interfaces', 'geometry_msgs', 'std_msgs')),
        ('tf2_msgs', ('builtin_interfaces', 'geometry_msgs', 'std_msgs')),
    ],
)
def test_needed_packages_are_derived_from_the_text(name, needs):
    assert PACKAGES[name].needs == needs


def test_an_unknown_name_is_an_error_with_the_known_ones():
    with pytest.raises(InputError, match=r"event_camera_msgs, nav_msgs, tf2_msgs, got 'map_msgs'"):
        package_named('map_msgs')
