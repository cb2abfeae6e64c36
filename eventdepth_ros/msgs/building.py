"""
Build the Python module of a message package: generate, compile, link, put into place.

What is left in the target, and nothing else, for a package P:

    P/                                          the Python modules, three shared libraries
    share/P/msg/T.msg, T.idl, T.json            text, IDL and description with the type hash

Law: the target is complete or untouched.

"""

from pathlib import Path
import shutil
import sysconfig
import tempfile

from eventdepth_core.errors import needed_package
from eventdepth_ros.msgs.compiling import compile_all, Compilers, find_compilers, link, Linking
from eventdepth_ros.msgs.generation import (
    C,
    COMPILED,
    description_file,
    DISPATCH,
    FAST,
    generate,
    Interfaces,
    INTROSPECTION,
    PYTHON,
)
from eventdepth_ros.msgs.prefixes import prefix_of


def build_package(interfaces: Interfaces, target: Path) -> None:
    """
    Build a message package into a folder that can be put on the Python path.

    A package of the same name in that folder is replaced.

    Raises
    ------
    MissingDependencyError
        If ROS 2 or one of its generators is not installed.
    MessageBuildError
        If the compiler is missing or fails.

    """
    with needed_package('rclpy', 'ros'):
        import rclpy as _rclpy  # noqa: F401  # the message about what is missing names this one
    compilers = find_compilers()
    with tempfile.TemporaryDirectory(prefix='eventdepth-msgs-') as created:
        folder = Path(created)
        generate(interfaces, folder)
        compile_all(compilers, _sources(folder), _include_folders(interfaces, folder))
        made = folder / 'made'
        _copy_modules(interfaces, folder, made)
        _link_libraries(compilers, interfaces, folder, made / interfaces.name)
        _move_into_place(interfaces.name, made, target)


def _sources(folder: Path) -> list[Path]:
    found = (path for name in COMPILED for path in sorted((folder / name).rglob('*.c*')))
    return [path for path in found if path.suffix in {'.c', '.cpp'}]


def _prefixes(interfaces: Interfaces) -> list[Path]:
    return sorted({prefix_of(name) for name in (*interfaces.needs, 'rosidl_runtime_c')})


def _include_folders(interfaces: Interfaces, folder: Path) -> list[Path]:
    import numpy as np

    own = [folder / name for name in COMPILED]
    python = [Path(sysconfig.get_paths()['include']), Path(np.get_include())]
    ros = [
        each
        for prefix in _prefixes(interfaces)
        for each in (*sorted(path for path in (prefix / 'include').glob('*/')), prefix / 'include')
    ]
    return [*own, *python, *ros]


def _copy_modules(interfaces: Interfaces, folder: Path, made: Path) -> None:
    name = interfaces.name
    ignored = shutil.ignore_patterns('*.c', '*.o')
    shutil.copytree(folder / PYTHON / name, made / name, ignore=ignored)
    (made / name / '__init__.py').touch()
    for path, stem in zip(interfaces.texts, interfaces.stems, strict=True):
        share = (made / 'share' / name / path).parent
        share.mkdir(parents=True, exist_ok=True)
        for file in (
            folder / 'text' / path,
            folder / 'idl' / f'{stem}.idl',
            description_file(folder, name, stem),
        ):
            shutil.copy(file, share)


def _link_libraries(
    compilers: Compilers, interfaces: Interfaces, folder: Path, module: Path
) -> None:
    name = interfaces.name
    fast = module / f'lib{name}__{FAST}.so'
    introspection = module / f'lib{name}__{INTROSPECTION}.so'
    suffix = sysconfig.get_config_var('EXT_SUFFIX')
    extension = module / f'{name}_s__{DISPATCH}{suffix}'
    own = {
        fast: (
            (C, FAST), [],
            ['rosidl_runtime_c', FAST, 'rosidl_typesupport_fastrtps_cpp', 'fastcdr', 'rmw'],
            (C, FAST),
        ),
        introspection: ((INTROSPECTION,), [fast], [INTROSPECTION], (INTROSPECTION,)),
        extension: ((DISPATCH, PYTHON), [fast, introspection], [DISPATCH], (PYTHON, DISPATCH)),
    }  # fmt: skip
    for output, (generators, neighbours, libraries, of_needs) in own.items():
        needed = [f'{need}__{kind}' for need in interfaces.needs for kind in of_needs]
        objects = [path for each in generators for path in sorted((folder / each).rglob('*.o'))]
        prefixes = _prefixes(interfaces)
        link(compilers, Linking(output, objects, neighbours, [*libraries, *needed], prefixes))


def _move_into_place(name: str, made: Path, target: Path) -> None:
    for part in (Path(name), Path('share', name)):
        goal = target / part
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(goal, ignore_errors=True)
        shutil.move(made / part, goal)
