"""
A tiny bundle for tests: graphs with the contract's names and shapes and plain arithmetic.

`encode_*` pools its input and scales it; `fuse_decode` is a product of the given experts with the
N(0, 1) prior; `complete` is the spread switch plus a trace of the layout. So every stage can be
computed by hand, and every input reaches the output.

"""

from collections.abc import Callable
import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

HEADER = '<ir_version: 8, opset_import: ["" : 17]>\n'

ENCODER = (
    HEADER
    + """
encode (float[1,{channels},gh,gw] {name}) => (
    float[1,2,fh,fw] mu_fine, float[1,2,fh,fw] logvar_fine,
    float[1,3,ch,cw] mu_coarse, float[1,3,ch,cw] logvar_coarse)
<float[1,2,1,1] fine_weight = {{{weight}, 0.5}},
 float[1,3,1,1] coarse_weight = {{{weight}, 0.2, 0.1}},
 float[1,{channels},1,1] mixing = {{{mixing}}}, float floor = {{-1.0}}>
{{
    mixed = Mul({name}, mixing)
    plane = ReduceMean<axes = [1], keepdims = 1>(mixed)
    fine = AveragePool<kernel_shape = [4, 4], strides = [4, 4]>(plane)
    mu_fine = Mul(fine, fine_weight)
    size_fine = Abs(mu_fine)
    logvar_fine = Sub(floor, size_fine)
    coarse = AveragePool<kernel_shape = [16, 16], strides = [16, 16]>(plane)
    mu_coarse = Mul(coarse, coarse_weight)
    size_coarse = Abs(mu_coarse)
    logvar_coarse = Sub(floor, size_coarse)
}}
"""
)

FUSION = (
    HEADER
    + """
fuse_decode (
    float[3,2,fh,fw] mu_fine, float[3,2,fh,fw] logvar_fine,
    float[3,3,ch,cw] mu_coarse, float[3,3,ch,cw] logvar_coarse, float[3] present) => (
    float[1,1,gh,gw] log_depth, float[1,1,gh,gw] log_variance,
    float[1] log_scale, float[1] log_scale_variance)
<int64[3] trailing = {1, 2, 3}, int64[1] experts = {0}, float one = {1.0}, float usual = {1.5},
 float[4] zoom = {1.0, 1.0, 4.0, 4.0}>
{
    given = Unsqueeze(present, trailing)
    negative_fine = Neg(logvar_fine)
    sharp_fine = Exp(negative_fine)
    precision_fine = Mul(sharp_fine, given)
    sum_fine = ReduceSum<keepdims = 1>(precision_fine, experts)
    total_fine = Add(sum_fine, one)
    weighted_fine = Mul(precision_fine, mu_fine)
    moment_fine = ReduceSum<keepdims = 1>(weighted_fine, experts)
    posterior_fine = Div(moment_fine, total_fine)
    map = ReduceMean<axes = [1], keepdims = 1>(posterior_fine)
    level = ReduceMean<axes = [1, 2, 3], keepdims = 1>(map)
    layout = Sub(map, level)
    log_depth = Resize<mode = "nearest">(layout, , zoom)
    width_fine = ReduceMean<axes = [1], keepdims = 1>(total_fine)
    log_width = Log(width_fine)
    variance = Neg(log_width)
    log_variance = Resize<mode = "nearest">(variance, , zoom)
    negative_coarse = Neg(logvar_coarse)
    sharp_coarse = Exp(negative_coarse)
    precision_coarse = Mul(sharp_coarse, given)
    sum_coarse = ReduceSum<keepdims = 0>(precision_coarse, experts)
    total_coarse = Add(sum_coarse, one)
    weighted_coarse = Mul(precision_coarse, mu_coarse)
    moment_coarse = ReduceSum<keepdims = 0>(weighted_coarse, experts)
    posterior_coarse = Div(moment_coarse, total_coarse)
    offsets = ReduceMean<axes = [1, 2], keepdims = 0>(posterior_coarse)
    offset = ReduceMean<axes = [0], keepdims = 1>(offsets)
    log_scale = Add(offset, usual)
    widths = ReduceMean<axes = [1, 2], keepdims = 0>(total_coarse)
    width_coarse = ReduceMean<axes = [0], keepdims = 1>(widths)
    log_width_coarse = Log(width_coarse)
    log_scale_variance = Neg(log_width_coarse)
}
"""
)

COMPLETION = (
    HEADER
    + """
complete (
    float[1,4,H,W] prefill, float[1,2,H,W] layout, float[1,2,H,W] events,
    float[1,3,H,W] image, float[3] present) => (
    float[1,1,H,W] log_depth, float[1,1,H,W] log_variance)
<int64[1] channel = {1}, int64[1] c0 = {0}, int64[1] c1 = {1}, int64[1] c2 = {2},
 int64[1] c3 = {3}, int64[1] c4 = {4}, float limit = {0.47}, float trace = {0.001},
 float base = {-6.0}>
{
    nearest = Slice(prefill, c0, c1, channel)
    linear = Slice(prefill, c1, c2, channel)
    spread = Slice(prefill, c2, c3, channel)
    distance = Slice(prefill, c3, c4, channel)
    bridges = Greater(spread, limit)
    switched = Where(bridges, nearest, linear)
    guide = ReduceMean<axes = [1], keepdims = 1>(image)
    polarity = ReduceMean<axes = [1], keepdims = 1>(events)
    guides = Add(guide, polarity)
    depth = Slice(layout, c0, c1, channel)
    mixed = Add(guides, depth)
    small = Mul(mixed, trace)
    log_depth = Add(switched, small)
    log_variance = Add(distance, base)
}
"""
)

GRAPHS = {
    'encode_events': ENCODER.format(
        channels=5, name='events', weight=0.4, mixing='1.0, 0.8, 0.6, 0.4, 0.2'
    ),
    'encode_image': ENCODER.format(channels=3, name='image', weight=0.3, mixing='0.5, 1.0, 0.25'),
    'encode_points': ENCODER.format(
        channels=4, name='points', weight=0.2, mixing='0.5, 0.5, 0.1, 0.1'
    ),
    'fuse_decode': FUSION,
    'complete': COMPLETION,
}

INPUTS = {
    'events': {
        'representation': 'voxel',
        'convention': 'e2vid',
        'span': 'window',
        'bins': 5,
        'window_us': 50_000,
        'interval_us': 12_500,
        'normalisation': 'nonzero_std',
    },
    'image': {'channels': 3, 'normalisation': 'standardise'},
    'points': {
        'form': 'prefills',
        'min_depth_m': 0.1,
        'max_depth_m': 200.0,
        'range_sigma_log': 0.01,
    },
}


def write_graph(path: Path, text: str) -> str:
    """Write an ONNX model from its text and return its sha256."""
    onnx = pytest.importorskip('onnx', reason='the tiny graphs are written with onnx')
    content = onnx.parser.parse_model(text).SerializeToString()
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def tiny_manifest(folder: Path) -> dict[str, Any]:
    """Write the tiny graphs into `folder` and return the manifest for them."""
    return {
        'schema_version': 1,
        'name': 'tiny',
        'version': '0.1.0',
        'task': 'metric_depth',
        'reference': 'events',
        'licence': 'Apache-2.0',
        'inputs': INPUTS,
        'grid': {'pixels': 1280, 'multiple': 16},
        'sensor': {'multiple': 16, 'max_pixels': 20_000},
        'canonical_focal_px': 40.0,
        'latents': [
            {'name': 'fine', 'channels': 2, 'stride': 4},
            {'name': 'coarse', 'channels': 3, 'stride': 16},
        ],
        'graphs': {
            name: {'file': f'{name}.onnx', 'sha256': write_graph(folder / f'{name}.onnx', text)}
            for name, text in GRAPHS.items()
        },
        'scheduler': {'default_steps': 0, 'steps': []},
        'outputs': {'depth': 'median', 'variance': 'laplace_log'},
        'calibration': {'E': {'pixel': 1.5, 'scale': 2.0}},
    }


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    """Write a fresh copy of the tiny bundle, to be damaged."""
    folder = tmp_path / 'tiny'
    folder.mkdir()
    manifest = tiny_manifest(folder)
    (folder / 'model.yaml').write_text(yaml.safe_dump(manifest, sort_keys=False))
    return folder


@pytest.fixture(scope='session')
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory):
    """Load the tiny bundle once."""
    from eventdepth_core.bundle import load_bundle

    folder = tmp_path_factory.mktemp('bundles') / 'tiny'
    folder.mkdir()
    manifest = tiny_manifest(folder)
    (folder / 'model.yaml').write_text(yaml.safe_dump(manifest, sort_keys=False))
    return load_bundle(folder)


@pytest.fixture
def edit_manifest(tiny_folder: Path) -> Callable[[Callable[[dict[str, Any]], object]], Path]:
    """Return a function that applies an edit to the manifest of `tiny_folder`."""

    def apply(edit: Callable[[dict[str, Any]], object]) -> Path:
        path = tiny_folder / 'model.yaml'
        manifest = yaml.safe_load(path.read_text())
        edit(manifest)
        path.write_text(yaml.safe_dump(manifest, sort_keys=False))
        return tiny_folder

    return apply
