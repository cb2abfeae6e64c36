"""
Accuracy of the sweep on the real slider_depth recording, causal, with the shipped settings.

    EVENTDEPTH_DATA=../shared/data PYTHONPATH=. python test/bench/motion_slider.py [--picture FILE]

Prints frames 3 and 4, and frame 4 with the events of 20 ms after it; see slider_reference.py for
the reference. The picture shows points, sigma, dense depth and reference on one scale of metres.

"""

import argparse
import os

from motion_pictures import draw
from motion_runs import scores, swept_at, table, trajectory_of
import numpy as np
from slider_reference import load_slider, mask_hash, MASK_HASHES, reference_depth

DELAY_US = 20_000
SCALE_M = (0.4, 2.6)


def slider_results(slider, *, delay_us=0, options=None):
    """Return the results at frames 0 to 4, which is how a live node would be asked."""
    trajectory = trajectory_of(slider.pose_stamps_us, slider.poses)
    extra = {} if options is None else {'options': options}
    results, _ = swept_at(
        slider.camera,
        slider.events,
        trajectory,
        slider.stamps_us[:5],
        delay_us=delay_us,
        **extra,
    )
    return results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--picture')
    picture = parser.parse_args().picture
    slider = load_slider(os.environ['EVENTDEPTH_DATA'])
    targets = {frame: reference_depth(slider, frame) for frame in MASK_HASHES}
    for frame, target_m in targets.items():
        state = 'as recorded' if mask_hash(target_m) == MASK_HASHES[frame] else 'differs'
        print(f'reference of frame {frame}: {np.isfinite(target_m).mean():.1%}, mask {state}')
    causal, late = slider_results(slider), slider_results(slider, delay_us=DELAY_US)
    rows = []
    for label, frame, results in (
        ('frame 3', 3, causal),
        ('frame 4', 4, causal),
        ('frame 4, 20 ms delay', 4, late),
    ):
        result = results[frame]
        score = scores(result.depth_m, result.sigma, targets[frame])
        rows.append(
            [
                label,
                int(np.isfinite(result.depth_m).sum()),
                score.points,
                f'{score.abs_rel:.4f}',
                f'{score.median:.4f}',
                f'{score.outliers:.1%}',
                f'{score.coverage:.2f}',
                f'{score.dense:.4f}',
                f'{score.delta1:.3f}',
                f'{score.constant_dense:.3f}',
            ]
        )
    head = [
        'stamp', 'points', 'with reference', 'AbsRel', 'median', '> 20 %', '1 sigma', 'dense',
        'delta1', 'constant',
    ]  # fmt: skip
    print(table(head, rows))
    if picture:
        draw(causal[4], targets[4], picture, scale_m=SCALE_M)


if __name__ == '__main__':
    main()
