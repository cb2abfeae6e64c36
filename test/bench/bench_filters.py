"""
Cost of the streaming filters on one core: Mev/s, median of 7 rounds over packets of 1 ms.

    PYTHONPATH=. python test/bench/bench_filters.py

"""

import os
import time

from eventdepth_core.events.filters import (
    BackgroundActivity,
    FilterChain,
    HotPixels,
    Orientation,
    RefractoryPeriod,
    RegionOfInterest,
)
import numpy as np
from streams import edge_stream

STREAMS = (('VGA', (480, 640), 10e6), ('HD', (720, 1280), 50e6))
DURATION_US = 400_000
PACKET_US = 1_000
NUM_ROUNDS = 7


def filters(size):
    height, width = size
    return {
        'region of interest': lambda: RegionOfInterest(
            size, origin=(height // 4, width // 4), region=(height // 2, width // 2)
        ),
        'flip and turn': lambda: Orientation(size, flip_x=True, quarter_turns=1),
        'refractory 1 ms': lambda: RefractoryPeriod(size, period_us=1_000),
        'background 5 ms': lambda: BackgroundActivity(size, support_us=5_000),
        'hot pixels': lambda: HotPixels(size),
        'hot + refractory + background': lambda: FilterChain(
            [
                HotPixels(size),
                RefractoryPeriod(size, period_us=1_000),
                BackgroundActivity(size, support_us=5_000),
            ]
        ),
    }


def main():
    print(f'load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores')
    print('| stream | filter | kept | Mev/s | IQR |\n|---|---|---|---|---|')
    for name, size, rate_hz in STREAMS:
        events = edge_stream(
            size=size, rate_hz=rate_hz, start_us=0, duration_us=DURATION_US, seed=1
        )
        ends = np.searchsorted(events['t'], np.arange(PACKET_US, DURATION_US + 1, PACKET_US))
        packets = np.split(events, ends)
        for label, make in filters(size).items():
            rates, kept = [], 0
            for _ in range(NUM_ROUNDS + 1):
                filtering = make()
                start_s = time.thread_time()
                kept = sum(filtering.apply(packet).size for packet in packets)
                rates.append(events.size / (time.thread_time() - start_s) * 1e-6)
            low, median, high = np.percentile(rates[1:], [25, 50, 75])
            print(
                f'| {name} {rate_hz * 1e-6:.0f} Mev/s | {label} | {kept / events.size:.0%} '
                f'| {median:.0f} | {high - low:.0f} |'
            )


if __name__ == '__main__':
    main()
