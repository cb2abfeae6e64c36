"""`ros2` finds, runs and launches the nodes of an installation by colcon and by pip."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
import venv

from eventdepth_ros.graph import EXECUTABLES
import pytest

pytestmark = pytest.mark.slow
NAME = 'eventdepth_ros'
NOT_INSTALLED = ('.*', 'build', 'out', 'runs', 'sets', 'test', 'training', '__pycache__', '*-info')
BUILD_WHEEL = 'import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])'
DEADLINE_S = 120.0  # the first start of an installation compiles its kernels


@dataclass(frozen=True)
class Installation:
    """An installed copy of the package: its prefix, and the environment that leads to it."""

    prefix: Path
    environment: Mapping[str, str]

    def call(self, *words: str) -> str:
        return run(words, self.environment)


def run(words, environment: Mapping[str, str], cwd: Path | None = None) -> str:
    ran = subprocess.run(
        words, env=environment, cwd=cwd, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def clean_environment() -> dict[str, str]:
    """Return ours without a prefix in which the package is installed already."""
    prefixes = os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
    marker = Path('share', 'ament_index', 'resource_index', 'packages', NAME)
    kept = [prefix for prefix in prefixes if prefix and not (Path(prefix) / marker).is_file()]
    return {**os.environ, 'AMENT_PREFIX_PATH': os.pathsep.join(kept)}


def install_by_colcon(tree: Path, workspace: Path, *options: str) -> Installation:
    if shutil.which('colcon') is None:
        pytest.skip('colcon is not on the path')
    shutil.move(tree, workspace / 'src' / NAME)
    run(['colcon', 'build', *options], clean_environment(), workspace)
    told = run(['bash', '-c', '. install/setup.bash && env -0'], clean_environment(), workspace)
    environment = dict(line.split('=', 1) for line in told.split('\0') if '=' in line)
    return Installation(workspace / 'install' / NAME, environment)


def install_by_pip(tree: Path, workspace: Path) -> Installation:
    """Install as pip does into an environment that is lent our dependencies."""
    pytest.importorskip('ensurepip', reason='this Python cannot make environments with pip')
    prefix = workspace / 'environment'
    venv.create(prefix, with_pip=True)
    environment = clean_environment()
    run([sys.executable, '-c', BUILD_WHEEL, str(workspace)], environment, tree)
    wheel = str(next(workspace.glob('*.whl')))
    python = str(prefix / 'bin' / 'python')
    run([python, '-m', 'pip', 'install', '--no-deps', '--no-index', wheel], environment, workspace)
    lent = [path for path in sys.path if path.endswith(('site-packages', 'dist-packages'))]
    site = next(prefix.glob('lib/python3.*/site-packages'))
    (site / 'lent.pth').write_text('\n'.join(lent))
    prefixes = os.pathsep.join([str(prefix), environment['AMENT_PREFIX_PATH']])
    return Installation(prefix, environment | {'AMENT_PREFIX_PATH': prefixes})


@pytest.fixture(scope='module', params=['colcon', 'colcon --symlink-install', 'pip'])
def installation(
    request: pytest.FixtureRequest,
    repository: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    if shutil.which('ros2') is None:
        pytest.skip('ros2 is not on the path')
    workspace = tmp_path_factory.mktemp('workspace')
    tree = workspace / 'tree'
    shutil.copytree(repository, tree, ignore=shutil.ignore_patterns(*NOT_INSTALLED))
    if request.param == 'pip':
        yield install_by_pip(tree, workspace)
    else:
        yield install_by_colcon(tree, workspace, *request.param.split()[1:])
    shutil.rmtree(workspace)


@pytest.fixture
def started(installation: Installation, ros_domain: int, tmp_path: Path):
    """Return a function that starts a command in a group of its own; at the end it is killed."""
    programs = []

    def start(*words: str) -> tuple[subprocess.Popen[bytes], Path]:
        output = tmp_path / f'{len(programs)}.txt'
        environment = {**installation.environment, 'ROS_DOMAIN_ID': str(ros_domain)}
        with output.open('wb') as file:
            program = subprocess.Popen(
                words, env=environment, stdout=file, stderr=file, start_new_session=True
            )
        programs.append(program)
        return program, output

    yield start
    for program in programs:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()


def wait_for_publisher(ros, topic: str) -> None:
    """Wait until a node is up: it advertises its topics when everything else is done."""
    node = ros.node()
    ros.spin_until(lambda: node.count_publishers(topic), DEADLINE_S, f'a publisher of {topic}')


def test_the_index_lists_the_package_below_its_own_prefix(installation: Installation) -> None:
    assert installation.call('ros2', 'pkg', 'prefix', NAME).strip() == str(installation.prefix)


def test_every_node_is_an_executable_of_the_package(installation: Installation) -> None:
    listed = installation.call('ros2', 'pkg', 'executables', NAME).splitlines()

    assert {f'{NAME} {executable}' for executable in EXECUTABLES} <= set(listed)


def test_a_node_runs_by_its_name_and_ends_with_sigint(started, ros) -> None:
    program, output = started('ros2', 'run', NAME, 'event_image_node')

    wait_for_publisher(ros, '/event_image/image')
    os.killpg(program.pid, signal.SIGINT)

    assert program.wait(DEADLINE_S) == 0, output.read_text()


def test_a_launch_file_starts_its_node_and_ends_with_sigint(started, ros) -> None:
    program, output = started('ros2', 'launch', NAME, 'depth.launch.py')

    wait_for_publisher(ros, '/eventdepth/depth/image')
    program.send_signal(signal.SIGINT)

    assert program.wait(DEADLINE_S) == 0, output.read_text()
    assert 'process has finished cleanly' in output.read_text()


def test_installed_files_are_those_below_the_prefix(installation: Installation) -> None:
    code = "from eventdepth_core.install import installed_file; print(installed_file('config'))"
    python = installation.prefix / 'bin' / 'python'

    told = installation.call(str(python if python.exists() else sys.executable), '-c', code)

    assert Path(told.strip()) == installation.prefix / 'share' / NAME / 'config'
