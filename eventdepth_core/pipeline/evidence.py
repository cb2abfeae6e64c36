"""
One sensor message, encoded when it arrives: a Gaussian expert and a guide.

Laws: an expert depends on its own message only; points of which none lies in view are no
evidence; depths outside the bundle's range are not measured.

"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
import math
import threading

from eventdepth_core.bundle import Bundle
from eventdepth_core.engine import Engine, Tensors
from eventdepth_core.errors import InputError
from eventdepth_core.geometry import prefill
from eventdepth_core.preparation import (
    event_guide,
    grid_events,
    grid_image,
    grid_points,
    image_guide,
    layout_grid,
    LayoutGrid,
    point_channels,
    reduced_sigma,
    reduced_sparse,
    sensor_grid,
    SensorGrid,
    with_sigma,
)
from eventdepth_core.types import Camera, Entered, Float32, Modality, UInt8
import numpy as np

HISTORY_LENGTH = 8
LINEAR_CHANNEL, DISTANCE_CHANNEL = 1, 3


@dataclass(frozen=True, slots=True)
class Grids:
    """
    The grids of one camera, and the canonical shift: log depth - log_shift is canonical.

    `log_shift` = log(f_grid / f_canonical) with the focal length at the layout grid's scale.

    """

    layout: LayoutGrid
    sensor: SensorGrid
    log_shift: float


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """
    What one message says about depth.

    `expert` holds (mu, logvar) by the bundle's names; `guide` float32 (1, C, H, W) on the sensor
    grid, None where no completion will ask for it; `sparse_m` float32 (H, W) metres at the
    camera's size, for points only, with `sigma_log` float32 (H, W) of its log where each pixel has
    its own. `sources` are what measured; `is_swept` asks for the completion head for motion.

    """

    modality: Modality
    stamp_us: int
    expert: Tensors
    guide: Float32 | None
    sparse_m: Float32 | None = None
    sigma_log: Float32 | None = None
    sources: tuple[Entered, ...] = ()
    is_swept: bool = False


def grids_for(bundle: Bundle, camera: Camera) -> Grids:
    """Return the grids of `bundle` for the rectified reference `camera`."""
    layout = layout_grid(camera.size, bundle.grid)
    sensor = sensor_grid(
        camera.size,
        bundle.sensor,
    )
    focal_px = math.sqrt(camera.fx * camera.fy) * layout.scale
    return Grids(layout, sensor, math.log(focal_px / bundle.canonical_focal_px))


def encoded_events(
    engine: Engine,
    grids: Grids,
    voxel: Float32,
    stamp_us: int,
    *,
    is_guiding: bool,
) -> Evidence:
    """Encode a voxel grid float32 (T, H, W) of the window that ends at `stamp_us`."""
    expert = engine.run('encode_events', {'events': grid_events(voxel, grids.layout)})
    guide = _on_sensor_grid(grids.sensor, event_guide(voxel)) if is_guiding else None
    return Evidence('events', stamp_us, expert, guide, sources=('events',))


def encoded_image(engine: Engine, grids: Grids, image: UInt8, stamp_us: int) -> Evidence:
    """Encode an image uint8 (H, W) or (H, W, 3) in the rectified reference camera."""
    standard = image_guide(image)
    expert = engine.run('encode_image', {'image': grid_image(standard, grids.layout)})
    guide = _on_sensor_grid(grids.sensor, standard)
    return Evidence('image', stamp_us, expert, guide, sources=('image',))


def encoded_points(
    engine: Engine,
    grids: Grids,
    sparse_m: Float32,
    stamp_us: int,
    *,
    sigma_log: Float32 | None = None,
) -> Evidence | None:
    """
    Encode sparse depth float32 (H, W), NaN = not measured; None where nothing is measured.

    `sigma_log` float32 (H, W) is that of its log, for completion by a bundle that reads it.

    """
    if not np.isfinite(sparse_m).any():
        return None
    reduced_m = reduced_sparse(sparse_m, grids.sensor)
    channels = point_channels(prefill(reduced_m), grids.log_shift)
    expert = engine.run('encode_points', {'points': grid_points(channels, grids.layout)})
    if sigma_log is not None:
        reduced = reduced_sigma(sigma_log, sparse_m, reduced_m, grids.sensor)
        channels = with_sigma(channels, reduced)
    guide = np.stack([grids.sensor.fit(plane, pad=None) for plane in channels])[None]
    return Evidence('points', stamp_us, expert, guide, sparse_m, sigma_log, ('points',))


def dense_depth(points: Evidence, grids: Grids) -> Float32:
    """Return the 1/z-linear fill of `points` at the camera's size, float32 (H, W) metres."""
    if points.guide is None:
        raise InputError('Expected evidence with a guide, got one without.')
    log_linear = grids.sensor.crop(points.guide[0, LINEAR_CHANNEL])
    depth_m: Float32 = np.exp(log_linear + np.float32(grids.log_shift))
    return depth_m


def point_distance(points: Evidence, grids: Grids) -> Float32:
    """Return the distance to the nearest of `points` at the camera's size, float32 (H, W) px."""
    if points.guide is None:
        raise InputError('Expected evidence with a guide, got one without.')
    code = np.maximum(grids.sensor.crop(points.guide[0, DISTANCE_CHANNEL]), 0.0)
    distance_px: Float32 = np.expm1(3.0 * code)
    return distance_px


class History:
    """
    The newest evidence of one modality, at most `HISTORY_LENGTH` messages.

    A stamp that lies more than `max_age_us` before the newest is a jump back in time: what was
    kept is forgotten.

    """

    def __init__(self, max_age_us: int) -> None:
        self._max_age_us = max_age_us
        self._kept: deque[Evidence] = deque(maxlen=HISTORY_LENGTH)
        self._lock = threading.Lock()

    def push(self, evidence: Evidence) -> bool:
        """Keep `evidence`; return whether its stamp jumped back in time."""
        with self._lock:
            newest_us = max(_stamps(self._kept), default=evidence.stamp_us)
            is_jump = evidence.stamp_us < newest_us - self._max_age_us
            if is_jump:
                self._kept.clear()
            self._kept.append(evidence)
            return is_jump

    def newest(self, stamp_us: int) -> Evidence | None:
        """Return the newest, of equals the last, evidence of [stamp - max age, stamp], or None."""
        with self._lock:
            usable = [
                evidence
                for evidence in self._kept
                if 0 <= stamp_us - evidence.stamp_us <= self._max_age_us
            ]
        # of equal stamps `max` takes the first, and that shall be the one that came last
        return max(reversed(usable), key=lambda evidence: evidence.stamp_us, default=None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()


def _stamps(kept: Iterable[Evidence]) -> list[int]:
    return [evidence.stamp_us for evidence in kept]


def _on_sensor_grid(grid: SensorGrid, planes: Float32) -> Float32:
    return np.stack([grid.fit(plane) for plane in planes])[None]
