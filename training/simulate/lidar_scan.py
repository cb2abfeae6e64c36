"""
A LiDAR that needs time for a scan: each pulse leaves at its own time from a robot that moves.

A pulse returns where log(cosine) - 2 log(range / max_range) + fading > 0: the power of a matte
surface falls with the cosine of the incidence and the square of the range; `max_range_m` is where
half of the pulses return from a surface that faces the LiDAR. The range of a slanted surface is
less certain, because the beam covers more of it.

Laws: a point lies on a surface, in the frame that the LiDAR had at the point's own time, up to the
range noise; a pulse without a return gives no point; equal generators give equal scans.

"""

from dataclasses import dataclass

from eventdepth_core.errors import InputError
from eventdepth_core.types import Camera, Float32, Float64
import numpy as np
from numpy.typing import NDArray
from training.simulate.lidar import CAMERA_FROM_LIDAR_AXES
from training.simulate.lidar_patterns import Pattern, Pulses
from training.simulate.path import Path
from training.simulate.scene import Scene
from training.simulate.solids import Pose
from training.simulate.stage import stage_scene
from training.simulate.trace_kernels import empty_seen, INCIDENCE, Rays, trace_rays

# any camera will do: pulses try every solid
_NO_CAMERA = Camera(width=1, height=1, fx=1.0, fy=1.0, cx=0.0, cy=0.0)
_POSES_AT_ONCE = 256
_MIN_COSINE = 0.02


@dataclass(frozen=True, slots=True)
class ScanningLidar:
    """
    A pattern that is run through in `period_us`, noise and reach, `height_m` above the camera.

    `fading` is the sigma of the logarithm of the returned power, `dropout` the share of pulses
    that are lost whatever they hit, `divergence_mrad` the full angle of a beam. A scan is stamped
    at its start or, with `is_stamped_at_end`, at its end.

    """

    pattern: Pattern
    period_us: int = 100_000
    range_sigma_m: float = 0.02
    divergence_mrad: float = 3.0
    dropout: float = 0.01
    fading: float = 0.5
    min_range_m: float = 0.3
    max_range_m: float = 100.0
    height_m: float = 0.1
    is_stamped_at_end: bool = False

    def __post_init__(self) -> None:
        if self.period_us <= 0 or not 0.0 <= self.dropout < 1.0:
            raise InputError(
                'Expected period_us > 0 and dropout in [0, 1), '
                f'got {self.period_us} and {self.dropout}.'
            )
        if not 0.0 < self.min_range_m < self.max_range_m:
            raise InputError(
                'Expected 0 < min_range_m < max_range_m, '
                f'got {self.min_range_m} and {self.max_range_m}.'
            )

    @property
    def camera_from_lidar(self) -> Float64:
        """Where the LiDAR stands: `height_m` above the camera, rigid 4x4."""
        matrix = np.eye(4)
        matrix[:3, :3] = CAMERA_FROM_LIDAR_AXES
        matrix[1, 3] = -self.height_m
        return matrix


@dataclass(frozen=True, slots=True, eq=False)
class LidarScan:
    """
    The points of one scan, ordered by time.

    `points_m` float32 (N, 3), each in the LiDAR's frame at its own time `start_us + t_us`, int64
    (N,); `ring` uint16 (N,) from the lowest; `stamp_us` is what the driver says.

    """

    start_us: int
    stamp_us: int
    points_m: Float32
    t_us: NDArray[np.int64]
    ring: NDArray[np.uint16]


def lidar_scan(
    rng: np.random.Generator, model: ScanningLidar, scene: Scene, path: Path, start_us: int
) -> LidarScan:
    """Return the scan that starts at `start_us` of a path of the camera."""
    pulses = model.pattern.pulses(start_us, model.period_us)
    range_m, cosine = _true_ranges(model, scene, path, pulses, start_us)
    returned = _returns(rng, model, range_m, cosine)
    tangent = np.sqrt(1.0 - np.square(cosine)) / cosine
    spread_m = range_m * model.divergence_mrad * 1e-3 / 4.0 * tangent
    sigma_m = np.hypot(model.range_sigma_m, np.where(returned, spread_m, 0.0))
    noisy_m = range_m + sigma_m * rng.standard_normal(len(range_m))
    points_m = (pulses.directions * noisy_m[:, None])[returned]
    stamp_us = start_us + (model.period_us if model.is_stamped_at_end else 0)
    return LidarScan(
        start_us,
        stamp_us,
        points_m.astype(np.float32),
        pulses.t_us[returned],
        pulses.ring[returned],
    )


def _true_ranges(
    model: ScanningLidar, scene: Scene, path: Path, pulses: Pulses, start_us: int
) -> tuple[Float64, Float64]:
    range_m, cosine = np.empty(len(pulses.t_us)), np.empty(len(pulses.t_us))
    moments_us, moment = np.unique(pulses.t_us, return_inverse=True)
    for first in range(0, len(moments_us), _POSES_AT_ONCE):
        chosen_us = moments_us[first : first + _POSES_AT_ONCE]
        poses = tuple(_lidar_pose(model, path, (start_us + int(t)) * 1e-6) for t in chosen_us)
        times_s = 1e-6 * (start_us + chosen_us)
        stage = stage_scene(scene, poses, _NO_CAMERA, use_tiles=False, times_s=times_s)
        start, stop = np.searchsorted(moment, [first, first + len(chosen_us)])
        seen = empty_seen(stop - start)
        no_tile = np.zeros(stop - start, dtype=np.int64)
        rays = Rays(pulses.directions[start:stop], no_tile, moment[start:stop] - first)
        trace_rays(stage, rays, 0.0, INCIDENCE, seen)
        range_m[start:stop], cosine[start:stop] = seen.t, seen.cosine
    return range_m, np.clip(cosine, _MIN_COSINE, 1.0)


def _lidar_pose(model: ScanningLidar, path: Path, t_s: float) -> Pose:
    matrix = path.pose(t_s).matrix @ model.camera_from_lidar
    return Pose(matrix[:3, :3], matrix[:3, 3])


def _returns(
    rng: np.random.Generator, model: ScanningLidar, range_m: Float64, cosine: Float64
) -> NDArray[np.bool_]:
    margin = np.log(cosine) - 2.0 * np.log(np.maximum(range_m, 1e-3) / model.max_range_m)
    faded = margin + model.fading * rng.standard_normal(len(range_m))
    kept = rng.random(len(range_m)) >= model.dropout
    returned: NDArray[np.bool_] = (faded > 0.0) & kept & (range_m >= model.min_range_m)
    return returned
