"""
Throughput of the event camera on images, one core: `python test/bench/bench_events_of_images.py`.

Light of a moving texture, VGA and 346x260, is made beforehand; only the camera is timed: with an
ideal sensor, and with the full pixel (photoreceptor, leak, shot noise, refractory time). Then the
whole way from images with depth, and with flow, to events.

"""

from functools import partial
import os
import time

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')

import cv2
from eventdepth_core.types import Camera
import numpy as np
from rich.console import Console
from training.simulate.between import Sampling, sub_frames, View
from training.simulate.between_depth import DepthInterval, Optics
from training.simulate.between_flow import FlowInterval
from training.simulate.sensor_presets import PRESETS
from training.simulate.sequence_camera import SequenceCamera

SIZES = ((260, 346), (480, 640))
NUM_FRAMES, STEP_US, ROUNDS = 40, 1000, 5


def main() -> None:
    """Run the benchmark."""
    cv2.setNumThreads(1)
    console = Console(width=120)
    console.print(f'numpy {np.__version__}, OpenCV {cv2.__version__}, one thread')
    for size in SIZES:
        film = [texture(size, 0.4 * k) for k in range(NUM_FRAMES)]
        for name in ('ideal', 'davis'):
            report(console, f'{size[1]}x{size[0]} camera, {name}', partial(filmed, film, name))
        for way in ('depth', 'flow'):
            report(console, f'{size[1]}x{size[0]} images by {way}', partial(between, size, way))


def texture(size: tuple[int, int], shift_px: float) -> np.ndarray:
    """Return light of a random texture that moved to the left, contrast as in a lit room."""
    height, width = size
    noise = np.random.default_rng(0).random((height, width + 64)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.0)
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    columns, rows = np.meshgrid(np.arange(width) + shift_px, np.arange(height))
    return cv2.remap(smooth, columns.astype(np.float32), rows.astype(np.float32), cv2.INTER_CUBIC)


def filmed(film: list[np.ndarray], name: str) -> tuple[int, int]:
    """Return the numbers of sub-frames and events."""
    height, width = film[0].shape
    camera = SequenceCamera(PRESETS[name], width=width, height=height)
    events = [camera.advance(light, STEP_US * k) for k, light in enumerate(film)]
    return len(film) - 1, sum(map(len, events))


def between(size: tuple[int, int], way: str) -> tuple[int, int]:
    """Return the numbers of sub-frames and events of one interval of 8 px."""
    height, width = size
    camera = Camera(width, height, float(width), float(width), width / 2, height / 2)
    views = []
    for shift_px in (0.0, 8.0):
        light = texture(size, shift_px)
        grey, pose = np.round(255 * light).astype(np.uint8), np.eye(4)
        pose[0, 3] = shift_px / width * 2.0
        views.append(View(0, light, grey, grey, np.full(size, 2.0, np.float32), pose))
    first, second = views
    by_depth = partial(DepthInterval, Optics(camera))
    interval = (by_depth if way == 'depth' else FlowInterval)(first, second)
    sensor = SequenceCamera(PRESETS['davis'], width=width, height=height)
    sensor.advance(views[0].light, 0)
    frames = list(sub_frames(interval, 0, 33_000, Sampling()))
    return len(frames), sum(len(sensor.advance(f.light, f.stamp_us)) for f in frames)


def report(console: Console, name: str, work) -> None:
    """Print median and spread of sub-frames and events per second."""
    work()
    rates = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        num_frames, num_events = work()
        seconds = time.perf_counter() - start
        rates.append((num_frames / seconds, num_events / seconds / 1e6))
    low, middle, high = np.percentile([rate for rate, _ in rates], [25, 50, 75])
    console.print(
        f'{name:32s} {middle:7.1f} sub-frames/s (IQR {low:.1f} to {high:.1f}), '
        f'{np.median([rate for _, rate in rates]):6.2f} Mev/s, n = {ROUNDS}'
    )


if __name__ == '__main__':
    main()
