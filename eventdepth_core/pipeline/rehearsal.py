"""One made-up estimate with everything a pipeline can use, so that the first real one is fast."""

from contextlib import suppress
from typing import TYPE_CHECKING

from eventdepth_core.errors import UnsupportedInputError
from eventdepth_core.events import warmup
from eventdepth_core.types import EVENT_DTYPE
import numpy as np

if TYPE_CHECKING:
    from eventdepth_core.pipeline.depth_pipeline import DepthPipeline

MADE_UP_DEPTH_M = 10.0


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
        pipeline.push_events(np.array([(0, 0, 0, 1)], EVENT_DTYPE))
    pipeline.estimate(1)
