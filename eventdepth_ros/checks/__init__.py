"""
What `eventdepth doctor` looks at for the ROS 2 graph; each finding says what to do.

The checks are entry points of the group `eventdepth.checks`. Laws: a check that cannot look says
so in a finding; where ROS 2 is not installed, that is one note and no problem, because the library
and `eventdepth replay` work without it; importing this package loads nothing of ROS.

"""

from eventdepth_ros.checks.installation import check_installation
from eventdepth_ros.checks.machine import check_machine
from eventdepth_ros.checks.messages import check_messages
from eventdepth_ros.checks.middleware import check_middleware
from eventdepth_ros.checks.publishers import check_publishers

__all__ = [
    'check_installation',
    'check_machine',
    'check_messages',
    'check_middleware',
    'check_publishers',
]
