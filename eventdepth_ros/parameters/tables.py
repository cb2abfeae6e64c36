"""
The nodes that have a declaration table, and where each table is.

By convention node `event_image` keeps `EventImageParameters` in
`eventdepth_ros.parameters.event_image`.

"""

from importlib import import_module

from eventdepth_core.errors import InputError

NODES_WITH_TABLES = ('depth', 'player', 'recorder', 'evaluator', 'event_image')


def table_of(node: str) -> type:
    """
    Return the declaration table of a node, e.g. of 'depth'.

    Raises
    ------
    InputError
        If no node is called so.

    """
    if node not in NODES_WITH_TABLES:
        raise InputError(f'Expected a node out of {", ".join(NODES_WITH_TABLES)}, got {node!r}.')
    module = import_module(f'eventdepth_ros.parameters.{node}')
    table: type = getattr(module, f'{node.title().replace("_", "")}Parameters')
    return table
