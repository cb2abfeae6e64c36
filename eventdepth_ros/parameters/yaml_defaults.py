"""
The shipped parameter file of a node: every parameter with its default and what it means.

The file is for reading and copying; loading it changes nothing. Its top key is `/**`, so that it
fits the node under every name and namespace.

"""

from textwrap import wrap

from eventdepth_ros.parameters.row import ParameterRow, rows, Value
import yaml

WIDTH = 99

Tree = dict[str, 'ParameterRow | Tree']


def yaml_text(node: str, table: type) -> str:
    """Return the parameter file of `node` with the defaults of `table`."""
    lines = [
        f'# Defaults of the {node} node, written by `python -m eventdepth_ros.parameters write`.',
        '# Copy what you change. [start]: read at the start only; [live]: may change at any time.',
        '/**:',
        '  ros__parameters:',
    ]
    _write_group(lines, _tree(rows(table)), '    ')
    return '\n'.join(lines) + '\n'


def _tree(listed: tuple[ParameterRow, ...]) -> Tree:
    top: Tree = {}
    for row in listed:
        *groups, last = row.name.split('.')
        place = top
        for group in groups:
            below = place.setdefault(group, {})
            place = below if isinstance(below, dict) else {}
        place[last] = row
    return top


def _write_group(lines: list[str], group: Tree, indent: str) -> None:
    for key, content in group.items():
        if isinstance(content, dict):
            lines.append(f'{indent}{key}:')
            _write_group(lines, content, indent + '  ')
            continue
        lines.extend(
            wrap(
                _comment(content),
                WIDTH,
                initial_indent=f'{indent}# ',
                subsequent_indent=f'{indent}# ',
                break_long_words=False,
            )
        )
        lines.append(f'{indent}{key}: {yaml_value(content.default)}')


def _comment(row: ParameterRow) -> str:
    accepted = f' ({row.range_text})' if row.range_text else ''
    return f'[{"start" if row.read_only else "live"}] {row.description}{accepted}'


def yaml_value(value: Value) -> str:
    """Return `value` as both YAML 1.1 and the parser of ROS read it."""
    if isinstance(value, tuple):
        return f'[{", ".join(yaml_value(each) for each in value or ("",))}]'
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(yaml.safe_dump(value)).split('\n', maxsplit=1)[0]
