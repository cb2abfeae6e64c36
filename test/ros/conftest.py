"""
What a test with ROS may ask for; without rclpy such tests are skipped with the reason.

`ros` is one isolated graph (see `harness.session`): `ros_context`, `ros_domain`, `ros_node`,
`process` and `spin_until` are its parts by name; `module_ros` lives as long as a module of tests.
Every test process has its own domains, log folder and DDS profile, and at its end nothing of it
may be left in /dev/shm.

"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
import sys

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from harness.bundles import write_tiny_bundle  # noqa: E402 - lies in this folder

HAS_ROS = find_spec('rclpy') is not None
ROS_PACKAGES = {
    'builtin_interfaces',
    'diagnostic_msgs',
    'event_camera_msgs',
    'geometry_msgs',
    'lifecycle_msgs',
    'nav_msgs',
    'rcl_interfaces',
    'rclpy',
    'rosgraph_msgs',
    'sensor_msgs',
    'std_msgs',
    'std_srvs',
    'tf2_msgs',
}


class ModuleWithoutRos(pytest.Module):
    """A test module where ROS is missing: skipped if it is ROS that its import wants."""

    def collect(self):
        """Return the tests, or skip the module."""
        try:
            return list(super().collect())
        except self.CollectError as error:
            missing = getattr(error.__cause__, 'name', None) or ''
            if missing.partition('.')[0] not in ROS_PACKAGES:
                raise
            pytest.skip(f'{missing} is not importable: no ROS 2 here', allow_module_level=True)


if not HAS_ROS:

    def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
        """Collect modules so that a missing ROS skips them."""
        return ModuleWithoutRos.from_parent(parent, path=module_path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Show what the child nodes of a failed test have written."""
    report = yield
    if report.failed:
        for name in ('ros', 'module_ros'):
            session = getattr(item, 'funcargs', {}).get(name)
            for child in session.children if session else ():
                report.sections.append((f'output of {child.title}', child.tail()))
    return report


@pytest.fixture(scope='session', autouse=True)
def ros_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Set log folder, discovery range and DDS profile; look for leftovers at the end."""
    if not HAS_ROS:
        yield
        return
    from eventdepth_ros import dds

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('ROS_LOG_DIR', str(tmp_path_factory.mktemp('ros_log')))
        patch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
        for name, value in dds.environment().items():
            patch.setenv(name, value)
        yield
        from harness.session import LEDGER

        leaks = LEDGER.leaks()
        assert not leaks, f'Expected nothing of ours in /dev/shm, got {leaks}.'


def _session(folder: Path) -> Iterator:
    pytest.importorskip('rclpy', reason='no ROS 2 here')
    from harness.session import RosSession

    session = RosSession(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('ROS_DOMAIN_ID', str(session.domain.number))
        try:
            yield session
        finally:
            session.close()


@pytest.fixture
def ros(tmp_path: Path) -> Iterator:
    """One isolated graph for this test."""
    folder = tmp_path / 'output'
    folder.mkdir()
    yield from _session(folder)


@pytest.fixture(scope='module')
def module_ros(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """One isolated graph for the tests of a module."""
    yield from _session(tmp_path_factory.mktemp('output'))


@pytest.fixture
def ros_domain(ros) -> int:
    """Return the number of the domain of this test, which is in the environment as well."""
    return ros.domain.number


@pytest.fixture
def ros_context(ros):
    """Return an initialised context of this test; it is shut down always."""
    return ros.context


@pytest.fixture
def ros_node(ros):
    """Return a function that makes nodes: `ros_node('probe', parameter_overrides=[...])`."""
    return ros.node


@pytest.fixture
def spin_until(ros):
    """Return a function that spins the test's nodes: `spin_until(condition, timeout_s)`."""
    return ros.spin_until


@pytest.fixture
def process(ros):
    """Return a function that starts child nodes: `process('depth', parameters={...})`."""
    return ros.start


@pytest.fixture(scope='session')
def tiny_bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the tiny bundle of the core's tests, to be given to nodes."""
    return write_tiny_bundle(tmp_path_factory.mktemp('bundles') / 'tiny')
