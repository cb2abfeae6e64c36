"""
Input shapes of a bundle's graphs: the contract between a manifest and its ONNX files.

Letters: K experts, (gh, gw) the layout grid, (H, W) the sensor grid, C and s channels and stride
of a latent.

"""

from collections.abc import Mapping
from typing import TypeAlias

from eventdepth_core.bundle import Bundle
from eventdepth_core.preparation import layout_grid, sensor_grid
from eventdepth_core.types import MODALITIES

Shape: TypeAlias = tuple[int, ...]

NUM_PREFILL_CHANNELS = 4
NUM_LAYOUT_CHANNELS = 2
NUM_EVENT_GUIDES = 2
NUM_IMAGE_GUIDES = 3


def input_shapes(bundle: Bundle, size: tuple[int, int]) -> Mapping[str, Mapping[str, Shape]]:
    """
    Return {graph: {input: shape}} for a reference camera of `size` = (height, width).

    Only graphs whose inputs this version knows are listed.

    """
    grid = layout_grid(size, bundle.grid)
    sensor = sensor_grid(size, bundle.sensor)
    known = {
        **_encoder_shapes(bundle, (grid.height, grid.width)),
        'fuse_decode': _fusion_shapes(bundle, (grid.height, grid.width)),
        'complete': _completion_shapes((sensor.height, sensor.width)),
        'complete_motion': _completion_shapes((sensor.height, sensor.width)),
    }
    return {name: shapes for name, shapes in known.items() if name in bundle.graphs}


def _encoder_shapes(bundle: Bundle, grid: Shape) -> dict[str, Mapping[str, Shape]]:
    shapes: dict[str, Mapping[str, Shape]] = {}
    if bundle.inputs.events is not None:
        shapes['encode_events'] = {'events': (1, bundle.inputs.events.bins, *grid)}
    if bundle.inputs.image is not None:
        shapes['encode_image'] = {'image': (1, bundle.inputs.image.channels, *grid)}
    if bundle.inputs.points is not None:
        shapes['encode_points'] = {'points': (1, NUM_PREFILL_CHANNELS, *grid)}
    return shapes


def _fusion_shapes(bundle: Bundle, grid: Shape) -> Mapping[str, Shape]:
    shapes: dict[str, Shape] = {}
    for latent in bundle.latents:
        side = tuple(length // latent.stride for length in grid)
        shapes[f'mu_{latent.name}'] = (len(MODALITIES), latent.channels, *side)
        shapes[f'logvar_{latent.name}'] = (len(MODALITIES), latent.channels, *side)
    return {**shapes, 'present': (len(MODALITIES),)}


def _completion_shapes(sensor: Shape) -> Mapping[str, Shape]:
    return {
        'prefill': (1, NUM_PREFILL_CHANNELS, *sensor),
        'layout': (1, NUM_LAYOUT_CHANNELS, *sensor),
        'events': (1, NUM_EVENT_GUIDES, *sensor),
        'image': (1, NUM_IMAGE_GUIDES, *sensor),
        'present': (len(MODALITIES),),
    }
