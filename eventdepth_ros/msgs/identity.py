"""
Check that a message package is the one that this version was written for.

A type of ROS 2 is identified on the wire by its name and the hash of its description. The hash of
an installed type stands in `share/<package>/msg/<Type>.json` below the prefix of its module; the
packages of Humble carry none, there names and order of the fields are compared.

"""

from collections.abc import Sequence
import json
from pathlib import Path
from types import ModuleType

from eventdepth_core.recordings.definitions import own_text, type_hash
from eventdepth_ros.msgs.errors import MessageTypeError
from eventdepth_ros.msgs.packages import MessagePackage


def check_identity(module: ModuleType, package: MessagePackage) -> None:
    """
    Check every type that we use of a package.

    Parameters
    ----------
    module
        The module `<package>.msg` as imported.

    Raises
    ------
    MessageTypeError
        If a type is another one than ours.

    """
    for type_name in package.type_names:
        origin = str(module.__file__)
        actual = installed_hash(Path(origin), type_name)
        if actual is None:
            _check_fields(module, type_name, origin)
        elif actual != type_hash(type_name):
            raise MessageTypeError(
                type_name, f'type hash {type_hash(type_name)}', f'type hash {actual}', origin
            )


def installed_hash(module_file: Path, type_name: str) -> str | None:
    """Return the type hash that lies beside an installed module, None where there is none."""
    package, kind, name = type_name.split('/')
    for folder in module_file.parents:
        description = folder / 'share' / package / kind / f'{name}.json'
        if description.is_file():
            return _hash_in(json.loads(description.read_text()), type_name)
    return None


def _hash_in(description: dict[str, Sequence[dict[str, str]]], type_name: str) -> str | None:
    hashes = {each['type_name']: each['hash_string'] for each in description['type_hashes']}
    return hashes.get(type_name)


def _check_fields(module: ModuleType, type_name: str, origin: str) -> None:
    expected = [line.split()[1] for line in own_text(type_name).splitlines()]
    message_type = getattr(module, type_name.rsplit('/', 1)[1])
    actual = list(message_type.get_fields_and_field_types())
    if actual != expected:
        raise MessageTypeError(
            type_name, f'fields {", ".join(expected)}', f'fields {", ".join(actual)}', origin
        )
