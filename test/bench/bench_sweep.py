"""
What event rate the space sweep sustains on one core, ticks and keyframes included.

    PYTHONPATH=. python test/bench/bench_sweep.py [--quick]

A camera slides at 0.3 m/s past edges at 0.5 to 2.5 m; events come in packets of 5 ms, poses at
100 Hz, a result is asked for 20 times a second. All with the settings of the accuracy figures but
for the limit of the rate. `share` is CPU time over time of the stream: below 1 it is sustained.
With EVENTDEPTH_DATA: what thinning does to the accuracy on slider_depth.

"""

import argparse
from dataclasses import replace
import os
from pathlib import Path
import time

from eventdepth_core.geometry import Trajectory
from eventdepth_core.geometry.sweep import MotionSweep
from eventdepth_core.types import Camera, EVENT_DTYPE
from foreign_load import ForeignWatch
from motion_runs import OPTIONS, scores, table
import numpy as np

SIZES = ((180, 240), (480, 640))
RATES_HZ = (0.5e6, 1e6, 2e6, 3e6)
PACKET_US, TICK_US, POSE_US, STEP_US = 5_000, 50_000, 10_000, 250
SPEED_M_S = 0.3
NUM_EDGES, POINTS_OF_EDGE = 250, 24
KEPT = (1.0, 0.5, 0.25, 0.125)


def stream(size, rate_hz, seconds, seed=0):
    """Return camera, events and poses: points on edges, each seen where it is at its time."""
    height, width = size
    rng = np.random.default_rng(seed)
    focal = 1.2 * width
    camera = Camera(width, height, focal, focal, (width - 1) / 2, (height - 1) / 2)
    depth_m = np.repeat(rng.uniform(0.5, 2.5, NUM_EDGES), POINTS_OF_EDGE)
    reach = 0.5 + SPEED_M_S * seconds / depth_m.min() * focal / width
    middle = rng.uniform([-0.5 * width, 0], [(0.5 + reach) * width, height], (NUM_EDGES, 2))
    along = np.linspace(-0.06, 0.06, POINTS_OF_EDGE)[:, None] * height
    slant = np.stack([rng.uniform(-0.8, 0.8, NUM_EDGES), np.ones(NUM_EDGES)], axis=1)
    pixels = (middle[:, None] + along * slant[:, None]).reshape(-1, 2)
    signs = np.repeat(rng.choice([-1, 1], NUM_EDGES), POINTS_OF_EDGE)
    num_steps = round(seconds * 1e6 / STEP_US)
    pieces = []
    for k in range(num_steps):
        t_us = k * STEP_US
        x = np.rint(pixels[:, 0] - focal * SPEED_M_S * t_us * 1e-6 / depth_m).astype(np.int64)
        y = np.rint(pixels[:, 1]).astype(np.int64)
        seen = np.flatnonzero((x >= 0) & (x < width) & (y >= 0) & (y < height))
        chosen = rng.choice(seen, round(rate_hz * STEP_US * 1e-6))
        events = np.empty(len(chosen), EVENT_DTYPE)
        events['t'] = np.sort(rng.integers(t_us, t_us + STEP_US, len(chosen)))
        events['x'], events['y'], events['p'] = x[chosen], y[chosen], signs[chosen]
        pieces.append(events)
    return camera, np.concatenate(pieces)


def run(camera, events, seconds, options):
    """Return CPU seconds of all, CPU ms of each tick, keyframes, points of the last result."""
    sweep, trajectory = MotionSweep(camera, options), Trajectory()
    cuts = np.arange(PACKET_US, round(seconds * 1e6), PACKET_US)
    packets = np.split(events, np.searchsorted(events['t'], cuts))
    ticks, num_points = [], 0
    pose = np.eye(4)
    trajectory.push(pose, 0)
    begin_s = time.process_time()
    for k, packet in enumerate(packets, start=1):
        end_us = k * PACKET_US
        if end_us % POSE_US == 0:
            pose[0, 3] = SPEED_M_S * end_us * 1e-6
            trajectory.push(pose, end_us)
        sweep.push_events(packet)
        sweep.vote(trajectory, min(end_us, trajectory.newest_us))
        if end_us % TICK_US == 0:
            tick_s = time.process_time()
            num_points = int(np.isfinite(sweep.points(trajectory, end_us).depth_m).sum())
            ticks.append(time.process_time() - tick_s)
    used_s = time.process_time() - begin_s
    return used_s, np.array(ticks) * 1e3, sweep.counts.keyframes, num_points


def rates(seconds):
    """Print the share of a core by size and rate, and the rate at a whole core."""
    rows = []
    for size in SIZES:
        run(*stream(size, 1e5, 0.2), 0.2, OPTIONS)
        for rate_hz in RATES_HZ:
            camera, events = stream(size, rate_hz, seconds)
            options = replace(OPTIONS, max_event_rate_hz=1e9)
            used_s, ticks_ms, keyframes, num_points = run(camera, events, seconds, options)
            rows.append(
                [
                    f'{size[1]}x{size[0]}',
                    f'{rate_hz * 1e-6:.1f}',
                    f'{used_s / seconds:.2f}',
                    f'{np.median(ticks_ms):.1f}',
                    f'{np.percentile(ticks_ms, 95):.1f}',
                    keyframes,
                    num_points,
                    f'{len(events) / (used_s - ticks_ms.sum() * 1e-3) * 1e-6:.1f}',
                ]
            )
    head = [
        'sensor', 'Mev/s', 'share of a core', 'tick ms', 'p95', 'keyframes', 'points',
        'Mev/s between ticks',
    ]  # fmt: skip
    print(table(head, rows))


def thinning(root):
    """Print what the accuracy on slider_depth is when events are left out."""
    from motion_slider import slider_results
    from slider_reference import load_slider, reference_depth

    slider = load_slider(root)
    target_m = reference_depth(slider, 4)
    rate_hz = 1e6 * len(slider.events) / (slider.events['t'][-1] - slider.events['t'][0])
    rows = []
    for kept in KEPT:
        options = replace(OPTIONS, max_event_rate_hz=1e9 if kept == 1.0 else kept * rate_hz)
        result = slider_results(slider, options=options)[4]
        score = scores(result.depth_m, result.sigma, target_m)
        if score is not None:
            rows.append(
                [
                    f'{kept:.1%}',
                    score.points,
                    f'{score.abs_rel:.4f}',
                    f'{score.coverage:.2f}',
                    f'{score.dense:.4f}',
                    f'{score.delta1:.3f}',
                ]
            )
    print(table(['events kept', 'points', 'AbsRel', '1 sigma', 'dense', 'delta1'], rows))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--quick', action='store_true')
    seconds = 0.5 if parser.parse_args().quick else 2.0
    watch = ForeignWatch()
    rates(seconds)
    print(watch.load().sentence)
    root = os.environ.get('EVENTDEPTH_DATA')
    if root and (Path(root) / 'slider_depth').is_dir():
        print()
        thinning(root)


if __name__ == '__main__':
    main()
