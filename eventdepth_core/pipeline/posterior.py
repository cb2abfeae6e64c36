"""
Experts of all sensors -> layout; measured points -> completed depth: the graphs behind them.

A bundle may hold a second completion head, `complete_motion`, for points of which enough were
swept from motion; where it has none, `complete` takes them as any others.

Laws: an absent expert has precision 0 whatever stands in its place; a guide that is absent is
zero, and `present` says so to the graph.

"""

from collections.abc import Mapping

from eventdepth_core.bundle import Bundle
from eventdepth_core.engine import Engine
from eventdepth_core.errors import BundleError
from eventdepth_core.pipeline.evidence import Evidence, Grids
from eventdepth_core.preparation import layout_planes, LayoutOutput
from eventdepth_core.types import Float32, MODALITIES, Modality
import numpy as np

COMPLETION, MOTION_COMPLETION = 'complete', 'complete_motion'
NUM_GUIDES: Mapping[Modality, int] = {'events': 2, 'image': 3, 'points': 4}

Given = Mapping[Modality, Evidence]


def fused_layout(engine: Engine, bundle: Bundle, grids: Grids, given: Given) -> LayoutOutput:
    """
    Fuse the experts of `given` and run the layout head.

    Raises
    ------
    BundleError
        If an expert has another shape than its latent in the manifest.

    """
    inputs: dict[str, Float32] = {'present': _present(given)}
    for latent in bundle.latents:
        height = grids.layout.height // latent.stride
        width = grids.layout.width // latent.stride
        shape = (latent.channels, height, width)
        for statistic in ('mu', 'logvar'):
            name = f'{statistic}_{latent.name}'
            inputs[name] = _stacked(given, name, shape)  # (K, C, gh/s, gw/s)
    outputs = engine.run('fuse_decode', inputs)
    return LayoutOutput(
        log_depth=outputs['log_depth'][0, 0],
        log_variance=outputs['log_variance'][0, 0],
        log_scale=float(outputs['log_scale'][0]),
        log_scale_variance=float(outputs['log_scale_variance'][0]),
    )


def has_motion_head(bundle: Bundle) -> bool:
    """Whether a bundle completes swept points by a head that reads their sigma."""
    return MOTION_COMPLETION in bundle.graphs


def completed_planes(
    engine: Engine,
    layout: LayoutOutput,
    grids: Grids,
    given: Given,
) -> tuple[Float32, Float32]:
    """Run a completion head: log depth and log-variance, float32 (H, W) of the sensor grid."""
    is_swept = 'points' in given and given['points'].is_swept
    outputs = engine.run(
        MOTION_COMPLETION if is_swept else COMPLETION,
        {
            'prefill': _guide('points', given, grids),
            'layout': layout_planes(layout, grids.layout, grids.sensor),
            'events': _guide('events', given, grids),
            'image': _guide('image', given, grids),
            'present': _present(given),
        },
    )
    return outputs['log_depth'][0, 0], outputs['log_variance'][0, 0]


def _present(given: Given) -> Float32:
    return np.array([name in given for name in MODALITIES], dtype=np.float32)


def _stacked(given: Given, name: str, shape: tuple[int, ...]) -> Float32:
    stack = np.zeros((len(MODALITIES), *shape), dtype=np.float32)
    for index, modality in enumerate(MODALITIES):
        if modality in given:
            stack[index] = _checked_statistic(given[modality], name, shape)
    return stack


def _checked_statistic(evidence: Evidence, name: str, shape: tuple[int, ...]) -> Float32:
    statistic = evidence.expert.get(name)
    actual = None if statistic is None else statistic.shape
    if statistic is None or actual != (1, *shape):
        raise BundleError(
            f'Expected {name} of shape {(1, *shape)} from encode_{evidence.modality}, as the '
            f'latents of the manifest say, got {actual}.'
        )
    of_one: Float32 = statistic[0]
    return of_one


def _guide(modality: Modality, given: Given, grids: Grids) -> Float32:
    """Return the guide of a modality, zeros where it is absent."""
    evidence = given.get(modality)
    if evidence is not None and evidence.guide is not None:
        return evidence.guide
    shape = (1, NUM_GUIDES[modality], grids.sensor.height, grids.sensor.width)
    return np.zeros(shape, dtype=np.float32)
