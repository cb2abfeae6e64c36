"""Event packets to events to tensors: packet decoders, encoders, tensors, the sensor clock."""

from eventdepth_core.events.accumulator import EventAccumulator
from eventdepth_core.events.discontinuity import Discontinuity
from eventdepth_core.events.event_image import event_image
from eventdepth_core.events.event_tensor import event_accumulator, event_tensor
from eventdepth_core.events.map_forms import NO_TIME_US
from eventdepth_core.events.normalisation import Normalisation, NORMALISATIONS, stage
from eventdepth_core.events.packet_counts import PacketCounts
from eventdepth_core.events.packet_decoder import (
    ENCODINGS,
    packet_decoder,
    PacketDecoder,
    RELATIVE_ENCODINGS,
)
from eventdepth_core.events.packet_encoder import ENCODABLE, encode, packet_encoder, PacketEncoder
from eventdepth_core.events.representation_spec import RepresentationSpec
from eventdepth_core.events.sensor_clock import SensorClock
from eventdepth_core.events.splat import BilinearSplat
from eventdepth_core.events.voxel_accumulator import VoxelAccumulator
from eventdepth_core.events.voxel_grid import voxel_grid
from eventdepth_core.events.voxel_spec import VoxelSpec
from eventdepth_core.events.warmup import warmup

__all__ = [
    'ENCODABLE',
    'ENCODINGS',
    'NORMALISATIONS',
    'NO_TIME_US',
    'RELATIVE_ENCODINGS',
    'BilinearSplat',
    'Discontinuity',
    'EventAccumulator',
    'Normalisation',
    'PacketCounts',
    'PacketDecoder',
    'PacketEncoder',
    'RepresentationSpec',
    'SensorClock',
    'VoxelAccumulator',
    'VoxelSpec',
    'encode',
    'event_accumulator',
    'event_image',
    'event_tensor',
    'packet_decoder',
    'packet_encoder',
    'stage',
    'voxel_grid',
    'warmup',
]
