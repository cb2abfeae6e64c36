"""Weights come back out of a bundle's graphs, and norms start from real statistics."""

from dataclasses import replace

from eventdepth_core.bundle import load_bundle
from eventdepth_core.errors import BundleError
from eventdepth_core.networks.encoder import GaussianEncoder
import pytest
from safetensors.torch import save_file
import torch
from training.errors import RunError
from training.graphs import flagship_graphs
from training.onnx_export import parity
from training.tuning.weights import networks_from_bundle, normalised, starting_networks


def test_networks_read_back_compute_what_the_shipped_graphs_compute(tolerances):
    bundle = load_bundle('eventdepth-s')

    networks = networks_from_bundle(bundle)

    graphs = flagship_graphs(networks.layout, networks.completion, grid=(32, 160), sensor=(64, 96))
    for graph in graphs:
        assert parity(graph, bundle.graph(graph.name).path, graph.inputs) < 1e-5


def test_a_bundle_whose_graphs_are_mixed_up_is_refused():
    bundle = load_bundle('eventdepth-s')
    swapped = {**bundle.graphs, 'encode_events': bundle.graphs['encode_image']}

    with pytest.raises(BundleError, match='architecture of eventdepth-s'):
        networks_from_bundle(replace(bundle, graphs=swapped))


def test_settling_the_norms_keeps_the_function_and_fits_training_to_it():
    torch.manual_seed(0)
    encoder = GaussianEncoder(3).eval()
    x = 3.0 + 2.0 * torch.randn(8, 3, 32, 48)
    before = [mu.detach() for mu, _ in encoder(x)]

    normalised(encoder, lambda: encoder(x))

    evaluated = [mu.detach() for mu, _ in encoder(x)]
    trained = [mu.detach() for mu, _ in encoder.train()(x)]
    for first, second, third in zip(before, evaluated, trained, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(first, third, rtol=2e-2, atol=2e-2)


def test_a_start_is_scratch_a_run_folder_or_a_bundle(tmp_path):
    scratch = starting_networks('scratch', 3)
    save_file(scratch.layout.state_dict(), tmp_path / 'layout.safetensors')

    with pytest.raises(RunError, match=r'completion\.safetensors'):
        starting_networks(str(tmp_path), 0)
    save_file(scratch.completion.state_dict(), tmp_path / 'completion.safetensors')

    loaded = starting_networks(str(tmp_path), 0)
    assert torch.equal(loaded.layout.head.out.weight, scratch.layout.head.out.weight)
    with pytest.raises(BundleError, match='no-such-bundle'):
        starting_networks('no-such-bundle', 0)
