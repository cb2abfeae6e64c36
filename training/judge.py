"""
Predict held-out samples exactly as the pipeline finishes them, frame by frame.

The networks run in torch, everything around them is `eventdepth_core.preparation`. Pixels that a
LiDAR measured are left out of every judgement; those that motion measured are judged.

"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eventdepth_core.bundle import CalibrationFactors
from eventdepth_core.geometry.prefill import Prefill, prefill
from eventdepth_core.networks.completion import CompletionHead
from eventdepth_core.networks.layout import LayoutNet
from eventdepth_core.preparation import (
    completed_log_depth,
    event_guide,
    grid_events,
    grid_image,
    grid_points,
    image_guide,
    is_mostly_swept,
    layout_grid,
    layout_log_depth,
    layout_planes,
    LayoutOutput,
    LogDepth,
    MeasuredDepth,
    Metres,
    metres,
    point_channels,
    sensor_grid,
    with_measurements,
    with_sigma,
)
from eventdepth_core.types import Bool, Float32
import numpy as np
import torch
from training.data.augment import Example
from training.data.batches import DEPTH_RANGE_M, example_at, GRID, log_shift, Samples, SENSOR
from training.data.points import PointNoise, sparse_depth
from training.data.swept import joined_with_lidar, RANGE_SIGMA_LOG

UNCALIBRATED = CalibrationFactors()
JUDGING_NOISE = PointNoise(log_sigma=0.005, outlier_share=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """The trained networks, in eval mode; `motion` completes points swept from motion."""

    layout: LayoutNet
    completion: CompletionHead
    motion: CompletionHead | None = None


@dataclass(frozen=True, slots=True, eq=False)
class JudgedFrame:
    """
    One held-out frame: what was predicted and what is true.

    `target_m` float32 (H, W) NaN where unknown, `judged` bool: known and not measured by a LiDAR;
    `filled` the prefills of a subset with points.

    """

    index: int
    family: int
    predicted: LogDepth
    result: Metres
    target_m: Float32
    judged: Bool
    scale_error: float
    scale_sigma: float
    filled: Prefill | None


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """
    How a subset is tried: which modalities, point density, calibration, changed inputs.

    `density` is the share of measured pixels, None for the points that came with the example; with
    `joins_motion` the swept points of the example join those. `seed` fixes which pixels those are.

    """

    present: Float32
    density: float | None = 0.01
    factors: CalibrationFactors = UNCALIBRATED
    noise: PointNoise = JUDGING_NOISE
    seed: int = 7
    joins_motion: bool = False


def judged_frames(
    networks: Networks,
    samples: Samples,
    trial: Trial,
    count: int,
) -> Iterator[JudgedFrame]:
    """Predict the first `count` samples under `trial`."""
    for index in range(count):
        example = example_at(samples, index)
        yield judged_frame(networks, example, trial, (index, int(samples.family[index])))


def judged_frame(
    networks: Networks,
    example: Example,
    trial: Trial,
    identity: tuple[int, int],
) -> JudgedFrame:
    """Predict one example; `identity` is (index, family)."""
    grid = layout_grid(example.log_depth.shape, GRID)
    shift = log_shift(grid, example.focal_px)
    points = _measured(example, trial, identity[0])
    channels = np.zeros((4, *example.log_depth.shape), dtype=np.float32)
    if points.filled is not None:
        channels = point_channels(points.filled, shift)
    layout = _layout(networks, example, channels, trial.present)
    if points.filled is None:
        predicted = layout_log_depth(layout, grid, shift, trial.factors)
    elif points.sigma_log is None:
        predicted = _completed(networks, example, channels, layout, trial)
        predicted = with_measurements(predicted, points.sparse_m, RANGE_SIGMA_LOG)
    else:
        if networks.motion is not None and points.is_swept:
            channels = with_sigma(channels, points.sigma_log)
            networks = replace(networks, completion=networks.motion)
        predicted = _completed(networks, example, channels, layout, trial)
        predicted = with_measurements(predicted, points.sparse_m, points.sigma_log)
    target_m = np.exp(example.log_depth)
    known = np.isfinite(target_m)
    guessed = layout_log_depth(layout, grid, shift, UNCALIBRATED).log_depth_m
    error = (example.log_depth - guessed)[known]
    return JudgedFrame(
        index=identity[0],
        family=identity[1],
        predicted=predicted,
        result=metres(predicted, *DEPTH_RANGE_M),
        target_m=target_m,
        judged=known & ~points.is_exact,
        scale_error=float(np.median(error)) if error.size else float('nan'),
        scale_sigma=float(np.exp(0.5 * layout.log_scale_variance)),
        filled=points.filled,
    )


def swept_depth(example: Example) -> MeasuredDepth:
    """Return what motion measured of an example, which has to have such points."""
    if example.sparse_m is None or example.sigma_log is None:
        message = 'Expected an example with swept points, got one without.'
        raise ValueError(message)
    return MeasuredDepth(example.sparse_m, example.sigma_log)


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """Points (H, W) of one trial, their sigma where each has its own, the exact among them."""

    sparse_m: Float32
    sigma_log: Float32 | None
    is_exact: Bool
    is_swept: bool
    filled: Prefill | None


def _measured(example: Example, trial: Trial, index: int) -> _Points:
    nothing = np.full(example.log_depth.shape, np.nan, dtype=np.float32)
    if not trial.present[2]:
        return _Points(nothing, None, np.isfinite(nothing), False, None)
    sparse, sigma_log = nothing if example.sparse_m is None else example.sparse_m, None
    if trial.density is None:
        sigma_log = example.sigma_log
    else:
        rng = np.random.default_rng([trial.seed, index])
        mask = rng.random(example.log_depth.shape) < trial.density
        sparse = sparse_depth(rng, example.log_depth, mask, trial.noise)
    is_exact = np.isfinite(sparse) & (sigma_log is None)
    is_swept = sigma_log is not None
    if trial.joins_motion:
        joined = joined_with_lidar(sparse, swept_depth(example))
        swept_m = np.where(is_exact, np.float32(np.nan), joined.depth_m)
        is_swept = is_mostly_swept(sparse, swept_m)
        sparse, sigma_log = joined.depth_m, joined.sigma_log
    filled = prefill(sparse) if np.isfinite(sparse).any() else None
    return _Points(sparse, sigma_log, is_exact, is_swept, filled)


@torch.no_grad()
def _layout(
    networks: Networks,
    example: Example,
    channels: Float32,
    present: Float32,
) -> LayoutOutput:
    grid = layout_grid(example.log_depth.shape, GRID)
    planes = (
        grid_events(example.voxel, grid),
        grid_image(image_guide(example.image), grid),
        grid_points(channels, grid),
    )
    inputs = [
        torch.from_numpy(plane) if flag else None
        for plane, flag in zip(planes, present, strict=True)
    ]
    layout = networks.layout(inputs, torch.from_numpy(present)[:, None])
    return LayoutOutput(
        log_depth=layout.log_depth[0, 0].numpy(),
        log_variance=layout.log_variance[0, 0].numpy(),
        log_scale=float(layout.log_scale[0]),
        log_scale_variance=float(layout.log_scale_variance[0]),
    )


@torch.no_grad()
def _completed(
    networks: Networks,
    example: Example,
    channels: Float32,
    layout: LayoutOutput,
    trial: Trial,
) -> LogDepth:
    size = example.log_depth.shape
    grid, sensor = layout_grid(size, GRID), sensor_grid(size, SENSOR)
    guides = (event_guide(example.voxel), image_guide(example.image))
    log_depth, log_variance = networks.completion(
        torch.from_numpy(np.stack([sensor.fit(plane, pad=None) for plane in channels])[None]),
        torch.from_numpy(layout_planes(layout, grid, sensor)),
        *(torch.from_numpy(np.stack([sensor.fit(p) for p in guide])[None]) for guide in guides),
        torch.from_numpy(trial.present)[:, None],
    )
    return completed_log_depth(
        log_depth[0, 0].numpy(),
        log_variance[0, 0].numpy(),
        sensor,
        log_shift(grid, example.focal_px),
        trial.factors,
    )
