"""
ROS domains nobody else has.

A domain belongs to whoever binds its name as an abstract Unix socket: the kernel gives each name
once on a machine, to any user, and frees it when the owner ends in whatever way. Numbers below
FIRST stay free for people; above LAST the ports of DDS leave the range that systems keep free.

"""

import os
import socket

FIRST, LAST = 31, 101
PORT_BASE, PORTS_PER_DOMAIN = 7400, 250


class Domain:
    """One claimed domain; `close` gives it back."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.number = self._claim()

    @property
    def ports(self) -> range:
        """The ports that DDS uses in this domain."""
        first = PORT_BASE + PORTS_PER_DOMAIN * self.number
        return range(first, first + PORTS_PER_DOMAIN)

    def close(self) -> None:
        """Give the domain back."""
        self._socket.close()

    def _claim(self) -> int:
        for candidate in _candidates():
            try:
                self._socket.bind(f'\0eventdepth_ros/domain/{candidate}')
            except OSError:
                continue
            return candidate
        self._socket.close()
        raise RuntimeError(f'Expected a free ROS domain from {FIRST} to {LAST}, got none.')


_turn = 0


def _candidates() -> list[int]:
    """Return all domains, beginning at another one for each worker, process and call."""
    global _turn  # noqa: PLW0603 - a domain rests while it can: killed nodes live on for 5 s
    _turn += 1
    worker = int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))
    count = LAST - FIRST + 1
    start = worker * 17 + os.getpid() * 7 + _turn
    return [FIRST + (start + i) % count for i in range(count)]
