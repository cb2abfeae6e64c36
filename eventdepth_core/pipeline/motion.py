"""
Poses and events of one pipeline on their way into the space sweep.

Poses are those of the reference camera as the rig gives it; the sweep looks from the rectified
one. Events are taken when an estimate is finished, from what the stream keeps, so that without
poses they cost nothing. Those that are newer than the newest pose wait for the next estimate,
unless the pose may be extrapolated to the stamp or none has come for long. Laws: the swept depth
at a stamp depends on events before it and on the poses that were pushed by then; what was pushed
before `forget` enters nothing after it.

"""

from eventdepth_core.geometry import PoseStep, Trajectory
from eventdepth_core.geometry.sweep import MotionSweep, SweptDepth
from eventdepth_core.pipeline.event_stream import EventStream
from eventdepth_core.pipeline.options import PipelineOptions, Tally
from eventdepth_core.pipeline.views import ReferenceView
from eventdepth_core.types import Events, Float64, rigid_transform
import numpy as np

MAX_WAIT_US = 200_000
"""Events wait no longer for a pose."""
MAX_VOTE_AHEAD_US = 20_000
"""Events vote with a pose that is extrapolated no further; the view at a stamp may be."""
MAX_PAUSE_US = 2_000_000
"""After a longer time without an estimate the sweep begins anew."""

_ALWAYS_US = int(np.iinfo(np.int64).min)
_COUNTS = {
    'num_swept_events': ('voted',),
    'num_unposed_events': ('without_pose',),
    'num_thinned_events': ('thinned', 'overflowed'),
}


class MotionPath:
    """
    Keeps the trajectory and the sweep of one event camera.

    One thread pushes and sweeps; `forget` may be called from any.

    """

    def __init__(
        self, view: ReferenceView, stream: EventStream, options: PipelineOptions, tally: Tally
    ) -> None:
        self._view = view
        self._stream = stream
        self._options = options
        self._tally = tally
        self._trajectory = Trajectory(options.poses)
        self._sweep: MotionSweep | None = None
        self._counted: dict[str, int] = {}
        self._taken_us = _ALWAYS_US
        self._swept_us = 0
        self._is_stale = False

    def push_pose(self, world_from_camera: Float64, stamp_us: int) -> None:
        """
        Take a pose in.

        Raises
        ------
        InputError
            If it is not rigid.
        LatePoseError
            If it does not lie after the pose before.

        """
        self._follow_forget()
        pose = rigid_transform(world_from_camera, name='world_from_camera')
        if self._view.rectification is not None:
            pose[:3, :3] = pose[:3, :3] @ self._view.rectification.rotation.T
        step = self._trajectory.push(pose, stamp_us)
        self._tally.add('num_poses')
        if step is PoseStep.JUMP:
            self._tally.add('num_pose_jumps')
        elif step is PoseStep.GAP:
            self._tally.add('num_pose_gaps')
        elif step is PoseStep.RESET:
            self._tally.add('num_discontinuities')
            self._clear_sweep()

    def swept(self, stamp_us: int, sensor_us: int) -> SweptDepth | None:
        """Return the depth at pipeline time `stamp_us`, which is `sensor_us`; None without any."""
        self._follow_forget()
        start_us, self._taken_us = self._taken_us, max(self._taken_us, sensor_us)
        newest_us = self._trajectory.newest_us
        if newest_us is None:
            return None
        sweep = self._ready_sweep(stamp_us)
        events = self._stream.events_between(start_us, sensor_us)
        sweep.push_events(_shifted(events, stamp_us - sensor_us))
        until_us = max(newest_us, stamp_us - MAX_WAIT_US)
        ahead_us = min(MAX_VOTE_AHEAD_US, self._options.poses.max_extrapolation_us)
        if stamp_us - newest_us <= ahead_us:
            until_us = stamp_us
        swept = sweep.points(self._trajectory, stamp_us, until_us)
        self._count(sweep)
        return swept if np.isfinite(swept.inverse_depth).any() else None

    def forget(self) -> None:
        """Forget all poses and events before the next is used."""
        self._is_stale = True

    def _follow_forget(self) -> None:
        if self._is_stale:
            self._is_stale = False
            self._trajectory.clear()
            self._clear_sweep()

    def _clear_sweep(self) -> None:
        self._taken_us = _ALWAYS_US
        if self._sweep is not None:
            self._sweep.clear()

    def _ready_sweep(self, stamp_us: int) -> MotionSweep:
        """Return the sweep, made when it is first needed: its volume is large."""
        if self._sweep is None:
            self._sweep = MotionSweep(
                self._view.given, self._options.sweep, self._view.rectification
            )
        elif not -MAX_PAUSE_US < stamp_us - self._swept_us < MAX_PAUSE_US:
            self._sweep.clear()
        self._swept_us = stamp_us
        return self._sweep

    def _count(self, sweep: MotionSweep) -> None:
        """Add what the sweep has counted since the last time."""
        counts = sweep.counts
        for name, fields in _COUNTS.items():
            total = sum(getattr(counts, field) for field in fields)
            self._tally.add(name, total - self._counted.get(name, 0))
            self._counted[name] = total


def _shifted(events: Events, shift_us: int) -> Events:
    """Return events whose times are later by `shift_us`."""
    if shift_us == 0:
        return events
    moved = events.copy()
    moved['t'] += shift_us
    return moved
