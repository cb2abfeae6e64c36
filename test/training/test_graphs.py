"""Exported graphs compute what torch computes, at any size, within the budget."""

from pathlib import Path

from eventdepth_core.networks.completion import CompletionHead
from eventdepth_core.networks.layout import LayoutNet
import pytest
import torch
from training.graphs import flagship_graphs, Graph
from training.onnx_export import export_graph, gflop, parity, ParityError

MAX_GFLOP_AT_VGA = 5.0


@pytest.fixture(scope='module')
def networks() -> tuple[LayoutNet, CompletionHead]:
    torch.manual_seed(0)
    nets = LayoutNet().eval(), CompletionHead().eval()
    for net in nets:
        for parameter in net.parameters():
            parameter.data.add_(0.02 * torch.randn_like(parameter))
    return nets


def graphs_at(
    networks: tuple[LayoutNet, CompletionHead],
    grid: tuple[int, int],
    sensor: tuple[int, int],
) -> list[Graph]:
    return flagship_graphs(*networks, grid=grid, sensor=sensor)


@pytest.mark.parametrize('index', range(5))
def test_graph_equals_torch_at_two_sizes(
    networks: tuple[LayoutNet, CompletionHead], tmp_path: Path, index: int
) -> None:
    first = graphs_at(networks, (32, 48), (64, 96))[index]
    second = graphs_at(networks, (48, 32), (80, 112))[index]
    path = tmp_path / f'{first.name}.onnx'

    export_graph(first, path)

    assert parity(first, path, first.inputs) <= 1e-3
    assert parity(first, path, second.inputs) <= 1e-3


def test_gate_refuses_a_graph_of_other_weights(
    networks: tuple[LayoutNet, CompletionHead], tmp_path: Path
) -> None:
    graph = graphs_at(networks, (32, 48), (64, 96))[0]
    path = tmp_path / 'encode_events.onnx'
    torch.manual_seed(1)
    export_graph(graphs_at((LayoutNet().eval(), networks[1]), (32, 48), (64, 96))[0], path)

    with pytest.raises(ParityError, match=r'within 0\.001 relative L2'):
        parity(graph, path, graph.inputs)


def test_all_graphs_at_vga_stay_within_five_gflop(
    networks: tuple[LayoutNet, CompletionHead],
) -> None:
    graphs = graphs_at(networks, (64, 80), (480, 640))

    assert sum(gflop(graph, graph.inputs) for graph in graphs) <= MAX_GFLOP_AT_VGA
