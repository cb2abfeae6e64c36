"""
How light reaches the pixels: over their area, through a lens that blurs.

One ray a pixel lets an edge pass in a single sub-frame, so that all of its events follow within
1 ms. Here a pixel at an edge is the mean of four rays, and the picture is blurred as by a lens;
inside a surface the mip level of the texture already is the mean over the pixel.

Law: without blur and edges the light is that of one ray through each centre.

"""

from dataclasses import dataclass

import cv2
from eventdepth_core.errors import InputError
from eventdepth_core.types import Camera, Float32
import numpy as np
from training.simulate.stage import Stage
from training.simulate.trace_kernels import LUMA
from training.simulate.tracing import PixelTracer


@dataclass(frozen=True, slots=True)
class Focus:
    """`blur_px` sigma of the lens in pixels; `covers_area`: pixels at edges take four rays."""

    blur_px: float = 0.7
    covers_area: bool = True

    def __post_init__(self) -> None:
        if self.blur_px < 0:
            raise InputError(f'Expected blur_px >= 0, got {self.blur_px}.')


def light_of_stage(stage: Stage, camera: Camera, focus: Focus) -> Float32:
    """Return the luma of each pixel at each pose, float32 (S, H, W)."""
    light = np.empty((len(stage.turns), *camera.size), dtype=np.float32)
    tracer = PixelTracer(stage, camera)
    for k, frame in enumerate(light):
        seen = tracer.trace(k, LUMA, covers_area=focus.covers_area)
        frame[:] = seen.light[:, 0].reshape(camera.size)
        if focus.blur_px > 0:
            cv2.GaussianBlur(frame, (0, 0), focus.blur_px, dst=frame)
    return light
