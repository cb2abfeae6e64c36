"""
Compile and link the generated sources with the machine's C and C++ compiler.

`CC` and `CXX` name other compilers than gcc and g++, as anywhere; they may contain options.

"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import os
from pathlib import Path
import shlex
import shutil
import subprocess
import sysconfig

from eventdepth_ros.msgs.errors import MessageBuildError

MAX_JOBS = 4
SHOWN_LINES = 8
"""Lines of a compiler's complaint that go into the message of the error."""


@dataclass(frozen=True, slots=True)
class Compilers:
    """The commands that compile C and C++, each as a list of words."""

    c: tuple[str, ...]
    cxx: tuple[str, ...]


def find_compilers() -> Compilers:
    """
    Return the compilers to use.

    Raises
    ------
    MessageBuildError
        If one of them, or the headers of Python, is not there.

    """
    found = Compilers(
        c=tuple(shlex.split(os.environ.get('CC') or 'gcc')),
        cxx=tuple(shlex.split(os.environ.get('CXX') or 'g++')),
    )
    for setting, command in (('CC', found.c), ('CXX', found.cxx)):
        if shutil.which(command[0]) is None:
            raise MessageBuildError(
                f'Expected a compiler to build ROS messages with, got no {command[0]!r} on the '
                f'path: install gcc and g++ (apt install build-essential), or name one by '
                f'{setting}, or install the messages (see eventdepth doctor).'
            )
    header = Path(sysconfig.get_paths()['include'], 'Python.h')
    if not header.is_file():
        raise MessageBuildError(
            f'Expected the headers of Python to build ROS messages with, got no {header}: '
            'install them (apt install python3-dev).'
        )
    return found


def compile_all(
    compilers: Compilers, sources: Iterable[Path], include_folders: Sequence[Path]
) -> None:
    """Compile each source to an object file of the same name with `.o` appended."""
    options = ['-O2', '-fPIC', '-w', *(f'-I{folder}' for folder in include_folders)]

    def compile_one(source: Path) -> None:
        """Compile one source by the compiler of its language."""
        is_cxx = source.suffix == '.cpp'
        command = [*compilers.cxx, '-std=c++17'] if is_cxx else [*compilers.c, '-std=gnu11']
        _call([*command, *options, '-c', str(source), '-o', f'{source}.o'])

    with ThreadPoolExecutor(min(MAX_JOBS, os.cpu_count() or 1)) as pool:
        list(pool.map(compile_one, sources))


@dataclass(frozen=True, slots=True)
class Linking:
    """
    One shared library: its path, its objects and what it is linked against.

    `neighbours` lie beside it and are found there again wherever the folder is moved to;
    `libraries` lie in the `lib` folders of `prefixes`.

    """

    output: Path
    objects: Sequence[Path]
    neighbours: Sequence[Path]
    libraries: Sequence[str]
    prefixes: Sequence[Path]


def link(compilers: Compilers, linking: Linking) -> None:
    """
    Link one shared library.

    Every library stays needed, also where no symbol of it is used: the generated dispatcher opens
    the type supports by name, and finds one that is loaded already without a search path.

    """
    folders = [f'{prefix}/lib' for prefix in linking.prefixes]
    _call([
        *compilers.cxx, '-shared', '-o', str(linking.output),
        f'-Wl,-soname,{linking.output.name}', '-Wl,-rpath,$ORIGIN', '-Wl,--no-as-needed',
        *map(str, linking.objects), *map(str, linking.neighbours),
        *(f'-L{folder}' for folder in folders), *(f'-Wl,-rpath,{folder}' for folder in folders),
        *(f'-l{library}' for library in linking.libraries),
    ])  # fmt: skip


def _call(command: Sequence[str]) -> None:
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    if ran.returncode == 0:
        return
    said = '\n'.join((ran.stderr or ran.stdout).strip().splitlines()[-SHOWN_LINES:])
    raise MessageBuildError(
        f'Expected {command[0]} to build a ROS message package, got exit status '
        f'{ran.returncode}:\n{said}\nInstall gcc and g++ (apt install build-essential), or name '
        'other compilers by CC and CXX.'
    )
