"""
The votes of one keyframe: a virtual view whose planes count how many rays of events meet where.

Laws: what is counted does not depend on the order of votes; no count wraps: before it could, a
volume is full and takes no more.

"""

from dataclasses import dataclass

from eventdepth_core.geometry.rigid_motion import inverse_transforms
from eventdepth_core.geometry.sweep.grid import SweepGrid
from eventdepth_core.geometry.sweep.parallax import CentreMoments
from eventdepth_core.geometry.sweep.vote_kernels import largest_count, vote
from eventdepth_core.types import Float64
import numpy as np
from numpy.typing import NDArray

_LARGEST = np.iinfo(np.int16).max


@dataclass(frozen=True, slots=True, eq=False)
class Keyframe:
    """
    The virtual view of a window.

    `world_from_key` (4, 4) where the camera may be at `key_us`; `world_from_start` (4, 4) where it
    was when the window began, at `start_us`.

    """

    world_from_key: Float64
    key_us: int
    world_from_start: Float64
    start_us: int


class KeyframeVolume:
    """
    Votes (2, planes, cells) in two halves, before and after the keyframe's own time.

    One writer. `key` and `inverse_depths` (planes,) are those of the last `restart`.

    """

    def __init__(self, grid: SweepGrid, num_planes: int) -> None:
        self.grid = grid
        self.counts = np.zeros((2, num_planes, grid.num_cells), np.int16)
        self.restart(Keyframe(np.eye(4), 0, np.eye(4), 0), 1.0)

    def restart(self, key: Keyframe, max_inverse_depth: float) -> None:
        """Forget all votes and look from another place."""
        self.key = key
        self.inverse_depths = np.linspace(0.0, max_inverse_depth, self.counts.shape[1])
        self.moments = (CentreMoments.empty(), CentreMoments.empty())
        self.counts[:] = 0
        self._seen_us = 0.0
        self._headroom = [_LARGEST, _LARGEST]
        self._num_left_out = 0

    def leave_out(self, num_events: int) -> None:
        """Remember that so many events of this window were thinned: edges have fewer votes."""
        self._num_left_out += num_events

    @property
    def kept_share(self) -> float:
        """Which share of the window's events voted, 1 before any."""
        return self.num_events / max(self.num_events + self._num_left_out, 1) or 1.0

    @property
    def num_events(self) -> int:
        """How many events voted."""
        return int(self.moments[0].count + self.moments[1].count)

    @property
    def seen_us(self) -> int:
        """The mean time of the events that voted, that of the start before any."""
        return self.key.start_us + round(self._seen_us / max(self.num_events, 1))

    def note_times(self, stamps_us: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        """Remember when the events (parts,) of a call of `vote` were seen."""
        self._seen_us += float(((stamps_us - self.key.start_us) * counts).sum())

    def covariance(self) -> Float64:
        """Return the covariance of the camera centres of all events, (3, 3) m²."""
        early, late = self.moments
        both = CentreMoments(
            early.count + late.count, early.sum_m + late.sum_m, early.products + late.products
        )
        return both.covariance()

    def centres(self, world_from_camera: Float64) -> Float64:
        """Return the camera centres of poses (N, 4, 4) in the keyframe, (N, 3)."""
        key_from_world = inverse_transforms(self.key.world_from_key)
        return np.asarray((key_from_world @ world_from_camera)[:, :3, 3])

    def vote(
        self,
        pixels: NDArray[np.int32],
        signs: NDArray[np.int16],
        part_starts: NDArray[np.int64],
        world_from_camera: Float64,
        *,
        is_late: bool,
    ) -> int:
        """
        Add the votes of events and return how many voted: all, or none where the half is full.

        Parameters
        ----------
        pixels : int32 (n,)
            Row-major sensor pixels.
        part_starts : int64 (parts + 1,)
            Where the events of each part of time begin.
        world_from_camera : float64 (parts, 4, 4)
            The pose that the events of each part share.
        is_late : bool
            Whether they go to the half after the keyframe's time.

        """
        half = int(is_late)
        if not self._has_room(half, len(pixels)):
            return 0
        key_from_camera = inverse_transforms(self.key.world_from_key) @ world_from_camera
        centres = np.ascontiguousarray(key_from_camera[:, :3, 3])
        vote(
            pixels,
            signs,
            part_starts,
            self.grid.rays,
            self.grid.turns(key_from_camera[:, :3, :3]),
            self.grid.lines(centres, self.inverse_depths),
            self.counts[half],
            self.grid.stride,
        )
        self.moments[half].add(centres, np.diff(part_starts).astype(np.float64))
        return len(pixels)

    def _has_room(self, half: int, num_events: int) -> bool:
        """Whether no cell wraps even if all events meet in it; looks only when it must."""
        if num_events > self._headroom[half]:
            # Borders may hold anything: nobody reads them.
            inner = self.counts[half].reshape(len(self.inverse_depths), -1, self.grid.stride)
            self._headroom[half] = _LARGEST - largest_count(inner[:, 1:-1, 1:-1])
        if num_events > self._headroom[half]:
            return False
        self._headroom[half] -= num_events
        return True
