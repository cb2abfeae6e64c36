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
from training.simulate.light_kernels import average_edges, cast_light
from training.simulate.stage import lens_of, Stage


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
    lens = lens_of(camera)
    light = np.empty((len(stage.turns), *camera.size), dtype=np.float32)
    face = np.empty(camera.size, dtype=np.int32)
    for k, frame in enumerate(light):
        cast_light(stage, k, lens, frame, face)
        if focus.covers_area:
            average_edges(stage, k, lens, face, frame)
        if focus.blur_px > 0:
            cv2.GaussianBlur(frame, (0, 0), focus.blur_px, dst=frame)
    return light
