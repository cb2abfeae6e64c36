"""
Any representation: of a batch of events, or of a stream.

Laws: the batch and the stream give the same numbers bit for bit; no events gives zeros (latest
times: `NO_TIME_US`); neither the order of a batch nor the cut of a stream matters; the argument
stays as it is.

"""

from typing import Any

from eventdepth_core.errors import InputError
from eventdepth_core.events.accumulator import EventAccumulator
from eventdepth_core.events.arguments import check_events, checked_integer, TIME_LIMIT_US
from eventdepth_core.events.batch import batch_tensor, events_within
from eventdepth_core.events.forms import Form, VoxelForm
from eventdepth_core.events.map_forms import (
    CountForm,
    HistogramForm,
    LatestForm,
    TimeSurfaceForm,
)
from eventdepth_core.events.representation_spec import RepresentationSpec
from eventdepth_core.events.voxel_accumulator import VoxelAccumulator
from eventdepth_core.events.voxel_spec import BinNodes, Polarities
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np
from numpy.typing import NDArray


# the element type is that of the representation
def event_tensor(
    events: Events,
    spec: RepresentationSpec,
    *,
    size: tuple[int, int],
    end_us: int | None = None,
) -> NDArray[Any]:
    """
    Return the tensor of a batch of events, not normalised.

    Parameters
    ----------
    events
        EVENT_DTYPE[n], µs, in any order; those outside the window or `size` do not enter.
    spec
        The representation. Its window ends at `end_us`; with span events the bins are scaled by
        the first and the last event of it, which belongs to it.
    size
        (height, width) in pixels.
    end_us
        The end of the window, µs; None for span events takes all events whenever they happened.

    Raises
    ------
    InputError
        For an `end_us` that is missing, a size that is not positive, or events of another type.

    """
    if min(size) <= 0:
        raise InputError(f'Expected a positive size, got {size}.')
    check_events(events)
    if end_us is not None:
        end_us = checked_integer(end_us, 'end_us', limit=TIME_LIMIT_US)
    if spec.span == 'events':
        return _scaled_by_events(events, spec, size, end_us)
    if end_us is None:
        raise InputError("Expected end_us for span 'window', got None.")
    form = _form(spec, spec.window_us, spec.interval_us)
    return batch_tensor(form, events, start_us=end_us - spec.window_us, size=size)


def event_accumulator(
    spec: RepresentationSpec,
    *,
    width: int,
    height: int,
    lookup: NDArray[np.int32] | None = None,
    output_size: tuple[int, int] | None = None,
) -> EventAccumulator:
    """
    Return the accumulator that follows a stream for tensors of `spec`, not normalised.

    Raises
    ------
    InputError
        For span events, and as `EventAccumulator` does.

    """
    if spec.representation == 'voxel':
        return VoxelAccumulator(
            spec.voxel(), width=width, height=height, lookup=lookup, output_size=output_size
        )
    if spec.span != 'window':
        raise InputError(
            "Expected span 'window' for a stream, because first and last event of a window are "
            f'known only when it is over, got {spec.span!r}.'
        )
    form = _form(spec, spec.window_us, spec.interval_us)
    return EventAccumulator(
        form, width=width, height=height, lookup=lookup, output_size=output_size
    )


def _scaled_by_events(
    events: Events, spec: RepresentationSpec, size: tuple[int, int], end_us: int | None
) -> NDArray[Any]:  # as the form has it
    if end_us is not None:
        events = events_within(events, end_us - spec.window_us, end_us - 1)
    if events.size == 0:
        events, start_us, window_us = np.zeros(0, EVENT_DTYPE), 0, 1
    else:
        start_us = int(events['t'].min())
        # events that all happened at once stand at the start of a window of any length
        window_us = max(int(events['t'].max()) - start_us, 1)
    form = _form(spec, window_us, None)
    return batch_tensor(form, events, start_us=start_us, size=size, with_end=True)


# whatever the cells of the form are
def _form(spec: RepresentationSpec, window_us: int, interval_us: int | None) -> Form[Any]:
    if spec.representation == 'voxel':
        nodes = BinNodes(spec.convention, spec.bins)  # type: ignore[arg-type]  # the spec checks
        polarities: Polarities = 'split' if spec.is_split else 'signed'
        return VoxelForm(nodes, polarities, window_us, interval_us)
    if spec.representation == 'histogram':
        return HistogramForm(spec.bins, spec.max_count, window_us, interval_us)
    if spec.representation == 'count':
        return CountForm(window_us, interval_us)
    if spec.representation == 'last_timestamp':
        return LatestForm(window_us, interval_us)
    return TimeSurfaceForm(spec.decay_us, window_us, interval_us)
