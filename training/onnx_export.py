"""
Graph -> ONNX file, with the parity gate torch <-> onnxruntime.

The gate: relative L2 <= 1e-3 in f32 on every output, on random inputs at the example size and at
a second, odd size, so that a size frozen by tracing is caught.

"""

from pathlib import Path

from eventdepth_core.types import Float32
import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode
from training.graphs import Graph

OPSET = 18
MAX_RELATIVE_L2 = 1e-3


class ParityError(RuntimeError):
    """An exported graph that does not compute what the torch module computes."""


def export_graph(graph: Graph, path: Path) -> None:
    """Write `graph` to `path` as one self-contained ONNX file with named, dynamic axes."""
    order = list(graph.inputs)
    torch.onnx.export(
        graph.module,
        tuple(graph.inputs.values()),
        str(path),
        input_names=order,
        output_names=list(graph.outputs),
        dynamic_axes=graph.dynamic,
        opset_version=OPSET,
        dynamo=False,
    )


def relative_l2(actual: Float32, expected: Float32) -> float:
    """Return |actual - expected| / |expected|, 0 for two zero arrays."""
    norm = float(np.linalg.norm(expected))
    return float(np.linalg.norm(actual - expected)) / max(norm, 1e-12)


def parity(graph: Graph, path: Path, inputs: dict[str, torch.Tensor]) -> float:
    """
    Return the largest relative L2 between torch and onnxruntime over the outputs.

    Raises
    ------
    ParityError
        Above 1e-3.

    """
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    feeds = {name: tensor.numpy() for name, tensor in inputs.items()}
    actual = session.run(list(graph.outputs), feeds)
    with torch.no_grad():
        expected = graph.module(*inputs.values())
    worst = 0.0
    for name, a, e in zip(graph.outputs, actual, expected, strict=True):
        error = relative_l2(a, e.numpy())
        worst = max(worst, error)
        if error > MAX_RELATIVE_L2:
            message = (
                f'Expected {graph.name}.{name} within {MAX_RELATIVE_L2:g} relative L2 of torch, '
                f'got {error:.3g}.'
            )
            raise ParityError(message)
    return worst


def gflop(graph: Graph, inputs: dict[str, torch.Tensor]) -> float:
    """Return GFLOP of one call (2 per multiply-add), as torch counts them."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        graph.module(*inputs.values())
    return counter.get_total_flops() / 1e9
