"""
Depth from events and known ego-motion, without training: the one door to the space sweep.

Events wait until their poses are known, then each votes once, in a volume tied to a keyframe.
When a window ends its points are settled, and a new volume begins; a result is what the settled
points and those of the growing volume say, seen from the reference camera at the stamp.

Laws: while stamps ascend, nothing at or after a stamp enters its result; the result does not
depend on how events were packed, given the same stamps and the same poses; without translation
there are no points; after `max_memory_us` without events all begins anew.

"""

from dataclasses import dataclass

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.depth import depth_from_inverse_depth
from eventdepth_core.geometry.sweep.grid import sweep_grid
from eventdepth_core.geometry.sweep.keyframes import (
    first_range,
    measured_range,
    next_keyframe,
    window_ends,
)
from eventdepth_core.geometry.sweep.options import SweepOptions
from eventdepth_core.geometry.sweep.parts import flow_bound, Parts, parts_of, slice_edges, SLICE_US
from eventdepth_core.geometry.sweep.points import swept_points, SweptPoints
from eventdepth_core.geometry.sweep.steps import at_steps
from eventdepth_core.geometry.sweep.transfer import transferred
from eventdepth_core.geometry.sweep.volume import KeyframeVolume
from eventdepth_core.geometry.sweep.waiting import TakenEvents, WaitingEvents
from eventdepth_core.geometry.timed_poses import TimedPoses
from eventdepth_core.geometry.trajectory import Trajectory
from eventdepth_core.types import Camera, EVENT_DTYPE, Events, Float32, Rectification
import numpy as np
from numpy.typing import NDArray

DEFAULT_OPTIONS = SweepOptions()
BATCH_EVENTS = 8192
"""Events of one call into the kernel; no cell can count more at once than it has room for."""
_KEPT_SHARE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class SweptDepth:
    """
    Sparse depth at `stamp_us` in the rectified reference `camera`.

    `inverse_depth` and `sigma` float32 (H, W) in 1/m, NaN = no point; `window_us` is how long
    events had been collected.

    """

    inverse_depth: Float32
    sigma: Float32
    stamp_us: int
    camera: Camera
    window_us: int

    @property
    def depth_m(self) -> Float32:
        """Metres along the optical axis, float32 (H, W), NaN = no point."""
        return depth_from_inverse_depth(self.inverse_depth)

    @property
    def std_m(self) -> Float32:
        """One standard deviation of `depth_m`, to first order, float32 (H, W)."""
        return np.asarray(self.sigma / np.square(self.inverse_depth))


@dataclass(slots=True)
class SweepCounts:
    """What became of the events: voted, left out by the rate, without a pose, too many."""

    voted: int = 0
    thinned: int = 0
    without_pose: int = 0
    overflowed: int = 0
    keyframes: int = 0


class MotionSweep:
    """
    Sweeps the events of one camera; one writer.

    Parameters
    ----------
    camera : Camera
        The event camera, with its distortion.
    options : SweepOptions
    rectification : Rectification, optional
        Of the reference camera; without one it is the camera without distortion.

    """

    def __init__(
        self,
        camera: Camera,
        options: SweepOptions = DEFAULT_OPTIONS,
        rectification: Rectification | None = None,
    ) -> None:
        self.grid = sweep_grid(camera, rectification, options.max_width_px)
        self.options = options = options.of_size(self.grid.camera.size)
        self.counts = SweepCounts()
        self._volume = KeyframeVolume(self.grid, options.num_planes)
        self._waiting = WaitingEvents(camera.width, options)
        self.clear()

    def clear(self) -> None:
        """Forget all events and points, as after a jump of the clock or of the world."""
        self._waiting.clear()
        self._depth = first_range(self.options)
        self._settled: SweptPoints | None = None
        self._voted_us: int | None = None
        self._epoch: int | None = None

    @property
    def camera(self) -> Camera:
        """The rectified reference camera of results."""
        return self.grid.target

    def push_events(self, events: Events) -> None:
        """
        Take events; they wait for their poses.

        Parameters
        ----------
        events : EVENT_DTYPE[n]
            t ascending, not before those that were pushed earlier, µs.

        Raises
        ------
        InputError
            For another dtype, or for pixels outside the sensor.

        """
        if events.dtype != EVENT_DTYPE:
            raise InputError(f'Expected events of EVENT_DTYPE, got {events.dtype}.')
        if len(events) == 0:
            return
        width, height = self.grid.sensor_width, self.grid.sensor_height
        if events['x'].max() >= width or events['y'].max() >= height:
            raise InputError(
                f'Expected events inside {width}x{height}, '
                f'got x = {events["x"].max()}, y = {events["y"].max()}.'
            )
        self.counts.overflowed += self._waiting.push(events)

    def vote(self, trajectory: Trajectory, until_us: int) -> None:
        """
        Let the events before `until_us`, in whole slices of time, vote.

        Parameters
        ----------
        trajectory : Trajectory
            What it says of times before `until_us` is taken as final.
        until_us : int
            Usually `trajectory.newest_us`.

        """
        self._vote(trajectory, until_us // SLICE_US * SLICE_US)

    def points(
        self, trajectory: Trajectory, stamp_us: int, until_us: int | None = None
    ) -> SweptDepth:
        """
        Return depth at `stamp_us`, from the events before it.

        Points are none where the pose at the stamp is not known, or before anything moved. Events
        at or after `until_us` wait for their poses until a later call. What has voted stays: for
        a stamp before that of an earlier call, the events of both have been seen.

        """
        self._vote(trajectory, stamp_us if until_us is None else min(until_us, stamp_us))
        pose = trajectory.pose_at(stamp_us)
        known, sigma_m = [], 0.0
        if pose.is_known and pose.epoch == self._epoch:
            known, sigma_m = self._points(stamp_us), pose.sigma_m
        inverse_depth, sigma = transferred(
            known, pose.world_from_camera, self.camera, pose_sigma_m=sigma_m
        )
        reach_px = round(self.options.step_reach_px / self.grid.scale)
        step = at_steps(inverse_depth, reach_px=reach_px, ratio=self.options.max_step)
        inverse_depth[step] = sigma[step] = np.nan
        start_us = self._volume.key.start_us if self._epoch is not None else stamp_us
        return SweptDepth(inverse_depth, sigma, stamp_us, self.camera, stamp_us - start_us)

    def _points(self, stamp_us: int) -> list[SweptPoints]:
        known = [swept_points(self._volume, self.options, stamp_us)]
        oldest_us = stamp_us - self.options.max_memory_us
        if self._settled is not None and self._settled.end_us >= oldest_us:
            known.append(self._settled)
        return [each.aged(stamp_us, self.options.drift_per_s) for each in known]

    def _vote(self, trajectory: Trajectory, end_us: int) -> None:
        """Vote with all events before `end_us`, whatever windows end on the way."""
        for silence in self._waiting.silences_before(end_us):
            self._vote_run(trajectory, silence.start_us)
            self._voted_us, self._epoch, self._settled = None, None, None
        self._vote_run(trajectory, end_us)

    def _vote_run(self, trajectory: Trajectory, end_us: int) -> None:
        """Vote with the events before `end_us`, among which there is no long silence."""
        first_us = self._waiting.first_us
        if first_us is None or first_us >= end_us:
            return  # times without events are looked at together with the next ones
        start_us = first_us if self._voted_us is None else self._voted_us
        if end_us <= start_us:
            return
        edges_us = slice_edges(start_us, end_us)
        at_edges = trajectory.poses_at(edges_us)
        self._voted_us = end_us
        first = 0
        while first < len(edges_us) - 1:
            last = self._window_end(trajectory, at_edges, first)
            self._vote_slices(trajectory, _chosen(at_edges, slice(first, last + 1)))
            first = last

    def _window_end(self, trajectory: Trajectory, at_edges: TimedPoses, first: int) -> int:
        """Start a window at edge `first` if one is due; return the edge up to which it may go."""
        known = np.flatnonzero(at_edges.known[first:]) + first
        if known.size == 0:
            return len(at_edges.stamps_us) - 1
        if known[0] > first:
            return int(known[0])
        if self._epoch != at_edges.epoch[first]:
            self._begin_epoch(trajectory, at_edges, first)
        poses = _chosen(at_edges, known)
        is_over = window_ends(self._volume, poses, self._depth, self.options)
        is_over |= poses.epoch != self._epoch
        if is_over[0]:
            self._settle(trajectory, int(at_edges.stamps_us[first]))
            is_over = window_ends(self._volume, poses, self._depth, self.options)
            is_over |= poses.epoch != self._epoch
        is_over[0] = False
        return int(known[is_over.argmax()]) if is_over.any() else len(at_edges.stamps_us) - 1

    def _begin_epoch(self, trajectory: Trajectory, at_edges: TimedPoses, first: int) -> None:
        self._epoch = int(at_edges.epoch[first])
        self._settled = None
        self._depth = first_range(self.options)
        self._restart(trajectory, int(at_edges.stamps_us[first]))

    def _settle(self, trajectory: Trajectory, at_us: int) -> None:
        """Keep the points of the window that ends and start the next."""
        points = swept_points(self._volume, self.options, at_us)
        old = self._settled
        is_poor = old is not None and len(points) < _KEPT_SHARE * len(old)
        if old is None or not is_poor or old.end_us < at_us - self.options.max_memory_us:
            self._settled = points
        self._depth = measured_range(points, self.options, self._depth)
        self._restart(trajectory, at_us)

    def _restart(self, trajectory: Trajectory, at_us: int) -> None:
        keyframe = next_keyframe(trajectory, at_us, self._depth, self.grid, self.options)
        self._volume.restart(keyframe, self._depth.largest)
        self.counts.keyframes += 1

    def _vote_slices(self, trajectory: Trajectory, at_edges: TimedPoses) -> None:
        """Vote with the events between the first and the last edge."""
        edges_us = at_edges.stamps_us
        taken = self._waiting.take(edges_us)
        self.counts.thinned += taken.num_thinned
        self._volume.leave_out(taken.num_thinned)
        if len(taken.pixels) == 0:
            return
        flow = flow_bound(self.grid.camera, self._depth.largest, self.options.part_px)
        self._vote_parts(parts_of(edges_us, at_edges, trajectory, flow), taken)

    def _vote_parts(self, parts: Parts, taken: TakenEvents) -> None:
        starts = np.searchsorted(taken.t_us, parts.edges_us)
        starts[0] = 0  # what came late counts as first
        sizes = np.diff(starts)
        poses = parts.poses
        usable = poses.known & (poses.epoch == self._epoch) & (sizes > 0)
        self.counts.without_pose += int(sizes[~usable].sum())
        is_late = poses.stamps_us >= self._volume.key.key_us
        for half in (False, True):
            for some in _batches(np.flatnonzero(usable & (is_late == half)), sizes):
                picked = np.concatenate([np.arange(starts[j], starts[j + 1]) for j in some])
                part_starts = np.concatenate([[0], np.cumsum(sizes[some])])
                voted = self._volume.vote(
                    taken.pixels[picked],
                    taken.signs[picked],
                    part_starts,
                    poses.world_from_camera[some],
                    is_late=half,
                )
                if voted:
                    self._volume.note_times(poses.stamps_us[some], sizes[some])
                self.counts.voted += voted
                self.counts.overflowed += len(picked) - voted


def _batches(chosen: NDArray[np.int64], sizes: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the chosen parts in runs of about `BATCH_EVENTS` events."""
    if len(chosen) == 0:
        return []
    run = (np.cumsum(sizes[chosen]) - sizes[chosen]) // BATCH_EVENTS
    return np.split(chosen, np.flatnonzero(np.diff(run)) + 1)


def _chosen(poses: TimedPoses, index: NDArray[np.int64] | slice) -> TimedPoses:
    return TimedPoses(
        poses.stamps_us[index],
        poses.world_from_camera[index],
        poses.status[index],
        poses.sigma_m[index],
        poses.sigma_rad[index],
        poses.epoch[index],
    )
