"""
Import a message package; build it into the cache where it is missing.

A build lies in `<cache>/msgs/<package>-<key>`; the key covers the text of the types, this
builder, the version of ROS, the Python and the prefix of both, so that a stale build is never
met. Several processes may start at once: the first builds under a lock, the others wait for it.

Laws: an installed package comes first, because the cache is appended to `sys.path`; a build that
failed leaves nothing behind; a finished build is read without a lock, from a read-only cache too.

"""

from collections.abc import Iterator
from contextlib import contextmanager
import fcntl
from functools import cache
import hashlib
import importlib
from importlib.util import find_spec
from pathlib import Path
import shutil
import sys
import sysconfig
import tempfile
from types import ModuleType

from eventdepth_core.compilation import cache_folder
from eventdepth_core.errors import MissingDependencyError
from eventdepth_ros.msgs.building import build_package
from eventdepth_ros.msgs.errors import MessageBuildError
from eventdepth_ros.msgs.generation import Interfaces
from eventdepth_ros.msgs.identity import check_identity
from eventdepth_ros.msgs.packages import MessagePackage, package_named
from eventdepth_ros.msgs.prefixes import prefix_of, share_of

VERSIONED = ('rosidl_generator_py', 'rosidl_runtime_c', 'rclpy')
"""Packages whose release decides whether a build fits."""


@cache
def require(name: str) -> ModuleType:
    """
    Return the module `<name>.msg`, e.g. `require('event_camera_msgs').EventPacket`.

    Raises
    ------
    InputError
        For a package that is none of ours.
    MissingDependencyError
        If ROS 2 is not installed.
    MessageBuildError
        If the package is missing and cannot be built.
    MessageTypeError
        If the package is there and its types are others than ours.

    """
    package = package_named(name)
    module = _imported(package)
    if module is None:
        sys.path.append(str(build_into_cache(package)))
        module = _imported(package)
    if module is None:
        raise MessageBuildError(
            f'Expected {name}.msg to be importable after its build, got none in '
            f'{built_folder(name)}: remove that folder and try again.'
        )
    check_identity(module, package)
    return module


def installed(name: str) -> Path | None:
    """Return where the package is installed, None where it would have to be built."""
    package = package_named(name)
    own = str(cache_folder())
    searched = [path for path in sys.path if not path.startswith(own)]
    for folder in searched:
        if Path(folder or '.', package.name, 'msg', '__init__.py').is_file():
            return Path(folder or '.', package.name)
    return None


def built_folder(name: str) -> Path:
    """
    Return the folder of the cache that a build of the package lies in, or would lie in.

    Raises
    ------
    MissingDependencyError
        If ROS 2 is not installed.

    """
    return cache_folder() / 'msgs' / f'{name}-{_key(package_named(name))}'


def build_into_cache(package: MessagePackage) -> Path:
    """Build a package where no build of it is there, and return its folder."""
    folder = built_folder(package.name)
    if folder.is_dir():
        return folder
    with _locked(folder.with_suffix('.lock')):
        if not folder.is_dir():
            _build_at_once(package, folder)
    return folder


def interfaces_of(package: MessagePackage) -> Interfaces:
    """Return what the builder needs to know of a package."""
    return Interfaces(package.name, package.texts, package.needs)


def _build_at_once(package: MessagePackage, folder: Path) -> None:
    """Build beside the goal and rename, so that the folder is there only when it is complete."""
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f'.{folder.name}-'))
    try:
        build_package(interfaces_of(package), beside)
        beside.chmod(0o755)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _imported(package: MessagePackage) -> ModuleType | None:
    """
    Import the package, None where it is not installed.

    A folder of that name without Python modules, such as a checkout of the package's source, is
    not an installation; it must not stay in `sys.modules`, where it would hide the build.

    """
    name = f'{package.name}.msg'
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in (package.name, name):
            raise
    else:
        if module.__file__ is not None:
            return module
    for stale in (name, package.name):
        sys.modules.pop(stale, None)
    return None


def _key(package: MessagePackage) -> str:
    if find_spec('rclpy') is None:
        raise MissingDependencyError('rclpy', 'ros')
    digest = hashlib.sha256(repr(package.texts).encode())
    for source in sorted(Path(__file__).parent.glob('*.py')):
        digest.update(source.read_bytes())
    for name in VERSIONED:
        digest.update((share_of(name) / 'package.xml').read_bytes())
    for word in (sysconfig.get_config_var('EXT_SUFFIX'), sys.prefix, prefix_of('rclpy')):
        digest.update(str(word).encode())
    return digest.hexdigest()[:12]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open('w')
    except OSError as error:
        raise MessageBuildError(
            f'Expected a writable cache folder to build ROS messages in, got {error}: name '
            'another one by EVENTDEPTH_CACHE.'
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
