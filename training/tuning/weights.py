"""
Where training starts: the weights of a bundle, of a run folder, or fresh ones.

A bundle holds graphs, not modules: its exporter has folded every batch norm into the convolution
before it. Reading back pairs the n-th convolution or linear layer that a module calls with the
n-th of the graph; a folded norm becomes the identity plus its bias, which computes the same.
`normalised` then gives each norm the statistics of real inputs and the gain and bias that undo
them, so that it may train again without changing what the network computes now.

Laws: a network read back agrees with its graph within the export's own parity gate, or loading
fails; nothing is unpickled.

"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import math
from pathlib import Path

from eventdepth_core.bundle import Bundle, load_bundle
from eventdepth_core.errors import BundleError
from eventdepth_core.networks.completion import CompletionHead
from eventdepth_core.networks.layout import LayoutNet
import numpy as np
from numpy.typing import NDArray
import onnx
import torch
from torch import nn
from training.errors import RunError
from training.export import EXAMPLE_GRID, load_networks, SECOND_SENSOR
from training.graphs import flagship_graphs, Graph
from training.judge import Networks
from training.onnx_export import parity, ParityError

SCRATCH = 'scratch'
LAYERS = {'Conv': nn.Conv2d, 'Gemm': nn.Linear}
MIN_VARIANCE = 1e-8


def starting_networks(start: str, seed: int) -> Networks:
    """
    Return the networks that `start` names: `scratch`, a run folder, or a bundle.

    Raises
    ------
    BundleError, RunError
        If it names nothing, or a bundle of another architecture.

    """
    if start == SCRATCH:
        torch.manual_seed(seed)
        return Networks(LayoutNet().eval(), CompletionHead().eval())
    folder = Path(start).expanduser()
    if (folder / 'layout.safetensors').is_file():
        if not (folder / 'completion.safetensors').is_file():
            raise RunError(f'Expected completion.safetensors beside {folder}, got none.')
        return load_networks(folder)
    return networks_from_bundle(load_bundle(start))


def networks_from_bundle(bundle: Bundle) -> Networks:
    """
    Read the weights of a bundle's graphs back into networks, in eval mode.

    Raises
    ------
    BundleError
        If its graphs are not those of `eventdepth-s`.

    """
    layout, completion = LayoutNet().eval(), CompletionHead().eval()
    motion = CompletionHead().eval() if 'complete_motion' in bundle.graphs else None
    graphs = flagship_graphs(
        layout, completion, motion=motion, grid=EXAMPLE_GRID, sensor=SECOND_SENSOR
    )
    for graph in graphs:
        content = bundle.graph_content(graph.name)
        try:
            _fill(graph, onnx.load_from_string(content))
            parity(graph, bundle.graph(graph.name).path, graph.inputs)
        except (ParityError, ValueError) as error:
            raise BundleError(
                f'Expected the graph {graph.name} of bundle {bundle.name} to be of the '
                f'architecture of eventdepth-s, got: {error}'
            ) from error
    return Networks(layout, completion, motion)


def normalised(network: nn.Module, run: Callable[[], None]) -> None:
    """
    Give every batch norm of `network` the statistics of its inputs while `run` calls it.

    Gain and bias are set so that the network in eval mode computes what it did before; a norm
    that `run` never reaches stays as it is.

    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    moments = {norm: _Moments() for norm in norms}

    def note(norm: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        """Add what enters a norm to its moments."""
        moments[norm].add(inputs[0])  # type: ignore[index]  # the hook is on norms only

    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    try:
        with _evaluating(network), torch.no_grad():
            run()
    finally:
        for hook in hooks:
            hook.remove()
    for norm, seen in moments.items():
        if seen.count:
            _renormalise(norm, seen)


class _Moments:
    """Running sums of the channels that enter a norm, float64."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = torch.zeros(())
        self._squares = torch.zeros(())

    def add(self, x: torch.Tensor) -> None:
        """Add (B, C, H, W)."""
        wide = x.double()
        self.count += x.numel() // x.shape[1]
        self._sum = self._sum + wide.sum(dim=(0, 2, 3))
        self._squares = self._squares + wide.square().sum(dim=(0, 2, 3))

    @property
    def mean(self) -> torch.Tensor:
        """Mean a channel, (C,)."""
        return self._sum / self.count

    @property
    def variance(self) -> torch.Tensor:
        """Variance a channel, (C,), never below what a norm can divide by."""
        return (self._squares / self.count - self.mean.square()).clamp_min(MIN_VARIANCE)


@torch.no_grad()
def _renormalise(norm: nn.BatchNorm2d, seen: _Moments) -> None:
    """Keep gain * (x - mean) / spread + bias the same function with mean and spread replaced."""
    gain = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    offset = norm.bias.double() - gain * norm.running_mean.double()
    norm.running_mean.copy_(seen.mean)
    norm.running_var.copy_(seen.variance)
    norm.weight.copy_(gain * (seen.variance + norm.eps).sqrt())
    norm.bias.copy_(offset + gain * seen.mean)


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    was_training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(was_training)


def _fill(graph: Graph, model: onnx.ModelProto) -> None:
    """Copy the graph's weights into its module, layer by layer in the order of calls."""
    stored = {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}
    nodes = [node for node in model.graph.node if node.op_type in LAYERS]
    calls = _called_layers(graph)
    if len(nodes) != len(calls):
        message = f'Expected {len(calls)} layers with weights, got {len(nodes)}.'
        raise ValueError(message)
    for node, (layer, norm) in zip(nodes, calls, strict=True):
        weight, bias = (_initialiser(stored, node, place) for place in (1, 2))
        if not isinstance(layer, LAYERS[node.op_type]) or weight.shape != layer.weight.shape:
            message = (
                f'Expected a {type(layer).__name__} of {tuple(layer.weight.shape)}, '
                f'got {node.op_type} of {weight.shape}.'
            )
            raise ValueError(message)
        _assign(layer, norm, torch.tensor(weight), torch.tensor(bias))


def _initialiser(
    stored: dict[str, NDArray[np.float32]], node: onnx.NodeProto, place: int
) -> NDArray[np.float32]:
    name = node.input[place] if len(node.input) > place else ''
    if name not in stored:
        message = f'Expected stored weights of {node.name}, got none called {name!r}.'
        raise ValueError(message)
    return stored[name]


@torch.no_grad()
def _assign(
    layer: nn.Module, norm: nn.BatchNorm2d | None, weight: torch.Tensor, bias: torch.Tensor
) -> None:
    layer.weight.copy_(weight)
    if norm is None:
        layer.bias.copy_(bias)
        return
    norm.running_mean.zero_()
    norm.running_var.fill_(1.0)
    norm.weight.fill_(math.sqrt(1.0 + norm.eps))
    norm.bias.copy_(bias)


def _called_layers(graph: Graph) -> list[tuple[nn.Module, nn.BatchNorm2d | None]]:
    """Return the layers with weights in the order of calls, each with the norm behind it."""
    called: list[nn.Module] = []
    kinds = (*LAYERS.values(), nn.BatchNorm2d)
    hooks = [
        module.register_forward_hook(lambda layer, _, __: called.append(layer))
        for module in graph.module.modules()
        if isinstance(module, kinds)
    ]
    with torch.no_grad():
        graph.module(*graph.inputs.values())
    for hook in hooks:
        hook.remove()
    followers = [*called[1:], None]
    return [
        (layer, follower if isinstance(follower, nn.BatchNorm2d) else None)
        for layer, follower in zip(called, followers, strict=True)
        if not isinstance(layer, nn.BatchNorm2d)
    ]
