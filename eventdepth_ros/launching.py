"""
Launch files from the table of graphs: `generate_launch_description = description_of('depth')`.

A launch file is that one line; everything it starts stands in `eventdepth_ros.graph`. Needs the
ROS packages launch and launch_ros, which come with `ros2 launch`.

"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TYPE_CHECKING

from eventdepth_ros.graph import Argument, Graph, graph, NodeSpec
from eventdepth_ros.graphs.programs import check_programs, child_environment
from eventdepth_ros.parameters.row import Value

if TYPE_CHECKING:
    from launch.action import Action
    from launch.launch_context import LaunchContext
    from launch.launch_description import LaunchDescription


def description_of(name: str) -> Callable[[], LaunchDescription]:
    """Return the `generate_launch_description` of the graph `name`."""

    def generate_launch_description() -> LaunchDescription:
        """Return the arguments of the graph and what starts its nodes."""
        from launch.actions import OpaqueFunction
        from launch.launch_description import LaunchDescription

        chosen = graph(name)
        declared = [_declaration(argument) for argument in chosen.arguments]
        return LaunchDescription([*declared, OpaqueFunction(function=_started, args=[chosen])])

    return generate_launch_description


def launch_node(spec: NodeSpec) -> Action:
    """Return the launch action of one process of a graph."""
    from launch.actions import Shutdown
    from launch_ros.actions import Node

    return Node(
        package=spec.package,
        executable=spec.executable,
        name=spec.name,
        namespace=spec.namespace,
        parameters=[*(str(path) for path in spec.parameter_files), _typed(spec.parameters)],
        remappings=list(spec.remappings),
        arguments=list(spec.command),
        ros_arguments=['--log-level', spec.log_level],
        output='screen',
        on_exit=Shutdown(reason=f'{spec.name} has ended') if spec.ends_graph else None,
    )


def _declaration(argument: Argument) -> Action:
    from launch.actions import DeclareLaunchArgument

    return DeclareLaunchArgument(
        argument.name,
        default_value=argument.default,
        description=argument.description,
        choices=list(argument.choices) or None,
    )


def _started(context: LaunchContext, chosen: Graph) -> list[Action]:
    from launch.actions import SetEnvironmentVariable

    given = {each.name: context.launch_configurations[each.name] for each in chosen.arguments}
    specs = chosen.nodes(given)
    check_programs(specs)
    return [
        *(SetEnvironmentVariable(*variable) for variable in child_environment(given).items()),
        *(launch_node(spec) for spec in specs),
    ]


def _typed(parameters: Mapping[str, Value]) -> dict[str, Any]:  # Any: what launch_ros takes
    """Return parameters that launch_ros takes as they are, without guessing types from texts."""
    from launch_ros.parameter_descriptions import ParameterValue

    return {
        name: ParameterValue(value, value_type=str)
        if isinstance(value, str)
        else ParameterValue(list(value) or [''], value_type=list[str])
        if isinstance(value, tuple)
        else value
        for name, value in parameters.items()
    }
