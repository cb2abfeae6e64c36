"""
Where the installed files lie: launch files, configuration, rviz and dds profiles.

Looked for in this order: the share folder of each ament prefix (`AMENT_PREFIX_PATH`) whose index
lists the package, the repository root of a checkout, the share folder below `sys.prefix` (pip).

"""

from collections.abc import Iterator
import os
from pathlib import Path
import sys

from eventdepth_core.errors import InstallationError

PACKAGE = 'eventdepth_ros'
INDEX = Path('share', 'ament_index', 'resource_index', 'packages', PACKAGE)


def installed_file(*parts: str) -> Path:
    """
    Return the path of an installed file or folder, e.g. `installed_file('config', 'node.yaml')`.

    Raises
    ------
    InstallationError
        If no place has it.

    """
    looked_in = []
    for root in _roots():
        path = root.joinpath(*parts)
        if path.exists():
            return path
        looked_in.append(str(root))
    raise InstallationError(
        f'Expected {"/".join(parts)} in the installed files of {PACKAGE}, '
        f'got none in {", ".join(looked_in) or "any known place"}.'
    )


def _roots() -> Iterator[Path]:
    for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep):
        if prefix and (Path(prefix) / INDEX).is_file():
            yield Path(prefix, 'share', PACKAGE)
    checkout = Path(__file__).resolve().parents[1]
    if (checkout / 'package.xml').is_file() and (checkout / 'setup.py').is_file():
        yield checkout
    pip_share = Path(sys.prefix, 'share', PACKAGE)
    if pip_share.is_dir():
        yield pip_share
