"""A sequence of DSEC: 640 x 480 events of the left camera, 20 Hz images, 10 Hz disparity."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import h5py
import hdf5plugin
import numpy as np
import yaml

from layouts.streams import Columns, random_columns

OFFSET_US = 49_599_300_523
FIRST_STAMP_US = OFFSET_US + 12_345
NUM_EVENTS = 60_000
CHUNK = 8192
FOCAL_PX = 500.0
BASELINE_M = 0.5
K0 = np.array([[550.0, 0, 340.0], [0, 551.0, 220.0], [0, 0, 1]])
DISTORTION0 = np.array([-0.09, 0.19, 0.0001, 0.002])
K_RECT0 = np.array([[FOCAL_PX, 0, 330.0], [0, FOCAL_PX, 230.0], [0, 0, 1]])


@dataclass(frozen=True)
class Dsec:
    """Where it was written, its events with times relative to `OFFSET_US`, and its stamps."""

    folder: Path
    events: Columns
    image_stamps_us: np.ndarray
    disparity_stamps_us: np.ndarray


def turn(angles_deg):
    """Return a rotation matrix."""
    return cv2.Rodrigues(np.deg2rad(np.array(angles_deg, np.float64)))[0]


ROTATION0 = turn((0.2, 1.0, -0.3))


def write_dsec(folder, *, num_disparities=3, num_events=NUM_EVENTS, seed=3):
    """Write a sequence and return what is in it."""
    num_images = 2 * num_disparities
    image_stamps = FIRST_STAMP_US + 50_000 * np.arange(num_images)
    columns = random_columns(seed, num_events, (480, 640), 50_000 * num_images)
    for name in ('calibration', 'disparity/event', 'events/left', 'images/left/rectified'):
        (folder / name).mkdir(parents=True)
    write_events(folder / 'events' / 'left' / 'events.h5', columns)
    write_rectify_map(folder / 'events' / 'left' / 'rectify_map.h5')
    for i in range(num_images):
        picture = np.full((1080, 1440, 3), (10 + i, 20, 30), np.uint8)  # blue, green, red
        cv2.imwrite(str(folder / 'images' / 'left' / 'rectified' / f'{i:06d}.png'), picture)
    write_lines(folder / 'images' / 'timestamps.txt', image_stamps)
    exposures = [f'{stamp - 4000}, {stamp + 4001}' for stamp in image_stamps]
    head = '# exposure_start_timestamp_us, exposure_end_timestamp_us'
    write_lines(folder / 'images' / 'left' / 'exposure_timestamps.txt', [head, *exposures])
    for i in range(num_disparities):
        raw = np.zeros((480, 640), np.uint16)
        raw[100:110, 200:220] = 12800
        raw[5, 6] = 256 * (i + 1)
        cv2.imwrite(str(folder / 'disparity' / 'event' / f'{2 * i:06d}.png'), raw)
    write_lines(folder / 'disparity' / 'timestamps.txt', image_stamps[::2])
    (folder / 'calibration' / 'cam_to_cam.yaml').write_text(yaml.safe_dump(calibration()))
    return Dsec(folder, columns, image_stamps, image_stamps[::2])


def write_lines(path, lines):
    path.write_text(''.join(f'{line}\n' for line in lines))


def write_events(path, columns, compression=None):
    """Write events.h5 with its table of milliseconds, compressed as the download is."""
    compression = compression or hdf5plugin.Blosc(cname='zstd', clevel=1)
    with h5py.File(path, 'w') as file:
        for name, kind in (('t', np.uint32), ('x', np.uint16), ('y', np.uint16), ('p', np.uint8)):
            column = getattr(columns, name).astype(kind)
            chunks = (min(CHUNK, len(column)),)
            file.create_dataset(f'events/{name}', data=column, chunks=chunks, **compression)
        last_ms = int(columns.t[-1]) // 1000
        # the first event at or after each millisecond
        table = [np.count_nonzero(columns.t < 1000 * ms) for ms in range(last_ms + 1)]
        file['ms_to_idx'] = np.array(table, np.uint64)
        file['t_offset'] = np.int64(OFFSET_US)


def write_rectify_map(path):
    """Write where each pixel lies in the rectified view: distortion undone step by step."""
    rows, columns = np.indices((480, 640)).astype(np.float64)
    k1, k2, p1, p2 = DISTORTION0
    x_seen, y_seen = (columns - K0[0, 2]) / K0[0, 0], (rows - K0[1, 2]) / K0[1, 1]
    x, y = x_seen, y_seen
    for _ in range(60):
        r2 = x * x + y * y
        radial = 1 + k1 * r2 + k2 * r2**2
        x, y = (
            (x_seen - 2 * p1 * x * y - p2 * (r2 + 2 * x * x)) / radial,
            (y_seen - p1 * (r2 + 2 * y * y) - 2 * p2 * x * y) / radial,
        )
    ray = np.einsum('ij,jhw->ihw', K_RECT0 @ ROTATION0, np.stack([x, y, np.ones_like(x)]))
    with h5py.File(path, 'w') as file:
        file['rectify_map'] = np.moveaxis(ray[:2] / ray[2], 0, -1).astype(np.float32)


def calibration():
    """Return the content of cam_to_cam.yaml."""
    step = np.eye(4)
    step[:3, 3] = (-0.04, 0.001, -0.01)
    wide = np.eye(4)
    wide[:3, 3] = (-0.5, 0.0, 0.0)
    frame = {'resolution': [1440, 1080], 'distortion_model': 'radtan'}
    return {
        'intrinsics': {
            'cam0': {
                'camera_model': 'pinhole',
                'camera_matrix': [550.0, 551.0, 340.0, 220.0],
                'distortion_coeffs': DISTORTION0.tolist(),
                'distortion_model': 'radtan',
                'resolution': [640, 480],
            },
            'camRect0': {
                'camera_model': 'pinhole',
                'camera_matrix': [FOCAL_PX, FOCAL_PX, 330.0, 230.0],
                'resolution': [640, 480],
            },
            'cam1': {
                'camera_model': 'pinhole',
                'camera_matrix': [1180.0, 1181.0, 730.0, 570.0],
                'distortion_coeffs': [-0.4, 0.18, 0.0007, -0.002],
                **frame,
            },
            'camRect1': {
                'camera_model': 'pinhole',
                'camera_matrix': [1150.0, 1150.0, 720.0, 570.0],
                'resolution': [1440, 1080],
            },
        },
        'extrinsics': {
            'T_10': step.tolist(),
            'T_21': wide.tolist(),
            'R_rect0': ROTATION0.tolist(),
            'R_rect1': turn((-0.1, 0.3, 0.1)).tolist(),
        },
        'disparity_to_depth': {
            'cams_03': [
                [1.0, 0.0, 0.0, -330.0],
                [0.0, 1.0, 0.0, -230.0],
                [0.0, 0.0, 0.0, FOCAL_PX],
                [0.0, 0.0, 1 / BASELINE_M, -0.0],
            ],
            'cams_12': [
                [1.0, 0.0, 0.0, -720.0],
                [0.0, 1.0, 0.0, -570.0],
                [0.0, 0.0, 0.0, 1150.0],
                [0.0, 0.0, 1.96, -0.0],
            ],
        },
    }
