"""One made-up estimate with everything a pipeline can use, so that the first real one is fast."""

from contextlib import suppress
from typing import TYPE_CHECKING

from eventdepth_core.errors import UnsupportedInputError
from eventdepth_core.events import warmup
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np

if TYPE_CHECKING:
    from eventdepth_core.pipeline.depth_pipeline import DepthPipeline

MADE_UP_DEPTH_M = 10.0
SPEED_M_S = 1.0
STEP_US = 10_000
NUM_EVENTS = 2_000


def rehearse(pipeline: 'DepthPipeline') -> None:
    """Push one of each input into a `pipeline` that nobody else uses, and estimate."""
    usable = pipeline.bundle.inputs.modalities
    if 'points' in usable:
        depth_m = np.full(pipeline.camera.size, np.nan, dtype=np.float32)
        depth_m[2::8, 1::8] = min(MADE_UP_DEPTH_M, pipeline.bundle.outputs.max_depth_m)
        pipeline.push_sparse_depth(depth_m, 0)
        pipeline.push_points(np.array([[0.0, 0.0, 1.0]], dtype=np.float32), 0)
    if 'image' in usable:
        with suppress(UnsupportedInputError):  # at a made-up depth views need not overlap
            pipeline.push_image(np.zeros(pipeline.image_camera.size, dtype=np.uint8), 0)
    if pipeline.events is not None:
        warmup()
        pipeline.push_events(_made_up_events(pipeline.events.size))
        with suppress(UnsupportedInputError):  # without points nothing is swept
            for k in range(3):
                world_from_camera = np.eye(4)
                world_from_camera[0, 3] = SPEED_M_S * k * STEP_US * 1e-6
                pipeline.push_pose(world_from_camera, k * STEP_US)
    pipeline.estimate(2 * STEP_US)


def _made_up_events(size: tuple[int, int]) -> Events:
    height, width = size
    events = np.zeros(NUM_EVENTS, EVENT_DTYPE)
    events['t'] = np.arange(NUM_EVENTS) * 2 * STEP_US // NUM_EVENTS
    events['x'] = np.arange(NUM_EVENTS) * 7 % width
    events['y'] = np.arange(NUM_EVENTS) * 3 % height
    events['p'] = 1
    return events
