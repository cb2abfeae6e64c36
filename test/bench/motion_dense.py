"""
Dense depth of the whole pipeline from events and known motion, on simulated recordings.

    PYTHONPATH=. .venv/train/bin/python test/bench/motion_dense.py [--count 12] [--points] [--fit]

The recordings are those of motion_simulated.py. Beside the pipeline: the fills of the very same
swept points (nearest, linear in 1/z, the spread switch), the median of the true depth, and the
same without motion. With `--points` scan lines of exact points are there as well, eight of them or
one in every `--line-step` rows. `--fit` takes the other split and prints the factor that the
standard deviations lack: the manifest's `calibration` holds it, times the one that it has.

"""

import argparse
import os

from eventdepth_core import DepthPipeline, load_bundle, Rig
from eventdepth_core.geometry import prefill, spread_switch
from eventdepth_core.pipeline import PipelineOptions
from motion_runs import table
from motion_simulated import DEPTH_US, spec_of
import numpy as np
from training.simulate.excursions import excursion

MAX_DEPTH_M = 80.0
ONE_SIGMA = 0.683
HEAD = [
    'motion', 'frames', 'AbsRel', 'delta1', '1 sigma', 'best fill', ': best fill', ': constant',
    ': no motion', 'sigma lacks',
]  # fmt: skip


def frames_of(recording, bundle, *, uses_motion, line_step):
    """Return (frame, swept inverse depth or None) at each stamp of a reference."""
    options = PipelineOptions(uses_motion=uses_motion)
    pipeline = DepthPipeline(bundle, Rig(event=recording.spec.camera), options=options)
    events, poses, start_us, found = recording.events, 0, 0, []
    for stamp_us, truth_m in zip(DEPTH_US, recording.depth_m, strict=True):
        if line_step is not None:
            lines = np.full(truth_m.shape, np.nan, np.float32)
            chosen = (slice(12, None, line_step), slice(None, None, 4))
            lines[chosen] = np.where(np.isfinite(truth_m), truth_m, np.nan)[chosen]
            pipeline.push_sparse_depth(lines, stamp_us)
        pipeline.push_events(events[(events['t'] >= start_us) & (events['t'] < stamp_us)])
        while uses_motion and poses < len(recording.stamps_us):
            if recording.stamps_us[poses] > stamp_us:
                break
            pipeline.push_pose(recording.poses[poses], int(recording.stamps_us[poses]))
            poses += 1
        frame = pipeline.estimate(stamp_us)
        swept = None
        if 'motion' in frame.modalities:
            motion = pipeline._motion
            swept = motion._sweep.points(motion._trajectory, stamp_us, motion._voted_us)
        found.append((frame, swept))
        start_us = stamp_us
    return found


def abs_rel(depth_m, target_m):
    """Return the mean relative error, a number that is not finite counting as the median."""
    return float(np.mean(np.abs(depth_m / target_m - 1)))


def judged(recording, bundle, *, line_step=None):
    """Return one row of numbers for each frame that motion has entered."""
    rows = []
    alone = frames_of(recording, bundle, uses_motion=False, line_step=line_step)
    known = frames_of(recording, bundle, uses_motion=True, line_step=line_step)
    for (frame, swept), (other, _), truth_m in zip(known, alone, recording.depth_m, strict=True):
        seen = np.isfinite(truth_m) & (truth_m < MAX_DEPTH_M) & frame.valid
        if swept is None or seen.sum() < 1000:
            continue
        target_m, depth_m = truth_m[seen], frame.depth_m[seen]
        filled = prefill(swept.depth_m)
        fills = [filled.nearest_m, filled.linear_m, spread_switch(filled)]
        best = min(abs_rel(each[seen], target_m) for each in fills)
        ratio = np.maximum(depth_m / target_m, target_m / depth_m)
        error = np.abs(np.log(depth_m / target_m)) / (frame.std_m[seen] / depth_m)
        ours = abs_rel(depth_m, target_m)
        rows.append([
            ours,
            float((ratio < 1.25).mean()),
            float((error < 1).mean()),
            best,
            ours / best,
            ours / abs_rel(np.median(target_m), target_m),
            ours / abs_rel(other.depth_m[seen], target_m),
            float(np.quantile(error, ONE_SIGMA)),
        ])  # fmt: skip
    return rows


def row_of(label, rows):
    """Return the medians of the ratios and the means of the rest as one row of the table."""
    if not rows:
        return [label, '0', *['—'] * (len(HEAD) - 2)]
    mean, median = np.mean(rows, axis=0), np.median(rows, axis=0)
    numbers = [*mean[:4], *median[4:]]
    return [label, str(len(rows)), *(f'{number:.3f}' for number in numbers)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--count', type=int, default=12)
    parser.add_argument('--fit', action='store_true', help='the recordings of the other split')
    parser.add_argument('--points', action='store_true', help='scan lines of points too')
    parser.add_argument('--line-step', type=int, default=22, help='rows from line to line')
    options = parser.parse_args()
    print(f'load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores')
    bundle = load_bundle('eventdepth-s')
    step = options.line_step if options.points else None
    rows = {}
    for seed in range(options.count):
        spec = spec_of(seed, split='train' if options.fit else 'test')
        found = judged(excursion(spec, DEPTH_US), bundle, line_step=step)
        rows.setdefault(spec.kind, []).extend(found)
        print('  ', row_of(f'{seed} {spec.kind} {spec.family}', found), flush=True)
    every = [each for some in rows.values() for each in some]
    rows = [*(row_of(kind, some) for kind, some in rows.items()), row_of('all', every)]
    print(table(HEAD, rows))


if __name__ == '__main__':
    main()
