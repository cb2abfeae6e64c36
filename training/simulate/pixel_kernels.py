"""
Compiled pixel model, shared by the scene simulator and by image sequences.

light -> response -> photoreceptor -> comparator (leak, thresholds, refractory time) -> events,
and beside it a noise clock. Where each formula comes from:

- crossings, linear between two sub-frames, refractory time: ESIM (Rebecq et al., CoRL 2018).
- leak: the reference falls by `leak rate x ON threshold` a second, as in v2e (Hu et al., CVPRW
  2021) after Nozaki and Delbruck (IEEE TED 2017).
- cut-off proportional to light: v2e, IEBCS (Joubert et al., Frontiers 2021). They take Euler
  steps; here the first-order filter is solved exactly for light whose level is a ramp in the
  step, so that the result does not depend on the size of the sub-frames.
- shot noise that falls with light, to a quarter in full light: v2e, after Graca and Delbruck
  (2021). They draw one Bernoulli number a frame; here it is a Poisson process whose clock runs
  with the rate, so that noise does not depend on the sub-frames either. A noise event resets the
  pixel to its present level, as in IEBCS.

Laws: without refractory time, leak, filter and noise, |{events}| = floor(|change + residual| /
threshold) for a monotonic change; times are integer µs in [0, duration).

"""

import math

import numpy as np
from training.simulate.compilation import inlined
from training.simulate.pixel import PixelState, Sensor, Sink

_TURN_PER_US = 2e-6 * math.pi
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_FIRST, _MIX_SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT_A, _SHIFT_B, _SHIFT_C, _SHIFT_D = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53
_LEAST_LIGHT = 1e-6


@inlined
def response(sensor: Sensor, light: float) -> float:
    """Return the level of a light: log(light + dark), or the light itself."""
    if sensor.is_linear:
        return light
    return math.log(light + sensor.dark)


@inlined
def photoreceptor(
    sensor: Sensor, light: float, targets: tuple[float, float], level: float, step_us: float
) -> float:
    """
    Return the level at the end of a step in which the target moves evenly from one to the other.

    y' = (x - y) / tau with x(t) = x0 + s t has y(t) = x(t) - s tau + (y0 - x0 + s tau) e^(-t/tau);
    1 / tau = 2 pi cutoff (light + dark).

    """
    before, after = targets
    if sensor.cutoff_hz <= 0.0:
        return after
    rate = _TURN_PER_US * sensor.cutoff_hz * max(light + sensor.dark, _LEAST_LIGHT)
    behind = (after - before) / (step_us * rate)
    return after - behind + (level - before + behind) * math.exp(-rate * step_us)


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

    `levels` = (level before, after); `step` = index of the sub-frame interval.

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
        if t + sink.origin_us - sink.last_us[pixel] < sensor.refractory_us:
            continue
        sink.last_us[pixel] = t + sink.origin_us
        count = sink.num_events[0]
        sink.num_events[0] = count + 1
        if count < sink.t.shape[0]:
            sink.t[count], sink.pixel[count], sink.p[count] = t, pixel, sign
    return reference


@inlined
def next_random(seed: np.uint64) -> tuple[np.uint64, float]:
    """Return (moved seed, number in [0, 1)): splitmix64 (Steele et al., OOPSLA 2014)."""
    seed = seed + _GOLDEN
    mixed = (seed ^ (seed >> _SHIFT_A)) * _MIX_FIRST
    mixed = (mixed ^ (mixed >> _SHIFT_B)) * _MIX_SECOND
    mixed = mixed ^ (mixed >> _SHIFT_C)
    return seed, np.float64(mixed >> _SHIFT_D) * _UNIT


@inlined
def emit_noise(
    sensor: Sensor,
    sink: Sink,
    state: PixelState,
    pixel: int,
    step: int,
    light: float,
    levels: tuple[float, float],
    reference: float,
) -> float:
    """Let the noise clock of a pixel run for one step and return the reference it leaves."""
    dimness = 1.0 - (1.0 - sensor.shot_bright) * min(max(light, 0.0), 1.0)
    total = (sensor.steady_per_us[pixel] + sensor.shot_per_us * dimness) * sink.step_us
    before, after = levels
    rest, wait, seed = total, state.wait[pixel], state.seed[pixel]
    while wait < rest:
        rest -= wait
        share = 1.0 - rest / total
        seed, draw = next_random(seed)
        wait = -math.log(1.0 - draw)
        seed, draw = next_random(seed)
        span = sensor.on_threshold[pixel] + sensor.off_threshold[pixel]
        sign = 1.0 if draw * span < sensor.off_threshold[pixel] else -1.0
        if sensor.hot_sign[pixel] != 0:
            sign = np.float64(sensor.hot_sign[pixel])
        t = min(int((step + share) * sink.step_us), sink.duration_us - 1)
        if t + sink.origin_us - sink.last_us[pixel] >= sensor.refractory_us:
            sink.last_us[pixel] = t + sink.origin_us
            reference = before + share * (after - before)
            count = sink.num_events[0]
            sink.num_events[0] = count + 1
            if count < sink.t.shape[0]:
                sink.t[count], sink.pixel[count], sink.p[count] = t, pixel, sign
    state.wait[pixel] = wait - rest
    state.seed[pixel] = seed
    return reference


@inlined
def advance_pixel(
    sensor: Sensor,
    sink: Sink,
    state: PixelState,
    pixel: int,
    step: int,
    light: float,
    targets: tuple[float, float],
    levels: tuple[float, float],
) -> tuple[float, float]:
    """Return (level, reference) after one step from `levels` = (level, reference)."""
    level, reference = levels
    moved = photoreceptor(sensor, light, targets, level, sink.step_us)
    leaked = sensor.leak_per_us[pixel] * sink.step_us
    reference = emit_crossings(sensor, sink, pixel, step, (level, moved + leaked), reference)
    reference -= leaked
    if sensor.is_noisy:
        reference = emit_noise(sensor, sink, state, pixel, step, light, (level, moved), reference)
    return moved, reference
