"""What pip and colcon are told: one version, keys that rosdep knows, a wheel that is complete."""

import ast
from configparser import ConfigParser
from email import message_from_bytes
from email.message import Message
from importlib.metadata import EntryPoint
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import venv
from xml.etree import ElementTree
import zipfile

from eventdepth_core.cli import BUILT_IN
from eventdepth_ros.graph import EXECUTABLES
import pytest
import yaml

# What rosdep resolves in both Humble and Jazzy; a new key is looked up before it is added here.
ROSDEP_KEYS = {
    'ament_flake8', 'ament_index_python', 'ament_pep257', 'ament_xmllint', 'builtin_interfaces',
    'cv_bridge', 'diagnostic_msgs', 'event_camera_msgs', 'event_camera_py', 'geometry_msgs',
    'launch', 'launch_ros', 'lifecycle_msgs', 'nav_msgs', 'rcl_interfaces', 'rclpy', 'ros2launch',
    'rosgraph_msgs', 'sensor_msgs', 'std_msgs', 'std_srvs', 'tf2_msgs',
    'python3-h5py', 'python3-hypothesis', 'python3-jsonschema', 'python3-matplotlib',
    'python3-numba', 'python3-numpy', 'python3-onnxruntime-pip', 'python3-opencv',
    'python3-pytest', 'python3-rich', 'python3-rosbags-pip', 'python3-scipy', 'python3-yaml',
}  # fmt: skip
# Hosts that serve packages, split so that this file does not name one.
REGISTRY_HOSTS = tuple('.'.join(parts) for parts in (
    ('pypi', 'org'), ('pythonhosted', 'org'), ('anaconda', 'org'), ('download', 'pytorch', 'org'),
    ('pypi', 'nvidia', 'com'), ('npmjs', 'org'), ('crates', 'io'),
))  # fmt: skip
PYTHON_PACKAGES = {
    'cv2', 'eventdepth_core', 'eventdepth_ros', 'jsonschema', 'mcap', 'numpy', 'rich', 'yaml',
}  # fmt: skip
BUILD_WHEEL = 'import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])'


@pytest.fixture(scope='module')
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel from a copy of the tree, as pip does, but without fetching anything."""
    copy = tmp_path_factory.mktemp('source') / 'tree'
    made = tmp_path_factory.mktemp('wheel')
    ignored = shutil.ignore_patterns('.*', 'build', 'out', 'runs', 'sets', '__pycache__', '*-info')
    shutil.copytree(repository, copy, ignore=ignored)
    ran = subprocess.run(
        [sys.executable, '-c', BUILD_WHEEL, str(made)],
        cwd=copy,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return zipfile.ZipFile(next(made.glob('*.whl')))


@pytest.fixture(scope='module')
def installed(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Install the wheel with pip into an environment of its own; return the folder of that.

    A .pth file lends it our dependencies, which come after what pip has installed; the .pth file
    of an editable installation has no effect there.

    """
    pytest.importorskip('ensurepip', reason='this Python cannot make environments with pip')
    prefix = tmp_path_factory.mktemp('installed')
    venv.create(prefix, with_pip=True)
    python = prefix / 'bin' / 'python'
    options = ('--no-deps', '--no-index', '--disable-pip-version-check', '--no-compile')
    ran = call(python, '-m', 'pip', 'install', *options, str(wheel.filename))
    assert ran.returncode == 0, ran.stderr
    lent = [path for path in sys.path if path.endswith(('site-packages', 'dist-packages'))]
    site = next(prefix.glob('lib/python3.*/site-packages'))
    (site / 'lent.pth').write_text('\n'.join(lent))
    return prefix


@pytest.fixture(scope='module')
def metadata(wheel: zipfile.ZipFile) -> Message:
    name = next(name for name in wheel.namelist() if name.endswith('.dist-info/METADATA'))
    return message_from_bytes(wheel.read(name))


@pytest.fixture(scope='module')
def entry_points(wheel: zipfile.ZipFile) -> ConfigParser:
    name = next(name for name in wheel.namelist() if name.endswith('entry_points.txt'))
    parsed = ConfigParser()
    parsed.read_string(wheel.read(name).decode())
    return parsed


@pytest.fixture(scope='module')
def manifest(repository: Path) -> ElementTree.Element:
    return ElementTree.parse(repository / 'package.xml').getroot()


def call(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an installed program outside the checkout, without settings that lead back to it."""
    settings = {
        key: value for key, value in os.environ.items() if not key.startswith('EVENTDEPTH')
    }
    for name in ('PYTHONPATH', 'PYTHONHOME', 'AMENT_PREFIX_PATH'):
        settings.pop(name, None)
    return subprocess.run(
        [program, *arguments],
        cwd=program.parent,
        env=settings | {'COLUMNS': '400'},
        check=False,
        capture_output=True,
        text=True,
    )


def imported_packages(path: Path) -> set[str]:
    """Return the top-level packages that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return {name.partition('.')[0] for name in names}


def tracked_files(repository: Path) -> list[Path]:
    listed = subprocess.run(
        ['git', 'ls-files', '-z'], cwd=repository, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip('not a git checkout')
    return [repository / name for name in listed.stdout.split('\0') if name]


def test_manifest_names_the_package_and_its_build_type(manifest: ElementTree.Element) -> None:
    assert manifest.get('format') == '3'
    assert manifest.findtext('name') == 'eventdepth_ros'
    assert manifest.findtext('export/build_type') == 'ament_python'


def test_manifest_depends_only_on_keys_that_rosdep_resolves(
    manifest: ElementTree.Element,
) -> None:
    named = {entry.text for entry in manifest if entry.tag.endswith('depend')}

    assert named <= ROSDEP_KEYS
    assert {'rclpy', 'sensor_msgs', 'event_camera_msgs', 'python3-numpy'} <= named


def test_manifest_addresses_are_valid_so_that_colcon_reads_it(
    manifest: ElementTree.Element,
) -> None:
    addresses = [entry.get('email') for entry in manifest if entry.get('email')]

    assert addresses
    assert all(re.fullmatch(r'[\w.+-]+@[\w-]+(\.[\w-]+)+', address) for address in addresses)


def test_manifest_names_every_ros_package_that_code_and_launch_files_import(
    repository: Path, manifest: ElementTree.Element
) -> None:
    named = {entry.text for entry in manifest if entry.tag == 'exec_depend'}
    sources = [
        path
        for folder in ('eventdepth_ros', 'launch')
        for path in (repository / folder).rglob('*.py')
    ]

    imported = {name for path in sources for name in imported_packages(path)}

    assert 'rclpy' in imported
    assert imported & ROSDEP_KEYS <= named
    # generators are looked for at run time, and come with the packages of interfaces
    unknown = imported - named - ROSDEP_KEYS - set(sys.stdlib_module_names) - PYTHON_PACKAGES
    assert {name for name in unknown if not name.startswith('rosidl_')} == set()


def test_version_is_the_same_in_wheel_manifest_and_changelog(
    repository: Path, manifest: ElementTree.Element, metadata: Message
) -> None:
    changelog = (repository / 'CHANGELOG.rst').read_text(encoding='utf-8')
    newest = re.search(r'^(\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$', changelog, re.MULTILINE)

    assert newest is not None
    assert {metadata['Version'], manifest.findtext('version')} == {newest[1]}


def test_neither_torch_nor_tensorrt_is_a_hard_dependency(metadata: Message) -> None:
    hard = [line for line in metadata.get_all('Requires-Dist') or [] if 'extra ==' not in line]

    assert any(line.startswith('numpy') for line in hard)
    assert not any(re.match(r'(torch|tensorrt|ros-|lightning|openvino)', line) for line in hard)


def test_every_extra_that_the_readme_offers_exists(metadata: Message) -> None:
    extras = set(metadata.get_all('Provides-Extra') or [])

    assert extras == {'dev', 'openvino', 'ros', 'tensorrt', 'train', 'view'}


def test_every_entry_point_can_be_loaded(entry_points: ConfigParser) -> None:
    pytest.importorskip('rclpy', reason='nodes need ROS 2')
    values = [value for group in entry_points.values() for value in group.values()]

    loaded = [EntryPoint('', value, '').load() for value in values]

    assert all(entry is not None for entry in loaded)
    assert dict(entry_points['console_scripts']) == {
        'eventdepth': 'eventdepth_core.cli:main',
        **{name: f'{module}:main' for name, module in EXECUTABLES.items()},
    }


def test_installed_commands_are_those_of_a_checkout(entry_points: ConfigParser) -> None:
    assert dict(entry_points['eventdepth.commands']) == BUILT_IN


def test_wheel_holds_code_bundles_and_shared_files(
    wheel: zipfile.ZipFile, repository: Path
) -> None:
    names = wheel.namelist()
    share = next(name for name in names if name.endswith('share/eventdepth_ros/package.xml'))
    prefix = share.removesuffix('package.xml')
    source = repository / 'eventdepth_core'
    carried = [
        path.relative_to(repository).as_posix()
        for path in source.rglob('*')
        if path.suffix in {'.py', '.yaml', '.onnx', '.md', '.json', '.typed', '.msg'}
    ]
    configuration = [
        prefix + path.relative_to(repository).as_posix()
        for path in (repository / 'config').rglob('*')
        if path.is_file()
    ]

    assert configuration
    assert set(carried) | set(configuration) <= set(names)
    assert any(name.endswith('resource_index/packages/eventdepth_ros') for name in names)


def test_installed_copy_finds_its_shared_files_below_its_prefix(installed: Path) -> None:
    code = (
        'import eventdepth_core\n'
        'from eventdepth_core.install import installed_file\n'
        'print(eventdepth_core.__file__)\n'
        "print(installed_file('config', 'demo'))\n"
        "print(installed_file('package.xml'))"
    )

    ran = call(installed / 'bin' / 'python', '-c', code)

    share = installed / 'share' / 'eventdepth_ros'
    assert ran.returncode == 0, ran.stderr
    source, *found = (Path(line) for line in ran.stdout.splitlines())
    assert source.is_relative_to(installed)
    assert found == [share / 'config' / 'demo', share / 'package.xml']


@pytest.mark.parametrize('command', [['eventdepth'], ['python', '-m', 'eventdepth_core.cli']])
def test_installed_copy_verifies_the_bundles_that_it_carries(
    installed: Path, repository: Path, command: list[str]
) -> None:
    carried = {
        path.parent.name for path in repository.glob('eventdepth_core/bundles/*/model.yaml')
    }

    ran = call(installed / 'bin' / command[0], *command[1:], 'bundles')

    assert carried
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert all(f'bundles/{name}' in ran.stdout for name in carried)
    assert ran.stdout.count(str(installed)) == len(carried)


def test_wheel_carries_an_executable_stub_for_each_node(wheel: zipfile.ZipFile) -> None:
    stubs = {
        entry.filename.rsplit('/', 1)[1]: entry.external_attr >> 16
        for entry in wheel.infolist()
        if '/lib/eventdepth_ros/' in entry.filename
    }

    assert set(stubs) == set(EXECUTABLES)
    assert all(mode & 0o111 == 0o111 for mode in stubs.values())


def test_stubs_of_an_installed_copy_start_their_nodes(installed: Path) -> None:
    pytest.importorskip('rclpy', reason='nodes need ROS 2')
    refused = ('--ros-args', '--params-file', '/no/such/file.yaml')
    libexec = installed / 'lib' / 'eventdepth_ros'

    started = {
        name: subprocess.Popen(
            [libexec / name, *refused], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for name in EXECUTABLES
    }

    for name, program in started.items():
        output, _ = program.communicate(timeout=60)
        assert program.returncode == 1, f'{name}: {output}'
        assert '/no/such/file.yaml' in output, f'{name}: {output}'


def test_wheel_leaves_training_and_tests_out(wheel: zipfile.ZipFile) -> None:
    tops = {name.split('/')[0] for name in wheel.namelist()}

    assert {top for top in tops if '.' not in top} == {'eventdepth_core', 'eventdepth_ros'}


def test_index_marker_and_licence_are_there(repository: Path) -> None:
    assert (repository / 'resource' / 'eventdepth_ros').is_file()
    assert 'Apache License' in (repository / 'LICENSE').read_text(encoding='utf-8')


def test_no_tracked_file_names_a_package_registry(repository: Path) -> None:
    texts = {
        path: path.read_bytes() for path in tracked_files(repository)
        if path.is_file() and path.suffix not in {'.onnx', '.png', '.mcap', '.npz'}
    }  # fmt: skip

    found = [
        (str(path), host)
        for path, text in texts.items()
        for host in REGISTRY_HOSTS
        if host.encode() in text
    ]

    assert not found


@pytest.mark.parametrize('tag', ['py310', 'py311', 'py312'])
def test_training_constraints_pin_the_ordinary_torch_pair(repository: Path, tag: str) -> None:
    pinned = (repository / 'constraints' / f'train-{tag}.txt').read_text().splitlines()
    runtime = (repository / 'constraints' / f'{tag}.txt').read_text().splitlines()

    versions = dict(line.split('==') for line in pinned)

    assert '+' not in versions['torch'] + versions['torchvision']
    assert not any(line.startswith('torch') for line in runtime)
    assert 'onnxruntime' in versions


def test_every_yaml_of_the_configuration_loads(repository: Path) -> None:
    files = list((repository / 'config').rglob('*.y*ml'))

    loaded = [yaml.safe_load(path.read_text(encoding='utf-8')) for path in files]

    assert files
    assert all(isinstance(document, dict | list) for document in loaded)
