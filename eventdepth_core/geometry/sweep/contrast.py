"""
Do the clocks of poses and events agree? How sharp the votes are, as a function of an offset.

With the right offset rays of one edge meet; with a wrong one they are turned and shifted by what
the camera did meanwhile. The score of an offset is the sum of the focus of all patches at their
sharpest plane, over the square of the number of votes. A steady motion hides an offset, because
every offset then only shifts the keyframe: the estimate says so by `gain`, near 1.

"""

from dataclasses import dataclass

from eventdepth_core.errors import InputError
from eventdepth_core.geometry.sweep.focus_kernels import focus
from eventdepth_core.geometry.sweep.grid import sweep_grid
from eventdepth_core.geometry.sweep.options import SweepOptions
from eventdepth_core.geometry.sweep.parts import flow_bound, parts_of, slice_edges
from eventdepth_core.geometry.sweep.volume import Keyframe, KeyframeVolume
from eventdepth_core.geometry.trajectory import Trajectory
from eventdepth_core.types import Camera, Events, Float64
import numpy as np
from numpy.typing import NDArray

MAX_EVENTS = 30_000
"""More are thinned evenly: a volume has room for them wherever they meet."""


@dataclass(frozen=True, slots=True, eq=False)
class ClockOffset:
    """
    What to add to the times of events so that they fit the poses.

    `offset_us` of the sharpest of the tried `offsets_us` (n,), refined between them; `scores`
    (n,); `gain` the best score over the median of all: below about 1.02 it says nothing.

    """

    offset_us: float
    gain: float
    offsets_us: NDArray[np.int64]
    scores: Float64


def clock_offset(
    camera: Camera,
    events: Events,
    trajectory: Trajectory,
    offsets_us: NDArray[np.int64],
    options: SweepOptions | None = None,
) -> ClockOffset:
    """
    Estimate the offset between the clocks of events and poses.

    Parameters
    ----------
    camera : Camera
        The event camera.
    events : EVENT_DTYPE[n]
        A window of some 100 ms with changing motion, t ascending, µs.
    trajectory : Trajectory
        Knows the window and the offsets around it.
    offsets_us : int64 (n,)
        Offsets to try, ascending and equally spaced, at least three.

    Raises
    ------
    InputError
        For fewer than three offsets, no events, or times without a pose.

    """
    if len(offsets_us) < 3 or len(events) == 0:
        raise InputError(
            'Expected at least 3 offsets and some events, '
            f'got {len(offsets_us)} and {len(events)}.'
        )
    options = options or SweepOptions()
    volume = KeyframeVolume(sweep_grid(camera, None, options.max_width_px), options.num_planes)
    some = events[:: -(-len(events) // MAX_EVENTS)]
    scores = np.array(
        [_score(volume, some, int(offset), trajectory, options) for offset in offsets_us]
    )
    best = int(scores.argmax())
    gain = float(scores[best] / np.median(scores))
    return ClockOffset(_refined(offsets_us, scores, best), gain, offsets_us, scores)


def _score(
    volume: KeyframeVolume,
    events: Events,
    offset_us: int,
    trajectory: Trajectory,
    options: SweepOptions,
) -> float:
    t_us = events['t'] + offset_us
    start_us, end_us = int(t_us[0]), int(t_us[-1]) + 1
    middle = trajectory.pose_at((start_us + end_us) // 2)
    edges_us = slice_edges(start_us, end_us)
    at_edges = trajectory.poses_at(edges_us)
    if not middle.is_known or not at_edges.known.all():
        raise InputError(f'Expected poses from {start_us} to {end_us} µs, got gaps in them.')
    largest = 1.0 / options.min_depth_m
    key = Keyframe(middle.world_from_camera, middle.stamp_us, middle.world_from_camera, start_us)
    volume.restart(key, largest)
    flow = flow_bound(volume.grid.camera, largest, options.part_px)
    parts = parts_of(edges_us, at_edges, trajectory, flow)
    pixels = events['y'].astype(np.int32) * np.int32(volume.grid.sensor_width) + events['x']
    starts = np.searchsorted(t_us, parts.edges_us)
    volume.vote(
        pixels,
        events['p'].astype(np.int16),
        starts,
        parts.poses.world_from_camera,
        is_late=False,
    )
    return _sharpness(volume)


def _sharpness(volume: KeyframeVolume) -> float:
    camera = volume.grid.camera
    num_planes = len(volume.inverse_depths)
    counts = volume.counts.reshape(2, num_planes, camera.height + 2, camera.width + 2)
    sums = np.empty((num_planes, (camera.height + 1) // 2, (camera.width + 1) // 2), np.float32)
    focus(counts, sums, np.empty(camera.size, np.float32))
    return float(np.sqrt(sums.max(axis=0).astype(np.float64)).sum() / volume.num_events)


def _refined(offsets_us: NDArray[np.int64], scores: Float64, best: int) -> float:
    """Return the vertex of the parabola through the best score and its neighbours."""
    if best in (0, len(scores) - 1):
        return float(offsets_us[best])
    left, middle, right = scores[best - 1 : best + 2]
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(offsets_us[best] + shift * (offsets_us[best + 1] - offsets_us[best]))
