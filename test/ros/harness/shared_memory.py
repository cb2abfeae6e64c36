"""
What Fast DDS keeps in /dev/shm, by owner.

Other users of the machine have segments there as well, so a difference of two listings says
nothing. A segment is ours if one of our processes mapped it, a port file if it belongs to a
domain that we claimed. A process that ends by itself removes its own; what a killed one leaves
is removed here once nobody maps it any more.

"""

from collections.abc import Iterable
from pathlib import Path

from harness.domains import PORT_BASE

FOLDER = Path('/dev/shm')
PREFIXES = ('fastrtps_', 'fastdds_')


def mapped_names(pid: int) -> set[str]:
    """Return the names of the DDS segments that process `pid` maps; none where it is gone."""
    try:
        lines = Path(f'/proc/{pid}/maps').read_text().splitlines()
    except OSError:
        return set()
    paths = {line.split(maxsplit=5)[5] for line in lines if f'{FOLDER}/' in line}
    names = {path.removesuffix(' (deleted)').removeprefix(f'{FOLDER}/') for path in paths}
    return {name for name in names if name.startswith(PREFIXES) and not _is_common(name)}


def port_names(ports: range) -> set[str]:
    """Return the names that exist for the ports of a domain."""
    found = {path.name for path in FOLDER.glob('fast*_port*')}
    return {name for name in found if _port(name) in ports}


def remaining(names: Iterable[str]) -> set[str]:
    """Return those of `names` that still exist and that no living process maps."""
    present = {name for name in names if (FOLDER / name).exists()}
    if not present:
        return present
    for folder in Path('/proc').glob('[0-9]*'):
        present -= mapped_names(int(folder.name))
    return present


def remove(names: Iterable[str]) -> None:
    """Remove segments and what stands beside them."""
    for name in names:
        for path in (name, f'{name}_el', f'sem.{name}_mutex'):
            (FOLDER / path).unlink(missing_ok=True)


def _is_common(name: str) -> bool:
    """Return whether a name is of a port that all domains of the machine share."""
    return 0 <= _port(name) < PORT_BASE


def _port(name: str) -> int:
    digits = (
        name.rpartition('_port')[2] if '_port' in name else ''
    )  # the lock file beside it ends in _el
    return int(digits) if digits.isdecimal() else -1
