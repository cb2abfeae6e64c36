"""
Accuracy of the sweep on simulated recordings that no setting was chosen on.

    PYTHONPATH=. .venv/train/bin/python test/bench/motion_simulated.py [--count 24] [--movers]
        [--picture FILE]

Lateral, forward and hand-held motion in rooms, over tables, in streets and in free flight; the
cameras differ in threshold, noise and lens. One setting for all, that of motion_slider.py. Beside
it: the median of the true depth at the same pixels, and plain EMVS. With `--movers` the points are
judged apart as well: those on things that move by themselves, and those on the rest.

"""

import argparse
from dataclasses import astuple
import os

import cv2
from motion_movers import mover_masks
from motion_pictures import draw
from motion_runs import scores, swept_at, table, trajectory_of
import numpy as np
from plain_emvs import plain_emvs
from training.simulate.excursions import excursion, EXCURSION_KINDS, ExcursionSpec
from training.simulate.sensor_model import random_sensor_model

DEPTH_US = (150_000, 250_000, 400_000)
FAMILIES = {
    'lateral': ('room', 'table', 'fly'),
    'forward': ('drive', 'room', 'drive'),
    'handheld': ('room', 'table', 'fly'),
}
NUM_MOVERS = 3


def spec_of(seed, *, split='test', num_movers=0):
    """Return the spec of a recording; seeds of the split `test` are for figures only."""
    rng = np.random.default_rng(1000 + seed)
    kind = EXCURSION_KINDS[seed % 3]
    return ExcursionSpec(
        kind=kind,
        family=FAMILIES[kind][(seed // 3) % 3],
        seed=seed,
        split=split,
        num_movers=num_movers,
        flow_px_s=float(rng.uniform(40, 110)),
        fov_deg=float(rng.uniform(40, 75)),
        sensor=random_sensor_model(rng),
    )


def judged(recording, *, with_emvs=True):
    """Return (scores of the sweep, of plain EMVS) at each depth; None where too few points."""
    camera = recording.spec.camera
    trajectory = trajectory_of(recording.stamps_us, recording.poses)
    results, _ = swept_at(camera, recording.events, trajectory, recording.depth_us)
    pairs = []
    for result, target_m in zip(results, recording.depth_m, strict=True):
        peer = None
        if with_emvs:
            known = target_m[np.isfinite(target_m)]
            range_m = np.percentile(known, [1, 99]) * (1 / 1.3, 1.3)
            peer = plain_emvs(camera, recording.events, trajectory, result.stamp_us, range_m)
            peer = scores(peer, None, target_m)
        pairs.append((scores(result.depth_m, result.sigma, target_m), peer))
    return pairs


def judged_apart(recording):
    """Return (scores where nothing moves by itself, where something does) at each depth."""
    spec = recording.spec
    trajectory = trajectory_of(recording.stamps_us, recording.poses)
    results, _ = swept_at(spec.camera, recording.events, trajectory, recording.depth_us)
    is_mover, found = mover_masks(spec), []
    for result, target_m in zip(results, recording.depth_m, strict=True):
        # points of an edge may lie a pixel beyond it: those belong to the mover
        moves = cv2.dilate(is_mover(result.stamp_us).astype(np.uint8), np.ones((3, 3))) > 0
        found.append(
            tuple(
                scores(np.where(where, result.depth_m, np.nan), result.sigma, target_m)
                for where in (~moves, moves)
            )
        )
    return found


def draw_recording(recording, path):
    """Draw the sweep of a recording at its second stamp beside the true depth."""
    trajectory = trajectory_of(recording.stamps_us, recording.poses)
    results, _ = swept_at(recording.spec.camera, recording.events, trajectory, recording.depth_us)
    target_m = recording.depth_m[1]
    known = target_m[np.isfinite(target_m)]
    draw(results[1], target_m, path, scale_m=tuple(np.percentile(known, [2, 98])))


def row_of(label, pairs, *, by_points=False):
    """Return one row of the table: means over results (or over all points), means of ratios."""
    ours = [mine for mine, _ in pairs if mine is not None]
    if not ours:
        return [label, f'0 / {len(pairs)}', *['—'] * 12]
    weights = [each.points if by_points else 1 for each in ours]
    mean = np.average([astuple(each) for each in ours], axis=0, weights=weights)
    _, abs_rel, median, outliers, near, coverage, dense, delta1, _, _ = mean
    points = np.mean([each.points for each in ours])
    to_constant = np.mean([each.abs_rel / each.constant for each in ours])
    dense_ratio = np.mean([each.dense / each.constant_dense for each in ours])
    both = [(mine, peer) for mine, peer in pairs if mine is not None and peer is not None]
    to_peer = np.median([mine.abs_rel / peer.abs_rel for mine, peer in both]) if both else np.nan
    peer_abs_rel = np.mean([peer.abs_rel for _, peer in both]) if both else np.nan
    return [
        label,
        f'{len(ours)} / {len(pairs)}',
        f'{points:.0f}',
        f'{abs_rel:.3f}',
        f'{median:.3f}',
        f'{outliers:.1%}',
        f'{near:.1%}',
        f'{coverage:.2f}',
        f'{to_constant:.2f}',
        f'{peer_abs_rel:.2f}',
        f'{to_peer:.2f}',
        f'{dense:.3f}',
        f'{delta1:.2f}',
        f'{dense_ratio:.2f}',
    ]


HEAD = [
    'motion', 'results', 'points', 'AbsRel', 'median', '> 20 %', 'and of 3x3', '1 sigma',
    ': constant', 'EMVS', ': EMVS', 'dense', 'delta1', 'dense : constant',
]  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--count', type=int, default=24)
    parser.add_argument('--first', type=int, default=0)
    parser.add_argument('--movers', action='store_true', help='three solids move by themselves')
    parser.add_argument('--tuning', action='store_true', help='the recordings of the other split')
    parser.add_argument('--picture', help='draw the first recording at its second stamp')
    options = parser.parse_args()
    print(f'load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores')
    pairs, apart = {kind: [] for kind in EXCURSION_KINDS}, []
    if options.picture:
        draw_recording(excursion(spec_of(options.first), DEPTH_US), options.picture)
    for seed in range(options.first, options.first + options.count):
        split = 'train' if options.tuning else 'test'
        spec = spec_of(seed, split=split, num_movers=NUM_MOVERS if options.movers else 0)
        recording = excursion(spec, DEPTH_US)
        found = judged(recording, with_emvs=not options.movers)
        pairs[spec.kind] += found
        if options.movers:
            apart += judged_apart(recording)
        print('  ', row_of(f'{seed} {spec.kind} {spec.family}', found), flush=True)
    rows = [row_of(kind, some) for kind, some in pairs.items()]
    rows.append(row_of('all', [pair for some in pairs.values() for pair in some]))
    still, moving = ([(pair[i], None) for pair in apart] for i in (0, 1))
    for label, found in (
        ('all points', still + moving),
        ('all points on what stands still', still),
        ('all points on movers', moving),
    ):
        if apart:
            rows.append(row_of(label, found, by_points=True))
    print(table(HEAD, rows))


if __name__ == '__main__':
    main()
