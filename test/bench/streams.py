"""Synthetic event streams for benchmarks: moving edges and noise, rows read out in turn."""

from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np

READOUT_US = 100  # one pass over all rows
NUM_EDGES = 60


def edge_stream(
    *, size: tuple[int, int], rate_hz: float, start_us: int, duration_us: int, seed: int
) -> Events:
    """
    Return events of straight edges that move over the sensor, with 5 % noise.

    EVENT_DTYPE[n], t ascending from `start_us` on, about rate_hz * duration of them.

    """
    height, width = size
    generator = np.random.default_rng(seed)
    num_noise, num_edge = np.array([0.05, 0.95]) * rate_hz * duration_us * 1e-6
    x, y, t, on = _edge_events(generator, int(num_edge), width, height, duration_us)
    noise = generator.uniform(size=(4, int(num_noise)))
    x = np.concatenate([x, noise[0] * width]).astype(np.int64) % width
    y = np.concatenate([y, noise[1] * height]).astype(np.int64) % height
    t = np.concatenate([t, noise[2] * duration_us]).astype(np.int64)
    on = np.concatenate([on, noise[3] < 0.5])
    t = start_us + t // READOUT_US * READOUT_US + y * READOUT_US // height
    order = np.lexsort((x, y, t))
    events = np.zeros(order.size, EVENT_DTYPE)
    events['t'], events['x'], events['y'] = t[order], x[order], y[order]
    events['p'] = np.where(on[order], 1, -1)
    repeats = (events['t'][1:] == events['t'][:-1]) & (events['x'][1:] == events['x'][:-1])
    repeats &= events['y'][1:] == events['y'][:-1]
    return events[np.concatenate([[True], ~repeats])]


def _edge_events(generator, num, width, height, duration_us):
    length = generator.uniform(0.08, 0.5, NUM_EDGES) * width
    angle = generator.uniform(0, np.pi, NUM_EDGES)
    speed_px_s = generator.uniform(0.1, 2.0, NUM_EDGES) * width
    corner = generator.uniform(size=(2, NUM_EDGES)) * [[width], [height]]
    polarity = generator.random(NUM_EDGES) < 0.5
    share = length * speed_px_s
    edge = generator.choice(NUM_EDGES, num, p=share / share.sum())
    t = generator.uniform(0, duration_us, num)
    along = generator.uniform(-0.5, 0.5, num) * length[edge]
    across = speed_px_s[edge] * t * 1e-6 + generator.normal(0, 1.2, num)
    cos, sin = np.cos(angle[edge]), np.sin(angle[edge])
    x = (corner[0, edge] + along * cos - across * sin) % width
    y = (corner[1, edge] + along * sin + across * cos) % height
    return x, y, t, polarity[edge] ^ (generator.random(num) < 0.05)
