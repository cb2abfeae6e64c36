"""
JSON schema (draft-07) of a node's parameter file.

The file is what ROS reads: `/**` or a node's name, then `ros__parameters`, then groups by the dots
of the names. A file may name any part of the parameters and no other; defaults fill the rest.

"""

from collections.abc import Mapping
from typing import Any

from eventdepth_core.errors import InputError
from eventdepth_ros.parameters.row import Kind, ParameterRow, rows

Schema = dict[str, Any]  # Any: JSON

DRAFT = 'http://json-schema.org/draft-07/schema#'
JSON_TYPES: Mapping[Kind, str] = {
    'bool': 'boolean',
    'integer': 'integer',
    'double': 'number',
    'string': 'string',
    'string_array': 'array',
}


def json_schema(node: str, table: type) -> Schema:
    """
    Return the schema of the parameter files of `node`.

    Raises
    ------
    InputError
        If one name is the group of another (`depth` and `depth.encoding`).

    """
    return {
        '$schema': DRAFT,
        'title': f'Parameters of the {node} node',
        'type': 'object',
        'minProperties': 1,
        'additionalProperties': {
            'type': 'object',
            'properties': {'ros__parameters': nested_schema(rows(table))},
            'required': ['ros__parameters'],
            'additionalProperties': False,
        },
    }


def nested_schema(listed: tuple[ParameterRow, ...]) -> Schema:
    """Return the schema of what stands under `ros__parameters`."""
    top = _group()
    for row in listed:
        *groups, last = row.name.split('.')
        place = top
        for group in groups:
            place = place['properties'].setdefault(group, _group())
            if place['type'] != 'object' or 'properties' not in place:
                raise InputError(f'Expected {row.name} in a group, got a parameter {group}.')
        if last in place['properties']:
            raise InputError(f'Expected a parameter {row.name}, got a group of that name.')
        place['properties'][last] = _property(row)
    return top


def _group() -> Schema:
    return {'type': 'object', 'properties': {}, 'additionalProperties': False}


def _property(row: ParameterRow) -> Schema:
    made: Schema = {
        'type': JSON_TYPES[row.kind],
        'description': row.description,
        'default': list(row.default) if isinstance(row.default, tuple) else row.default,
        'readOnly': row.read_only,
    }
    if row.minimum is not None:
        made['minimum'] = row.minimum
    if row.maximum is not None:
        made['maximum'] = row.maximum
    if row.kind == 'string_array':
        made['items'] = {'type': 'string'}
        if row.choices:
            made['items']['enum'] = ['', *row.choices]
    elif row.choices:
        made['enum'] = list(row.choices)
    return made
