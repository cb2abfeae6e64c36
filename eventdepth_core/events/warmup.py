"""Compile every kernel of this package once, so that the first packet of a stream is not late."""

import time

from eventdepth_core.events.filters import Filtering
from eventdepth_core.events.packet_decoder import ENCODINGS, packet_decoder
from eventdepth_core.events.packet_encoder import encode
from eventdepth_core.events.voxel_accumulator import VoxelAccumulator
from eventdepth_core.events.voxel_grid import voxel_grid
from eventdepth_core.events.voxel_spec import VoxelSpec
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np


def warmup() -> float:
    """Compile all kernels, or load them from the cache; return the seconds that it took."""
    start_s = time.perf_counter()
    width, height = 34, 3
    events = np.zeros(40, EVENT_DTYPE)
    events['t'] = np.arange(40) * 2_000
    events['x'] = np.arange(40) % width
    events['p'] = 1
    payload = encode('evt3', events, width, height)
    for encoding in ENCODINGS:
        packet_decoder(encoding, width, height).decode(payload)
    voxel_grid(events, start_us=0, end_us=50_000, bins=5, size=(height, width))
    turned = np.arange(width * height, dtype=np.int32)[::-1].copy()
    for lookup in (None, turned):
        accumulator = VoxelAccumulator(VoxelSpec(), width=width, height=height, lookup=lookup)
        accumulator.push_packet('evt3', payload)
        accumulator.reset()
        accumulator.expect(50_000)
        accumulator.push_events(events)
        accumulator.tensor(50_000)
        accumulator.tensor(50_001)
    _warm_filters(events, (height, width))
    fine = VoxelAccumulator(VoxelSpec(interval_us=6_250), width=width, height=height)
    fine.tensor(50_000)
    for each in (accumulator, fine):
        each.staged(50_000, 'nonzero_std', out=np.zeros((5, height, width), np.float32))
        each.staged(50_000, 'nonzero_std', out=np.zeros((5, height, width), np.float16))
    return time.perf_counter() - start_s


def _warm_filters(events: Events, size: tuple[int, int]) -> None:
    """Run all filters over more than an epoch of the slowest."""
    filtering = Filtering(hot_pixels=True, refractory_us=1, background_us=1)
    spread = events.copy()
    spread['t'] *= 10
    height, width = size
    accumulator = VoxelAccumulator(
        VoxelSpec(), width=width, height=height, event_filter=filtering.chain(size)
    )
    accumulator.push_events(spread)
