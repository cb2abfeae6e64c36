"""
Generate the C and Python sources of a message package with the generators of ROS 2.

The steps are those that the CMake macros of ROS 2 take: text -> IDL -> type hash -> C structures
-> type supports -> Python. The generators take a JSON file of arguments; the command `rosidl` of
the wheels cannot be used (it finds each generator twice and gives up).

Law: a generation writes below its own folder only.

"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
import io
import json
import logging
from pathlib import Path

from eventdepth_core.errors import needed_package
from eventdepth_ros.msgs.prefixes import share_of

_logger = logging.getLogger(__name__)

DESCRIPTION = 'rosidl_generator_type_description'
C = 'rosidl_generator_c'
FAST = 'rosidl_typesupport_fastrtps_c'
INTROSPECTION = 'rosidl_typesupport_introspection_c'
DISPATCH = 'rosidl_typesupport_c'
PYTHON = 'rosidl_generator_py'
COMPILED = (C, FAST, INTROSPECTION, DISPATCH, PYTHON)
"""Generators whose output is C or C++, in the order in which they run."""


@dataclass(frozen=True, slots=True)
class Interfaces:
    """
    Interface files to generate code for.

    `texts` holds them by path (`msg/EventPacket.msg`, `srv/LoadNode.srv`), `needs` the packages
    whose types they contain.

    """

    name: str
    texts: Mapping[str, str]
    needs: tuple[str, ...]

    @property
    def stems(self) -> list[str]:
        """Return the paths without their suffixes."""
        return [path.rsplit('.', 1)[0] for path in self.texts]


def generate(interfaces: Interfaces, folder: Path) -> None:
    """
    Write the sources of each generator into a folder named after it.

    Raises
    ------
    MissingDependencyError
        If a generator is not installed.

    """
    arguments = _arguments(interfaces, folder)
    with _silence():
        _write_idl(interfaces, folder)
        for generator, run in _generators().items():
            named = folder / f'{generator}.json'
            output = folder / generator / interfaces.name
            template = {'template_dir': str(share_of(generator) / 'resource')}
            named.write_text(json.dumps(arguments | template | {'output_dir': str(output)}))
            run(str(named))
            _write_visibility(generator, interfaces.name, output)


def description_file(folder: Path, name: str, stem: str) -> Path:
    """Return the file of a generation that holds the description and the hash of a type."""
    return folder / DESCRIPTION / name / f'{stem}.json'


def _arguments(interfaces: Interfaces, folder: Path) -> dict[str, object]:
    shares = {name: share_of(name) for name in interfaces.needs}
    stems = interfaces.stems
    return {
        'package_name': interfaces.name,
        'target_dependencies': [],
        'idl_tuples': [f'{folder / "idl"}:{stem}.idl' for stem in stems],
        'ros_interface_files': [str(folder / 'text' / path) for path in interfaces.texts],
        'include_paths': [f'{name}:{share}' for name, share in shares.items()],
        'ros_interface_dependencies': [
            f'{name}:{path}'
            for name, share in shares.items()
            for path in sorted(share.glob('*/*.idl'))
        ],
        'type_description_tuples': [
            f'{stem}.idl:{description_file(folder, interfaces.name, stem)}' for stem in stems
        ],
    }


def _write_idl(interfaces: Interfaces, folder: Path) -> None:
    with needed_package('rosidl_adapter', 'ros'):
        from rosidl_adapter.msg import convert_msg_to_idl
        from rosidl_adapter.srv import convert_srv_to_idl
    for path, text in interfaces.texts.items():
        source = folder / 'text' / path
        output = (folder / 'idl' / path).parent
        source.parent.mkdir(parents=True, exist_ok=True)
        output.mkdir(parents=True, exist_ok=True)
        source.write_text(text)
        convert = convert_srv_to_idl if source.suffix == '.srv' else convert_msg_to_idl
        convert(folder / 'text', interfaces.name, Path(path), output)


def _generators() -> dict[str, Callable[[str], object]]:
    """
    Return the generators in the order in which they depend on each other.

    Two type supports are needed: with one alone, rclpy of Jazzy refuses to create a publisher.

    """
    with needed_package('rosidl_generator_py', 'ros'):
        from rosidl_generator_c import generate_c
        from rosidl_generator_py import generate_py
        from rosidl_generator_type_description import generate_type_hash
        from rosidl_typesupport_c import generate_c as generate_dispatch
        from rosidl_typesupport_fastrtps_c import generate_typesupport_fastrtps_c
        from rosidl_typesupport_introspection_c import generate_c as generate_introspection
    return {
        DESCRIPTION: generate_type_hash,
        C: generate_c,
        FAST: generate_typesupport_fastrtps_c,
        INTROSPECTION: generate_introspection,
        DISPATCH: lambda named: generate_dispatch(named, [FAST, INTROSPECTION]),
        PYTHON: lambda named: generate_py(named, [DISPATCH]),
    }


def _write_visibility(generator: str, name: str, output: Path) -> None:
    (output / 'msg').mkdir(parents=True, exist_ok=True)
    for template in (share_of(generator) / 'resource').glob('*visibility_control.h.in'):
        text = template.read_text().replace('@PROJECT_NAME_UPPER@', name.upper())
        (output / 'msg' / template.stem).write_text(text.replace('@PROJECT_NAME@', name))


@contextmanager
def _silence() -> Iterator[None]:
    """Send what the generators print to the log."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        yield
    _logger.debug('%s', printed.getvalue())
