"""
A page of sensors: `python -m training.simulate.sensor_page --out sensors.png`.

One drive: photographs of the RGB cameras, what lenses see, and one scan of each LiDAR by azimuth
(60 degrees to each side) and elevation (-31 to 19 degrees), near is bright.

"""

import argparse
from pathlib import Path

import cv2
from eventdepth_core.types import UInt8
import numpy as np
from training.simulate.caster import render
from training.simulate.exposure import exposed_image, Exposure
from training.simulate.families import EVERY_NAME
from training.simulate.lens_models import camera_of_view, LENS_PRESETS
from training.simulate.lidar_presets import LIDAR_PRESETS
from training.simulate.lidar_scan import lidar_scan, LidarScan
from training.simulate.path import Path as Way
from training.simulate.rgb_camera import MountedPath, rgb_picture, rgb_preset
from training.simulate.scene import Scene
from training.simulate.scene_page import depth_picture
from training.simulate.stage import stage_scene
from training.simulate.walk import clear_way, WalkSpec

SIZE = (180, 240)
_STAMP_US = 200_000
_TITLE_PX = 14
_PHOTOS = ('global', 'rolling', 'dark', 'wide')
_LENSES = (('pinhole', 25.0), ('pinhole', 60.0), ('davis', 80.0), ('fisheye', 130.0))
_HALF_AZIMUTH_DEG, _LOWEST_DEG, _HIGHEST_DEG = 60.0, -31.0, 19.0


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog='python -m training.simulate.sensor_page')
    parser.add_argument('--out', type=Path, required=True, help='the PNG to write')
    parser.add_argument('--family', choices=EVERY_NAME, default='driving_city')
    parser.add_argument('--seed', type=int, default=3)
    options = parser.parse_args(arguments)
    page = sensor_page(options.family, options.seed)
    cv2.imwrite(str(options.out), page[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])


def sensor_page(family: str, seed: int) -> UInt8:
    """Return the page, uint8 RGB."""
    spec = WalkSpec(
        family=family, seconds=0.5, size=SIZE, seed=seed, motion='driving', flow_px_s=150.0
    )
    scene, path = clear_way(np.random.default_rng(seed), spec)
    photos = [_titled(_photo(scene, path, name), f'RGB {name}') for name in _PHOTOS]
    lenses = [_titled(_seen(scene, path, *each), f'{each[0]} {each[1]:g} deg') for each in _LENSES]
    scans = [_titled(*_scanned(scene, path, name)) for name in LIDAR_PRESETS]
    rows = [photos, lenses, scans[:4], scans[4:]]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def scan_picture(scan: LidarScan) -> UInt8:
    """Return the points of a scan by azimuth and elevation in the colours of depth."""
    height, width = SIZE
    x, y, z = scan.points_m.T
    azimuth_deg, flat_m = np.rad2deg(np.arctan2(y, x)), np.hypot(x, y)
    elevation_deg = np.rad2deg(np.arctan2(z, flat_m))
    column = np.rint((0.5 - azimuth_deg / (2 * _HALF_AZIMUTH_DEG)) * width).astype(int)
    share = (_HIGHEST_DEG - elevation_deg) / (_HIGHEST_DEG - _LOWEST_DEG)
    row = np.rint(share * height).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    range_m = np.linalg.norm(scan.points_m[inside], axis=1).astype(np.float32)
    picture[row[inside], column[inside]] = depth_picture(range_m[None])[0]
    return picture


def _photo(scene: Scene, path: Way, name: str) -> UInt8:
    model = rgb_preset(name, SIZE)
    mounted = MountedPath(path, model.mount)
    return rgb_picture(np.random.default_rng(0), model, scene, mounted, _STAMP_US).image


def _seen(scene: Scene, path: Way, lens: str, fov_deg: float) -> UInt8:
    camera = camera_of_view(SIZE, fov_deg, LENS_PRESETS[lens])
    stamp_s = 1e-6 * _STAMP_US
    stage = stage_scene(scene, (path.pose(stamp_s),), camera, times_s=np.array([stamp_s]))
    return exposed_image(np.random.default_rng(0), render(stage, camera), Exposure())


def _scanned(scene: Scene, path: Way, name: str) -> tuple[UInt8, str]:
    scan = lidar_scan(np.random.default_rng(0), LIDAR_PRESETS[name], scene, path, _STAMP_US)
    return scan_picture(scan), f'LiDAR {name}: {len(scan.t_us):,} points'


def _titled(picture: UInt8, text: str) -> UInt8:
    title = np.full((_TITLE_PX, picture.shape[1], 3), 255, dtype=np.uint8)
    cv2.putText(title, text, (3, 11), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (0, 0, 0), 1, cv2.LINE_AA)
    return np.concatenate([title, picture])


if __name__ == '__main__':
    main()
