"""What the checks look at: an environment without settings of the user."""

from eventdepth_ros import dds
import pytest


@pytest.fixture
def clean(monkeypatch):
    """Take away what tests and users have set."""
    pytest.importorskip('rclpy', reason='no ROS 2 here')
    for name in (*dds.VARIABLES, dds.MODE_VARIABLE, dds.MIDDLEWARE_VARIABLE, 'OMP_NUM_THREADS'):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def by_subject():
    """Return a function that runs a check and returns its findings by subject."""
    return lambda check: {finding.subject: finding for finding in check()}
