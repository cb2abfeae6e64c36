"""
Compiled loops of the event camera over pixels and sub-frames; the pixel is `pixel_kernels`.

Sources of light: given log intensity or light, a scene that is cast while the pixels look at it,
and the next image of a sequence. What a pixel remembers is handed on from window to window, level
minus reference rather than both, because two windows may differ in how they draw the same light.

Laws: times are integer µs in [start, start + duration); a window cut in two at a sub-frame gives
the same events.

"""

from eventdepth_core.types import Float32, Float64
import numba
import numpy as np
from numpy.typing import NDArray
from training.simulate.caster_kernels import nearest_hit, surface_point
from training.simulate.compilation import kernel
from training.simulate.lens_kernels import centre_ray
from training.simulate.pixel import PixelState, Sensor, Sink
from training.simulate.pixel_kernels import advance_pixel, emit_crossings, response
from training.simulate.stage import Lens, Stage
from training.simulate.texel_kernels import mip_level, sky_luma, trilinear_luma


@kernel
def crossings_of_frames(
    log_frames: Float64, sensor: Sensor, sink: Sink, state: PixelState
) -> None:
    """Emit the crossings of given sub-frames (S + 1, pixels): the comparator alone."""
    for pixel in range(log_frames.shape[1]):
        before = log_frames[0, pixel]
        reference = before - state.residual[pixel]
        for step in range(log_frames.shape[0] - 1):
            after = log_frames[step + 1, pixel]
            reference = emit_crossings(sensor, sink, pixel, step, (before, after), reference)
            before = after
        state.residual[pixel] = before - reference


@kernel
def crossings_of_scene(
    stage: Stage, lens: Lens, size: tuple[int, int], sensor: Sensor, sink: Sink, state: PixelState
) -> None:
    """Cast all sub-frames of a window and emit their events, one pixel after the other."""
    height, width = size
    pixel_angle = 1.0 / lens.fx
    shapes, luma = stage.surfaces.shape, stage.planes.luma
    for pixel in range(height * width):
        y, x = pixel // width, pixel % width
        ray = centre_ray(lens, x, y)
        tile = (y >> 4) * stage.tiles.columns + (x >> 4)
        before, moved, reference, seen_face, level = 0.0, 0.0, 0.0, -9, 0.0
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
            after = response(sensor, light)
            if k == 0:
                moved = after - state.lag[pixel]
                reference = moved - state.residual[pixel]
            else:
                targets, levels = (before, after), (moved, reference)
                moved, reference = advance_pixel(
                    sensor, sink, state, pixel, k - 1, light, targets, levels
                )
            before = after
        state.lag[pixel] = before - moved
        state.residual[pixel] = moved - reference


@kernel
def crossings_of_lights(light: Float32, sensor: Sensor, sink: Sink, state: PixelState) -> None:
    """Emit the events of light (S + 1, pixels) that moves evenly from one row to the next."""
    for pixel in range(light.shape[1]):
        before = response(sensor, np.float64(light[0, pixel]))
        moved = before - state.lag[pixel]
        reference = moved - state.residual[pixel]
        for step in range(light.shape[0] - 1):
            bright = np.float64(light[step + 1, pixel])
            after = response(sensor, bright)
            targets, levels = (before, after), (moved, reference)
            moved, reference = advance_pixel(
                sensor, sink, state, pixel, step, bright, targets, levels
            )
            before = after
        state.lag[pixel] = before - moved
        state.residual[pixel] = moved - reference


@kernel
def levels_of_light(light: Float32, sensor: Sensor, level: Float64) -> None:
    """Write the level of each pixel's light."""
    for pixel in range(light.shape[0]):
        level[pixel] = response(sensor, np.float64(light[pixel]))


@kernel
def crossings_of_light(
    light: Float32, sensor: Sensor, sink: Sink, known: PixelState, state: PixelState
) -> None:
    """Emit the events until the light is `light` (pixels,), from state `known` into `state`."""
    for pixel in range(light.shape[0]):
        bright = np.float64(light[pixel])
        before, after = known.target[pixel], response(sensor, bright)
        sink.last_us[pixel] = known.last_us[pixel]
        state.wait[pixel], state.seed[pixel] = known.wait[pixel], known.seed[pixel]
        level = before - known.lag[pixel]
        targets, levels = (before, after), (level, level - known.residual[pixel])
        moved, reference = advance_pixel(sensor, sink, state, pixel, 0, bright, targets, levels)
        state.target[pixel] = after
        state.lag[pixel] = after - moved
        state.residual[pixel] = moved - reference


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
