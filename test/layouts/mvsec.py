"""A sequence of MVSEC: 346 x 260 events and grey images of the left DAVIS, scans, ground truth."""

from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import cv2
import h5py
import numpy as np
import yaml

from layouts.streams import Columns, random_columns

START_S = 1_506_118_124.0
SIZE = (260, 346)
INTRINSICS = (226.0, 226.5, 173.0, 133.0)
DISTORTION = (-0.048, 0.0113, -0.0554, 0.0215)
RECTIFIED = (200.0, 200.0, 177.0, 128.0)
NUM_EVENTS = 30_000


@dataclass(frozen=True)
class Mvsec:
    """Where it was written, its events in µs since `START_S`, and the stamps of images, s."""

    folder: Path
    events: Columns
    image_stamps_s: np.ndarray


def write_mvsec(
    folder,
    *,
    num_frames=4,
    num_events=NUM_EVENTS,
    seed=5,
    calibration='zip',
    depths=('raw', 'rect'),
):
    """Write `indoor_flying1` and return what is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = random_columns(seed, num_events, SIZE, 50_000 * num_frames)
    stamps_s = START_S + 0.05 * np.arange(1, num_frames + 1) - 0.012
    write_data(folder / 'indoor_flying1_data.hdf5', columns, stamps_s)
    write_truth(folder / 'indoor_flying1_gt.hdf5', stamps_s, depths)
    name, text = 'camchain-imucam-indoor_flying.yaml', yaml.safe_dump(camchain())
    if calibration == 'zip':
        with ZipFile(folder / 'indoor_flying_calib.zip', 'w') as archive:
            archive.writestr(name, text)
    elif calibration == 'folder':
        (folder / 'indoor_flying_calib').mkdir()
        (folder / 'indoor_flying_calib' / name).write_text(text)
    return Mvsec(folder, columns, stamps_s)


def write_data(path, columns, stamps_s):
    """Write the sensors' file: events are rows x, y, seconds, -1 or +1, all float64."""
    rows = np.column_stack(
        [
            columns.x.astype(np.float64),
            columns.y.astype(np.float64),
            START_S + columns.t * 1e-6,
            np.where(columns.p, 1.0, -1.0),
        ]
    )
    images = np.zeros((len(stamps_s), *SIZE), np.uint8)
    images += np.arange(len(stamps_s), dtype=np.uint8)[:, None, None]
    scans = np.full((len(stamps_s), 6, 4), np.nan)
    scans[:, :4] = np.array([[5.0, 0.2, -0.1, 12], [4, 1, 0, 7], [0, 0, 0, 0], [9, -2, 1, 3]])
    with h5py.File(path, 'w') as file:
        left = file.create_group('davis/left')
        left.create_dataset('events', data=rows, chunks=(4096, 4), compression='gzip')
        left['image_raw'] = images
        left['image_raw_ts'] = stamps_s
        left['image_raw_event_inds'] = np.searchsorted(rows[:, 2], stamps_s)
        file['velodyne/scans'] = scans
        file['velodyne/scans_ts'] = stamps_s - 0.02


def write_truth(path, stamps_s, depths):
    """Write depth with NaN for none; row 10 of each map says which map it is."""
    pose = np.eye(4)
    pose[:3, 3] = (1.0, 2.0, 3.0)
    with h5py.File(path, 'w') as file:
        left = file.create_group('davis/left')
        for name in depths:
            maps = np.full((len(stamps_s), *SIZE), np.nan, np.float32)
            maps[:, 10] = 2.5 if name == 'raw' else 4.5
            maps[:, 100:160, 100:240] = 3.0
            left[f'depth_image_{name}'] = maps
            left[f'depth_image_{name}_ts'] = stamps_s
        left['pose'] = np.repeat(pose[None], len(stamps_s), axis=0)
        left['pose_ts'] = stamps_s


def camchain():
    """Return the content of the calibration: cam0 and cam1 are the left and the right DAVIS."""
    rotation = cv2.Rodrigues(np.array([0.01, -0.02, 0.005]))[0]
    lidar = np.array([
        [0.0, -1.0, 0.0, 0.04], [0.0, 0.0, -1.0, -0.09], [1.0, 0.0, 0.0, -0.13], [0, 0, 0, 1],
    ])  # fmt: skip
    fx, fy, cx, cy = RECTIFIED
    camera = {
        'camera_model': 'pinhole',
        'distortion_model': 'equidistant',
        'distortion_coeffs': list(DISTORTION),
        'intrinsics': list(INTRINSICS),
        'resolution': [346, 260],
        'rostopic': '/davis/left/image_raw',
        'rectification_matrix': rotation.tolist(),
        'projection_matrix': [[fx, 0.0, cx, 0.0], [0.0, fy, cy, 0.0], [0.0, 0.0, 1.0, 0.0]],
    }
    step = np.eye(4)
    step[0, 3] = -0.1
    right = {**camera, 'rostopic': '/davis/right/image_raw', 'T_cn_cnm1': step.tolist()}
    return {'cam0': camera, 'cam1': right, 'T_cam0_lidar': lidar.tolist()}
