"""
Where the files of ROS packages lie: headers, libraries, templates and interface files.

The prefix that `rclpy` was imported from comes first, so that a build fits the libraries that are
loaded; then those of `AMENT_PREFIX_PATH`, then that of the interpreter (ROS 2 from wheels).

"""

from functools import cache
from importlib.util import find_spec
import os
from pathlib import Path
import sys

from eventdepth_core.errors import MissingDependencyError


def prefix_of(package: str) -> Path:
    """
    Return the prefix that a ROS package is installed in.

    Raises
    ------
    MissingDependencyError
        If no known prefix has it.

    """
    for prefix in _prefixes(os.environ.get('AMENT_PREFIX_PATH', '')):
        if (prefix / 'share' / package / 'package.xml').is_file():
            return prefix
    raise MissingDependencyError(package, 'ros')


def share_of(package: str) -> Path:
    """Return the share folder of a ROS package, see `prefix_of`."""
    return prefix_of(package) / 'share' / package


@cache
def _prefixes(ament_prefix_path: str) -> tuple[Path, ...]:
    named = [Path(prefix) for prefix in ament_prefix_path.split(os.pathsep) if prefix]
    return (*_prefix_of_rclpy(), *named, Path(sys.prefix))


def _prefix_of_rclpy() -> list[Path]:
    spec = find_spec('rclpy')
    if spec is None or spec.origin is None:
        return []
    return [
        folder for folder in Path(spec.origin).parents if (folder / 'share' / 'rclpy').is_dir()
    ][:1]
