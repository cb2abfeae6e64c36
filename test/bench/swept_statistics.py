"""
Are made points like those of the real sweep? Statistics of both on the same simulated recordings.

    PYTHONPATH=. .venv/train/bin/python test/bench/swept_statistics.py SETS [--count 200]

SETS is a folder of data sets with `swept_val` (`training.simulate.dataset --swept --split val`).

"""

import argparse

from eventdepth_core.geometry.nearest import nearest_measured
from motion_runs import table
import numpy as np
from training.data.batches import example_at
from training.data.swept import edge_pattern, made_points, random_sweep_noise
from training.simulate.loader import load_swept_shards

JUMP_LOG, EDGE_PX, OUTLIER, MIN_POINTS = 0.1, 2.0, 0.2, 100
NAMES = (
    'density', 'median error', '> 20 %', 'stated sigma', 'far : near error', 'within 1 sigma',
    'at depth edges : everywhere', 'px to a point, median', '95 %',
)  # fmt: skip


def statistics(depth_m, sigma_log, log_depth):
    """Return the numbers of NAMES for points (H, W) of a scene of known log depth (H, W)."""
    both = np.isfinite(depth_m) & np.isfinite(log_depth)
    difference = np.log(depth_m[both]) - log_depth[both]
    error, is_far = np.abs(np.expm1(difference)), log_depth[both] > np.median(log_depth[both])
    step = np.abs(np.diff(log_depth, axis=1, append=log_depth[:, -1:]))
    step += np.abs(np.diff(log_depth, axis=0, append=log_depth[-1:]))
    at_edge = nearest_measured(step > JUMP_LOG)[1] <= EDGE_PX
    away_px = nearest_measured(np.isfinite(depth_m))[1]
    return [
        both.mean(),
        np.median(error),
        (error > OUTLIER).mean(),
        np.median(sigma_log[both]),
        np.median(error[is_far]) / max(np.median(error[~is_far]), 1e-4),
        (np.abs(difference) < sigma_log[both]).mean(),
        at_edge[both].mean() / max(at_edge.mean(), 1e-3),
        *np.percentile(away_px, [50, 95]),
    ]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('sets')
    parser.add_argument('--count', type=int, default=200)
    options = parser.parse_args()
    samples = load_swept_shards(options.sets, 'val', limit=options.count)
    rng, real, made = np.random.default_rng(0), [], []
    for i in range(len(samples)):
        example = example_at(samples, i)
        if np.isfinite(example.sparse_m).sum() < MIN_POINTS:
            continue
        real.append(statistics(example.sparse_m, example.sigma_log, example.log_depth))
        noise = random_sweep_noise(rng)
        points = made_points(rng, example.log_depth, edge_pattern(rng, example), noise)
        made.append(statistics(points.depth_m, points.sigma_log, example.log_depth))
    quartiles = [np.nanpercentile(some, [25, 50, 75], axis=0) for some in (real, made)]
    rows = [
        [name, *(f'{mid:.3g} ({low:.3g} to {high:.3g})' for low, mid, high in columns)]
        for name, *columns in zip(NAMES, *(each.T for each in quartiles), strict=True)
    ]
    print(table([f'{len(real)} frames, median (quartiles)', 'real sweep', 'made'], rows))


if __name__ == '__main__':
    main()
