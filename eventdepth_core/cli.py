"""
The `eventdepth` command: one sub-command per installed entry point of `eventdepth.commands`.

Each entry point names a class or object that satisfies `Command`. From a source tree without
an installed distribution the built-in commands are used. Laws: an error of the library is one
line on stderr and exit code 2, never a traceback; an interrupt is exit code 130.

"""

import argparse
from collections.abc import Sequence
from importlib import import_module, metadata
import sys
from typing import Protocol

from eventdepth_core.errors import EventDepthError, InputError

GROUP = 'eventdepth.commands'
EXIT_USER_ERROR = 2
EXIT_INTERRUPTED = 130
BUILT_IN = {
    'replay': 'eventdepth_core.commands.replay',
    'evaluate': 'eventdepth_core.commands.evaluate',
    'submit': 'eventdepth_core.commands.submit',
    'convert': 'eventdepth_core.commands.convert',
    'bundles': 'eventdepth_core.commands.bundles',
    'warmup': 'eventdepth_core.commands.warmup',
    'doctor': 'eventdepth_core.commands.doctor',
}


class Command(Protocol):
    """
    What a module must offer to be a sub-command.

    `SUMMARY` is one line for the list of commands; `add_arguments` declares the options; `run`
    does the work and returns the exit code. Heavy imports belong inside `run`.

    """

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options of the command."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do the work and return the exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command line.

    Parameters
    ----------
    arguments : sequence of str or None
        Words after the program's name; None takes those of the process.

    Returns
    -------
    int
        Exit code: 0 done, 1 the command found problems, 2 wrong input, 130 interrupted.

    """
    try:
        commands = installed_commands()
        parsed = _parser(commands).parse_args(arguments)
        return commands[parsed.command].run(parsed)
    except (EventDepthError, OSError) as error:
        _complain(error)
        return EXIT_USER_ERROR
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except (ImportError, RuntimeError, SystemError) as error:
        if _is_interrupt(error):
            return EXIT_INTERRUPTED
        raise


def installed_commands() -> dict[str, Command]:
    """
    Return the commands by name: the built-in ones and those of installed entry points.

    Raises
    ------
    InputError
        If two distributions offer the same name with different objects.

    """
    places = dict(BUILT_IN)
    for point in metadata.entry_points(group=GROUP):
        if places.setdefault(point.name, point.value) != point.value:
            raise InputError(
                f'Expected one command {point.name!r}, got {places[point.name]} and {point.value}.'
            )
    return {name: _loaded(place) for name, place in places.items()}


def _loaded(place: str) -> Command:
    # Any object with the three names serves; a module is the usual one.
    module_name, _, attribute = place.partition(':')
    loaded: Command = import_module(module_name)
    return getattr(loaded, attribute) if attribute else loaded


def _parser(commands: dict[str, Command]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='eventdepth',
        description='Depth with uncertainty from event cameras, images and LiDAR, offline.',
        epilog='Write "eventdepth COMMAND --help" for the options of a command.',
    )
    sub_parsers = parser.add_subparsers(dest='command', required=True, metavar='COMMAND')
    for name, command in commands.items():
        sub_parser = sub_parsers.add_parser(
            name, help=command.SUMMARY, description=command.SUMMARY
        )
        command.add_arguments(sub_parser)
    return parser


def _is_interrupt(error: BaseException | None) -> bool:
    """Say whether an interrupt is behind an error, as in an extension that was being loaded."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _complain(error: Exception) -> None:
    from rich.console import Console

    text = ' '.join(str(error).split())
    Console(stderr=True, soft_wrap=True, highlight=False).print(
        f'eventdepth: error: {text}', markup=False, style='red'
    )


if __name__ == '__main__':
    sys.exit(main())
