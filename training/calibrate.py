"""
Fit one pair of factors a subset on validation frames, so that one sigma covers 68.27 %.

With points: the factor is the 68.27 % quantile of |error| / std over pixels. Without: the pixel
factor from median-aligned errors, the scale factor from frame offsets, then a common factor from
the total error. Subsets with motion are fitted on samples with swept points: events that measured
and are used again are correlated with their points. Factors never touch the medians, so accuracy
is unaffected.

"""

from collections.abc import Mapping
import json
from pathlib import Path

from eventdepth_core.bundle import CalibrationFactors
import numpy as np
from numpy.typing import NDArray
from training.data.batches import Samples
from training.export import load_networks
from training.judge import judged_frames, JudgedFrame, Networks, Trial, UNCALIBRATED
from training.simulate.loader import load_shards, load_swept_shards
from training.tasks.subsets import MOTION_SUBSETS, presence, SUBSETS

ONE_SIGMA = 0.6827
DENSITIES = (0.01, 0.05)
MOTION_DENSITIES = (0.002,)
PIXEL_STRIDE = 7


def calibrate_run(
    run: Path,
    sets: Path,
    count: int | None = None,
    known: Mapping[str, CalibrationFactors] | None = None,
) -> None:
    """
    Fit the factors of all subsets and write `calibration.json` into `run`.

    `known` are those of a bundle whose graphs stay: then only motion is fitted.

    """
    networks = load_networks(run)
    if known is None:
        samples = load_shards(sets, 'val')
        frames = min(count or len(samples.focal_px), len(samples.focal_px))
        factors = {name: fitted_factors(networks, samples, name, frames) for name in SUBSETS}
    else:
        factors = {name: known[name] for name in SUBSETS}
    swept = load_swept_shards(sets, 'val')
    frames = min(count or len(swept), len(swept))
    factors |= {name: motion_factors(networks, swept, name, frames) for name in MOTION_SUBSETS}
    content = {
        name: {'pixel': round(entry.pixel, 4), 'scale': round(entry.scale, 4)}
        for name, entry in factors.items()
    }
    (run / 'calibration.json').write_text(json.dumps(content, indent=2))


def fitted_factors(
    networks: Networks,
    samples: Samples,
    subset: str,
    count: int,
) -> CalibrationFactors:
    """Fit the factors of one subset on the first `count` samples."""
    flags = presence(subset)
    densities = DENSITIES if flags[2] else (0.0,)
    frames = [
        frame
        for density in densities
        for frame in judged_frames(networks, samples, Trial(flags, density), count)
        if frame.judged.any()
    ]
    return factors_from(frames, has_points=bool(flags[2]))


def motion_factors(
    networks: Networks,
    samples: Samples,
    subset: str,
    count: int,
) -> CalibrationFactors:
    """Fit the factors of a subset with motion on the first `count` samples with swept points."""
    frames = [
        frame
        for trial in motion_trials(subset)
        for frame in judged_frames(networks, samples, trial, count)
        if frame.judged.any()
    ]
    return factors_from(frames, has_points=True)


def motion_trials(subset: str, factors: CalibrationFactors = UNCALIBRATED) -> list[Trial]:
    """Return the trials of a subset with motion: swept points alone, or with sparse exact ones."""
    flags = presence(subset.replace('P', '').replace('M', 'P'))
    if 'P' not in subset:
        return [Trial(flags, None, factors)]
    return [Trial(flags, density, factors, joins_motion=True) for density in MOTION_DENSITIES]


def factors_from(frames: list[JudgedFrame], *, has_points: bool) -> CalibrationFactors:
    """Fit the factors of one subset on its judged frames, none of them without a judged pixel."""
    if has_points:
        return CalibrationFactors(pixel=_quantile([error_ratio(frame) for frame in frames]))
    return _prior_factors(frames)


def error_ratio(frame: JudgedFrame) -> NDArray[np.float64]:
    """|depth - target| / std at judged pixels, float64 (n,)."""
    where = frame.judged & frame.result.valid
    depth, std = frame.result.depth_m[where], frame.result.std_m[where]
    return np.abs(depth - frame.target_m[where]).astype(np.float64) / std


def _prior_factors(frames: list[JudgedFrame]) -> CalibrationFactors:
    pixel = _quantile([_aligned_ratio(frame) for frame in frames])
    offsets = [np.array([abs(frame.scale_error) / frame.scale_sigma]) for frame in frames]
    scale = _quantile(offsets, stride=1)
    total = _quantile([_total_ratio(frame, pixel, scale) for frame in frames])
    return CalibrationFactors(pixel=pixel * total, scale=scale * total)


def _aligned_ratio(frame: JudgedFrame) -> NDArray[np.float64]:
    error = (np.log(frame.target_m) - frame.predicted.log_depth_m)[frame.judged]
    sigma = np.sqrt(np.maximum(frame.predicted.sigma[frame.judged] ** 2 - frame.scale_sigma**2, 0))
    return np.abs(error - np.median(error)).astype(np.float64) / np.maximum(sigma, 1e-3)


def _total_ratio(frame: JudgedFrame, pixel: float, scale: float) -> NDArray[np.float64]:
    depth, target = np.exp(frame.predicted.log_depth_m[frame.judged]), frame.target_m[frame.judged]
    variance = np.maximum(frame.predicted.sigma[frame.judged] ** 2 - frame.scale_sigma**2, 1e-6)
    sigma = np.sqrt(pixel**2 * variance + scale**2 * frame.scale_sigma**2)
    return np.abs(depth - target).astype(np.float64) / (depth * sigma)


def _quantile(ratios: list[NDArray[np.float64]], stride: int = PIXEL_STRIDE) -> float:
    joined = np.concatenate([ratio[::stride] for ratio in ratios])
    return float(np.quantile(joined, ONE_SIGMA))
