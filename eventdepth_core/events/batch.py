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
        ticks = events['t'] - start_us
        events = events[(ticks >= 0) & (ticks <= form.window_us)]
    intervals, window = form.single_window(start_us, size[0] * size[1], with_end=with_end)
    plain = np.require(events, requirements=['C', 'W'])  # the array type the kernels are for
    form.add_events(plain, size, lookup, intervals)
    out = np.empty(form.shape(size), form.out_dtype)
    form.write(intervals, window, out)
    return out
