"""
What every engine does: run one named graph on float32 tensors.

Laws: a result holds only finite numbers (anything else is an `EngineError` for that frame); the
same inputs give the same bytes; running never edits an input.

"""

from collections.abc import Mapping
from typing import Protocol, TypeAlias

from eventdepth_core.errors import EngineError
from eventdepth_core.types import Float32
import numpy as np

Tensors: TypeAlias = Mapping[str, Float32]


class Engine(Protocol):
    """Runs the graphs of one bundle."""

    @property
    def name(self) -> str:
        """The name under which `load_engine` knows it."""

    @property
    def num_threads(self) -> int:
        """Threads that one run may use."""

    def run(self, graph: str, inputs: Tensors) -> Tensors:
        """
        Run `graph` on float32 `inputs` by name and return its float32 outputs by name.

        Raises
        ------
        BundleError
            If the bundle has no such graph.
        EngineError
            If the graph cannot be built or run, or an output is not finite.

        """

    def warm(self, size: tuple[int, int]) -> None:
        """
        Build every graph and run it once on zeros for a reference camera of (height, width).

        Raises
        ------
        EngineError
            As for `run`.

        """


def check_finite(graph: str, outputs: Tensors) -> None:
    """
    Refuse NaN and infinite outputs.

    Raises
    ------
    EngineError
        Naming the first output that is not finite.

    """
    for name, tensor in outputs.items():
        num_bad = tensor.size - int(np.count_nonzero(np.isfinite(tensor)))
        if num_bad:
            raise EngineError(
                f'Expected finite numbers in output {name} of graph {graph}, '
                f'got {num_bad} of {tensor.size} NaN or infinite.'
            )
