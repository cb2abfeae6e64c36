"""
Bundles on held-out samples, through the runtime's own estimator, beside trivial predictions.

Each subset of sensors that a sample has is tried; points are those recorded with it and, drawn
from its depth, the shares asked for. Measured pixels are not judged. Laws: all rows of one subset
hold for the same frames, points and pixels; the frame of a sample is the one that the pipeline
gives at its stamp.

"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
from eventdepth_core.bundle import Bundle
from eventdepth_core.engine import load_engine
from eventdepth_core.evaluation import constant_median, evaluate, fill_baselines, mean_depth_map
from eventdepth_core.pipeline.captured import Captured
from eventdepth_core.pipeline.estimator import Estimator
from eventdepth_core.pipeline.event_stream import EventWindow
from eventdepth_core.pipeline.evidence import encoded_image, encoded_points, Evidence, grids_for
from eventdepth_core.types import Camera, DepthFrame, Float32, Modality
import numpy as np
from training.data.augment import Example
from training.data.points import PointNoise, sparse_depth
from training.sequences.sample_set import SampleSet
from training.tables import METRIC_KEYS, MIN_JUDGED, Row
from training.tasks.subsets import SUBSETS

POINT_NOISE = PointNoise(log_sigma=0.005, outlier_share=0.0)
DRAW_SEED = 7
NUM_PRIOR_FRAMES = 500
MAX_PRIOR_VALUES = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class LayoutPriors:
    """What the training set says without any sensor: depths, and mean maps by size."""

    constant_m: float
    maps_m: dict[tuple[int, int], Float32]

    def mean_map(self, size: tuple[int, int]) -> Float32:
        """Return the mean map at `size`, that of another size enlarged where there is none."""
        if size in self.maps_m:
            return self.maps_m[size]
        return np.asarray(cv2.resize(next(iter(self.maps_m.values())), size[::-1]))


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """One try on one sample: the subset's flags, its sparse depth, what is judged."""

    example: Example
    label: str
    flags: tuple[int, int, int]
    sparse_m: Float32 | None

    @property
    def target_m(self) -> Float32:
        """The target where it is not measured, float32 (H, W) metres, NaN elsewhere."""
        target_m = np.exp(self.example.log_depth)
        if self.sparse_m is None:
            return target_m
        return np.where(np.isfinite(self.sparse_m), np.float32(np.nan), target_m)


class BundlePredictor:
    """Runs a bundle's graphs on samples as the pipeline would."""

    def __init__(self, bundle: Bundle, num_threads: int) -> None:
        self._bundle = bundle
        self._engine = load_engine(bundle, 'auto', num_threads=num_threads)

    def frame(self, given: Given) -> DepthFrame:
        """Return the frame of one try."""
        example = given.example
        height, width = example.log_depth.shape
        camera = Camera(width, height, example.focal_px, example.focal_px, 0.0, 0.0)
        grids = grids_for(self._bundle, camera)
        evidence: dict[Modality, Evidence] = {}
        if given.flags[1]:
            evidence['image'] = encoded_image(self._engine, grids, example.image, 0)
        if given.sparse_m is not None:
            points = encoded_points(self._engine, grids, given.sparse_m, 0)
            if points is not None:
                evidence['points'] = points
        window = EventWindow(example.voxel, ()) if given.flags[0] else None
        estimator = Estimator(self._bundle, self._engine, grids, camera)
        return estimator.frame(Captured(0, window), evidence)


def layout_priors(train: SampleSet) -> LayoutPriors:
    """Return median and mean maps over evenly chosen training samples."""
    by_size: dict[tuple[int, int], list[Float32]] = {}
    for index in train.spread(NUM_PRIOR_FRAMES):
        depth_m = train.depth_m(index)
        by_size.setdefault((depth_m.shape[0], depth_m.shape[1]), []).append(depth_m)
    values = np.concatenate([depth.ravel() for group in by_size.values() for depth in group])
    stride = max(1, values.size // MAX_PRIOR_VALUES)
    maps = {size: mean_depth_map(np.stack(group)) for size, group in by_size.items()}
    return LayoutPriors(float(constant_median(values[::stride], (1, 1))[0, 0]), maps)


def held_out_table(
    predictors: dict[str, BundlePredictor],
    samples: SampleSet,
    priors: LayoutPriors,
    *,
    frames: int,
    densities: Sequence[float],
) -> list[Row]:
    """Return one row a subset and prediction, means over at most `frames` samples."""
    results: dict[tuple[str, str], list[dict[str, float]]] = {}
    for index in samples.spread(frames):
        for given in tries(samples, index, densities):
            if np.isfinite(given.target_m).sum() < MIN_JUDGED:
                continue
            for name, scores in _scored(predictors, given, priors):
                results.setdefault((given.label, name), []).append(scores)
    order = {label: place for place, label in enumerate(dict.fromkeys(key[0] for key in results))}
    ranked = sorted(results.items(), key=lambda item: order[item[0][0]])
    return [_row(label, name, scores) for (label, name), scores in ranked]


def tries(samples: SampleSet, index: int, densities: Sequence[float]) -> Iterator[Given]:
    """Yield every subset that sample `index` has, those with points once a kind of points."""
    example, has = samples.example(index), samples.available[index]
    for name, flags in SUBSETS.items():
        if (flags[0] and not has[0]) or (flags[1] and not has[1]):
            continue
        if not flags[2]:
            yield Given(example, name, flags, None)
            continue
        for label, sparse_m in _point_kinds(example, index, densities):
            yield Given(example, f'{name} {label}', flags, sparse_m)


def _point_kinds(
    example: Example, index: int, densities: Sequence[float]
) -> Iterator[tuple[str, Float32]]:
    if example.sparse_m is not None:
        yield 'recorded', example.sparse_m
    for density in densities:
        rng = np.random.default_rng([DRAW_SEED, index])
        mask = rng.random(example.log_depth.shape) < density
        sparse_m = sparse_depth(rng, example.log_depth, mask, POINT_NOISE)
        if np.isfinite(sparse_m).any():
            yield f'{density:.0%}', sparse_m


def _scored(
    predictors: dict[str, BundlePredictor], given: Given, priors: LayoutPriors
) -> Iterator[tuple[str, dict[str, float]]]:
    for name, predictor in predictors.items():
        frame = predictor.frame(given)
        yield name, _scores(frame.depth_m, given.target_m, frame.std_m)
    for name, predicted_m in _baselines(given, priors).items():
        yield name, _scores(predicted_m, given.target_m, None)


def _baselines(given: Given, priors: LayoutPriors) -> dict[str, Float32]:
    size = given.target_m.shape
    predictions = {
        'constant median': np.full(size, priors.constant_m, dtype=np.float32),
        'mean map': priors.mean_map((size[0], size[1])),
    }
    if given.sparse_m is None:
        return predictions
    fills = fill_baselines(given.sparse_m)
    return predictions | {
        'nearest fill': fills.nearest,
        '1/z-linear fill': fills.linear,
        'spread switch': fills.switch,
    }


def _scores(predicted_m: Float32, target_m: Float32, std_m: Float32 | None) -> dict[str, float]:
    plain = evaluate(predicted_m, target_m, 'plain', std_m=std_m)
    aligned = evaluate(predicted_m, target_m, 'aligned_median')
    scores = {key: float(plain[key]) for key in METRIC_KEYS if key in plain}
    return scores | {
        'coverage': float(plain['coverage']),
        'aligned_abs_rel': float(aligned['abs_rel']),
        'aligned_delta1': float(aligned['delta1']),
    }


def _row(label: str, name: str, results: list[dict[str, float]]) -> Row:
    row: Row = {'subset': label, 'name': name, 'frames': len(results)}
    for key in results[0]:
        values = [result[key] for result in results]
        if np.isfinite(values).any():
            row[key] = round(float(np.nanmean(values)), 4)
    return row
