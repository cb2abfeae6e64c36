"""From a name to an engine; names of later versions answer with a clear error."""

import os

from eventdepth_core.bundle import Bundle
from eventdepth_core.engine.protocol import Engine
from eventdepth_core.errors import EngineError, InputError

ENGINE_NAMES = ('auto', 'onnxruntime')
LATER_ENGINES = ('openvino', 'tensorrt', 'tensorrt_rtx', 'torch')


def load_engine(
    bundle: Bundle,
    engine: str = 'auto',
    *,
    num_threads: int | None = None,
) -> Engine:
    """
    Return the engine called `engine` for `bundle`.

    Parameters
    ----------
    bundle : Bundle
        A loaded bundle.
    engine : str
        'auto' (the best that is installed) or 'onnxruntime'.
    num_threads : int, optional
        Threads that one run may use; by default one less than there are cores, at least 1.

    Raises
    ------
    EngineError
        For a name that is unknown or not available in this version, or if building fails.
    InputError
        If `num_threads` is below 1.

    """
    if engine in LATER_ENGINES:
        raise EngineError(
            f'Expected an engine out of {", ".join(ENGINE_NAMES)}, '
            f'got {engine!r}, which is not available in this version.'
        )
    if engine not in ENGINE_NAMES:
        raise EngineError(f'Expected an engine out of {", ".join(ENGINE_NAMES)}, got {engine!r}.')
    if num_threads is not None and num_threads < 1:
        raise InputError(f'Expected num_threads of at least 1, got {num_threads}.')

    from eventdepth_core.engine.onnxruntime import OnnxRuntimeEngine

    return OnnxRuntimeEngine(bundle, num_threads=num_threads or _spare_cores())


def _spare_cores() -> int:
    """Leave one core to the accumulation of events; spinning on all cores stalls both."""
    return max(1, len(os.sched_getaffinity(0)) - 1)
