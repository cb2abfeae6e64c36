"""Datasets of pictures with depth: NYU (.h5 and the labelled .mat), DDOS, exports of CARLA."""

import json

import cv2
import h5py
import numpy as np


def write_nyu(folder, num_frames=2):
    """Write frames as FastDepth and sparse-to-dense have them."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(num_frames):
        rgb = np.zeros((3, 480, 640), np.uint8)
        rgb[0], rgb[1, 5, 7] = 10 * (i + 1), 99
        depth = np.full((480, 640), 2.0 + i, np.float32)
        depth[0, 0] = 0
        with h5py.File(folder / f'{200 * i + 1:05d}.h5', 'w') as file:
            file['rgb'], file['depth'] = rgb, depth
    return folder


def write_labelled_nyu(path):
    """Write the labelled set as MATLAB does: HDF5 behind a text, the axes turned."""
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[5, 7] = (1, 2, 3)
    depth = np.full((480, 640), 1.5, np.float32)
    depth[5, 7] = 3.25
    with h5py.File(path, 'w', userblock_size=512) as file:
        file['images'] = np.stack([picture.transpose(2, 1, 0)] * 2)
        file['depths'] = np.stack([depth.T] * 2)
    with path.open('r+b') as raw:
        raw.write(b'MATLAB 7.3 MAT-file, Platform: GLNXA64'.ljust(116))
    return path


def write_ddos(folder):
    """Write a flight of three frames, numbered without padding from 9 to 11."""
    for name in ('image', 'depth', 'segmentation'):
        (folder / name).mkdir(parents=True)
    for number in (9, 10, 11):
        picture = np.full((72, 128, 3), number, np.uint8)
        depth = np.full((72, 128), 6553, np.uint16)
        depth[:20] = 65535
        labels = np.full((72, 128), 3, np.uint8)
        for name, values in (('image', picture), ('depth', depth), ('segmentation', labels)):
            cv2.imwrite(str(folder / name / f'{number}.png'), values)
    return folder


def write_carla(folder):
    """Write an export of two frames: colour, coded depth and events, with stamps and a view."""
    for name in ('rgb', 'depth', 'dvs'):
        (folder / name).mkdir(parents=True)
    for i, frame in enumerate((120, 121)):
        cv2.imwrite(str(folder / 'rgb' / f'{frame:06d}.png'), np.full((60, 80, 4), 50, np.uint8))
        depth = np.full((60, 80, 4), 255, np.uint8)
        depth[7, 9] = (1, 134, 160, 255)  # blue, green, red: 160 + 256 * 134 + 65536 = 100000
        cv2.imwrite(str(folder / 'depth' / f'{frame:06d}.png'), depth)
        events = np.zeros(3, [('x', '<u2'), ('y', '<u2'), ('t', '<i8'), ('pol', '?')])
        events['t'] = np.array([1_000_999, 2_000_000, 3_000_000]) + 50_000_000 * i
        events['x'], events['pol'] = (1, 2, 3), (True, False, True)
        np.save(folder / 'dvs' / f'{frame:06d}.npy', events)
    (folder / 'timestamps.txt').write_text('120 0.05\n121 0.1\n')
    (folder / 'metadata.json').write_text(json.dumps({'fov': 90.0, 'width': 80, 'height': 60}))
    return folder
