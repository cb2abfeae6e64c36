"""
Accuracy of the sweep on the real slider_depth recording, causal, with the shipped settings.

    EVENTDEPTH_DATA=../shared/data PYTHONPATH=. python test/bench/motion_slider.py [--picture FILE]

Prints frames 3 and 4, and frame 4 with the events of 20 ms after it; see slider_reference.py for
the reference. The picture shows points, sigma, dense depth and reference on one scale of metres.

"""

import argparse
import os

from eventdepth_core.geometry import prefill, spread_switch
from matplotlib.figure import Figure
from motion_runs import scores, swept_at, table, trajectory_of
import numpy as np
from slider_reference import load_slider, mask_hash, MASK_HASHES, reference_depth

DELAY_US = 20_000
SCALE_M = (0.4, 2.6)
SIGMA_SCALE_M = (0.0, 0.25)


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
        draw(causal[4], targets[4], picture)


def draw(result, target_m, path):
    """Draw points, sigma, dense depth and reference."""
    figure = Figure(figsize=(11.0, 7.6), layout='constrained')
    axes = figure.subplots(2, 2)
    filled = spread_switch(prefill(result.depth_m))
    panels = (
        (axes[0, 0], result.depth_m, 'points of the sweep', 'turbo_r', SCALE_M),
        (axes[0, 1], result.std_m, 'their standard deviation', 'viridis', SIGMA_SCALE_M),
        (axes[1, 0], filled, 'filled, nothing learned', 'turbo_r', SCALE_M),
        (axes[1, 1], target_m, 'reference from frames', 'turbo_r', SCALE_M),
    )
    for axis, values, title, colours, (low, high) in panels:
        shown = axis.imshow(values, cmap=colours, vmin=low, vmax=high, interpolation='nearest')
        axis.set_title(title)
        axis.set_axis_off()
        figure.colorbar(shown, ax=axis, label='m', shrink=0.85)
    figure.savefig(path, dpi=75)


if __name__ == '__main__':
    main()
