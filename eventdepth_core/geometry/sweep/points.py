"""
Points out of the votes of a keyframe: edges whose surroundings are in focus at one depth.

For a peak of width w planes of dq each, and D the parallax over the window (px m),

    sigma(q)^2 = dq^2 ((width_share w)^2 + plane_share^2) + (coarse_px^2 / (D^2 q))^2
                 + (pose_drift q)^2 + (f pose_drift_rad / D)^2

whose shares were fitted on simulated recordings that no figure comes from; it grows with the time
since the events were seen.

Laws: without translation there are no points; where the disparity over the window is below
`min_disparity_px` there is none, so none at the epipole of a forward motion; a peak at the
nearest plane is none.

"""

from dataclasses import dataclass, replace

import cv2
from eventdepth_core.geometry.sweep.focus_kernels import (
    focus,
    NUM_PEAK,
    peaks,
    PLACE,
    SECOND,
    votes_near,
    WIDTH,
)
from eventdepth_core.geometry.sweep.options import SweepOptions
from eventdepth_core.geometry.sweep.parallax import disparity_span
from eventdepth_core.geometry.sweep.surroundings_kernels import surroundings
from eventdepth_core.geometry.sweep.volume import KeyframeVolume
from eventdepth_core.types import Bool, Float32, Float64
import numpy as np
from numpy.typing import NDArray

PATCH_PX = 3.0
"""Standard deviation of the patch whose focus counts, pixels of the volume."""
_ENOUGH_SHARE = 0.25
_BLUR_REACH = 4
SURROUNDINGS_PX = 5.0
"""Standard deviation of the surroundings from which an edge has to stand out."""


@dataclass(frozen=True, slots=True)
class EdgeStatistics:
    """
    Where the clear edges of a volume lie, certain or not.

    Their number, the 90th percentile of their inverse depth, 1/m, and the share of them that is
    sharpest at the nearest plane or beyond.

    """

    count: int
    near: float
    beyond_share: float


@dataclass(frozen=True, slots=True, eq=False)
class SweptPoints:
    """
    Points in a keyframe.

    `rays` float64 (n, 2) x / z and y / z, `inverse_depth` and `sigma` float64 (n,) 1/m, in the
    frame `world_from_key`; `end_us` is when the last of their events was seen, `seen_us` when they
    were on average.

    """

    rays: Float64
    inverse_depth: Float64
    sigma: Float64
    world_from_key: Float64
    end_us: int
    seen_us: int
    edges: EdgeStatistics

    def aged(self, stamp_us: int, drift_per_s: float) -> 'SweptPoints':
        """Return the points as they are known at a time: less certain than when they were seen."""
        age_s = max(stamp_us - self.seen_us, 0) * 1e-6
        return replace(self, sigma=np.hypot(self.sigma, drift_per_s * age_s * self.inverse_depth))

    def __len__(self) -> int:
        return len(self.inverse_depth)


NO_EDGES = EdgeStatistics(0, 0.0, 0.0)


def no_points(world_from_key: Float64, end_us: int) -> SweptPoints:
    """Return the points of an empty volume."""
    nothing = np.zeros(0)
    rays = np.zeros((0, 2))
    return SweptPoints(rays, nothing, nothing, world_from_key, end_us, end_us, NO_EDGES)


def swept_points(volume: KeyframeVolume, options: SweepOptions, end_us: int) -> SweptPoints:
    """Return the points of a volume with the events until `end_us`."""
    if volume.num_events == 0:
        return no_points(volume.key.world_from_key, end_us)
    camera = volume.grid.camera
    num_planes = len(volume.inverse_depths)
    counts = volume.counts.reshape(2, num_planes, camera.height + 2, camera.width + 2)
    sums = np.empty((num_planes, (camera.height + 1) // 2, (camera.width + 1) // 2), np.float32)
    sharpest = np.empty(camera.size, np.float32)
    focus(counts, sums, sharpest)
    rows, columns = np.nonzero(_is_edge(sharpest, options.min_contrast * volume.kept_share))
    found = _found(sums, rows, columns)
    has_halves = _has_halves(volume)
    max_second = options.max_second_peak if has_halves else options.max_second_peak_alone
    single = found[:, SECOND] <= max_second
    rows, columns, found = rows[single], columns[single], found[single]
    inverse_depth = found[:, PLACE] * volume.inverse_depths[1]
    rays = _rays(rows, columns, volume)
    span_px_m = disparity_span(volume.covariance(), rays, camera)
    votes = np.zeros((2, len(rows)), np.float32)
    planes = np.rint(found[:, PLACE]).astype(np.int64)
    votes_near(counts, rows, columns, planes, votes)
    sigma = _sigma(found, span_px_m, inverse_depth, volume, options)
    votes_here = np.abs(votes.sum(axis=0))
    weaker_share = _weaker_share(votes)
    clear = votes_here >= options.min_agreement * sharpest[rows, columns]
    if has_halves:
        clear &= weaker_share >= options.min_half_share
    is_near = found[:, PLACE] >= options.near_share * num_planes
    good = (
        clear
        & (~is_near | (weaker_share >= options.min_near_half_share))
        & (span_px_m * inverse_depth >= options.min_disparity_px)
        & (found[:, PLACE] < num_planes - 1.5)
        & (found[:, WIDTH] <= options.max_relative_width * found[:, PLACE])
        & (sigma <= options.max_relative_sigma * inverse_depth)
    )
    good[good] = _agrees_around(
        rows[good], columns[good], inverse_depth[good], sigma[good], camera.size, options
    )
    return SweptPoints(
        rays[good],
        inverse_depth[good],
        sigma[good],
        volume.key.world_from_key,
        end_us,
        volume.seen_us,
        _statistics(inverse_depth[clear], volume.inverse_depths),
    )


def _statistics(inverse_depth: Float64, planes: Float64) -> EdgeStatistics:
    if len(inverse_depth) == 0:
        return NO_EDGES
    return EdgeStatistics(
        count=len(inverse_depth),
        near=float(np.percentile(inverse_depth, 90.0)),
        beyond_share=float((inverse_depth > planes[-1] - 1.5 * planes[1]).mean()),
    )


def _has_halves(volume: KeyframeVolume) -> bool:
    """Whether both halves of a window have seen enough to confirm each other."""
    early, late = (moments.count for moments in volume.moments)
    return min(early, late) >= _ENOUGH_SHARE * (early + late)


def _weaker_share(votes: Float32) -> Float64:
    """Return the votes of the half that has fewer for an edge, relative to those of both."""
    both = votes.sum(axis=0)
    weaker = np.minimum(votes[0] * np.sign(both), votes[1] * np.sign(both))
    return np.asarray(weaker / np.maximum(np.abs(both), 1e-6), np.float64)


def _agrees_around(
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    inverse_depth: Float64,
    sigma: Float64,
    size: tuple[int, int],
    options: SweepOptions,
) -> NDArray[np.bool_]:
    """Whether each point agrees with those around it, and they agree with each other."""
    around = surroundings(rows, columns, inverse_depth, size)
    return np.asarray(
        (np.abs(inverse_depth - around.median) <= options.max_deviation * sigma)
        & (around.spread <= options.max_spread * inverse_depth)
    )


def _is_edge(sharpest: Float32, min_contrast: float) -> Bool:
    surroundings = cv2.GaussianBlur(sharpest, (0, 0), SURROUNDINGS_PX)
    return np.asarray(sharpest > surroundings + np.float32(min_contrast))


def _found(sums: Float32, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Float64:
    """Return place, width and second peak of the patch of each pixel, (n, NUM_PEAK)."""
    # all planes as one tall image, with empty rows between them as wide as the blur reaches
    num_planes, height, width = sums.shape
    tall = np.zeros((num_planes, height + _BLUR_REACH, width), np.float32)
    tall[:, :height] = sums
    size = 2 * _BLUR_REACH + 1
    blurred = cv2.GaussianBlur(
        tall.reshape(-1, width), (size, size), PATCH_PX / 2, borderType=cv2.BORDER_CONSTANT
    )
    profiles_of = blurred.reshape(num_planes, -1).astype(np.float32, copy=False)
    cells = (rows // 2) * sums.shape[2] + columns // 2
    used, place = np.unique(cells, return_inverse=True)
    profiles = np.ascontiguousarray(profiles_of[:, used].T)  # (n, planes)
    found = np.empty((len(used), NUM_PEAK))
    peaks(profiles, found)
    return found[place]


def _rays(rows: NDArray[np.int64], columns: NDArray[np.int64], volume: KeyframeVolume) -> Float64:
    camera = volume.grid.camera
    x, y = (columns - camera.cx) / camera.fx, (rows - camera.cy) / camera.fy
    return np.stack([x, y], axis=1)


def _sigma(
    found: Float64,
    span_px_m: Float64,
    inverse_depth: Float64,
    volume: KeyframeVolume,
    options: SweepOptions,
) -> Float64:
    span_px_m = np.maximum(span_px_m, 1e-9)
    step = volume.inverse_depths[1]
    peak = step * np.hypot(options.width_share * found[:, WIDTH], options.plane_share)
    coarse = options.coarse_px**2 / (span_px_m**2 * np.maximum(inverse_depth, step))
    drift = options.pose_drift * inverse_depth
    turned = volume.grid.camera.fx * options.pose_drift_rad / span_px_m
    return np.asarray(np.sqrt(peak**2 + coarse**2 + drift**2 + turned**2))
