"""
The voxel grid of a batch of events, the same numbers bit for bit as the accumulator's.

Laws: no events gives zero; the sum over all bins is the sum of polarities (convention e2vid); an
event on a bin's time belongs to that bin alone; the order of the events does not matter.

"""

from eventdepth_core.errors import InputError
from eventdepth_core.events.arguments import check_events
from eventdepth_core.events.batch import batch_tensor
from eventdepth_core.events.forms import VoxelForm
from eventdepth_core.events.voxel_spec import (
    BinNodes,
    check_voxel_form,
    Convention,
)
from eventdepth_core.types import Events, Float32


def voxel_grid(
    events: Events,
    *,
    start_us: int,
    end_us: int,
    bins: int,
    size: tuple[int, int],
    convention: Convention = 'e2vid',
) -> Float32:
    """
    Return the voxel grid of [start_us, end_us): float32 (bins, H, W).

    Parameters
    ----------
    events
        EVENT_DTYPE[n], µs, in any order; those outside the window or `size` do not enter.
    start_us, end_us
        The window, by which the bins are scaled.
    bins
        Number of bins, at least 2 for convention e2vid.
    size
        (height, width) in pixels.
    convention
        Where the bins stand in the window, see `VoxelSpec`.

    Raises
    ------
    InputError
        For an empty window, too few bins, a size that is not positive, another dtype, polarities
        other than -1 and +1 or an unknown convention.

    """
    if end_us <= start_us or bins < 1 or min(size) <= 0:
        raise InputError(
            f'Expected start_us < end_us, bins >= 1 and a positive size, '
            f'got {start_us}, {end_us}, {bins} and {size}.'
        )
    check_voxel_form(convention, 'signed', bins)
    check_events(events)
    form = VoxelForm(BinNodes(convention, bins), 'signed', end_us - start_us)
    grid: Float32 = batch_tensor(form, events, start_us=start_us, size=size)
    return grid
