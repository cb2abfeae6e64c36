"""
What the pixel's area and the lens do to events: the same walk seen sharp and blurred.

A picture of four times the size stands for the light, taken at one point of each pixel, over
its area, or over it and a blur of 0.7 px: exact and slow. Beside it the scene simulator itself,
along one ray a pixel and with `Focus`.

"""

from dataclasses import replace
from typing import get_args, Literal, TypeAlias

import cv2
from eventdepth_core.types import Camera, Events, Float32
import numpy as np
from training.simulate.caster import render
from training.simulate.event_camera import EventCamera
from training.simulate.event_statistics import event_statistics, EventStatistics
from training.simulate.focus import Focus
from training.simulate.sensor_model import SensorModel
from training.simulate.sensor_presets import PRESETS
from training.simulate.sequence import LUMA
from training.simulate.sequence_camera import SequenceCamera
from training.simulate.stage import stage_scene
from training.simulate.walk import clear_way, WalkSpec

Optic: TypeAlias = Literal['point', 'area', 'area and lens']
OPTICS: tuple[Optic, ...] = get_args(Optic)
FINER = 4
LENS_BLUR_PX = 0.7
_STEP_US, _NUM_STEPS, _SETTLED_US = 1500, 100, 20_000
_STEPS_A_WINDOW = 9


def blurred_statistics(spec: WalkSpec) -> dict[Optic, EventStatistics]:
    """Return the statistics of 150 ms of a walk without noise for each optic."""
    height, width = spec.size
    scene, path = clear_way(np.random.default_rng(spec.seed), spec)
    finer = finer_camera(spec.camera)
    cameras = {
        optic: SequenceCamera(_quiet_model(), width=width, height=height) for optic in OPTICS
    }
    seen: dict[Optic, list[Events]] = {optic: [] for optic in OPTICS}
    for k in range(_NUM_STEPS):
        stage = stage_scene(scene, (path.pose(k * _STEP_US * 1e-6),), finer)
        light = np.asarray(render(stage, finer).colour @ LUMA, np.float32)
        for optic, camera in cameras.items():
            seen[optic].append(camera.advance(focused(light, optic), k * _STEP_US))
    return {optic: _settled_statistics(events, spec) for optic, events in seen.items()}


def cast_statistics(spec: WalkSpec, focus: Focus | None) -> EventStatistics:
    """Return the same statistics of the scene simulator itself."""
    height, width = spec.size
    scene, path = clear_way(np.random.default_rng(spec.seed), spec)
    sensor = EventCamera(
        _quiet_model(), width=width, height=height, rng=np.random.default_rng(spec.seed)
    )
    seen = []
    for start in range(0, _NUM_STEPS - 1, _STEPS_A_WINDOW):
        steps = range(start, start + _STEPS_A_WINDOW + 1)
        stage = stage_scene(
            scene, tuple(path.pose(k * _STEP_US * 1e-6) for k in steps), spec.camera
        )
        seen.append(
            sensor.window(
                stage,
                spec.camera,
                start_us=start * _STEP_US,
                duration_us=_STEPS_A_WINDOW * _STEP_US,
                focus=focus,
            )
        )
    return _settled_statistics(seen, spec)


def focused(light: Float32, optic: Optic) -> Float32:
    """Return the light of pixels (H, W) from that of a picture (4 H, 4 W)."""
    if optic == 'point':
        return np.ascontiguousarray(light[FINER // 2 :: FINER, FINER // 2 :: FINER])
    if optic == 'area and lens':
        light = cv2.GaussianBlur(light, (0, 0), LENS_BLUR_PX * FINER)
    height, width = (side // FINER for side in light.shape)
    return np.asarray(cv2.resize(light, (width, height), interpolation=cv2.INTER_AREA))


def finer_camera(camera: Camera) -> Camera:
    """Return a camera of four times the pixels with the same view."""
    return Camera(
        width=camera.width * FINER,
        height=camera.height * FINER,
        fx=camera.fx * FINER,
        fy=camera.fy * FINER,
        cx=(camera.cx + 0.5) * FINER - 0.5,
        cy=(camera.cy + 0.5) * FINER - 0.5,
    )


def _quiet_model() -> SensorModel:
    return replace(PRESETS['davis'], leak_hz=0.0, shot_hz=0.0)


def _settled_statistics(events: list[Events], spec: WalkSpec) -> EventStatistics:
    return event_statistics(
        np.concatenate(events),
        spec.size,
        start_us=_SETTLED_US,
        end_us=(_NUM_STEPS - 1) * _STEP_US,
    )
