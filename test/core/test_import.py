"""What importing the library costs, and the names that it promises."""

import inspect
import json
from pathlib import Path
import subprocess
import sys

import eventdepth_core
from eventdepth_core import DepthPipeline, load_bundle, Rig
from eventdepth_core.evaluation import evaluate
from eventdepth_core.events import packet_decoder, packet_encoder, PacketDecoder
from eventdepth_core.types import Camera, DepthFrame, EVENT_DTYPE
import numpy as np
import pytest

HEAVY = (
    'torch',
    'rclpy',
    'matplotlib',
    'onnxruntime',
    'numba',
    'cv2',
    'numpy',
    'lightning',
    'onnx',
)

METRICS = {
    'abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'silog', 'delta1', 'delta2', 'delta3', 'mae', 'n',
}  # fmt: skip

ROOT = Path(__file__).resolve().parents[2]


def modules_after(code):
    """Return the top-level names that a fresh interpreter has loaded after `code`."""
    listing = f'{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))'
    output = subprocess.run(
        [sys.executable, '-c', listing], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout
    return {name.partition('.')[0] for name in json.loads(output)}


def test_importing_the_library_loads_nothing_heavy():
    loaded = modules_after('import eventdepth_core')

    assert loaded.isdisjoint(HEAVY)


def test_using_every_public_name_loads_neither_torch_nor_ros_nor_pictures():
    loaded = modules_after('from eventdepth_core import *')

    assert 'numba' in loaded
    assert loaded.isdisjoint(('torch', 'rclpy', 'matplotlib', 'lightning', 'hydra', 'onnxruntime'))


@pytest.mark.parametrize('name', eventdepth_core.__all__)
def test_every_public_name_exists(name):
    assert getattr(eventdepth_core, name) is not None
    assert name in dir(eventdepth_core)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'eventdepth_core' has no attribute 'nothing'"):
        _ = eventdepth_core.nothing


@pytest.mark.parametrize(
    ('function', 'parameters'),
    [
        (DepthPipeline, ('bundle', 'rig', 'engine')),
        (
            DepthPipeline.push_packet,
            ('encoding', 'width', 'height', 'time_base_ns', 'payload', 'seq', 'arrival_us'),
        ),
        (DepthPipeline.push_events, ('events',)),
        (DepthPipeline.push_image, ('image', 'stamp_us')),
        (DepthPipeline.push_points, ('points_m', 'stamp_us')),
        (DepthPipeline.push_sparse_depth, ('depth_m', 'stamp_us')),
        (DepthPipeline.push_semantics, ('labels', 'stamp_us')),
        (DepthPipeline.push_pose, ('world_from_camera', 'stamp_us')),
        (DepthPipeline.estimate, ('stamp_us',)),
        (load_bundle, ('name_or_path',)),
        (packet_decoder, ('encoding', 'width', 'height')),
        (PacketDecoder.decode, ('payload', 'time_base_ns')),
        (evaluate, ('predicted_m', 'target_m', 'profile', 'std_m', 'valid')),
        (
            Rig,
            ('event', 'image', 'event_from_image', 'event_from_points', 'rectification'),
        ),
        (
            Camera,
            ('width', 'height', 'fx', 'fy', 'cx', 'cy', 'distortion', 'distortion_model'),
        ),
    ],
)
def test_the_public_names_take_the_promised_parameters(function, parameters):
    names = [name for name in inspect.signature(function).parameters if name != 'self']

    assert tuple(names[: len(parameters)]) == parameters


@pytest.mark.parametrize(
    ('function', 'defaults'),
    [
        (DepthPipeline, {'engine': 'auto'}),
        (DepthPipeline.push_packet, {'seq': None, 'arrival_us': None}),
        (packet_decoder, {}),
        (PacketDecoder.decode, {'time_base_ns': 0}),
        (type(packet_decoder('evt3', 8, 8)).decode, {'time_base_ns': 0}),
        (evaluate, {'profile': 'plain', 'std_m': None, 'valid': None}),
        (
            Rig,
            {
                'event': None,
                'image': None,
                'event_from_image': None,
                'event_from_points': None,
                'rectification': None,
            },
        ),
        (Camera, {'distortion': (), 'distortion_model': 'plumb_bob'}),
    ],
)
def test_the_public_names_have_the_promised_defaults(function, defaults):
    positional = [
        each
        for each in inspect.signature(function).parameters.values()
        if each.kind is each.POSITIONAL_OR_KEYWORD and each.default is not each.empty
    ]

    assert {each.name: each.default for each in positional} == defaults


def test_the_pipeline_takes_its_inputs_by_position(tiny_bundle):
    events = np.array([(1_000 + 50 * k, k % 64, k % 48, 1) for k in range(2_000)], EVENT_DTYPE)
    payload = packet_encoder('evt3', 64, 48).encode(events)
    plane_m = np.full((48, 64), 3.0, np.float32)
    pipeline = DepthPipeline(tiny_bundle, Rig(Camera(64, 48, 60.0, 60.0, 31.5, 23.5)), 'auto')

    pipeline.push_packet('evt3', 64, 48, 0, payload, 0, None)
    pipeline.push_events(events[:0])
    pipeline.push_image(np.full((48, 64), 90, np.uint8), 90_000)
    pipeline.push_pose(np.eye(4), 90_000)
    pipeline.push_sparse_depth(plane_m, 90_000)
    frame = pipeline.estimate(90_000)

    assert (frame.stamp_us, frame.depth_m.shape) == (90_000, (48, 64))
    assert frame.modalities == ('events', 'image', 'points')


def test_the_packet_decoder_takes_its_inputs_by_position_and_by_name():
    record = np.array([(10 << 17 | 7 << 2 | 3, 5)], '<i4').tobytes()

    by_position = packet_decoder('libcaer', 640, 480).decode(record, 2_000)
    by_name = packet_decoder(encoding='libcaer', width=640, height=480).decode(
        payload=record, time_base_ns=2_000
    )

    assert by_position.tolist() == by_name.tolist() == [(7, 10, 7, 1)]


def test_the_evaluation_takes_its_inputs_by_position_and_by_name():
    target_m = np.linspace(2.0, 20.0, 375 * 1242).reshape(375, 1242)
    predicted_m, std_m = target_m + 0.5, 0.2 * target_m
    valid = target_m < 10

    by_position = evaluate(predicted_m, target_m, 'kitti_eigen', std_m, valid)
    by_name = evaluate(
        predicted_m=predicted_m, target_m=target_m, profile='kitti_eigen', std_m=std_m, valid=valid
    )

    assert by_position == by_name
    assert 0 < by_position['n'] < np.count_nonzero(valid)
    assert set(by_position) >= {*METRICS, 'ause', 'coverage_1sigma'}


def test_the_evaluation_is_plain_and_over_all_pixels_by_default():
    target_m = np.linspace(2.0, 20.0, 48 * 64).reshape(48, 64)

    metrics = evaluate(target_m + 0.5, target_m)

    assert metrics['abs_rel'] == pytest.approx(np.mean(0.5 / target_m))
    assert metrics['n'] == target_m.size
    assert set(metrics) >= METRICS
    assert metrics.keys().isdisjoint(('ause', 'coverage_1sigma'))


def test_a_frame_has_the_promised_fields():
    fields = ('depth_m', 'std_m', 'valid', 'stamp_us', 'modalities', 'scale', 'camera')

    assert set(DepthFrame.__slots__) >= {*fields, 'incomplete', 'timing'}
    assert EVENT_DTYPE.names == ('t', 'x', 'y', 'p')


def test_recordings_can_be_imported_without_the_packages_that_only_pip_brings():
    absent = ('mcap', 'aedat', 'lz4', 'zstandard', 'rosbags', 'h5py')
    code = f'import sys\nfor name in {absent}: sys.modules[name] = None\n'

    loaded = modules_after(f'{code}import eventdepth_core.recordings, eventdepth_core.replay')

    assert 'eventdepth_core' in loaded
