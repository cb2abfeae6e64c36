"""
Held-out tables of the card: seven subsets beside trivial baselines, probes, calibration.

Every row is a mean over frames of `eventdepth_core.evaluation.evaluate`; `aligned` means median
scale per frame. A frame needs 200 judged pixels.

"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from eventdepth_core.bundle import CalibrationFactors
from eventdepth_core.evaluation import evaluate
from eventdepth_core.geometry.prefill import Prefill, spread_switch
from eventdepth_core.types import Float32
import numpy as np
from training.data.augment import Example
from training.data.batches import example_at, Samples
from training.judge import judged_frame, JudgedFrame, Networks, Trial
from training.tasks.subsets import presence, SUBSETS

MIN_JUDGED = 200
DENSITIES = (0.01, 0.05)
METRIC_KEYS = ('abs_rel', 'rmse', 'delta1', 'ause', 'coverage_1sigma')

Row = dict[str, float | str | int]


@dataclass(frozen=True, slots=True, eq=False)
class Priors:
    """Predictions that look at no sensor: canonical log depth maps of the training data."""

    constant: float
    global_map: Float32
    family_maps: dict[int, Float32]


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """What is examined: networks with their calibration on held-out samples."""

    networks: Networks
    samples: Samples
    factors: dict[str, CalibrationFactors]
    priors: Priors
    count: int


def priors_of(samples: Samples, count: int) -> Priors:
    """Mean maps of log depth over the first `count` training samples, overall and per family."""
    logs = samples.log_depth[:count].astype(np.float32)
    families = samples.family[:count]
    return Priors(
        constant=float(np.median(logs[np.isfinite(logs)][::97])),
        global_map=_mean_map(logs),
        family_maps={int(f): _mean_map(logs[families == f]) for f in np.unique(families)},
    )


def subset_table(exam: Exam) -> list[Row]:
    """Rows of all seven subsets, those with points at 1 % and 5 %, with baselines beside."""
    rows: list[Row] = []
    for subset in SUBSETS:
        if not presence(subset)[2]:
            rows += _layout_rows(exam, subset)
            continue
        for density in DENSITIES:
            rows += _completion_rows(exam, subset, density)
    return rows


def probe_table(exam: Exam) -> list[Row]:
    """Rows that tell whether events, their timing and the image are used at all."""
    trial = Trial(presence('E'), factors=exam.factors['E'])
    rows = [_probe_row(exam, 'E', name, trial, change) for name, change in EVENT_PROBES.items()]
    rows.append(_swapped_row(exam, 'E'))
    trial = Trial(presence('I'), factors=exam.factors['I'])
    rows += [_probe_row(exam, 'I', name, trial, change) for name, change in IMAGE_PROBES.items()]
    rows.append(_swapped_row(exam, 'I'))
    return rows


def corruption_table(exam: Exam, count: int) -> list[Row]:
    """Rows of EIP at 1 % points with one modality wrong: swapped, or 10 % LiDAR outliers."""
    clean = Trial(presence('EIP'), 0.01, exam.factors['EIP'])
    dirty = replace(clean, noise=replace(clean.noise, outlier_share=0.1))
    few = replace(exam, count=count)
    return [
        mean_row('EIP', 'clean', _frames(few, clean)),
        mean_row('EIP', 'image swapped', _frames(few, clean, _with_image_of(few))),
        mean_row('EIP', 'events swapped', _frames(few, clean, _with_events_of(few))),
        mean_row('EIP', '10 % LiDAR outliers', _frames(few, dirty)),
    ]


Change = Callable[[Example, int], Example]


def _layout_rows(exam: Exam, subset: str) -> list[Row]:
    frames = list(_frames(exam, Trial(presence(subset), factors=exam.factors[subset])))
    rows = [mean_row(subset, 'model', frames)]
    if subset != 'E':
        return rows
    maps = exam.priors.family_maps
    predictions: dict[str, Callable[[JudgedFrame], Float32]] = {
        'constant median': lambda frame: np.full_like(frame.target_m, exam.priors.constant),
        'mean map': lambda _: exam.priors.global_map,
        'mean map of the family': lambda frame: maps[frame.family],
    }
    for name, predict in predictions.items():
        rows.append(baseline_row('none', name, frames, lambda f, p=predict: np.exp(p(f))))
    return rows


def _completion_rows(exam: Exam, subset: str, density: float) -> list[Row]:
    frames = list(_frames(exam, Trial(presence(subset), density, exam.factors[subset])))
    label = f'{subset} {density:.0%}'
    rows = [mean_row(label, 'model', frames)]
    if subset != 'P':
        return rows
    return rows + fill_rows(label, frames)


def fill_rows(label: str, frames: list[JudgedFrame]) -> list[Row]:
    """Return the rows of the fills of the same points."""
    fills: dict[str, Callable[[JudgedFrame], Float32]] = {
        'nearest fill': lambda frame: _filled(frame).nearest_m,
        '1/z-linear fill': lambda frame: _filled(frame).linear_m,
        'spread switch': lambda frame: spread_switch(_filled(frame)),
    }
    return [baseline_row(label, name, frames, fill) for name, fill in fills.items()]


def _probe_row(exam: Exam, subset: str, name: str, trial: Trial, change: Change) -> Row:
    return mean_row(subset, name, _frames(exam, trial, change))


def _swapped_row(exam: Exam, subset: str) -> Row:
    change = _with_events_of(exam) if subset == 'E' else _with_image_of(exam)
    trial = Trial(presence(subset), factors=exam.factors[subset])
    return mean_row(subset, 'swapped with another frame', _frames(exam, trial, change))


def _frames(exam: Exam, trial: Trial, change: Change | None = None) -> Iterable[JudgedFrame]:
    for index in range(exam.count):
        example = example_at(exam.samples, index)
        if change is not None:
            example = change(example, index)
        frame = judged_frame(
            exam.networks, example, trial, (index, int(exam.samples.family[index]))
        )
        if frame.judged.sum() >= MIN_JUDGED:
            yield frame


def mean_row(subset: str, name: str, frames: Iterable[JudgedFrame]) -> Row:
    """Return the mean figures of predicted frames."""
    results: list[dict[str, float]] = []
    for frame in frames:
        plain = evaluate(
            frame.result.depth_m,
            frame.target_m,
            'plain',
            std_m=frame.result.std_m,
            valid=frame.judged,
        )
        results.append({key: float(plain[key]) for key in METRIC_KEYS} | _aligned(frame))
    return _averaged(subset, name, results)


def baseline_row(
    subset: str,
    name: str,
    frames: Iterable[JudgedFrame],
    predict: Callable[[JudgedFrame], Float32],
) -> Row:
    """Return the mean figures of what `predict` makes of the frames."""
    results: list[dict[str, float]] = []
    for frame in frames:
        depth = predict(frame)
        plain = evaluate(depth, frame.target_m, 'plain', valid=frame.judged)
        aligned = evaluate(depth, frame.target_m, 'aligned_median', valid=frame.judged)
        results.append(
            {key: float(plain[key]) for key in ('abs_rel', 'rmse', 'delta1')}
            | {f'aligned_{key}': float(aligned[key]) for key in ('abs_rel', 'delta1')}
            | {'correlation': _correlation(depth, frame)}
        )
    return _averaged(subset, name, results)


def _aligned(frame: JudgedFrame) -> dict[str, float]:
    depth = np.exp(frame.predicted.log_depth_m)
    aligned = evaluate(depth, frame.target_m, 'aligned_median', valid=frame.judged)
    return {
        'aligned_abs_rel': float(aligned['abs_rel']),
        'aligned_delta1': float(aligned['delta1']),
        'correlation': _correlation(depth, frame),
    }


def _correlation(depth_m: Float32, frame: JudgedFrame) -> float:
    where = frame.judged & np.isfinite(depth_m) & (depth_m > 0)
    predicted, target = np.log(depth_m[where]), np.log(frame.target_m[where])
    if predicted.std() < 1e-9 or target.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(predicted, target)[0, 1])


def _averaged(subset: str, name: str, results: list[dict[str, float]]) -> Row:
    row: Row = {'subset': subset, 'name': name, 'frames': len(results)}
    for key in results[0] if results else ():
        row[key] = round(float(np.nanmean([result[key] for result in results])), 4)
    return row


def _mean_map(logs: Float32) -> Float32:
    known = np.isfinite(logs)
    total = np.where(known, logs, 0.0).sum(axis=0)
    return np.asarray(total / np.maximum(known.sum(axis=0), 1), dtype=np.float32)


def _filled(frame: JudgedFrame) -> Prefill:
    if frame.filled is None:
        message = f'Expected prefills for frame {frame.index}, got a frame without points.'
        raise ValueError(message)
    return frame.filled


def _shuffled_bins(example: Example, index: int) -> Example:
    order = np.random.default_rng(index).permutation(example.voxel.shape[0])
    return replace(example, voxel=example.voxel[order])


def _summed_bins(example: Example, _: int) -> Example:
    middle = example.voxel.shape[0] // 2
    voxel = np.zeros_like(example.voxel)
    voxel[middle] = example.voxel.sum(axis=0)
    return replace(example, voxel=voxel)


def _shuffled_pixels(example: Example, index: int) -> Example:
    flat = example.voxel.reshape(example.voxel.shape[0], -1)
    order = np.random.default_rng(index).permutation(flat.shape[1])
    return replace(example, voxel=flat[:, order].reshape(example.voxel.shape))


def _no_events(example: Example, _: int) -> Example:
    return replace(example, voxel=np.zeros_like(example.voxel))


def _black(example: Example, _: int) -> Example:
    return replace(example, image=np.zeros_like(example.image))


def _unchanged(example: Example, _: int) -> Example:
    return example


def _with_events_of(exam: Exam) -> Change:
    def change(example: Example, index: int) -> Example:
        return replace(example, voxel=example_at(exam.samples, _other(exam, index)).voxel)

    return change


def _with_image_of(exam: Exam) -> Change:
    def change(example: Example, index: int) -> Example:
        return replace(example, image=example_at(exam.samples, _other(exam, index)).image)

    return change


def _other(exam: Exam, index: int) -> int:
    return (index + exam.count // 2) % exam.count


EVENT_PROBES: dict[str, Change] = {
    'real input': _unchanged,
    'bins summed': _summed_bins,
    'bins shuffled': _shuffled_bins,
    'pixels shuffled': _shuffled_pixels,
    'empty': _no_events,
}
IMAGE_PROBES: dict[str, Change] = {'real input': _unchanged, 'black': _black}
