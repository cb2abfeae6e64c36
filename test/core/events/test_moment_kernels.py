"""The kernels end, whatever times they are given."""

from eventdepth_core.events import VoxelSpec
from eventdepth_core.events.forms import VoxelForm
from eventdepth_core.types import EVENT_DTYPE
import numpy as np
import pytest


@pytest.mark.parametrize('t', [2**63 - 1, -(2**63)])
def test_the_kernel_stops_at_a_time_that_no_interval_holds(t):
    events = np.zeros(3, EVENT_DTYPE)
    events['t'] = 1, 2, t
    form = VoxelForm.of(VoxelSpec())
    ring = form.ring(35 * 21)

    while events.size:
        num_added = form.add_events(events, (21, 35), None, ring)
        is_broken = ring.take_break(0) is not None
        events = events[num_added:]
        if num_added == 0 and not is_broken:
            break
        ring.forget()

    assert events['t'].tolist() == [t]
