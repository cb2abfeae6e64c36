"""
Random access to events by time, through a table from milliseconds to indices.

`table[ms]` is the first i with t[i] >= 1000 ms (DSEC's ms_to_idx, M3ED's ms_map_idx). Laws: a
window [t0, t1) holds exactly the events with t0 <= t < t1; a window that begins before the
recording or reaches beyond the table is not covered: None, not empty.

"""

from dataclasses import dataclass

from eventdepth_core.recordings.datasets.hdf5 import EventColumns
from eventdepth_core.types import Events
import numpy as np
from numpy.typing import NDArray

US_PER_MS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class IndexedEvents:
    """Events in columns, and their `table` int64 (num_ms,)."""

    columns: EventColumns
    table: NDArray[np.int64]

    def window(self, start_us: int, end_us: int) -> Events | None:
        """Return the events of [start, end) in absolute time, None where it is not covered."""
        offset_us = self.columns.offset_us
        first_ms = (start_us - offset_us) // US_PER_MS
        last_ms = -((offset_us - end_us) // US_PER_MS)  # rounded up
        if first_ms < 0 or last_ms >= len(self.table) or end_us < start_us:
            return None
        events = self.columns.read(int(self.table[first_ms]), int(self.table[last_ms]))
        first, last = np.searchsorted(events['t'], (start_us, end_us))
        return events[first:last]
