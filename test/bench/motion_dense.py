"""
Dense depth of the whole pipeline from events and known motion, beside fills of the same points.

    PYTHONPATH=. .venv/train/bin/python test/bench/motion_dense.py [--count 24] [--points]
        [--line-step ROWS] [--bundle NAME]
    EVENTDEPTH_DATA=... PYTHONPATH=. python test/bench/motion_dense.py --slider [--picture FILE]

The recordings are those of motion_simulated.py, or frames 3 and 4 of slider_depth with its images
as well. Beside the pipeline: the fills of the very same swept points (nearest, linear in 1/z, the
spread switch), the median of the true depth, and the same without motion. With `--points` scan
lines of exact points are there too, eight or one in every `--line-step` rows. The manifest's
`calibration` comes from `training.calibrate`, on other recordings.

"""

import argparse
import os

from eventdepth_core import DepthPipeline, load_bundle, Rig
from eventdepth_core.geometry import prefill, spread_switch
from eventdepth_core.pipeline import PipelineOptions
from motion_pictures import draw_dense
from motion_runs import table
import numpy as np
from slider_reference import load_slider, reference_depth

MAX_DEPTH_M = 80.0
FRAMES = (3, 4)
FILLS = ('nearest', '1/z-linear', 'switch')
HEAD = [
    'motion', 'frames', 'AbsRel', 'delta1', '1 sigma',
    *(f'{fill} AbsRel' for fill in FILLS), *(f'{fill} delta1' for fill in FILLS),
    ': best fill', 'wins AbsRel', 'wins delta1', ': constant', ': no motion',
]  # fmt: skip


class Run:
    """One recording: what is pushed, and the targets at `asked_us`."""

    def __init__(self, camera, events, poses, asked_us, targets_m, images=()):
        self.camera, self.events, self.poses = camera, events, poses
        self.asked_us, self.targets_m, self.images = asked_us, targets_m, images

    def frames(self, bundle, *, uses_motion, line_step):
        """Return (frame, swept depth or None) at each stamp that has a target."""
        options = PipelineOptions(uses_motion=uses_motion)
        pipeline = DepthPipeline(bundle, Rig(event=self.camera), options=options)
        start_us, poses, images, found = 0, list(self.poses), list(self.images), []
        for stamp_us, target_m in zip(self.asked_us, self.targets_m, strict=True):
            if line_step is not None and target_m is not None:
                lines = np.full(target_m.shape, np.nan, np.float32)
                chosen = (slice(12, None, line_step), slice(None, None, 4))
                lines[chosen] = np.where(np.isfinite(target_m), target_m, np.nan)[chosen]
                pipeline.push_sparse_depth(lines, stamp_us)
            t = self.events['t']
            pipeline.push_events(self.events[(t >= start_us) & (t < stamp_us)])
            while uses_motion and poses and poses[0][0] <= stamp_us:
                pose_us, pose = poses.pop(0)
                pipeline.push_pose(pose, pose_us)
            while images and images[0][0] <= stamp_us:
                image_us, image = images.pop(0)
                pipeline.push_image(image, image_us)
            frame, swept = pipeline.estimate(stamp_us), None
            if 'motion' in frame.modalities:
                motion = pipeline._motion
                swept = motion._sweep.points(motion._trajectory, stamp_us, motion._voted_us)
            if target_m is not None:
                found.append((frame, swept))
            start_us = stamp_us
        return found

    def rows(self, bundle, *, line_step=None):
        """Return one row of numbers for each frame that motion has entered."""
        alone = self.frames(bundle, uses_motion=False, line_step=line_step)
        known = self.frames(bundle, uses_motion=True, line_step=line_step)
        targets = [target_m for target_m in self.targets_m if target_m is not None]
        rows = []
        for (frame, swept), (other, _), target_m in zip(known, alone, targets, strict=True):
            seen = np.isfinite(target_m) & (target_m < MAX_DEPTH_M) & frame.valid & other.valid
            if swept is not None and seen.sum() >= 1000:
                rows.append(_row(frame, swept, other, target_m, seen))
        return rows


def fills_of(swept):
    """Return the maps filled from swept points, in the order of FILLS."""
    filled = prefill(swept.depth_m)
    return filled.nearest_m, filled.linear_m, spread_switch(filled)


def _row(frame, swept, other, target_m, seen):
    target, depth = target_m[seen], frame.depth_m[seen]
    fills = [each[seen] for each in fills_of(swept)]
    error = np.abs(depth - target) / frame.std_m[seen]
    ours, share = abs_rel(depth, target), delta1(depth, target)
    errors, shares = [abs_rel(f, target) for f in fills], [delta1(f, target) for f in fills]
    return [
        ours,
        share,
        float((error < 1).mean()),
        *errors,
        *shares,
        ours / min(errors),
        float(ours <= min(errors)),
        float(share >= max(shares)),
        ours / abs_rel(np.median(target), target),
        ours / abs_rel(other.depth_m[seen], target),
    ]


def abs_rel(depth_m, target_m):
    """Return the mean relative error."""
    return float(np.mean(np.abs(depth_m / target_m - 1)))


def delta1(depth_m, target_m):
    """Return the share of pixels within a factor of 1.25."""
    return float((np.maximum(depth_m / target_m, target_m / depth_m) < 1.25).mean())


def row_of(label, rows):
    """Return the medians of the ratios and the means of the rest as one row of the table."""
    if not rows:
        return [label, '0', *['—'] * (len(HEAD) - 2)]
    mean, median = np.mean(rows, axis=0), np.median(rows, axis=0)
    is_ratio = np.array([name.startswith(':') for name in HEAD[2:]])
    return [label, str(len(rows)), *(f'{each:.3f}' for each in np.where(is_ratio, median, mean))]


def slider_run(root, *, has_images):
    """Return slider_depth with the references of frames 3 and 4, asked for at frames 1 to 4."""
    slider = load_slider(root)
    targets = [reference_depth(slider, k) if k in FRAMES else None for k in range(1, 5)]
    images = list(zip(slider.stamps_us, slider.frames, strict=True))[:5] if has_images else ()
    poses = zip(map(int, slider.pose_stamps_us), slider.poses, strict=True)
    return Run(slider.camera, slider.events, list(poses), slider.stamps_us[1:5], targets, images)


def simulated_run(seed):
    """Return a held-out simulated recording, and its kind and family."""
    from motion_simulated import DEPTH_US, spec_of
    from training.simulate.excursions import excursion

    spec = spec_of(seed)
    made = excursion(spec, DEPTH_US)
    poses = list(zip(map(int, made.stamps_us), made.poses, strict=True))
    return Run(spec.camera, made.events, poses, DEPTH_US, made.depth_m), spec


def slider_table(bundle, root, picture):
    """Return the rows of slider_depth, with events alone and with images."""
    rows = []
    for has_images in (False, True):
        run = slider_run(root, has_images=has_images)
        label = 'events, image, motion' if has_images else 'events, motion'
        for frame, row in zip(FRAMES, run.rows(bundle), strict=True):
            rows.append(row_of(f'frame {frame}, {label}', [row]))
        if picture and not has_images:
            found, swept = run.frames(bundle, uses_motion=True, line_step=None)[-1]
            draw_dense(swept, found, fills_of(swept)[2], run.targets_m[-1], picture)
    return rows


def simulated_table(bundle, count, *, line_step):
    """Return the rows of simulated recordings by kind of motion, printing each on the way."""
    kinds = {}
    for seed in range(count):
        run, spec = simulated_run(seed)
        found = run.rows(bundle, line_step=line_step)
        kinds.setdefault(spec.kind, []).extend(found)
        print('  ', row_of(f'{seed} {spec.kind} {spec.family}', found), flush=True)
    every = [each for some in kinds.values() for each in some]
    return [*(row_of(kind, some) for kind, some in kinds.items()), row_of('all', every)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--count', type=int, default=24)
    parser.add_argument('--points', action='store_true', help='scan lines of points too')
    parser.add_argument('--line-step', type=int, default=22, help='rows from line to line')
    parser.add_argument('--slider', action='store_true', help='the real recording instead')
    parser.add_argument('--bundle', default='eventdepth-s')
    parser.add_argument('--picture', help='draw frame 4 of the slider')
    options = parser.parse_args()
    print(f'load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores')
    bundle = load_bundle(options.bundle)
    if options.slider:
        rows = slider_table(bundle, os.environ['EVENTDEPTH_DATA'], options.picture)
    else:
        rows = simulated_table(
            bundle, options.count, line_step=options.line_step if options.points else None
        )
    print(table(HEAD, rows))


if __name__ == '__main__':
    main()
