"""
Experts -> layout -> log depth and its standard deviation -> `DepthFrame`.

Without points: log d = map + log scale + shift, with the variance of the pixel and of the scale.
With points the completion head answers at sensor resolution, and each measured pixel is fused as
one more Gaussian, mu = (mu_n / s_n^2 + z / s_m^2) / (1 / s_n^2 + 1 / s_m^2), where measurement and
prediction agree within 3 combined sigma: an outlier is not believed.

Laws: an absent expert has precision 0 whatever stands in its place; fusing a measurement never
widens a pixel; depth is NaN exactly where `valid` is False.

"""

from collections.abc import Mapping
from dataclasses import dataclass
import math

from eventdepth_core.bundle import Bundle, CalibrationFactors
from eventdepth_core.engine import Engine, Tensors
from eventdepth_core.pipeline.evidence import Evidence, Grids
from eventdepth_core.types import Bool, Float32, MODALITIES, Modality
import numpy as np

AGREEMENT_SIGMAS = 3.0
NUM_GUIDES: Mapping[Modality, int] = {'events': 2, 'image': 3, 'points': 4}

Given = Mapping[Modality, Evidence]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """
    What the fused posterior says on the layout grid, canonical logs.

    `log_depth` float32 (gh, gw) of zero mean, `log_variance` float32 (gh, gw), `log_scale` and
    `log_scale_variance`: the global scale and the log of its variance.

    """

    log_depth: Float32
    log_variance: Float32
    log_scale: float
    log_scale_variance: float


@dataclass(frozen=True, slots=True, eq=False)
class LogDepth:
    """Log metres: `mean` and its standard deviation `sigma`, float32 (H, W), camera's size."""

    mean: Float32
    sigma: Float32


def fused_layout(engine: Engine, bundle: Bundle, grids: Grids, given: Given) -> Layout:
    """Fuse the experts of `given` and run the layout head."""
    inputs: dict[str, Float32] = {'present': _present(given)}
    for latent in bundle.latents:
        height = grids.layout.height // latent.stride
        width = grids.layout.width // latent.stride
        shape = (latent.channels, height, width)
        for statistic in ('mu', 'logvar'):
            name = f'{statistic}_{latent.name}'
            inputs[name] = _stacked(given, name, shape)
    outputs = engine.run('fuse_decode', inputs)
    return Layout(
        log_depth=outputs['log_depth'][0, 0],
        log_variance=outputs['log_variance'][0, 0],
        log_scale=float(outputs['log_scale'][0]),
        log_scale_variance=float(outputs['log_scale_variance'][0]),
    )


def layout_depth(layout: Layout, grids: Grids, factors: CalibrationFactors) -> LogDepth:
    """Return the layout at the camera's size, its scale a guess with its own variance."""
    mean = grids.layout.crop(layout.log_depth) + np.float32(layout.log_scale + grids.log_shift)
    pixel_variance = np.exp(grids.layout.crop(layout.log_variance)) * np.float32(factors.pixel**2)
    scale_variance = math.exp(layout.log_scale_variance) * factors.scale**2
    return LogDepth(mean, np.sqrt(pixel_variance + np.float32(scale_variance)))


def completed_depth(
    engine: Engine,
    layout: Layout,
    grids: Grids,
    given: Given,
    factors: CalibrationFactors,
) -> LogDepth:
    """Run the completion head on the prefills of `given['points']`."""
    outputs = engine.run('complete', _completion_inputs(layout, grids, given))
    mean = grids.sensor.crop(outputs['log_depth'][0, 0]) + np.float32(grids.log_shift)
    log_variance = grids.sensor.crop(outputs['log_variance'][0, 0])
    return LogDepth(mean, np.exp(0.5 * log_variance) * np.float32(factors.pixel))


def with_measurements(predicted: LogDepth, sparse_m: Float32, sigma_log: float) -> LogDepth:
    """
    Fuse measured pixels as Gaussians of `sigma_log` into `predicted`.

    `sparse_m` float32 (H, W) metres, NaN = not measured.

    """
    measured = np.log(np.where(sparse_m > 0, sparse_m, np.nan)).astype(np.float32)
    variance = predicted.sigma**2
    distance = np.abs(measured - predicted.mean)
    agrees = distance <= AGREEMENT_SIGMAS * np.sqrt(variance + sigma_log**2)  # NaN: False
    gain = variance / (variance + sigma_log**2)
    mean = np.where(agrees, predicted.mean + gain * (measured - predicted.mean), predicted.mean)
    sigma = np.where(agrees, np.sqrt(gain) * np.float32(sigma_log), predicted.sigma)
    return LogDepth(mean.astype(np.float32), sigma.astype(np.float32))


def metric_depth(log_depth: LogDepth, bundle: Bundle) -> tuple[Float32, Float32, Bool]:
    """Return depth and its standard deviation in metres, NaN where not valid, and valid."""
    limits = bundle.outputs
    with np.errstate(over='ignore'):
        depth_m = np.exp(log_depth.mean)
        std_m = depth_m * log_depth.sigma
    valid = (depth_m >= limits.min_depth_m) & (depth_m <= limits.max_depth_m)
    valid &= np.isfinite(std_m)
    nan = np.float32(np.nan)
    return np.where(valid, depth_m, nan), np.where(valid, std_m, nan), valid


def _present(given: Given) -> Float32:
    return np.array([name in given for name in MODALITIES], dtype=np.float32)


def _stacked(given: Given, name: str, shape: tuple[int, ...]) -> Float32:
    stack = np.zeros((len(MODALITIES), *shape), dtype=np.float32)
    for index, modality in enumerate(MODALITIES):
        if modality in given:
            stack[index] = given[modality].expert[name][0]
    return stack


def _completion_inputs(layout: Layout, grids: Grids, given: Given) -> Tensors:
    planes = (layout.log_depth + np.float32(layout.log_scale), layout.log_variance)
    return {
        'prefill': _guide('points', given, grids),
        'layout': np.stack(
            [grids.sensor.fit(grids.layout.crop(plane), pad=None) for plane in planes]
        )[None],
        'events': _guide('events', given, grids),
        'image': _guide('image', given, grids),
        'present': _present(given),
    }


def _guide(modality: Modality, given: Given, grids: Grids) -> Float32:
    """Return the guide of a modality, zeros where it is absent."""
    evidence = given.get(modality)
    if evidence is not None and evidence.guide is not None:
        return evidence.guide
    shape = (1, NUM_GUIDES[modality], grids.sensor.height, grids.sensor.width)
    return np.zeros(shape, dtype=np.float32)
