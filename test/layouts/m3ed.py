"""A sequence of M3ED: 1280 x 720 events, grey pictures, depth in the distorted view, poses."""

import h5py
import numpy as np

from layouts.streams import random_columns

INTRINSICS = (1030.0, 1031.0, 640.0, 360.0)
DISTORTION = (-0.09, 0.12, 0.0003, -0.0004)
NUM_EVENTS = 20_000


def write_calibration(group, intrinsics, distortion, size, transform):
    calib = group.create_group('calib')
    calib['camera_model'] = 'pinhole'
    calib['distortion_model'] = 'radtan'
    calib['intrinsics'] = np.array(intrinsics)
    calib['distortion_coeffs'] = np.array(distortion)
    calib['resolution'] = np.array(size)
    calib['T_to_prophesee_left'] = transform


def write_m3ed(folder):
    """Write `car_urban_day_horse` and return its events."""
    columns = random_columns(8, NUM_EVENTS, (720, 1280), 250_000)
    beside = np.eye(4)
    beside[:3, 3] = (0.06, 0.0, 0.01)
    stamps = np.array([50_000, 150_000], np.int64)
    with h5py.File(folder / 'car_urban_day_horse_data.h5', 'w') as file:
        group = file.create_group('prophesee/left')
        for name, kind in (('t', 'i8'), ('x', 'u2'), ('y', 'u2'), ('p', 'i1')):
            values = getattr(columns, name).astype(kind)
            group.create_dataset(name, data=values, chunks=(4096,), compression='lzf')
        milliseconds = 1000 * np.arange(int(columns.t[-1] / 1000))
        group['ms_map_idx'] = np.searchsorted(columns.t, milliseconds).astype('u8')
        write_calibration(group, INTRINSICS, DISTORTION, (1280, 720), np.eye(4))
        write_calibration(
            file.create_group('ovc/left'), (900, 900, 640, 400), (0, 0, 0, 0), (1280, 800), beside
        )
        file['ovc/left/data'] = np.full((2, 800, 1280, 1), 7, np.uint8)
        file['ovc/ts'] = stamps
        file['ouster/calib/T_to_prophesee_left'] = beside
    depth = np.full((2, 720, 1280), np.inf, np.float32)
    depth[:, 300:420, 500:780] = 12.0
    camera_from_world = np.repeat(np.eye(4)[None], 2, axis=0)
    camera_from_world[1, :3, 3] = (0, 0, -2.0)
    with h5py.File(folder / 'car_urban_day_horse_depth_gt.h5', 'w') as file:
        file.create_dataset('depth/prophesee/left', data=depth, compression='lzf')
        file['ts'] = stamps
        file['ts_map_prophesee_left'] = np.searchsorted(columns.t, stamps).astype('u8')
        file['Cn_T_C0'] = camera_from_world
    return columns
