"""Synthetic event streams for benchmarks: moving edges and noise, rows read out in turn."""

from eventdepth_core.events import packet_encoder
from eventdepth_core.types import EVENT_DTYPE, Events
import numpy as np
from numpy.typing import NDArray

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


def noise_stream(
    *, size: tuple[int, int], rate_hz: float, start_us: int, duration_us: int, seed: int
) -> Events:
    """Return events all over the sensor, each with a time of its own: the dearest of streams."""
    generator = np.random.default_rng(seed)
    events = np.zeros(int(rate_hz * duration_us * 1e-6), EVENT_DTYPE)
    events['t'] = start_us + np.sort(generator.integers(0, duration_us, events.size))
    events['x'] = generator.integers(0, size[1], events.size)
    events['y'] = generator.integers(0, size[0], events.size)
    events['p'] = generator.choice((-1, 1), events.size)
    return events


def flicker_stream(
    *, size: tuple[int, int], rate_hz: float, start_us: int, duration_us: int, seed: int
) -> Events:
    """Return rows that change as a whole, on and off in turn: long vectors, the cheapest."""
    height, width = size
    generator = np.random.default_rng(seed)
    num_rows = max(int(rate_hz * duration_us * 1e-6 / width), 1)
    events = np.zeros((num_rows, width), EVENT_DTYPE)
    events['t'] = start_us + np.sort(generator.integers(0, duration_us, num_rows))[:, np.newaxis]
    events['x'] = np.arange(width)
    events['y'] = (np.arange(num_rows) % height)[:, np.newaxis]
    events['p'] = np.where(np.arange(num_rows) // height % 2 == 0, 1, -1)[:, np.newaxis]
    return events.ravel()


STREAMS = {'edges': edge_stream, 'scatter': noise_stream, 'dense': flicker_stream}


LOOP_US = 512_000  # whole milliseconds and whole upper time words of EVT3: 125 * 4096
PATTERN_US = 64_000
TIME_HIGH, CODE_SHIFT, FIELD_MASK = 8, 12, 0xFFF


def _pattern(size: tuple[int, int], rate_hz: float, seed: int) -> Events:
    """Return events at `rate_hz` or a little more: what repeats is asked for once again."""
    asked_hz = rate_hz
    while True:
        pattern = edge_stream(
            size=size, rate_hz=asked_hz, start_us=0, duration_us=PATTERN_US, seed=seed
        )
        share = pattern.size / (rate_hz * PATTERN_US * 1e-6)
        if share >= 1.0:
            return pattern
        asked_hz *= 1.002 / share


class LoopedEvt3:
    """
    Packets of one millisecond, encoded beforehand, whose time runs on from loop to loop.

    A loop lasts a multiple of 4096 µs, so that between loops only the words of the upper time
    bits differ; `patch` writes those of a loop into a payload, in microseconds of work.

    """

    def __init__(self, *, size: tuple[int, int], rate_hz: float, seed: int = 1) -> None:
        height, width = size
        pattern = _pattern(size, rate_hz, seed)
        encoder = packet_encoder('evt3', width, height)
        self.payloads: list[bytes] = []
        for start_us in range(0, LOOP_US, PATTERN_US):
            events = pattern.copy()
            events['t'] += start_us
            edges = range(start_us + 1_000, start_us + PATTERN_US, 1_000)
            parts = np.split(events, np.searchsorted(events['t'], list(edges)))
            self.payloads += [encoder.encode(part) for part in parts]
        self.num_events = LOOP_US // PATTERN_US * pattern.size
        self._highs = [self._high_words(payload) for payload in self.payloads]

    def patch(self, i: int, loop: int, words: NDArray[np.uint16]) -> None:
        """Write the upper time bits of packet `i` in turn `loop` into its words."""
        places, first = self._highs[i]
        words[places] = TIME_HIGH << CODE_SHIFT | (first + loop * (LOOP_US >> 12)) & FIELD_MASK

    @staticmethod
    def _high_words(payload: bytes) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        words = np.frombuffer(payload, '<u2')
        places = np.nonzero(words >> CODE_SHIFT == TIME_HIGH)[0]
        return places, (words[places] & FIELD_MASK).astype(np.int64)
