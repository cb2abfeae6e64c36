"""The onnxruntime engine on the tiny graphs."""

import os

from eventdepth_core.bundle import load_bundle
from eventdepth_core.engine import load_engine
from eventdepth_core.engine.shapes import input_shapes
from eventdepth_core.errors import BundleError, ChecksumError, EngineError, InputError
import numpy as np
import pytest


def zeros(bundle, graph, size=(48, 64)):
    shapes = input_shapes(bundle, size)[graph]
    return {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}


def test_auto_is_onnxruntime_with_one_core_left_to_the_events(tiny_bundle):
    engine = load_engine(tiny_bundle)

    assert engine.name == 'onnxruntime'
    assert engine.num_threads == max(1, len(os.sched_getaffinity(0)) - 1)


def test_an_encoder_gives_one_expert_at_every_latent(tiny_bundle):
    outputs = load_engine(tiny_bundle).run('encode_image', zeros(tiny_bundle, 'encode_image'))

    assert {name: tensor.shape for name, tensor in outputs.items()} == {
        'mu_fine': (1, 2, 8, 12),
        'logvar_fine': (1, 2, 8, 12),
        'mu_coarse': (1, 3, 2, 3),
        'logvar_coarse': (1, 3, 2, 3),
    }


def test_an_absent_expert_changes_nothing(tiny_bundle):
    engine = load_engine(tiny_bundle, num_threads=1)
    rng = np.random.default_rng(1)
    inputs = {
        name: rng.normal(size=tensor.shape).astype(np.float32)
        for name, tensor in zeros(tiny_bundle, 'fuse_decode').items()
    }
    inputs['present'] = np.array([1, 0, 1], np.float32)
    other = {name: tensor.copy() for name, tensor in inputs.items()}
    for name in ('mu_fine', 'logvar_fine', 'mu_coarse', 'logvar_coarse'):
        other[name][1] = 3.0

    first = engine.run('fuse_decode', inputs)
    second = engine.run('fuse_decode', other)

    assert all(first[name].tobytes() == second[name].tobytes() for name in first)


def test_warm_runs_every_graph_at_the_size_of_the_camera(tiny_bundle):
    engine = load_engine(tiny_bundle)

    engine.warm((260, 346))

    assert engine.run('complete', zeros(tiny_bundle, 'complete', (260, 346)))


def test_a_graph_is_loaded_when_it_is_first_run(tiny_folder):
    (tiny_folder / 'complete.onnx').write_bytes(b'no model')
    bundle = load_bundle(tiny_folder, verify=False)
    engine = load_engine(bundle)

    engine.run('encode_image', zeros(bundle, 'encode_image'))

    with pytest.raises(EngineError, match='Expected graph complete to load in onnxruntime, got'):
        engine.run('complete', zeros(bundle, 'complete'))


def test_a_graph_that_changed_after_loading_is_refused(tiny_folder):
    bundle = load_bundle(tiny_folder)
    path = tiny_folder / 'complete.onnx'
    path.write_bytes((tiny_folder / 'encode_image.onnx').read_bytes())

    with pytest.raises(ChecksumError, match=r'Expected sha256 .* for .*complete\.onnx') as e:
        load_engine(bundle).run('complete', zeros(bundle, 'complete'))

    assert e.value.expected == bundle.graph('complete').sha256
    assert e.value.actual == bundle.graph('encode_image').sha256


def test_a_graph_that_changed_is_run_where_nothing_is_verified(tiny_folder):
    bundle = load_bundle(tiny_folder, verify=False)
    path = tiny_folder / 'complete.onnx'
    path.write_bytes((tiny_folder / 'encode_image.onnx').read_bytes())

    outputs = load_engine(bundle).run('complete', zeros(bundle, 'encode_image'))

    assert 'mu_fine' in outputs


def test_a_wrong_shape_is_an_engine_error_with_the_shapes(tiny_bundle):
    with pytest.raises(EngineError, match=r"encode_image to run on inputs \{'image': \(1, 2, 32"):
        load_engine(tiny_bundle).run('encode_image', {'image': np.zeros((1, 2, 32, 32))})


def test_a_missing_input_is_an_engine_error(tiny_bundle):
    with pytest.raises(EngineError, match=r'encode_image to run on inputs \{\}'):
        load_engine(tiny_bundle).run('encode_image', {})


@pytest.mark.parametrize('value', [np.nan, np.inf])
def test_an_output_that_is_not_finite_is_an_engine_error(tiny_bundle, value):
    inputs = zeros(tiny_bundle, 'encode_image')
    inputs['image'][0, 0, 3, 4] = value

    with pytest.raises(EngineError, match=r'finite numbers in output mu_fine of graph encode_im'):
        load_engine(tiny_bundle).run('encode_image', inputs)


def test_an_unknown_graph_is_a_bundle_error(tiny_bundle):
    with pytest.raises(BundleError, match="got 'denoise_step'"):
        load_engine(tiny_bundle).run('denoise_step', {})


@pytest.mark.parametrize('name', ['torch', 'openvino', 'tensorrt', 'tensorrt_rtx'])
def test_engines_of_later_versions_say_so(tiny_bundle, name):
    with pytest.raises(EngineError, match=f"got '{name}', which is not available in this version"):
        load_engine(tiny_bundle, name)


def test_an_unknown_engine_names_the_known(tiny_bundle):
    with pytest.raises(EngineError, match="out of auto, onnxruntime, got 'abacus'"):
        load_engine(tiny_bundle, 'abacus')


def test_a_thread_count_below_one_is_refused(tiny_bundle):
    with pytest.raises(InputError, match='num_threads of at least 1, got 0'):
        load_engine(tiny_bundle, num_threads=0)
