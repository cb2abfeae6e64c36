"""
The model of the node: a verified bundle and an engine that has run each of its graphs once.

Everything slow happens here, while configuring: checksums, the engine's sessions, the compilation
of the event kernels (half a minute in an empty cache, then a fraction of a second).

"""

from dataclasses import dataclass

from eventdepth_core.bundle import Bundle, load_bundle
from eventdepth_core.engine import Engine, load_engine
from eventdepth_core.events import warmup
from eventdepth_ros.parameters.depth import DepthParameters

DEFAULT_SIZE = (480, 640)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A loaded bundle and the engine that runs it."""

    bundle: Bundle
    engine: Engine

    @property
    def is_relative(self) -> bool:
        """Whether its depth has no unit."""
        return self.bundle.task == 'relative_depth'


def load_model(parameters: DepthParameters, size: tuple[int, int] = DEFAULT_SIZE) -> Model:
    """
    Load, verify and warm up what the parameters name, for a camera of (height, width).

    Raises
    ------
    BundleError
        If the bundle is missing, damaged or of another version.
    EngineError
        If the engine is unknown, or does not run the bundle.

    """
    bundle = load_bundle(parameters.bundle)
    engine = load_engine(bundle, parameters.engine, num_threads=parameters.num_threads or None)
    if 'events' in bundle.inputs.modalities:
        warmup()
    engine.warm(size)
    return Model(bundle, engine)
