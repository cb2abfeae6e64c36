"""Packets or events in, voxel grids out: the accumulator for the one form used live."""

from eventdepth_core.events.accumulator import EventAccumulator
from eventdepth_core.events.forms import VoxelForm
from eventdepth_core.events.voxel_spec import VoxelSpec
import numpy as np
from numpy.typing import NDArray


class VoxelAccumulator(EventAccumulator):
    """
    Accumulates one event stream for voxel grids of `spec`.

    EVT3 packets never become events: their words are added as they are. Parameters and errors
    are those of `EventAccumulator`, with `spec` for the bins, the window and the interval.

    """

    def __init__(
        self,
        spec: VoxelSpec,
        *,
        width: int,
        height: int,
        lookup: NDArray[np.int32] | None = None,
        output_size: tuple[int, int] | None = None,
    ) -> None:
        self.spec = spec
        super().__init__(
            VoxelForm.of(spec),
            width=width,
            height=height,
            lookup=lookup,
            output_size=output_size,
        )
