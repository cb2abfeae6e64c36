"""
Which ROS 2 is in use, and whether a second one gets in its way.

ROS 2 from wheels sets its library path by starting the interpreter anew, once, guarded by a
variable; a child that inherits the guard and not the path cannot load rclpy. With a sourced
/opt/ros beside the wheels the order of the libraries is random.

"""

from collections.abc import Iterator
import importlib
from importlib import metadata
from importlib.util import find_spec
import os
from pathlib import Path
import sys

from eventdepth_core.commands.doctor import Finding
from eventdepth_ros.msgs.prefixes import prefix_of

GUARD = '_ROS_WHEELS_BOOTSTRAP_COMPLETE'
DISTRIBUTIONS = ('jazzy', 'kilted')
"""Releases of ROS 2 that exist as wheels."""

WHEEL = 'ros-rclpy'
"""The wheel that holds rclpy; the metadata `rclpy` inside of it may tell another version."""

PATHS = ('LD_LIBRARY_PATH', 'AMENT_PREFIX_PATH', 'PYTHONPATH')


def check_installation() -> Iterator[Finding]:
    """Look at rclpy and at mixed installations."""
    if find_spec('rclpy') is None:
        text = (
            "not installed: no nodes, the rest works; pip install 'eventdepth_ros[ros]' (Linux on "
            'x86_64), or source /opt/ros/<distribution>/setup.bash'
        )
        yield Finding('ros', 'note', text)
        return
    yield _rclpy()
    for name in PATHS:
        for other in _other_installations(name):
            text = (
                f'{name} names {other} beside {prefix_of("rclpy")}: libraries of two '
                'installations mix; start from a shell in which only one of them is set up'
            )
            yield Finding('ros installations', 'problem', text)
    if _is_from_wheels() and not os.environ.get('AMENT_PREFIX_PATH'):
        text = f'not set; only ros2 run and ros2 launch need it: AMENT_PREFIX_PATH={sys.prefix}'
        yield Finding('AMENT_PREFIX_PATH', 'ok', text)


def has_ros() -> bool:
    """Say whether rclpy can be imported; why not is a finding of `check_installation`."""
    try:
        importlib.import_module('rclpy')
    except ImportError:
        return False
    return True


def _rclpy() -> Finding:
    try:
        importlib.import_module('rclpy')
    except ImportError as error:
        return Finding('ros', 'problem', f'rclpy does not load: {error}; {_advice()}')
    origin = 'from wheels' if _is_from_wheels() else 'installed'
    return Finding('ros', 'ok', f'{_distribution()}, {origin} in {prefix_of("rclpy")}')


def _advice() -> str:
    if not _is_from_wheels():
        return 'source the setup.bash of the installation again'
    if os.environ.get(GUARD) and f'{sys.prefix}/lib' not in _entries('LD_LIBRARY_PATH'):
        return f'{GUARD} is set and LD_LIBRARY_PATH lacks {sys.prefix}/lib: unset {GUARD}'
    return "pip install --force-reinstall 'eventdepth_ros[ros]'"


def _distribution() -> str:
    """Return the release and the version of rclpy, as the packages say that brought them."""
    is_ours = _is_from_wheels()
    names = [each for each in DISTRIBUTIONS if is_ours and _version(f'ros-{each}-rclpy')]
    release = names[0] if names else os.environ.get('ROS_DISTRO') or 'unknown distribution'
    version = (_version(WHEEL) if is_ours else None) or _version('rclpy')
    return release if version is None else f'{release}, rclpy {version}'


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _is_from_wheels() -> bool:
    return prefix_of('rclpy') == Path(sys.prefix)


def _other_installations(variable: str) -> list[Path]:
    """Return the prefixes with a ROS 2 of their own that a path variable leads to."""
    used = prefix_of('rclpy').resolve()
    folders = [Path(entry).absolute() for entry in _entries(variable)]
    prefixes = {
        prefix for folder in folders for prefix in (folder, *folder.parents)
        if (prefix / 'share' / 'rclpy' / 'package.xml').is_file()
    }  # fmt: skip
    return sorted(prefix for prefix in prefixes if prefix.resolve() != used)


def _entries(variable: str) -> list[str]:
    return [entry for entry in os.environ.get(variable, '').split(os.pathsep) if entry]
