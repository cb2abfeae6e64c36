"""
The model of the node: a verified bundle and an engine that has run each of its graphs once.

Everything slow happens here, while configuring: checksums, the sessions of the engine, the
compilation of all kernels (half a minute in an empty cache, then a fraction of a second). Kernels
do not depend on the size of a sensor: a pipeline of a small made-up camera compiles them for all.

"""

from dataclasses import dataclass

from eventdepth_core.bundle import Bundle, load_bundle
from eventdepth_core.engine import Engine, load_engine
from eventdepth_core.pipeline import DepthPipeline
from eventdepth_core.recordings import assumed_camera
from eventdepth_core.types import Camera, Rig
from eventdepth_ros.parameters.depth import DepthParameters

DEFAULT_SIZE = (480, 640)
SCRATCH_SIZE = (160, 120)
SCRATCH_FOV_DEG = 70.0


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A loaded bundle and the engine that runs it."""

    bundle: Bundle
    engine: Engine

    @property
    def is_relative(self) -> bool:
        """Whether its depth has no unit."""
        return self.bundle.task == 'relative_depth'


def load_model(parameters: DepthParameters, camera: Camera | None = None) -> Model:
    """
    Load, verify and warm up what the parameters name, for `camera` or one of 640 x 480.

    Raises
    ------
    BundleError
        If the bundle is missing, damaged or of another version.
    EngineError
        If the engine is unknown, or does not run the bundle.

    """
    bundle = load_bundle(parameters.bundle)
    engine = load_engine(bundle, parameters.engine, num_threads=parameters.num_threads or None)
    is_by_events = bundle.reference == 'events'
    scratch = assumed_camera(*SCRATCH_SIZE, SCRATCH_FOV_DEG)
    rig = Rig(event=scratch) if is_by_events else Rig(image=scratch)
    DepthPipeline(bundle, rig, engine).warm()
    engine.warm(DEFAULT_SIZE if camera is None else camera.size)
    return Model(bundle, engine)
