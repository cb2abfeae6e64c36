"""
Compiled event camera: log intensity of sub-frames to threshold crossings, pixel by pixel.

A pixel keeps a reference; whenever the log intensity, linear between two sub-frames, is a
threshold away from it, an event is emitted at the crossing and the reference moves by the
threshold. `residual` is log intensity minus reference at the start of a window and is handed on
to the next. Laws: without refractory time |{events}| = floor(|change + residual| / threshold) for
a monotonic change; times are integer µs in [start, start + duration).

"""

import math

from eventdepth_core.types import Float64
import numba
import numpy as np
from numpy.typing import NDArray
from training.simulate.caster_kernels import (
    mip_level,
    nearest_hit,
    sky_luma,
    surface_point,
    trilinear_luma,
)
from training.simulate.compilation import inlined, kernel
from training.simulate.stage import Lens, Sensor, Sink, Stage


@inlined
def emit_crossings(
    sensor: Sensor,
    sink: Sink,
    pixel: int,
    step: int,
    levels: tuple[float, float],
    reference: float,
) -> float:
    """
    Emit the events of one pixel between two sub-frames and return the moved reference.

    `levels` = (log intensity before, after); `step` = index of the sub-frame interval.

    """
    before, after = levels
    change = after - before
    threshold, sign = sensor.on_threshold[pixel], 1.0
    if change < 0.0:
        threshold, sign = sensor.off_threshold[pixel], -1.0
    if change == 0.0 or sign * (after - reference) < threshold:
        return reference
    while sign * (after - reference) >= threshold:
        reference += sign * threshold
        share = (reference - before) / change
        share = min(max(share, 0.0), 1.0)
        t = int((step + share) * sink.step_us)
        t = min(t, sink.duration_us - 1)
        if t - sink.last_us[pixel] < sensor.refractory_us:
            continue
        sink.last_us[pixel] = t
        count = sink.num_events[0]
        sink.num_events[0] = count + 1
        if count < sink.t.shape[0]:
            sink.t[count], sink.pixel[count], sink.p[count] = t, pixel, sign
    return reference


@kernel
def crossings_of_frames(
    log_frames: Float64, sensor: Sensor, sink: Sink, residual: Float64
) -> None:
    """Emit the events of given sub-frames (S + 1, pixels); `residual` (pixels,) is updated."""
    for pixel in range(log_frames.shape[1]):
        before = log_frames[0, pixel]
        reference = before - residual[pixel]
        for step in range(log_frames.shape[0] - 1):
            after = log_frames[step + 1, pixel]
            reference = emit_crossings(sensor, sink, pixel, step, (before, after), reference)
            before = after
        residual[pixel] = before - reference


@kernel
def crossings_of_scene(
    stage: Stage, lens: Lens, size: tuple[int, int], sensor: Sensor, sink: Sink, residual: Float64
) -> None:
    """Cast all sub-frames of a window and emit their events, one pixel after the other."""
    height, width = size
    pixel_angle = 1.0 / lens.fx
    shapes, luma = stage.surfaces.shape, stage.planes.luma
    for pixel in range(height * width):
        y, x = pixel // width, pixel % width
        ray = ((x - lens.cx) / lens.fx, (y - lens.cy) / lens.fy, 1.0)
        tile = (y >> 4) * stage.tiles.columns + (x >> 4)
        before, reference, seen_face, level = 0.0, 0.0, -9, 0.0
        for k in range(stage.views.shape[0]):
            hit = nearest_hit(stage.views, k, shapes, stage.tiles, tile, ray)
            i = hit[1]
            if i < 0:
                light = sky_luma(luma, stage.turns, k, stage.surfaces, ray)
            else:
                u, v, texture, shade, slope = surface_point(
                    stage.views, k, stage.surfaces, hit, ray
                )
                if seen_face != 4 * i + hit[2]:
                    scale = stage.surfaces.texture_scale[i]
                    level = mip_level(hit[0], pixel_angle, scale, slope)
                light = trilinear_luma(luma, texture, level, u, v)
                light *= shade * stage.surfaces.tint_luma[i]
            seen_face = 4 * i + hit[2]
            after = math.log(light + sensor.dark)
            if k == 0:
                reference = after - residual[pixel]
            else:
                levels = (before, after)
                reference = emit_crossings(sensor, sink, pixel, k - 1, levels, reference)
            before = after
        residual[pixel] = before - reference


@numba.njit(nogil=True, cache=True)
def order_by_time(t: NDArray[np.int64], duration_us: int) -> NDArray[np.int64]:
    """Return the stable order of times in [0, duration_us), int64 (n,): a counting sort."""
    place = np.zeros(duration_us + 1, dtype=np.int64)
    for i in range(t.shape[0]):
        place[t[i] + 1] += 1
    for k in range(1, duration_us + 1):
        place[k] += place[k - 1]
    order = np.empty(t.shape[0], dtype=np.int64)
    for i in range(t.shape[0]):
        order[place[t[i]]] = i
        place[t[i]] += 1
    return order
