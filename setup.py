"""
One description of the package for pip and for colcon; name, version and people from package.xml.

pip ignores `install_scripts` of setup.cfg, so a wheel carries small stubs in `lib/<package>`,
where `ros2 run` and `ros2 launch` look for a node; colcon writes them from the entry points.
`training` is used from a checkout and is never installed as a top-level module.

"""

from pathlib import Path
import sys
from xml.etree import ElementTree

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent  # colcon links this file into its build folder
MANIFEST = ElementTree.parse(HERE / 'package.xml').getroot()
NAME = MANIFEST.findtext('name')

COMMANDS = {
    name: f'eventdepth_core.commands.{name}'
    for name in ('replay', 'evaluate', 'submit', 'convert', 'bundles', 'warmup', 'doctor')
}
NODES = {
    f'{name}_node': f'eventdepth_ros.nodes.{name}'
    for name in ('depth', 'player', 'recorder', 'evaluator', 'event_image')
}  # executable -> module with main()
CHECKS = {
    'ros': 'eventdepth_ros.checks:check_installation',
    'messages': 'eventdepth_ros.checks:check_messages',
    'middleware': 'eventdepth_ros.checks:check_middleware',
    'machine': 'eventdepth_ros.checks:check_machine',
    'publishers': 'eventdepth_ros.checks:check_publishers',
}

INSTALL_REQUIRES = [
    'aedat>=2.2',
    'h5py>=3.10',
    'hdf5plugin>=4.4',
    'jsonschema>=4.18',
    'lz4>=4.3',
    'matplotlib>=3.8',
    'mcap>=1.2',
    'numba>=0.59',
    'numpy>=1.26',
    'onnxruntime>=1.17',
    'opencv-python-headless>=4.9',
    'pyyaml>=6.0',
    'rich>=13.7',
    'zstandard>=0.22',
]

_WHEELS_OF_ROS = (
    "; platform_machine == 'x86_64' and sys_platform == 'linux' "
    "and python_version >= '3.10' and python_version < '3.14'"
)
EXTRAS_REQUIRE = {
    'ros': [  # bring the other packages of interfaces that the nodes use
        f'{requirement}{_WHEELS_OF_ROS}'
        for requirement in (
            'ros-jazzy-diagnostic-msgs==5.3.6',
            'ros-jazzy-rclpy==7.1.6',
            'ros-jazzy-rmw-fastrtps-cpp==8.4.3',
            'ros-jazzy-sensor-msgs==5.3.6',
            'ros-jazzy-std-srvs==5.3.6',
        )
    ],
    'train': [
        'hydra-core>=1.3',
        'hydra-joblib-launcher>=1.2',
        'hydra-submitit-launcher>=1.2',
        'lightning>=2.4',
        'onnx>=1.16',
        'onnxscript>=0.1',
        'safetensors>=0.4',
        'scikit-image>=0.22',
        'scikit-learn>=1.4',
        'torch>=2.4',
        'torchvision>=0.19',
    ],
    'openvino': ['openvino>=2024.4'],
    'tensorrt': ['tensorrt>=10.3'],
    'view': ['rerun-sdk>=0.20'],
    'dev': [
        'hypothesis>=6.100',
        'import-linter>=2.1',
        'mcap-ros2-support>=0.5.5',
        'mypy>=1.11',
        'onnx>=1.16',
        'pytest>=8.2',
        'pytest-xdist>=3.6',
        'rosbags>=0.10.4',
        'ruff>=0.9',
        'scipy>=1.11',
        'setuptools>=77',
        'types-jsonschema',
        'types-pyyaml',
    ],
}


def shared_files() -> list[tuple[str, list[str]]]:
    """List what goes beside the code: index marker, manifest, launch files, configuration."""
    share = f'share/{NAME}'
    listed = [
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (share, ['package.xml']),
    ]
    for top in ('launch', 'config'):
        folders = sorted({path.parent for path in Path(top).rglob('*') if path.is_file()})
        for folder in folders:
            files = sorted(str(path) for path in folder.iterdir() if path.is_file())
            listed.append((f'{share}/{folder.as_posix()}', files))
    return listed


def libexec_stubs() -> list[tuple[str, list[str]]]:
    """Write one relocatable stub for each node, for wheels only."""
    if not NODES or 'bdist_wheel' not in sys.argv:
        return []
    folder = Path('build', 'libexec')
    folder.mkdir(parents=True, exist_ok=True)
    stubs = []
    for executable, module in NODES.items():
        stub = folder / executable
        stub.write_text(
            '#!/bin/sh\n'
            'python="$(dirname "$0")/../../bin/python3"; [ -x "$python" ] || python=python3\n'
            f'exec "$python" -c "import sys; sys.argv[0] = \'{executable}\'; '
            f'from {module} import main; sys.exit(main())" "$@"\n'
        )
        stub.chmod(0o755)
        stubs.append(str(stub))
    return [(f'lib/{NAME}', stubs)]


setup(
    name=NAME,
    version=MANIFEST.findtext('version'),
    description=MANIFEST.findtext('description'),
    long_description=(HERE / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license=MANIFEST.findtext('license'),
    author=MANIFEST.findtext('author'),
    author_email=MANIFEST.find('author').get('email'),
    maintainer=MANIFEST.findtext('maintainer'),
    maintainer_email=MANIFEST.find('maintainer').get('email'),
    python_requires='>=3.10',
    packages=find_packages(include=['eventdepth_core*', 'eventdepth_ros*']),
    package_data={
        '': ['py.typed', '*.json'],
        'eventdepth_core': ['bundles/**/*.yaml', 'bundles/**/*.onnx', 'bundles/**/*.md'],
    },
    data_files=[*shared_files(), *libexec_stubs()],
    zip_safe=False,
    install_requires=INSTALL_REQUIRES,
    extras_require=EXTRAS_REQUIRE,
    entry_points={
        'console_scripts': [
            'eventdepth = eventdepth_core.cli:main',
            *(f'{executable} = {module}:main' for executable, module in NODES.items()),
        ],
        'eventdepth.checks': [f'{name} = {check}' for name, check in CHECKS.items()],
        'eventdepth.commands': [f'{name} = {module}' for name, module in COMMANDS.items()],
    },
)
