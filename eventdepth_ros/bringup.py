"""
Start a graph without `ros2 launch`: `python -m eventdepth_ros.bringup NAME key:=value ...`.

The same nodes, parameters and arguments as the launch file of that name, as processes of this
interpreter. `-s` lists the arguments; what follows `--ros-args` goes to every node. SIGINT ends
all nodes; the exit status is that of the first node that failed.

"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Mapping
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory

from eventdepth_core.errors import EventDepthError, InputError
from eventdepth_ros.graph import EXECUTABLES, Graph, graph, GRAPHS, NodeSpec
from eventdepth_ros.graphs.parameter_files import parameter_file_text
from eventdepth_ros.graphs.programs import child_environment, program_of
from eventdepth_ros.graphs.spec import PACKAGE
from eventdepth_ros.supervising import Group, Program

ASSIGNS = ':='
ROS_ARGUMENTS = '--ros-args'


def main(arguments: list[str] | None = None) -> int:
    """Run a graph to its end; return the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    own, ros = _split(words)
    given = _parser().parse_args(own)
    try:
        chosen = graph(given.graph)
        if given.show_args:
            sys.stdout.write(argument_list(chosen))
            return 0
        settled = chosen.settled(assignments(given.assignment))
        return run(chosen.nodes(settled), settled, tuple(ros))
    except (EventDepthError, OSError) as error:
        sys.stderr.write(f'{error}\n')
        return 2


def run(specs: tuple[NodeSpec, ...], given: Mapping[str, str], ros: tuple[str, ...] = ()) -> int:
    """
    Run nodes as processes until they end, and return the exit status.

    Raises
    ------
    InstallationError
        If a program is missing.

    """
    with TemporaryDirectory(prefix='eventdepth_bringup_') as folder:
        programs = tuple(
            Program(spec.name, command_line(spec, Path(folder), ros), spec.ends_graph)
            for spec in specs
        )
        environment = {**os.environ, 'PYTHONUNBUFFERED': '1', **child_environment(given)}
        return Group(programs, environment).run()


def command_line(spec: NodeSpec, folder: Path, ros: tuple[str, ...] = ()) -> tuple[str, ...]:
    """
    Return the command of one node; its parameters are written to a file in `folder`.

    A file with the node's full name is what ROS lets win over files with wildcards.

    """
    words = [*_program(spec), *spec.command, ROS_ARGUMENTS, '-r', f'__node:={spec.name}']
    words += ['-r', f'__ns:=/{spec.namespace.strip("/")}']
    for source, target in spec.remappings:
        words += ['-r', f'{source}:={target}']
    for path in (*spec.parameter_files, *_own_file(spec, folder)):
        words += ['--params-file', str(path)]
    words += ['--log-level', spec.log_level]
    return (*words, *ros)


def assignments(words: list[str]) -> dict[str, str]:
    """
    Return `key:=value` words as a mapping.

    Raises
    ------
    InputError
        For a word of another form or a key given twice.

    """
    given: dict[str, str] = {}
    for word in words:
        key, assigns, value = word.partition(ASSIGNS)
        if not assigns or not key:
            raise InputError(f'Expected name{ASSIGNS}value, got {word!r}.')
        if key in given:
            raise InputError(f'Expected {key} once, got {given[key]!r} and {value!r}.')
        given[key] = value
    return given


def argument_list(chosen: Graph) -> str:
    """Return the arguments of a graph as text, one paragraph each."""
    lines = [f'{chosen.name}: {chosen.description}', '']
    for argument in chosen.arguments:
        choices = f' One of: {", ".join(map(repr, argument.choices))}.' if argument.choices else ''
        lines += [
            f"  {argument.name}{ASSIGNS}'{argument.default}'",
            f'      {argument.description}{choices}',
        ]
    return '\n'.join(lines) + '\n'


def _parser() -> ArgumentParser:
    listed = '\n'.join(f'  {name:12} {each.description}' for name, each in GRAPHS.items())
    parser = ArgumentParser(
        prog='python -m eventdepth_ros.bringup',
        description=f'Start a graph:\n{listed}',
        epilog=f'What follows {ROS_ARGUMENTS} goes to every node.',
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument('graph', help='name of the graph')
    parser.add_argument('assignment', nargs='*', help='name:=value')
    parser.add_argument('-s', '--show-args', action='store_true', help='list the arguments')
    return parser


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Return our own words and those for ROS."""
    if ROS_ARGUMENTS not in words:
        return words, []
    start = words.index(ROS_ARGUMENTS)
    return words[:start], words[start:]


def _own_file(spec: NodeSpec, folder: Path) -> tuple[Path, ...]:
    if not spec.parameters:
        return ()  # ROS takes no file without parameters
    own = folder / f'{spec.name}.yaml'
    own.write_text(parameter_file_text(spec.full_name, spec.parameters), encoding='utf-8')
    return (own,)


def _program(spec: NodeSpec) -> tuple[str, ...]:
    if spec.package != PACKAGE:
        return (str(program_of(spec)),)
    return (sys.executable, '-m', EXECUTABLES[spec.executable])


if __name__ == '__main__':
    sys.exit(main())
