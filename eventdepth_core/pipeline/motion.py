"""
Poses and events of one pipeline on their way into the space sweep.

Poses are those of the reference camera as the rig gives it; the sweep looks from the rectified
one. Packets are taken with the window of a stamp, once poses are expected; they are decoded and
vote when the stamp is finished or passed by. Events that are newer than the newest pose wait for
the next stamp, unless the pose may be extrapolated or none has come for long. Laws: the swept
depth at a stamp depends on the events before it (before stamp + delay, where there is one), on the
stamps before it and on the poses that were pushed by then; what was pushed before `forget` enters
nothing after it.

"""

from dataclasses import dataclass

from eventdepth_core.events.held_events import HeldEvents
from eventdepth_core.geometry import PoseStep, Trajectory
from eventdepth_core.geometry.sweep import MotionSweep, SweptDepth
from eventdepth_core.geometry.sweep.parts import SLICE_US
from eventdepth_core.pipeline.event_stream import EventStream
from eventdepth_core.pipeline.options import PipelineOptions, Tally
from eventdepth_core.pipeline.views import ReferenceView
from eventdepth_core.types import Events, Float64, rigid_transform
import numpy as np

MAX_WAIT_US = 200_000
"""Events wait no longer for a pose."""
MAX_VOTE_AHEAD_US = 20_000
"""Events vote with a pose that is extrapolated no further; the view at a stamp may be."""
MAX_TAKEN_EVENTS = 2_000_000
"""Of one stamp; of more the newest are taken."""
MAX_PAUSE_US = 2_000_000
"""After a longer time without an estimate the sweep begins anew."""

_ALWAYS_US = int(np.iinfo(np.int64).min)
_COUNTS = {
    'num_swept_events': ('voted',),
    'num_unposed_events': ('without_pose',),
    'num_thinned_events': ('thinned', 'overflowed'),
}


@dataclass(frozen=True, slots=True, eq=False)
class TakenStream:
    """Events in sensor time as they came; `shift_us` later they are in pipeline time."""

    held: HeldEvents
    shift_us: int


class MotionPath:
    """
    Keeps the trajectory and the sweep of one event camera.

    One thread takes packets and forgets, one pushes poses and sweeps; they may be the same.

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
        self._voted_us = 0
        self._is_stale = False
        self._is_expected = False

    def expect(self) -> None:
        """Take events from now on, because poses will come."""
        self._is_expected = True

    def take(self, stamp_us: int) -> TakenStream | None:
        """
        Return the events for a stamp that were not taken yet, as they came.

        None before any pose is expected.

        """
        if not self._is_expected:
            return None
        end_us = stamp_us + self._options.motion_delay_us
        sensor_us = self._stream.to_sensor_us(end_us)
        start_us, self._taken_us = self._taken_us, max(self._taken_us, sensor_us)
        return TakenStream(self._stream.held(start_us, sensor_us), end_us - sensor_us)

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
        self._is_expected = True
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

    def pass_by(self, stamp_us: int, events: TakenStream) -> None:
        """Let the events of a stamp vote of which no depth is made."""
        sweep = self._voted(stamp_us, events)
        if sweep is not None:
            self._count(sweep)

    def swept(self, stamp_us: int, events: TakenStream) -> SweptDepth | None:
        """Return the depth at `stamp_us`, with the events taken for it; None without any."""
        sweep = self._voted(stamp_us, events)
        if sweep is None:
            return None
        swept = sweep.points(self._trajectory, stamp_us, self._voted_us)
        self._count(sweep)
        return swept if np.isfinite(swept.inverse_depth).any() else None

    def forget(self) -> None:
        """Forget all poses and events before the next is used."""
        self._is_stale = True
        self._taken_us = _ALWAYS_US

    def _voted(self, stamp_us: int, taken: TakenStream) -> MotionSweep | None:
        """Let events vote and return the sweep; None before any pose."""
        self._follow_forget()
        newest_us = self._trajectory.newest_us
        if newest_us is None:
            return None
        sweep = self._ready_sweep(stamp_us)
        sweep.push_events(self._decoded(taken))
        end_us = stamp_us + self._options.motion_delay_us
        until_us = max(newest_us, end_us - MAX_WAIT_US)
        ahead_us = min(MAX_VOTE_AHEAD_US, self._options.poses.max_extrapolation_us)
        if end_us - newest_us <= ahead_us:
            until_us = end_us
        # Whole slices: so a stamp that is passed by leaves what it would have left.
        self._voted_us = until_us // SLICE_US * SLICE_US
        sweep.vote(self._trajectory, self._voted_us)
        return sweep

    def _decoded(self, taken: TakenStream) -> Events:
        events, num_left_out = taken.held.ascending(MAX_TAKEN_EVENTS)
        self._tally.add('num_thinned_events', num_left_out)
        return _shifted(events, taken.shift_us)

    def _follow_forget(self) -> None:
        if self._is_stale:
            self._is_stale = False
            self._trajectory.clear()
            self._clear_sweep()

    def _clear_sweep(self) -> None:
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
