"""
What wrong, late and rare poses and a wrong clock do to the sweep.

    EVENTDEPTH_DATA=... PYTHONPATH=. .venv/train/bin/python test/bench/motion_robustness.py

On slider_depth frame 4, and as means over simulated recordings at 250 ms (poses at 200 Hz there
unless said). Noise of a pose is white: a share of the way of 150 ms on each axis, and degrees
about each. Latency: at the stamp only poses that old are known; events later than 20 ms after the
newest pose wait, and the view at the stamp is extrapolated, by at most 60 ms.

"""

import argparse
import os

from eventdepth_core.geometry.timed_poses import PoseLimits
from motion_runs import OPTIONS, scores, swept_at, table, trajectory_of
from motion_simulated import spec_of
import numpy as np
from slider_reference import load_slider, reference_depth
from training.simulate.excursions import excursion
from training.simulate.solids import rotation_about

STAMP_US = 250_000
WAY_US = 150_000
LIMITS = PoseLimits(max_extrapolation_us=60_000)
CASES = (
    ('as it is', {}),
    ('noise 0.5 % and 0.1 degrees', {'noise': 0.005, 'noise_deg': 0.1}),
    ('noise 1 % and 0.1 degrees', {'noise': 0.01, 'noise_deg': 0.1}),
    ('noise 2 %', {'noise': 0.02}),
    ('noise 0.1 degrees', {'noise_deg': 0.1}),
    ('noise 0.2 degrees', {'noise_deg': 0.2}),
    ('noise 0.5 degrees', {'noise_deg': 0.5}),
    ('clock 1 ms off', {'clock_us': 1_000}),
    ('clock 5 ms off', {'clock_us': 5_000}),
    ('clock 10 ms off', {'clock_us': 10_000}),
    ('clock 20 ms off', {'clock_us': 20_000}),
    *(
        (f'poses at {rate} Hz, {late // 1000} ms late', {'rate_hz': rate, 'late_us': late})
        for rate in (100, 30, 10)
        for late in (0, 20_000, 50_000)
    ),
)


class Run:
    """One recording: what is asked of it, its events and poses."""

    def __init__(self, camera, events, stamps_us, poses, asked_us, target_m):
        self.camera, self.events = camera, events
        self.stamps_us, self.poses = np.asarray(stamps_us), np.asarray(poses)
        self.asked_us, self.target_m = asked_us, target_m

    def scores(self, *, noise=0.0, noise_deg=0.0, clock_us=0, rate_hz=None, late_us=0):
        """Return the scores at the last of the asked stamps under a disturbance."""
        stamps_us, poses = self.stamps_us, self._noisy(noise, noise_deg)
        if rate_hz is not None:
            kept = np.unique(np.searchsorted(stamps_us, self._times(1_000_000 // rate_hz)))
            stamps_us, poses = stamps_us[kept], poses[kept]
        events = self.events.copy()
        events['t'] += clock_us
        stamp_us = self.asked_us[-1]
        if rate_hz is not None:
            known = stamps_us <= stamp_us - late_us
            stamps_us, poses = stamps_us[known], poses[known]
        if len(stamps_us) < 2:
            return None
        trajectory = trajectory_of(stamps_us, poses, LIMITS)
        until_us = int(stamps_us[-1]) + 20_000
        before = [each for each in self.asked_us[:-1] if each <= until_us]
        asked = [*before, stamp_us]
        usable = events[events['t'] < until_us] if rate_hz is not None else events
        results, _ = swept_at(self.camera, usable, trajectory, asked, options=OPTIONS)
        return scores(results[-1].depth_m, results[-1].sigma, self.target_m)

    def _times(self, step_us):
        return np.arange(self.stamps_us[0], self.stamps_us[-1] + 1, step_us)

    def _noisy(self, noise, noise_deg):
        rng = np.random.default_rng(0)
        first = np.searchsorted(self.stamps_us, self.asked_us[-1] - WAY_US)
        last = np.searchsorted(self.stamps_us, self.asked_us[-1])
        way_m = np.linalg.norm(self.poses[last, :3, 3] - self.poses[first, :3, 3])
        poses = self.poses.copy()
        for pose in poses:
            pose[:3, 3] += rng.normal(0.0, noise * way_m + 1e-12, 3)
            turn = np.deg2rad(noise_deg) * rng.normal(size=3)
            pose[:3, :3] = pose[:3, :3] @ rotation_about(turn)
        return poses


def slider_run(root):
    """Return frame 4 of slider_depth, asked for at frames 0 to 4."""
    slider = load_slider(root)
    return Run(
        slider.camera,
        slider.events,
        slider.pose_stamps_us,
        slider.poses,
        slider.stamps_us[:5],
        reference_depth(slider, 4),
    )


def simulated_runs(count):
    """Return simulated recordings of all motions."""
    for seed in range(count):
        recording = excursion(spec_of(seed), (STAMP_US,))
        yield Run(
            recording.spec.camera,
            recording.events,
            recording.stamps_us,
            recording.poses,
            [150_000, STAMP_US],
            recording.depth_m[0],
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--count', type=int, default=6)
    count = parser.parse_args().count
    real = slider_run(os.environ['EVENTDEPTH_DATA'])
    simulated = list(simulated_runs(count))
    rows = []
    for label, case in CASES:
        score = real.scores(**case)
        found = [each for each in (run.scores(**case) for run in simulated) if each is not None]
        row = [label]
        row += ['no points'] + ['—'] * 4 if score is None else _figures([score])
        row += [f'{len(found)} / {count}']
        row += _figures(found) if found else ['—'] * 5
        rows.append(row)
    names = ['points', 'AbsRel', 'median', '1 sigma', 'dense']
    print(table(['poses', *names, 'simulated', *names], rows))


def _figures(some):
    def mean(name):
        return np.mean([getattr(each, name) for each in some])

    return [
        f'{mean("points"):.0f}',
        f'{mean("abs_rel"):.3f}',
        f'{mean("median"):.3f}',
        f'{mean("coverage"):.2f}',
        f'{mean("dense"):.3f}',
    ]


if __name__ == '__main__':
    main()
