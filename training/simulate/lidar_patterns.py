"""
Where and when the pulses of a LiDAR go: spinning rings, a rosette, a raster, a flash.

Directions are unit vectors in the LiDAR's frame: x forward, y left, z up. Laws: pulses are
ordered by time; their times lie in [0, duration) after the start of a scan; a pattern is a
function of its numbers and the time.

"""

from dataclasses import dataclass
from typing import Protocol

from eventdepth_core.types import Float64
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Pulses:
    """`directions` float64 (N, 3); `t_us` int64 (N,) since the scan's start; `ring` uint16."""

    directions: Float64
    t_us: NDArray[np.int64]
    ring: NDArray[np.uint16]


class Pattern(Protocol):
    """How a LiDAR scans."""

    def pulses(self, start_us: int, duration_us: int) -> Pulses:
        """Return the pulses of a scan that starts at `start_us`, ordered by time."""


@dataclass(frozen=True, slots=True)
class SpinningPattern:
    """
    A turning column of lasers, all of which fire at once; one turn a scan, clockwise from behind.

    `elevations_deg` of the rings from the lowest; `azimuths_deg` how far each is turned to the
    left of the column, () = not at all; azimuths outside of +-`half_sector_deg` are left out.

    """

    elevations_deg: tuple[float, ...]
    azimuth_step_deg: float
    azimuths_deg: tuple[float, ...] = ()
    half_sector_deg: float = 180.0

    def pulses(self, start_us: int, duration_us: int) -> Pulses:  # noqa: ARG002
        """Return one turn."""
        num_columns = round(360.0 / self.azimuth_step_deg)
        column = np.arange(num_columns)
        t_us = column * duration_us // num_columns
        azimuth_deg = 180.0 - 360.0 * column / num_columns
        is_seen = np.abs(azimuth_deg) <= self.half_sector_deg
        num_rings = len(self.elevations_deg)
        turned = np.deg2rad(self.azimuths_deg or (0.0,) * num_rings)
        azimuth = np.deg2rad(azimuth_deg[is_seen])[:, None] + turned  # (columns, rings)
        elevation = np.broadcast_to(np.deg2rad(self.elevations_deg), azimuth.shape)
        return Pulses(
            directions=_directions(azimuth.ravel(), elevation.ravel()),
            t_us=np.repeat(t_us[is_seen], num_rings),
            ring=np.tile(np.arange(num_rings, dtype=np.uint16), int(is_seen.sum())),
        )


@dataclass(frozen=True, slots=True)
class RosettePattern:
    """
    One beam bent by two turning prisms; the petals do not repeat from scan to scan.

    `deflection_deg` of each prism and `turns_per_s`, negative = the other way round; small angles:
    the two deflections add up as vectors.

    """

    pulses_per_s: float
    deflection_deg: tuple[float, float]
    turns_per_s: tuple[float, float]

    def pulses(self, start_us: int, duration_us: int) -> Pulses:
        """Return the pulses of a stretch of the rosette."""
        t_us = (np.arange(round(duration_us * 1e-6 * self.pulses_per_s)) * 1e6) / self.pulses_per_s
        bent = np.zeros(len(t_us), dtype=np.complex128)
        for deflection_deg, turns_per_s in zip(self.deflection_deg, self.turns_per_s, strict=True):
            turned = 2 * np.pi * turns_per_s * (start_us + t_us) * 1e-6
            bent += np.deg2rad(deflection_deg) * np.exp(1j * turned)
        off_axis, around = np.abs(bent), np.angle(bent)
        across = np.sin(off_axis)
        rays = (np.cos(off_axis), across * np.cos(around), across * np.sin(around))
        return Pulses(np.stack(rays, axis=-1), t_us.astype(np.int64), _no_rings(len(t_us)))


@dataclass(frozen=True, slots=True)
class RasterPattern:
    """
    A mirror that writes `num_rows` lines from the top, every second one backwards.

    `width_deg` and `height_deg` are the field of view; pulses within `firing_us` share their time;
    `is_flash`: all pulses at once.

    """

    num_rows: int
    num_columns: int
    width_deg: float
    height_deg: float
    firing_us: int = 10
    is_flash: bool = False

    def pulses(self, start_us: int, duration_us: int) -> Pulses:  # noqa: ARG002
        """Return one picture."""
        count = self.num_rows * self.num_columns
        row, column = np.divmod(np.arange(count), self.num_columns)
        if not self.is_flash:
            column = np.where(row % 2 == 1, self.num_columns - 1 - column, column)
        azimuth_deg = self.width_deg * (0.5 - (column + 0.5) / self.num_columns)
        elevation_deg = self.height_deg * (0.5 - (row + 0.5) / self.num_rows)
        t_us = np.arange(count, dtype=np.int64) * duration_us // count
        t_us = t_us // self.firing_us * self.firing_us
        return Pulses(
            directions=_directions(np.deg2rad(azimuth_deg), np.deg2rad(elevation_deg)),
            t_us=np.zeros_like(t_us) if self.is_flash else t_us,
            ring=(self.num_rows - 1 - row).astype(np.uint16),
        )


def _directions(azimuth: Float64, elevation: Float64) -> Float64:
    flat = np.cos(elevation)
    rays = (flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation))
    return np.stack(rays, axis=-1)


def _no_rings(count: int) -> NDArray[np.uint16]:
    return np.zeros(count, dtype=np.uint16)
