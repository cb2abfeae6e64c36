"""
A declaration table on a node: descriptors, first values, unknown names, later changes.

Laws: types are static; a value out of range or of another type ends the start with one InputError
that says what to write; a name that no row has is warned of once, with the nearest known name;
a change that breaks a rule is refused with the reason and changes nothing; read-only rows never
change.

"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
import sys
from typing import Any, TYPE_CHECKING, TypeVar

from eventdepth_core.errors import EventDepthError, InputError
from eventdepth_ros.parameters.row import checked, ParameterRow, parameters_from, rows, Value

if TYPE_CHECKING:
    from rcl_interfaces.msg import ParameterDescriptor, SetParametersResult
    from rclpy.node import Node
    from rclpy.parameter import Parameter

Table = TypeVar('Table')

INT64_MAX = 2**63 - 1
# rclpy declares or reads these itself
OWN_NAMES_OF_ROS = ('use_sim_time', 'start_type_description_service')
OWN_PREFIXES_OF_ROS = ('qos_overrides.',)


def declare(node: Node, table: type[Table]) -> Table:
    """
    Declare every row of `table` on `node` and return the values that hold from now on.

    Call it once for a node, before the topics are made.

    Raises
    ------
    InputError
        If a value given from outside breaks the rules of its row or of the table.

    """
    given = _given_values(node)
    declared = rows(table)
    for row in declared:
        if row.name in given:
            checked(row, given[row.name])
    node.declare_parameters(
        '',
        [(row.name, _as_ros(row.default), _descriptor(row)) for row in declared],
    )
    _warn_of_unknown(node, given, declared)
    values = current_values(node, table)
    node.add_on_set_parameters_callback(lambda changes: _verdict(node, table, changes))
    return values


def current_values(node: Node, table: type[Table]) -> Table:
    """Return the values that `node` holds for the rows of `table`."""
    names = {row.name: node.get_parameter(row.name).value for row in rows(table)}
    return parameters_from(table, names)


def watch_changes(node: Node, table: type[Table], callback: Callable[[Table], None]) -> None:
    """
    Call `callback` with new values after every accepted change of a row of `table`.

    It runs in the thread that spins the node. Where ROS has no callback after the fact (Humble),
    it runs when the change has been accepted by the table.

    """
    from rcl_interfaces.msg import SetParametersResult

    names = {row.name for row in rows(table)}

    def on_change(changes: Iterable[Parameter]) -> SetParametersResult:
        """Tell of changes to the table; others are not ours."""
        relevant = [change for change in changes if change.name in names]
        if relevant:
            callback(_changed(current_values(node, table), relevant))
        return SetParametersResult(successful=True)

    after = getattr(node, 'add_post_set_parameters_callback', node.add_on_set_parameters_callback)
    after(on_change)


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, None if none is near."""
    listed = tuple(known)
    near = get_close_matches(name, listed, n=1, cutoff=0.6)
    if near:
        return near[0]
    last = {each.rsplit('.', 1)[-1]: each for each in listed}
    near = get_close_matches(name.rsplit('.', 1)[-1], last, n=1, cutoff=0.75)
    return last[near[0]] if near else None


def _given_values(node: Node) -> dict[str, object]:
    """Return what files, `-p` and the constructor give, the one place where rclpy keeps it."""
    overrides: Any = getattr(node, '_parameter_overrides', {})  # Any: private to rclpy
    return {name: each.value for name, each in overrides.items()}


def _warn_of_unknown(
    node: Node, given: dict[str, object], declared: tuple[ParameterRow, ...]
) -> None:
    known = tuple(row.name for row in declared)
    for name in sorted(given):
        if node.has_parameter(name) or name.startswith(OWN_PREFIXES_OF_ROS):
            continue
        if name in OWN_NAMES_OF_ROS:
            continue
        near = nearest_name(name, known)
        advice = f"did you mean '{near}'?" if near else f'known are {", ".join(sorted(known))}.'
        node.get_logger().warning(f"Unknown parameter '{name}' is ignored: {advice}")


def _verdict(node: Node, table: type, changes: Iterable[Parameter]) -> SetParametersResult:
    from rcl_interfaces.msg import SetParametersResult

    names = {row.name for row in rows(table)}
    try:
        _changed(
            current_values(node, table), [change for change in changes if change.name in names]
        )
    except EventDepthError as error:
        return SetParametersResult(successful=False, reason=str(error))
    return SetParametersResult(successful=True)


def _changed(values: Table, changes: Iterable[Parameter]) -> Table:
    by_name = {row.name: row for row in rows(type(values))}
    new: dict[str, Value] = {}
    for change in changes:
        row = by_name[change.name]
        if change.value is None:
            raise InputError(f'Expected a value for {row.name}, got a request to delete it.')
        new[row.attribute] = checked(row, change.value)
    return replace(values, **new)  # type: ignore[type-var]


def _as_ros(value: Value) -> bool | int | float | str | list[str]:
    return (list(value) or ['']) if isinstance(value, tuple) else value


def _descriptor(row: ParameterRow) -> ParameterDescriptor:
    from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor

    descriptor = ParameterDescriptor(
        name=row.name,
        description=row.description,
        read_only=row.read_only,
        dynamic_typing=False,
        additional_constraints=f'One of: {row.range_text}.' if row.choices else '',
    )
    if row.minimum is None and row.maximum is None:
        return descriptor
    if row.kind == 'integer':
        low, high = _ends(row, -INT64_MAX, INT64_MAX)
        descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high))]
    else:
        low, high = _ends(row, -sys.float_info.max, sys.float_info.max)
        descriptor.floating_point_range = [
            FloatingPointRange(from_value=float(low), to_value=float(high))
        ]
    return descriptor


def _ends(row: ParameterRow, lowest: float, highest: float) -> tuple[float, float]:
    return (
        lowest if row.minimum is None else row.minimum,
        highest if row.maximum is None else row.maximum,
    )
