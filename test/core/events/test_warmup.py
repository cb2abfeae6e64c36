"""Warm-up compiles all: nothing compiles afterwards, whatever kind of buffer comes."""

from eventdepth_core.events import (
    encode,
    evt2_kernels,
    evt3_kernels,
    evt3_moment_kernels,
    interval_kernels,
    libcaer_cmp_kernels,
    libcaer_kernels,
    moment_kernels,
    mono_kernels,
    packet_decoder,
    voxel_grid,
    voxel_kernels,
    VoxelAccumulator,
    VoxelSpec,
    warmup,
)
from eventdepth_core.types import EVENT_DTYPE
import numpy as np

MODULES = (
    evt2_kernels,
    evt3_kernels,
    evt3_moment_kernels,
    interval_kernels,
    libcaer_cmp_kernels,
    libcaer_kernels,
    moment_kernels,
    mono_kernels,
    voxel_kernels,
)


def compiled():
    kernels = {
        f'{module.__name__}.{name}': value
        for module in MODULES
        for name, value in vars(module).items()
        if hasattr(value, 'signatures')
    }
    return {name: list(value.signatures) for name, value in kernels.items()}


def test_nothing_compiles_after_warmup():
    assert warmup() > 0
    before = compiled()

    events = np.array([(1, 2, 3, 1), (9, 4, 5, -1)], EVENT_DTYPE)
    frozen = events.copy()
    frozen.flags.writeable = False
    payload = encode('evt3', frozen[::-1][::-1], 9, 9)
    for kind in (bytes, bytearray, memoryview):
        for encoding in ('evt3', 'evt2', 'libcaer', 'libcaer_cmp', 'mono'):
            packet_decoder(encoding, 9, 9).decode(kind(payload))
        for lookup in (None, np.zeros(81, np.int32)):
            accumulator = VoxelAccumulator(VoxelSpec(), width=9, height=9, lookup=lookup)
            accumulator.push_packet('evt3', kind(payload))
            accumulator.tensor(50_000)
            accumulator.tensor(50_001)
    accumulator = VoxelAccumulator(VoxelSpec(interval_us=2_500), width=9, height=9)
    accumulator.push_events(frozen)
    accumulator.tensor(50_000)
    voxel_grid(frozen, start_us=0, end_us=50_000, bins=5, size=(9, 9))

    assert len(before) > 15
    assert compiled() == before
