"""
The graphs of this package: which nodes run together, with which parameters and arguments.

Launch files and `python -m eventdepth_ros.bringup` both start what this table says, so they cannot
differ. Needs no ROS.

"""

from collections.abc import Mapping
from types import MappingProxyType

from eventdepth_core.errors import InputError
from eventdepth_ros.graphs.live import DEPTH, DSEC_DEPTH, MVSEC_DEPTH
from eventdepth_ros.graphs.recorded import DEMO, REPLAY
from eventdepth_ros.graphs.spec import Argument, Given, Graph, NodeSpec
from eventdepth_ros.graphs.viewing import VIEW
from eventdepth_ros.parameters.declaring import nearest_name
from eventdepth_ros.parameters.tables import NODES_WITH_TABLES

__all__ = ['EXECUTABLES', 'GRAPHS', 'Argument', 'Given', 'Graph', 'NodeSpec', 'graph']

EXECUTABLES: Mapping[str, str] = MappingProxyType(
    {f'{node}_node': f'eventdepth_ros.nodes.{node}' for node in NODES_WITH_TABLES}
)
"""Executable -> module with `main()`."""

GRAPHS: Mapping[str, Graph] = MappingProxyType(
    {each.name: each for each in (DEPTH, DSEC_DEPTH, MVSEC_DEPTH, DEMO, REPLAY, VIEW)}
)


def graph(name: str) -> Graph:
    """
    Return the graph called `name`.

    Raises
    ------
    InputError
        If there is none.

    """
    if name not in GRAPHS:
        near = nearest_name(name, GRAPHS)
        advice = f' Did you mean {near}?' if near else ''
        raise InputError(f'Expected a graph out of {", ".join(GRAPHS)}, got {name!r}.{advice}')
    return GRAPHS[name]
