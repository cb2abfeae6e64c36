"""Whether the message packages are installed, built or can be built here."""

from collections.abc import Iterator

from eventdepth_core.commands.doctor import Finding
from eventdepth_core.errors import EventDepthError
from eventdepth_ros.checks.installation import has_ros
from eventdepth_ros.msgs import built_folder, installed, PACKAGES, require
from eventdepth_ros.msgs.compiling import find_compilers
from eventdepth_ros.msgs.errors import MessageBuildError

COMMAND = 'python -m eventdepth_ros.msgs build'


def check_messages() -> Iterator[Finding]:
    """Look at the compiler and at each message package."""
    if not has_ros():
        return
    missing = _missing_compiler()
    text = missing or 'found: message packages that are not installed can be built'
    yield Finding('compiler', 'ok' if missing is None else 'note', text)
    for name in PACKAGES:
        yield _package(name, can_build=missing is None)


def _missing_compiler() -> str | None:
    try:
        find_compilers()
    except MessageBuildError as error:
        return str(error)
    return None


def _package(name: str, *, can_build: bool) -> Finding:
    place = installed(name)
    built = built_folder(name)
    if place is None and not built.is_dir():
        if can_build:
            text = f'not built yet: the first node does it in about 2 s, or {COMMAND}'
            return Finding(name, 'note', text)
        text = (
            'neither installed nor built, and there is no compiler: apt install '
            f'ros-<distribution>-{name.replace("_", "-")}, or a compiler and {COMMAND}'
        )
        return Finding(name, 'problem', text)
    try:
        require(name)
    except EventDepthError as error:
        return Finding(name, 'problem', str(error))
    where = f'built in {built}' if place is None else f'installed in {place}'
    return Finding(name, 'ok', f'{where}, the types are those of this version')
