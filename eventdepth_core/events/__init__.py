"""Event packets to events to tensors: packet decoders, encoders, voxel grids, the sensor clock."""

from eventdepth_core.events.discontinuity import Discontinuity
from eventdepth_core.events.event_image import event_image
from eventdepth_core.events.packet_counts import PacketCounts
from eventdepth_core.events.packet_decoder import (
    ENCODINGS,
    packet_decoder,
    PacketDecoder,
    RELATIVE_ENCODINGS,
)
from eventdepth_core.events.packet_encoder import ENCODABLE, encode, packet_encoder, PacketEncoder
from eventdepth_core.events.sensor_clock import SensorClock
from eventdepth_core.events.voxel_accumulator import VoxelAccumulator
from eventdepth_core.events.voxel_grid import voxel_grid
from eventdepth_core.events.voxel_spec import VoxelSpec
from eventdepth_core.events.warmup import warmup

__all__ = [
    'ENCODABLE',
    'ENCODINGS',
    'RELATIVE_ENCODINGS',
    'Discontinuity',
    'PacketCounts',
    'PacketDecoder',
    'PacketEncoder',
    'SensorClock',
    'VoxelAccumulator',
    'VoxelSpec',
    'encode',
    'event_image',
    'packet_decoder',
    'packet_encoder',
    'voxel_grid',
    'warmup',
]
