"""Domains that nobody else uses."""

import socket

from eventdepth_core.errors import InstallationError
from eventdepth_ros.demo_domain import _bound, claimed_domain, FIRST, LAST
import pytest


def test_domains_held_at_once_are_different():
    with claimed_domain() as one, claimed_domain() as other:
        assert one != other
        assert FIRST <= one <= LAST
        assert FIRST <= other <= LAST


def test_a_domain_that_is_held_is_not_given_again_until_it_is_free():
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        with claimed_domain() as held, pytest.raises(InstallationError, match='a free ROS domain'):
            _bound(other, [held])

        assert _bound(other, [held]) == held
