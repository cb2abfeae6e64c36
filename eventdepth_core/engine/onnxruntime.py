"""
The onnxruntime engine: sequential execution on the CPU without spinning threads.

A session is built when its graph is first run, from bytes that are verified as they are read, so
a file that changed after `load_bundle` is refused; passing bytes instead of a path also keeps a
graph from naming further files.

"""

from collections.abc import Mapping
import threading
from typing import Any

from eventdepth_core.bundle import Bundle
from eventdepth_core.engine.protocol import check_finite, Tensors
from eventdepth_core.engine.shapes import input_shapes
from eventdepth_core.errors import EngineError
import numpy as np

ERROR_SEVERITY = 3


class OnnxRuntimeEngine:
    """Runs the graphs of `bundle` with onnxruntime on `num_threads` CPU threads."""

    name = 'onnxruntime'

    def __init__(self, bundle: Bundle, *, num_threads: int) -> None:
        self.num_threads = num_threads
        self._bundle = bundle
        self._sessions: dict[str, Any] = {}  # InferenceSession has no static type
        self._lock = threading.Lock()

    def run(self, graph: str, inputs: Tensors) -> Tensors:
        """Run `graph`; see `Engine.run`."""
        session = self._session(graph)
        names = [output.name for output in session.get_outputs()]
        outputs = dict(zip(names, _run(session, graph, inputs), strict=True))
        check_finite(graph, outputs)
        return outputs

    def warm(self, size: tuple[int, int]) -> None:
        """Build and run every graph once; see `Engine.warm`."""
        for graph, shapes in input_shapes(self._bundle, size).items():
            zeros = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
            self.run(graph, zeros)

    def _session(self, graph: str) -> Any:  # noqa: ANN401 - InferenceSession has no static type
        with self._lock:
            if graph not in self._sessions:
                content = self._bundle.graph_content(graph)
                self._sessions[graph] = _built(graph, content, self.num_threads)
            return self._sessions[graph]


def _built(graph: str, content: bytes, num_threads: int) -> Any:  # noqa: ANN401 - as above
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    options.log_severity_level = ERROR_SEVERITY
    try:
        return onnxruntime.InferenceSession(
            content,
            sess_options=options,
            providers=['CPUExecutionProvider'],
        )
    # onnxruntime's own errors have no common class below Exception; they are re-raised as ours.
    except Exception as error:
        raise EngineError(
            f'Expected graph {graph} to load in onnxruntime, got: {error}'
        ) from error


def _run(session: Any, graph: str, inputs: Mapping[str, Any]) -> list[Any]:  # noqa: ANN401
    contiguous = {
        name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in inputs.items()
    }
    try:
        outputs: list[Any] = session.run(None, contiguous)
    # see above
    except Exception as error:
        shapes = {name: tensor.shape for name, tensor in contiguous.items()}
        raise EngineError(
            f'Expected graph {graph} to run on inputs {shapes}, got: {error}'
        ) from error
    return outputs
