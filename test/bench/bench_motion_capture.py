"""
What motion costs the callback of the events.

    PYTHONPATH=. python test/bench/bench_motion_capture.py

EVT3 packets of 1 ms go into the shipped bundle's pipeline; ten times a second its window is taken,
as the callback of a live node does. Beside motion off and on: what the worker does with what was
taken, decoding, and what the callback would cost if it decoded. All is CPU time of one thread, so
that other processes count little.

"""

import argparse
import os
import time

from eventdepth_core import DepthPipeline, load_bundle, Rig
from eventdepth_core.events import packet_encoder
from eventdepth_core.pipeline import PipelineOptions
from eventdepth_core.types import Camera, EVENT_DTYPE
from motion_runs import table
import numpy as np

CAMERA = Camera(640, 480, 500.0, 500.0, 319.5, 239.5)
RATES_MEV_S = (10, 50)
PACKET_US, TICK_US = 1_000, 100_000
HEAD = [
    'Mev/s', 'motion', 'all packets ms', 'capture ms (IQR)', 'worker decodes ms', 'ticks',
]  # fmt: skip


def packets(rate_mev_s, num_ticks, seed=0):
    """Return EVT3 packets of 1 ms."""
    rng = np.random.default_rng(seed)
    encoder, count = packet_encoder('evt3', CAMERA.width, CAMERA.height), rate_mev_s * PACKET_US
    found = []
    for k in range(num_ticks * TICK_US // PACKET_US + 1):
        events = np.zeros(count, EVENT_DTYPE)
        events['t'] = k * PACKET_US + np.arange(count) * PACKET_US // count
        events['x'] = rng.integers(0, CAMERA.width, count)
        events['y'] = rng.integers(0, CAMERA.height, count)
        events['p'] = rng.choice((-1, 1), count)
        found.append(encoder.encode(events))
    return found


def run(bundle, stream, *, uses_motion):
    """Return ms of CPU for each tick: pushing its packets, taking its window, decoding."""
    options = PipelineOptions(uses_motion=uses_motion)
    pipeline = DepthPipeline(bundle, Rig(event=CAMERA), options=options)
    pipeline.expect_poses()
    rows, pushed_s = [], 0.0
    for k, payload in enumerate(stream):
        begin_s = time.thread_time()
        pipeline.push_packet('evt3', CAMERA.width, CAMERA.height, 0, payload)
        pushed_s += time.thread_time() - begin_s
        end_us = k * PACKET_US
        if end_us == 0 or end_us % TICK_US:
            continue
        begin_s = time.thread_time()
        captured = pipeline.capture(end_us)
        captured_s = time.thread_time()
        if captured.events is not None:
            captured.events.held.decoded()
        decoded_s = time.thread_time() - captured_s
        rows.append((pushed_s * 1e3, (captured_s - begin_s) * 1e3, decoded_s * 1e3))
        pushed_s = 0.0
    return np.array(rows[1:])  # the first compiles


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--ticks', type=int, default=6)
    options = parser.parse_args()
    print(f'load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores')
    bundle, rows = load_bundle('eventdepth-s'), []
    for rate_mev_s in RATES_MEV_S:
        stream = packets(rate_mev_s, options.ticks)
        for uses_motion in (False, True):
            found = run(bundle, stream, uses_motion=uses_motion)
            push_ms, capture_ms, decode_ms = np.median(found, axis=0)
            low_ms, high_ms = np.percentile(found[:, 1], [25, 75])
            rows.append(
                [
                    rate_mev_s,
                    'on' if uses_motion else 'off',
                    f'{push_ms:.1f}',
                    f'{capture_ms:.2f} ({high_ms - low_ms:.2f})',
                    f'{decode_ms:.1f}' if uses_motion else '—',
                    len(found),
                ]
            )
    print(table(HEAD, rows))


if __name__ == '__main__':
    main()
