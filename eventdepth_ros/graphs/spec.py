"""
What a graph is: arguments, and nodes as a function of them.

Laws: an argument that is not given ('') leaves its parameter to the parameter file and the
default; 'none' gives the empty string; a given one wins over every file. Of two parameter files
the later one wins.

"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from eventdepth_core.errors import InputError
from eventdepth_ros.parameters.declaring import nearest_name
from eventdepth_ros.parameters.row import Value

PACKAGE = 'eventdepth_ros'
Given = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Argument:
    """What a user may set of a graph: `name:=value`; '' stands for not given."""

    name: str
    default: str
    description: str
    choices: tuple[str, ...] = ()

    def as_argument(self) -> 'Argument':
        """Return itself."""
        return self


class Offer(Protocol):
    """What can be an argument: one, or something that makes one when it is asked."""

    def as_argument(self) -> Argument:
        """Return the argument."""
        ...


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """
    One process of a graph.

    `command` are arguments of the program itself, before those of ROS. When a node with
    `ends_graph` exits, the rest is asked to end. `parameters` win over `parameter_files`.

    """

    executable: str
    name: str
    package: str = PACKAGE
    namespace: str = ''
    parameters: Mapping[str, Value] = field(default_factory=dict)
    parameter_files: tuple[Path, ...] = ()
    remappings: tuple[tuple[str, str], ...] = ()
    command: tuple[str, ...] = ()
    log_level: str = 'info'
    ends_graph: bool = False

    @property
    def full_name(self) -> str:
        """The name with its namespace, from the root on."""
        return '/'.join(['', *filter(None, self.namespace.split('/')), self.name])


@dataclass(frozen=True, slots=True)
class Graph:
    """A named graph: what it is, its arguments and its nodes as a function of them."""

    name: str
    description: str
    offers: tuple[Offer, ...]
    make_nodes: Callable[[Given], tuple[NodeSpec, ...]]

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """What a user may set."""
        return tuple(offer.as_argument() for offer in self.offers)

    def settled(self, given: Given) -> dict[str, str]:
        """
        Return all arguments with defaults in place of those not given.

        Raises
        ------
        InputError
            For an argument that does not exist, with the nearest that does, or a value that is
            not among the choices.

        """
        known = {argument.name: argument for argument in self.arguments}
        for name, value in given.items():
            if name not in known:
                near = nearest_name(name, known)
                advice = f'did you mean {near}?' if near else f'known are {", ".join(known)}.'
                raise InputError(f'Expected an argument of {self.name}, got {name!r}: {advice}')
            choices = known[name].choices
            if choices and value not in choices:
                raise InputError(f'Expected {name} out of {", ".join(choices)}, got {value!r}.')
        return {name: given.get(name, argument.default) for name, argument in known.items()}

    def nodes(self, given: Given) -> tuple[NodeSpec, ...]:
        """
        Return the nodes for the arguments given.

        Raises
        ------
        InputError
            For an unknown argument, or one whose value its parameter refuses.

        """
        return self.make_nodes(self.settled(given))
