"""
A ROS domain that nobody on this machine uses.

A domain belongs to whoever binds its name as an abstract Unix socket: the kernel gives each name
once, to any user, and frees it when the owner ends in whatever way. Numbers below `FIRST` stay
free for people; above `LAST` the ports of DDS leave the range that systems keep free.

"""

from collections.abc import Iterator
from contextlib import contextmanager
import random
import socket
import sys

from eventdepth_core.errors import InstallationError

FIRST, LAST = 31, 101


@contextmanager
def claimed_domain() -> Iterator[int]:
    """
    Hold a random free domain for the length of a `with` block.

    Where sockets have no abstract names (not Linux) the number is random and not held.

    Raises
    ------
    InstallationError
        If every domain is taken.

    """
    candidates = random.sample(range(FIRST, LAST + 1), LAST - FIRST + 1)
    if not sys.platform.startswith('linux'):
        yield candidates[0]
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as owner:
        yield _bound(owner, candidates)


def _bound(owner: socket.socket, candidates: list[int]) -> int:
    for candidate in candidates:
        try:
            owner.bind(f'\0eventdepth_ros/domain/{candidate}')
        except OSError:
            continue
        return candidate
    raise InstallationError(
        f'Expected a free ROS domain from {FIRST} to {LAST}, got none: other demos or tests run.'
    )
