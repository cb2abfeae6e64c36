"""What importing the library costs, and the names that it promises."""

import inspect
import json
from pathlib import Path
import subprocess
import sys

import eventdepth_core
from eventdepth_core import DepthPipeline, load_bundle, Rig
from eventdepth_core.types import Camera, DepthFrame, EVENT_DTYPE
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


def test_a_frame_has_the_promised_fields():
    fields = ('depth_m', 'std_m', 'valid', 'stamp_us', 'modalities', 'scale', 'camera')

    assert set(DepthFrame.__slots__) >= {*fields, 'incomplete', 'timing'}
    assert EVENT_DTYPE.names == ('t', 'x', 'y', 'p')
