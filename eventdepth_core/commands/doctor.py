"""
`eventdepth doctor`: say whether this installation can work, and what to do where it cannot.

A check is a callable that yields `Finding`s; further ones come from installed distributions by
the entry-point group `eventdepth.checks`. One with a parameter `params_files` is given the files
of `--params-file`. Law: a check that fails is a finding, never a crash.

"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from inspect import signature
import os
from pathlib import Path
import platform
import sys
import tempfile
from typing import Literal, TypeAlias

from eventdepth_core.errors import EventDepthError

SUMMARY = 'Check this installation: versions, cache folder, bundles, cores, settings.'
GROUP = 'eventdepth.checks'
EXIT_PROBLEM = 1
MIN_PYTHON = (3, 10)
MIN_CORES = 2
REQUIRED = (
    'numpy', 'numba', 'onnxruntime', 'opencv-python-headless', 'pyyaml', 'jsonschema',
    'rich', 'matplotlib',
)  # fmt: skip
FOR_RECORDINGS = {
    'mcap': 'ROS 2 bags in MCAP and the depth.mcap that a replay writes',
    'zstandard': 'ROS 2 bags compressed with zstd, depth.mcap too',
    'lz4': 'ROS 2 bags compressed with lz4',
    'aedat': 'recordings in .aedat4',
}
"""Packages that some recordings need; an installation by rosdep does not bring them."""

SYSTEM_MODULES = {'opencv-python-headless': 'cv2'}
"""Modules of system packages that carry no metadata of a Python distribution."""

OPTIONAL = ('torch', 'openvino', 'tensorrt')
PREFIX = 'EVENTDEPTH_'
SETTINGS = (
    'EVENTDEPTH_BUNDLES', 'EVENTDEPTH_CACHE', 'EVENTDEPTH_DATA', 'EVENTDEPTH_DDS',
    'EVENTDEPTH_HYPOTHESIS',
)  # fmt: skip

State: TypeAlias = Literal['ok', 'note', 'problem']


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis: what was looked at, how it is, what was seen or is to be done."""

    subject: str
    state: State
    text: str


Check: TypeAlias = Callable[..., Iterator[Finding]]
"""Takes nothing, or `params_files`, a tuple of paths."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument(
        '--params-file',
        dest='params_files',
        type=Path,
        action='append',
        metavar='FILE',
        help='ROS parameters of the depth node, whose topics are then looked at in the live graph;'
        ' again for another file, of which the later wins',
    )


def run(arguments: argparse.Namespace) -> int:
    """Print all findings; the exit code is 1 if one of them is a problem."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    findings = diagnosis(tuple(arguments.params_files or ()))
    styles = {'ok': 'green', 'note': 'yellow', 'problem': 'red'}
    table = Table('subject', 'state', 'finding')
    for finding in findings:
        style = styles[finding.state]
        state = f'[{style}]{finding.state}[/{style}]'
        table.add_row(escape(finding.subject), state, escape(finding.text))
    console = Console()
    console.print(table)
    problems = sum(finding.state == 'problem' for finding in findings)
    console.print('No problems.' if problems == 0 else f'Problems: {problems}.')
    return 0 if problems == 0 else EXIT_PROBLEM


def diagnosis(params_files: tuple[Path, ...] = ()) -> list[Finding]:
    """
    Return the findings of the built-in checks and of the installed ones.

    Parameters
    ----------
    params_files : tuple of Path
        Parameter files for the checks that read them; the later wins.

    """
    checks: list[Check] = [_python, _packages, _cache, _bundles, _cores, _settings]
    findings: list[Finding] = []
    for check in [*checks, *_installed_checks()]:
        try:
            findings += check(**_accepted(check, params_files))
        except (EventDepthError, ImportError, OSError) as error:
            findings.append(Finding(check.__name__.strip('_'), 'problem', str(error)))
    return findings


def _accepted(check: Check, params_files: tuple[Path, ...]) -> dict[str, tuple[Path, ...]]:
    """Return what of the options a check takes."""
    takes = 'params_files' in signature(check).parameters
    return {'params_files': params_files} if takes else {}


def _installed_checks() -> Sequence[Check]:
    return [point.load() for point in metadata.entry_points(group=GROUP)]


def _python() -> Iterator[Finding]:
    is_new_enough = sys.version_info >= MIN_PYTHON
    text = f'{platform.python_version()} on {platform.machine()}, {platform.system()}'
    yield Finding('python', 'ok' if is_new_enough else 'problem', text)


def _packages() -> Iterator[Finding]:
    for name in REQUIRED:
        version = _version(name) or _system_module(name)
        yield Finding(name, 'problem' if version is None else 'ok', version or 'not installed')
    for name, purpose in FOR_RECORDINGS.items():
        version = _version(name)
        text = version or f'missing: needed for {purpose} (pip install {name})'
        yield Finding(name, 'note' if version is None else 'ok', text)
    for name in OPTIONAL:
        yield Finding(name, 'ok', _version(name) or 'not installed (optional)')


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _system_module(package: str) -> str | None:
    module = SYSTEM_MODULES.get(package)
    if module is None or find_spec(module) is None:
        return None
    return f'module {module} of the system'


def _cache() -> Iterator[Finding]:
    from eventdepth_core.compilation import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            yield Finding('cache', 'ok', f'{folder} is writable')
    except OSError as error:
        text = f'{error}: kernels compile at every start; set EVENTDEPTH_CACHE'
        yield Finding('cache', 'problem', text)


def _bundles() -> Iterator[Finding]:
    from eventdepth_core.bundle import list_bundles, load_bundle

    entries = list_bundles()
    if not entries:
        yield Finding('bundles', 'problem', 'none found; name their folder in EVENTDEPTH_BUNDLES')
    for entry in entries:
        try:
            bundle = load_bundle(entry.folder)
        except EventDepthError as error:
            yield Finding(f'bundle {entry.name}', 'problem', str(error))
        else:
            yield Finding(f'bundle {entry.name}', 'ok', f'{bundle.version}, verified')


def _cores() -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    is_enough = (cores or 1) >= MIN_CORES
    text = f'{cores} usable' + ('' if is_enough else '; inference will delay the event stream')
    yield Finding('cores', 'ok' if is_enough else 'note', text)


def _settings() -> Iterator[Finding]:
    for name in sorted(name for name in os.environ if name.startswith(PREFIX)):
        value = os.environ[name]
        if name not in SETTINGS:
            known = ', '.join(SETTINGS)
            yield Finding(name, 'note', f'{value!r}; not a setting of this version ({known})')
        elif name == 'EVENTDEPTH_BUNDLES' and not _are_folders(value):
            yield Finding(name, 'problem', f'{value!r} names a folder that does not exist')
        else:
            yield Finding(name, 'ok', value)


def _are_folders(value: str) -> bool:
    return all(Path(folder).is_dir() for folder in value.split(os.pathsep) if folder)
