"""
Rows of a declaration table, and the check of one value against its row.

Laws: every field of a table is made by `parameter(...)`; a default keeps its own row's rules; a
double is finite and never written as an integer (`5.0`, not `5`: ROS refuses the integer); a list
of strings holds no empty string, because `['']` is how ROS writes the empty list (the type of `[]`
cannot be told); rules over several fields stand in the dataclass's `__post_init__` and raise
InputError.

"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
import math
from typing import Any, get_type_hints, Literal, TypeVar

from eventdepth_core.errors import InputError

Value = bool | int | float | str | tuple[str, ...]
Kind = Literal['bool', 'integer', 'double', 'string', 'string_array']
V = TypeVar('V', bool, int, float, str, tuple[str, ...])
Table = TypeVar('Table')

METADATA_KEY = 'eventdepth_ros.parameter'
KINDS: Mapping[Any, Kind] = {  # Any: tuple[str, ...] is no class
    bool: 'bool',
    int: 'integer',
    float: 'double',
    str: 'string',
    tuple[str, ...]: 'string_array',
}
SPOKEN: Mapping[Kind, str] = {
    'bool': 'true or false',
    'integer': 'an integer',
    'double': 'a number with a decimal point',
    'string': 'a string',
    'string_array': 'a list of strings',
}


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter: `name` as ROS sees it, `attribute` as the dataclass does."""

    name: str
    attribute: str
    kind: Kind
    default: Value
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str | int, ...] = ()
    read_only: bool = False

    @property
    def range_text(self) -> str:
        """Say what values are accepted, '' for any of the type."""
        if self.choices:
            return ', '.join(
                f"'{choice}'" if choice == '' else str(choice) for choice in self.choices
            )
        if self.minimum is not None and self.maximum is not None:
            return f'{self.minimum:g} to {self.maximum:g}'
        if self.minimum is not None:
            return f'at least {self.minimum:g}'
        return '' if self.maximum is None else f'at most {self.maximum:g}'


def parameter(  # noqa: PLR0913 - the columns of the table
    name: str,
    default: V,
    description: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str | int, ...] = (),
    read_only: bool = False,
) -> V:
    """
    Make one field of a declaration table; the field's type is the parameter's type.

    Parameters
    ----------
    name : str
        Name in ROS, dots between groups: `events.topic`.
    default : bool, int, float, str or tuple[str, ...]
        Value without any setting.
    description : str
        One sentence or two, with the unit; shown by `ros2 param describe`, schema and README.
    minimum, maximum : float, optional
        Closed range of a number.
    choices : tuple
        The only values accepted; of a list of strings, the only elements.
    read_only : bool
        True: set at the start only. False: the node follows changes while it runs.

    """
    columns = {
        'name': name,
        'description': description,
        'minimum': minimum,
        'maximum': maximum,
        'choices': tuple(choices),
        'read_only': read_only,
    }
    made: Any = field(default=default, metadata={METADATA_KEY: columns})  # Any: as in dataclasses
    return made  # type: ignore[no-any-return]


def rows(table: type) -> tuple[ParameterRow, ...]:
    """
    Return the rows of a declaration table in order.

    Raises
    ------
    InputError
        If a field is not made by `parameter`, has a type that ROS does not, a name stands twice,
        or a default breaks its own rules.

    """
    return _rows(table)


@cache
def _rows(table: type) -> tuple[ParameterRow, ...]:
    if not is_dataclass(table):
        raise InputError(f'Expected a dataclass of parameters, got {table!r}.')
    types = get_type_hints(table)
    found: dict[str, ParameterRow] = {}
    for each in fields(table):
        place = f'{table.__name__}.{each.name}'
        if METADATA_KEY not in each.metadata or types[each.name] not in KINDS:
            raise InputError(
                f'Expected {place} made by parameter(...) with a type out of '
                f'bool, int, float, str, tuple[str, ...], got {types[each.name]}.'
            )
        columns: Mapping[str, Any] = {**each.metadata[METADATA_KEY], 'default': each.default}
        row = ParameterRow(attribute=each.name, kind=KINDS[types[each.name]], **columns)
        if row.name in found:
            raise InputError(f'Expected each name once, got {row.name} again at {place}.')
        checked(row, row.default)
        found[row.name] = row
    return tuple(found.values())


def parameters_from(table: type[Table], values: Mapping[str, object]) -> Table:
    """
    Return the table with `values`, by ROS name, in place of the defaults.

    Raises
    ------
    InputError
        If a value breaks the rules of its row or of the whole table, or a name is not in it.

    """
    by_name = {row.name: row for row in rows(table)}
    for name in values:
        if name not in by_name:
            raise InputError(f'Expected a parameter of {table.__name__}, got {name!r}.')
    return table(
        **{by_name[name].attribute: checked(by_name[name], values[name]) for name in values}
    )


def checked(row: ParameterRow, value: object) -> Value:
    """
    Return `value` in the row's type, as the dataclass holds it.

    Raises
    ------
    InputError
        If the type is another one, a number is not finite or outside its range, or a value is not
        among the choices.

    """
    held = _of_kind(row, value)
    if isinstance(held, int | float) and not isinstance(held, bool):
        _check_range(row, held)
    elements = held if isinstance(held, tuple) else (held,)
    for element in elements if row.choices else ():
        if element not in row.choices:
            raise InputError(f'Expected {row.name} out of {row.range_text}, got {element!r}.')
    return held


def _of_kind(row: ParameterRow, value: object) -> Value:
    if row.kind == 'bool' and isinstance(value, bool):
        return value
    if row.kind == 'integer' and isinstance(value, int) and not isinstance(value, bool):
        return value
    if row.kind == 'double' and isinstance(value, float):
        return value
    if row.kind == 'string' and isinstance(value, str):
        return value
    if row.kind == 'string_array' and _is_strings(value):
        return tuple(element for element in value if element)  # type: ignore[attr-defined]
    raise InputError(
        f'Expected {row.name}: {SPOKEN[row.kind]}{_hint(row, value)}, '
        f'got {"nothing" if value is None else repr(value)}.'
    )


def _hint(row: ParameterRow, value: object) -> str:
    """Say how to write what was probably meant."""
    if row.kind == 'double' and isinstance(value, int) and not isinstance(value, bool):
        return f' (write {value}.0)'
    if row.kind == 'string_array' and value is None:  # the value of `[]` in a parameter file
        return " (write [''] for an empty one)"
    return ''


def _is_strings(value: object) -> bool:
    """Tell a list or tuple of strings; the string itself is none."""
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _check_range(row: ParameterRow, value: float) -> None:
    if not math.isfinite(value):
        raise InputError(f'Expected {row.name}: a finite number, got {value}.')
    too_small = row.minimum is not None and value < row.minimum
    too_large = row.maximum is not None and value > row.maximum
    if too_small or too_large:
        raise InputError(f'Expected {row.name}: {row.range_text}, got {value}.')
