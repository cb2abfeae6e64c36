"""The space sweep: metric depth from events and known ego-motion."""

from eventdepth_core.geometry.sweep.contrast import clock_offset, ClockOffset
from eventdepth_core.geometry.sweep.motion_sweep import MotionSweep, SweepCounts, SweptDepth
from eventdepth_core.geometry.sweep.options import SweepOptions

__all__ = [
    'ClockOffset',
    'MotionSweep',
    'SweepCounts',
    'SweepOptions',
    'SweptDepth',
    'clock_offset',
]
