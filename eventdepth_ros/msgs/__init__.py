"""
Message packages that pip cannot bring: an installed one is used, a missing one is built once.

    from eventdepth_ros import msgs
    EventPacket = msgs.require('event_camera_msgs').EventPacket

The type names have to be those of the drivers (`event_camera_msgs/msg/EventPacket`), so a message
package of our own name would not do, and a wheel that carried the compiled code would be tied to
one distribution of ROS 2. Therefore the code is generated and compiled on the machine, in about
two seconds, into the user's cache; images call `python -m eventdepth_ros.msgs build` beforehand.

Laws: an installed package always wins and is never shadowed; the type hash is checked wherever
the package came from; importing this package loads nothing of ROS.

"""

from eventdepth_ros.msgs.errors import MessageBuildError, MessageTypeError
from eventdepth_ros.msgs.packages import MessagePackage, PACKAGES
from eventdepth_ros.msgs.requiring import built_folder, installed, require

__all__ = [
    'PACKAGES',
    'MessageBuildError',
    'MessagePackage',
    'MessageTypeError',
    'built_folder',
    'installed',
    'require',
]
