"""A recording of SLED: pairs of an array and CARLA's time, pickled into an .npz file."""

import numpy as np

EVENT_FIELDS = [('x', '<u2'), ('y', '<u2'), ('t', '<i8'), ('pol', '?')]


def pairs(listed):
    """Return an object array (n, 2) of arrays and times, as the generator appends them."""
    rows = np.empty((len(listed), 2), object)
    for i, (values, stamp_s) in enumerate(listed):
        rows[i, 0], rows[i, 1] = values, stamp_s
    return rows


def write_sled(path):
    """Write 20 ms: four packets of events, two depth images, a cloud and a picture."""
    rng = np.random.default_rng(6)
    packets = []
    for i in range(4):
        stamp_s = 5.0 + 0.005 * (i + 1)
        events = np.zeros(50, EVENT_FIELDS)
        events['t'] = np.sort(rng.integers(int(stamp_s * 1e9) - 5_000_000, int(stamp_s * 1e9), 50))
        events['x'], events['y'] = rng.integers(0, 1280, 50), rng.integers(0, 720, 50)
        events['pol'] = rng.integers(0, 2, 50)
        packets.append((events, stamp_s))
    depth = np.zeros((720, 1280, 3), np.uint8)
    depth[...] = (255, 255, 255)  # blue, green, red: the far plane
    depth[100, 200] = (1, 134, 160)  # 160 + 256 * 134 + 65536 = 100000
    cloud = np.array([[10, 1, 2, 0.5], [201, 0, 0, 0.5]], np.float32)
    picture = np.zeros((480, 640, 4), np.uint8)
    picture[...] = (30, 20, 10, 255)
    np.savez(
        path,
        events=pairs(packets),
        depth_images=pairs([(depth, 5.005), (depth, 5.01)]),
        lidar_clouds=pairs([(cloud, 5.01)]),
        rgb_images=pairs([(picture, 5.02)]),
    )
    return np.concatenate([values for values, _ in packets])
