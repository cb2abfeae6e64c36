"""
Tables of parameters in the README, each between a pair of markers that name the node.

`<!-- parameters:depth -->` ... `<!-- /parameters:depth -->`; what stands outside of the markers is
never touched.

"""

from eventdepth_core.errors import InputError
from eventdepth_ros.parameters.row import ParameterRow, rows, Value

HEADER = (
    '| parameter | type | default | accepted | changes | meaning |',
    '|---|---|---|---|---|---|',
)
ROS_TYPES = {
    'bool': 'bool',
    'integer': 'int',
    'double': 'double',
    'string': 'string',
    'string_array': 'string[]',
}


def markdown_table(table: type) -> str:
    """Return the rows of `table` as a Markdown table."""
    return '\n'.join([*HEADER, *(_line(row) for row in rows(table))])


def with_section(text: str, node: str, table: type) -> str:
    """
    Return `text` with the section of `node` written anew.

    Raises
    ------
    InputError
        If the markers of the section are not there exactly once, in order.

    """
    start, end = f'<!-- parameters:{node} -->', f'<!-- /parameters:{node} -->'
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise InputError(f'Expected {start} and {end} once each and in order, got another count.')
    before, rest = text.split(start)
    after = rest.split(end)[1]
    return f'{before}{start}\n\n{markdown_table(table)}\n\n{end}{after}'


def _line(row: ParameterRow) -> str:
    cells = (
        f'`{row.name}`',
        ROS_TYPES[row.kind],
        f'`{_shown(row.default)}`',
        row.range_text,
        'at start' if row.read_only else 'live',
        row.description,
    )
    return '| ' + ' | '.join(cell.replace('|', '\\|') for cell in cells) + ' |'


def _shown(value: Value) -> str:
    if isinstance(value, tuple):
        return f'[{", ".join(value)}]'
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if value == '' else str(value)
