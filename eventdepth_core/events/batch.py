"""A batch of events -> the tensor of one window, for any form."""

from typing import Any

from eventdepth_core.events.forms import Form, Lookup
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray


# the element types are those of the form
def batch_tensor(
    form: Form[Any],
    events: Events,
    *,
    start_us: int,
    size: tuple[int, int],
    lookup: Lookup = None,
    with_end: bool = False,
) -> NDArray[Any]:
    """
    Return the tensor of the window of `form` that starts at `start_us`.

    `with_end` lets in what happens at the very end of the window.

    """
    if form.scale != 1:
        # far outside the window, times in finer units would not fit their type
        events = events_within(events, start_us, start_us + form.window_us)
    intervals, window = form.single_window(start_us, size[0] * size[1], with_end=with_end)
    plain = np.require(events, requirements=['C', 'W'])  # the array type the kernels are for
    form.add_events(plain, size, lookup, intervals)
    out = np.empty(form.shape(size), form.out_dtype)
    form.write(intervals, window, out)
    return out


def events_within(events: Events, first_us: int, last_us: int) -> Events:
    """Return the events of [first_us, last_us]: the same array where all of them are."""
    times_us = events['t']
    is_early, is_late = times_us < first_us, times_us > last_us
    if not (is_early.any() or is_late.any()):
        return events
    return events[~(is_early | is_late)]
