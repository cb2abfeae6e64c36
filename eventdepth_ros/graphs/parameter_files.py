"""
ROS parameter files as a graph reads and writes them.

`<node or wildcard>: ros__parameters: <groups>`; of two files the later one wins.

"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eventdepth_core.errors import InputError
from eventdepth_ros.parameters.row import Value
from eventdepth_ros.parameters.yaml_defaults import yaml_value
import yaml


def value_in_files(files: tuple[Path, ...], name: str, default: Value) -> object:
    """
    Return what the last of `files` that has the parameter `name` says, whatever the node.

    Raises
    ------
    InputError
        If a file is no YAML mapping.

    """
    found: object = default
    for path in files:
        for node in _mapping(path).values():
            if isinstance(node, dict):
                found = dict(_flat(node.get('ros__parameters') or {})).get(name, found)
    return found


def parameter_file_text(node: str, parameters: Mapping[str, Value]) -> str:
    """Return a parameter file for the node with the full name `node`."""
    lines = [f'    {name}: {yaml_value(value)}\n' for name, value in parameters.items()]
    return f'{node}:\n  ros__parameters:\n{"".join(lines)}'


def _mapping(path: Path) -> Mapping[str, Any]:  # Any: YAML
    try:
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f'Expected YAML in {path}, got {error}.') from error
    if not isinstance(content, dict):
        raise InputError(f'Expected nodes with ros__parameters in {path}, got {content!r}.')
    return content


def _flat(tree: Mapping[str, Any], prefix: str = '') -> Iterator[tuple[str, object]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f'{prefix}{key}.')
        else:
            yield f'{prefix}{key}', value
