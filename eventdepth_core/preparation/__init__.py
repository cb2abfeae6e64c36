"""
Tensors of one sensor message -> inputs of a bundle's graphs, the same code in training and live.

Two grids are in use. The *layout grid* is small (its area is fixed by the bundle) and carries what
a network must learn: where things are. The *sensor grid* is the camera's own and carries what was
measured: points and edges. Every function here is pure numpy and leaves its arguments untouched.

Laws: an empty voxel grid, a black image and "no points" are normal values that give finite
inputs; a resize keeps the polarity sum of events and the median of log depth.

"""

from eventdepth_core.preparation.events import event_guide, grid_events
from eventdepth_core.preparation.finish import (
    completed_log_depth,
    layout_log_depth,
    layout_planes,
    LayoutOutput,
    LogDepth,
    Metres,
    metres,
    reduced_sparse,
    with_measurements,
)
from eventdepth_core.preparation.grid import (
    layout_grid,
    LayoutGrid,
    sensor_grid,
    SensorGrid,
)
from eventdepth_core.preparation.image import grid_image, image_guide
from eventdepth_core.preparation.joining import (
    helpful_depth,
    is_mostly_swept,
    joined_depth,
    MeasuredDepth,
)
from eventdepth_core.preparation.points import (
    grid_points,
    point_channels,
    reduced_sigma,
    with_sigma,
)

__all__ = [
    'LayoutGrid',
    'LayoutOutput',
    'LogDepth',
    'MeasuredDepth',
    'Metres',
    'SensorGrid',
    'completed_log_depth',
    'event_guide',
    'grid_events',
    'grid_image',
    'grid_points',
    'helpful_depth',
    'image_guide',
    'is_mostly_swept',
    'joined_depth',
    'layout_grid',
    'layout_log_depth',
    'layout_planes',
    'metres',
    'point_channels',
    'reduced_sigma',
    'reduced_sparse',
    'sensor_grid',
    'with_measurements',
    'with_sigma',
]
