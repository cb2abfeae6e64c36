"""The newest event of each pixel, in one pass; plain loops for numba."""

from eventdepth_core.compilation import kernel
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray


@kernel
def newest_events(
    events: Events,
    end_us: int,
    newest_us: NDArray[np.int64],
    polarity: NDArray[np.int8],
) -> None:
    """Note time and polarity of the newest event before `end_us` of each pixel, (H, W) each."""
    height, width = newest_us.shape
    for i in range(events.size):
        event = events[i]
        t, x, y = event['t'], event['x'], event['y']
        if t >= end_us or x >= width or y >= height:
            continue
        if polarity[y, x] == 0 or t >= newest_us[y, x]:
            newest_us[y, x] = t
            polarity[y, x] = event['p']
