"""
LiDARs by name: pattern, rate, noise and reach, after the makers' data sheets.

Elevations of vlp32 are its factory table, those of the others equally spaced, of hdl64 in two
blocks. `rosette` is like a Livox Mid-40, `raster` like a mirror LiDAR for cars, `flash` like a
short-range one without moving parts.

"""

import numpy as np
from training.simulate.lidar_patterns import RasterPattern, RosettePattern, SpinningPattern
from training.simulate.lidar_scan import ScanningLidar

# fmt: off
_VLP32_ELEVATIONS_DEG = (
    -25.0, -15.639, -11.31, -8.843, -7.254, -6.148, -5.333, -4.667, -4.0, -3.667, -3.333, -3.0,
    -2.667, -2.333, -2.0, -1.667, -1.333, -1.0, -0.667, -0.333, 0.0, 0.333, 0.667, 1.0, 1.333,
    1.667, 2.333, 3.333, 4.667, 7.0, 10.333, 15.0,
)
# fmt: on


def _even(low_deg: float, high_deg: float, count: int) -> tuple[float, ...]:
    return tuple(float(angle) for angle in np.linspace(low_deg, high_deg, count))


LIDAR_PRESETS: dict[str, ScanningLidar] = {
    'vlp16': ScanningLidar(
        SpinningPattern(_even(-15.0, 15.0, 16), azimuth_step_deg=0.2),
        range_sigma_m=0.03,
        max_range_m=100.0,
        is_stamped_at_end=True,
    ),
    'hdl32': ScanningLidar(
        SpinningPattern(_even(-30.67, 10.67, 32), azimuth_step_deg=0.1667),
        range_sigma_m=0.02,
        max_range_m=80.0,
        is_stamped_at_end=True,
    ),
    'vlp32': ScanningLidar(
        SpinningPattern(_VLP32_ELEVATIONS_DEG, azimuth_step_deg=0.2),
        range_sigma_m=0.03,
        max_range_m=200.0,
        is_stamped_at_end=True,
    ),
    'os64': ScanningLidar(
        SpinningPattern(_even(-22.5, 22.5, 64), azimuth_step_deg=360.0 / 1024),
        range_sigma_m=0.015,
        max_range_m=100.0,
        divergence_mrad=6.0,
    ),
    'hdl64': ScanningLidar(
        SpinningPattern(_even(-24.8, -8.83, 32) + _even(-8.33, 2.0, 32), azimuth_step_deg=0.1728),
        range_sigma_m=0.02,
        max_range_m=120.0,
        divergence_mrad=2.0,
        is_stamped_at_end=True,
    ),
    'rosette': ScanningLidar(
        RosettePattern(
            pulses_per_s=100_000.0,
            deflection_deg=(9.6, 9.6),
            turns_per_s=(7294.0 / 60.0, -4664.0 / 60.0),
        ),
        range_sigma_m=0.02,
        max_range_m=150.0,
        min_range_m=0.5,
    ),
    'raster': ScanningLidar(
        RasterPattern(num_rows=126, num_columns=600, width_deg=120.0, height_deg=25.0),
        range_sigma_m=0.03,
        max_range_m=180.0,
        min_range_m=0.5,
    ),
    'flash': ScanningLidar(
        RasterPattern(
            num_rows=32, num_columns=128, width_deg=120.0, height_deg=30.0, is_flash=True
        ),
        period_us=40_000,
        range_sigma_m=0.03,
        max_range_m=35.0,
        divergence_mrad=16.0,
    ),
}
