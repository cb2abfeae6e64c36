"""
Arguments of graphs that set one parameter of a node each.

Description, choices and range of such an argument are those of the parameter's row.

"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eventdepth_core.errors import InputError
from eventdepth_ros.graphs.spec import Argument, Given
from eventdepth_ros.parameters.row import checked, ParameterRow, rows, Value
from eventdepth_ros.parameters.tables import table_of

NOTHING = 'none'
BOOLS = {'true': True, 'false': False}

COMMON = (
    Argument('namespace', '', 'Namespace of all nodes of the graph.'),
    Argument(
        'log_level', 'info', 'Least severity that is logged.', ('debug', 'info', 'warn', 'error')
    ),
    Argument(
        'dds',
        'auto',
        'auto = the shipped Fast DDS profile, unless the environment names another; off = none.',
        ('auto', 'off'),
    ),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """An argument that stands for `parameter` of `node`; `default` is that of the graph."""

    argument: str
    node: str
    parameter: str
    default: str = ''

    @property
    def row(self) -> ParameterRow:
        """The row of the parameter."""
        return next(row for row in rows(table_of(self.node)) if row.name == self.parameter)

    def as_argument(self) -> Argument:
        """Return the argument with the parameter's own words."""
        row = self.row
        otherwise = 'the parameter file' if self.node == 'depth' else 'the default'
        meaning = row.description.replace("''", f"'{NOTHING}'")
        text = meaning if self.default else f"{meaning} '' = as in {otherwise}."
        if row.range_text and not row.choices:
            text = f'{text} ({row.range_text})'
        choices = tuple(BOOLS) if row.kind == 'bool' else tuple(str(each) for each in row.choices)
        not_given = ('',) if choices and '' not in choices else ()
        return Argument(self.argument, self.default, text, (*not_given, *choices))


def values_given(settings: tuple[Setting, ...], given: Given) -> dict[str, Value]:
    """
    Return the parameters whose arguments are given.

    Raises
    ------
    InputError
        If a parameter refuses its value.

    """
    return {
        setting.parameter: _value(setting, given[setting.argument])
        for setting in settings
        if given.get(setting.argument)
    }


def flag(given: Given, name: str) -> bool:
    """
    Return a true-or-false argument.

    Raises
    ------
    InputError
        If it is neither.

    """
    text = given[name].lower()
    if text not in BOOLS:
        raise InputError(f'Expected {name} true or false, got {given[name]!r}.')
    return BOOLS[text]


def existing_file(given: Given, name: str) -> tuple[Path, ...]:
    """
    Return the file that an argument names, nothing where it is not given.

    Raises
    ------
    InputError
        If there is no such file.

    """
    if not given[name]:
        return ()
    path = Path(given[name]).expanduser().resolve()
    if not path.is_file():
        raise InputError(f'Expected a file for {name}, got {given[name]!r}.')
    return (path,)


def _value(setting: Setting, text: str) -> Value:
    row = setting.row
    is_text = row.kind == 'string' and NOTHING not in row.choices
    words: Mapping[str, object] = {NOTHING: ''} if is_text else {}
    try:
        return checked(row, words.get(text, _converted(row, text)))
    except (ValueError, InputError) as error:
        message = f'Expected a value for {setting.argument}, got {text!r}: {error}'
        raise InputError(message) from error


def _converted(row: ParameterRow, text: str) -> object:
    if row.kind == 'bool':
        return BOOLS.get(text.lower(), text)
    if row.kind == 'integer':
        return int(text)
    if row.kind == 'double':
        return float(text)
    if row.kind == 'string_array':
        return [part.strip() for part in text.split(',') if part.strip() != NOTHING]
    return text
