"""Folders of E2Depth, DENSE and EventScape: .npy depth, PNG, voxel tensors or raw events."""

import cv2
import numpy as np

STAMPS_S = (10.0, 10.05, 10.1)
SIZE = (256, 512)


def write_stamps(folder, stamps_s=STAMPS_S):
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'{i} {stamp:.9f}\n' for i, stamp in enumerate(stamps_s)]
    (folder / 'timestamps.txt').write_text(''.join(lines))


def write_e2depth(folder):
    """Write a sequence with voxel tensors, named by ten digits."""
    for name in ('events/voxels', 'depth/data', 'rgb/data'):
        write_stamps(folder / name)
    for i in range(len(STAMPS_S)):
        tensor = np.full((5, *SIZE), i + 0.25, np.float32)
        np.save(folder / 'events' / 'voxels' / f'event_tensor_{i:010d}.npy', tensor)
        depth = np.full(SIZE, 7.5 + i, np.float32)
        depth[0, :3] = (np.nan, 1000.0, 999.0)
        np.save(folder / 'depth' / 'data' / f'depth_{i:010d}.npy', depth)
        picture = np.full((*SIZE, 3), (i, 2, 3), np.uint8)
        cv2.imwrite(str(folder / 'rgb' / 'data' / f'frame_{i:010d}.png'), picture)
    return folder


def write_eventscape(folder, unit_per_s=1e9):
    """Write a sequence with raw windows of events, named as the simulator numbers them."""
    for name in ('events/data', 'depth/data', 'rgb/data'):
        write_stamps(folder / name)
    rng = np.random.default_rng(4)
    for i, stamp_s in enumerate(STAMPS_S):
        times = np.sort(rng.uniform(stamp_s - 0.05, stamp_s, 400))
        np.savez(
            folder / 'events' / 'data' / f'01_007_{i:04d}_events.npz',
            x=rng.integers(0, SIZE[1], 400).astype(np.uint16),
            y=rng.integers(0, SIZE[0], 400).astype(np.uint16),
            t=np.floor(times * unit_per_s).astype(np.int64),
            p=rng.integers(0, 2, 400).astype(np.int8),
        )
        depth = np.full(SIZE, 20.0, np.float32)
        np.save(folder / 'depth' / 'data' / f'01_007_{i:04d}_depth.npy', depth)
        picture = np.full((*SIZE, 3), 9, np.uint8)
        cv2.imwrite(str(folder / 'rgb' / 'data' / f'01_007_{i:04d}_image.png'), picture)
    return folder
