"""Which ROS 2 is in use, and whether a second one gets in its way."""

from importlib import metadata
import os
from pathlib import Path
import subprocess
import sys

from eventdepth_core.commands import doctor
from eventdepth_core.commands.doctor import GROUP
from eventdepth_ros.checks import check_installation
from eventdepth_ros.checks.installation import GUARD
import pytest

TELL = """
import sys
from eventdepth_ros import checks
for finding in checks.check_installation():
    print(finding.subject, finding.state, finding.text)
"""
OTHERS = ('check_messages', 'check_middleware', 'check_publishers')


def run_python(code: str, **environment: str) -> str:
    """Run code in a new interpreter without bootstrapping, so that what we set is what it sees."""
    ran = subprocess.run(
        [sys.executable, '-c', code],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return ran.stdout


def write_prefix(folder: Path) -> Path:
    (folder / 'share' / 'rclpy').mkdir(parents=True)
    (folder / 'share' / 'rclpy' / 'package.xml').touch()
    (folder / 'lib').mkdir()
    return folder


def test_the_checks_are_entry_points_that_load():
    points = {point.name: point for point in metadata.entry_points(group=GROUP)}

    assert {'ros', 'messages', 'middleware', 'machine', 'publishers'} <= set(points)
    assert points['ros'].load() is check_installation


def test_the_distribution_and_its_prefix_are_named(clean, by_subject):
    clean.delenv('AMENT_PREFIX_PATH', raising=False)

    found = by_subject(check_installation)

    assert found['ros'].state == 'ok'
    assert sys.prefix in found['ros'].text or '/opt/ros' in found['ros'].text
    assert 'ros installations' not in found


def test_the_version_of_rclpy_is_that_of_its_wheel_and_told_once(clean, by_subject):
    try:
        version = metadata.version('ros-rclpy')
    except metadata.PackageNotFoundError:
        pytest.skip('ROS 2 is not from wheels here')

    told = [each.text for each in doctor.diagnosis() if 'rclpy' in f'{each.subject} {each.text}']

    assert len(told) == 1
    assert f', rclpy {version}, from wheels' in told[0]


@pytest.mark.parametrize(
    ('variable', 'part'),
    [('LD_LIBRARY_PATH', 'lib'), ('AMENT_PREFIX_PATH', ''), ('PYTHONPATH', 'lib/python3/site')],
)
def test_a_second_installation_on_a_path_is_a_problem(clean, by_subject, tmp_path, variable, part):
    other = write_prefix(tmp_path / 'opt')
    kept = os.environ.get(variable)
    clean.setenv(variable, os.pathsep.join(filter(None, [kept, str(other / part)])))

    finding = by_subject(check_installation)['ros installations']

    assert finding.state == 'problem'
    assert finding.text.startswith(f'{variable} names {other} beside ')
    assert 'start from a shell' in finding.text


def test_a_path_without_a_second_installation_is_none(clean, by_subject, tmp_path):
    clean.setenv('AMENT_PREFIX_PATH', f'{tmp_path}:{sys.prefix}')

    assert 'ros installations' not in by_subject(check_installation)


def test_a_guard_without_libraries_is_explained(clean):
    if not any(Path(path).glob('ros_wheels_bootstrapper*') for path in sys.path):
        pytest.skip('ROS 2 is not from wheels here')

    told = run_python(TELL, **{GUARD: '1', 'LD_LIBRARY_PATH': ''})

    assert told.startswith('ros problem rclpy does not load: ')
    assert f'unset {GUARD}' in told


def test_without_ros_there_is_one_note_and_no_problem():
    code = f"import sys; sys.modules['rclpy'] = None\n{TELL}" + ''.join(
        f'assert not list(checks.{name}())\n' for name in OTHERS
    )

    (line,) = run_python(code).splitlines()

    assert line.startswith('ros note not installed')
    assert "pip install 'eventdepth_ros[ros]'" in line


def test_importing_the_checks_loads_nothing_of_ros():
    code = 'import sys, eventdepth_ros.checks\nprint("rclpy" in sys.modules)'

    assert run_python(code).strip() == 'False'
