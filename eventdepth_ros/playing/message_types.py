"""
Message classes by their name in a bag or a graph, `package/msg/Name`.

Packages that pip does not have are built on demand (`eventdepth_ros.msgs`); what cannot be
imported is None, and why.

"""

from functools import cache
from importlib import import_module

from eventdepth_core.errors import EventDepthError, InputError
from eventdepth_ros import msgs

BUILT_PACKAGES = ('event_camera_msgs', 'nav_msgs', 'tf2_msgs')


@cache
def message_class(type_name: str) -> type:
    """
    Return the class of a message type.

    Raises
    ------
    InputError
        If its package is not installed or has no such message; the text says why.

    """
    package, _, name = type_name.partition('/msg/')
    if not package or not name:
        raise InputError(f'Expected a type as package/msg/Name, got {type_name!r}.')
    try:
        module = (
            msgs.require(package) if package in BUILT_PACKAGES else import_module(f'{package}.msg')
        )
    except ModuleNotFoundError as error:
        raise InputError(
            f'Expected the message package {package} of {type_name}, got none installed.'
        ) from error
    except EventDepthError as error:
        raise InputError(f'Expected the message type {type_name}, got: {error}') from error
    found = getattr(module, name, None)
    if not isinstance(found, type):
        raise InputError(f'Expected the message {name} in {package}, got none.')
    return found
