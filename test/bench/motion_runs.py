"""One recording through the sweep, and how good its depth is; shared by the motion benchmarks."""

from dataclasses import dataclass

from eventdepth_core.geometry import prefill, spread_switch, Trajectory
from eventdepth_core.geometry.sweep import MotionSweep, SweepOptions
from eventdepth_core.geometry.timed_poses import PoseLimits
import numpy as np

OPTIONS = SweepOptions()
OUTLIER = 0.2


@dataclass(frozen=True)
class Scores:
    """
    Figures of one result.

    At points with a target: how many, AbsRel, median of it, share above 20 %, the same for the
    best of 3x3 targets, share within one sigma; of the filled map: AbsRel, delta1; of the median
    of the targets: AbsRel at the points and everywhere.

    """

    points: int
    abs_rel: float
    median: float
    outliers: float
    outliers_3x3: float
    coverage: float
    dense: float
    delta1: float
    constant: float
    constant_dense: float


def trajectory_of(stamps_us, poses, limits=None):
    """Return the trajectory of poses (N, 4, 4)."""
    trajectory = Trajectory(limits or PoseLimits())
    for stamp_us, pose in zip(stamps_us, poses, strict=True):
        trajectory.push(pose, int(stamp_us))
    return trajectory


def swept_at(camera, events, trajectory, stamps_us, *, options=OPTIONS, delay_us=0):
    """Return the result at each stamp (ascending), and the sweep; events end `delay_us` later."""
    sweep = MotionSweep(camera, options)
    results, start = [], 0
    for stamp_us in stamps_us:
        end = int(np.searchsorted(events['t'], stamp_us + delay_us))
        sweep.push_events(events[start:end])
        start = end
        if delay_us:
            sweep.vote(trajectory, stamp_us + delay_us)
        results.append(sweep.points(trajectory, stamp_us))
    return results, sweep


def scores(depth_m, sigma, target_m):
    """Judge sparse depth (H, W) with sigma of its inverse against a target, NaN or inf = none."""
    known = np.isfinite(target_m)
    both = known & np.isfinite(depth_m)
    if both.sum() < 20:
        return None
    error = np.abs(depth_m - target_m)[both] / target_m[both]
    off = np.abs(1 / depth_m[both] - 1 / target_m[both])
    middle = np.median(target_m[known])
    filled = spread_switch(prefill(depth_m))
    ratio = np.maximum(filled / target_m, target_m / filled)[known]
    return Scores(
        points=int(both.sum()),
        abs_rel=float(error.mean()),
        median=float(np.median(error)),
        outliers=float((error > OUTLIER).mean()),
        outliers_3x3=float((_best_error(depth_m, target_m)[both] > OUTLIER).mean()),
        coverage=float('nan') if sigma is None else float((off <= sigma[both]).mean()),
        dense=float((np.abs(filled - target_m)[known] / target_m[known]).mean()),
        delta1=float((ratio < 1.25).mean()),
        constant=float(
            (np.abs(np.median(target_m[both]) - target_m[both]) / target_m[both]).mean()
        ),
        constant_dense=float((np.abs(middle - target_m[known]) / target_m[known]).mean()),
    )


def _best_error(depth_m, target_m):
    """Return the relative error against the best of the 3x3 targets around: edges lie between."""
    padded = np.pad(target_m, 1, constant_values=np.nan)
    height, width = target_m.shape
    best = np.full(target_m.shape, np.inf)
    for v in range(3):
        for u in range(3):
            near = padded[v : v + height, u : u + width]
            usable = np.where(np.isfinite(near), near, np.nan)
            best = np.fmin(best, np.abs(depth_m - usable) / usable)
    return best


def table(head, rows):
    """Return a Markdown table."""
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join('| ' + ' | '.join(str(each) for each in line) + ' |' for line in lines)
