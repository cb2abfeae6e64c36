"""
Steps -> batches: which samples, subsets, points and crops a step sees.

Laws: a training batch is a function of (seed, stage, step, rank) alone, a validation batch of
(seed, stage, index): neither order nor process nor worker matters; a sample takes part only in
subsets of the sensors that it has (points are drawn from its depth where none were recorded).

"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eventdepth_core.types import Bool, Float32
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler
from training.data.augment import augmented, corrupted, Example
from training.data.batches import (
    completion_batch,
    CompletionBatch,
    cropped,
    layout_batch,
    layout_row,
    LayoutBatch,
    Measurement,
    Row,
)
from training.data.placement import Box
from training.data.points import random_noise, random_pattern
from training.errors import SplitError
from training.sequences.sample_set import SampleSet
from training.tasks.subsets import drawn_presence, presence, SUBSETS
from training.tuning.config import STAGE_NAMES, StageSettings

RECORDED_SHARE = 0.5
MIN_DRAWN = 5
FEW_POINTS = 20
VALIDATION_DENSITY = 0.01

Batch = LayoutBatch | CompletionBatch


@dataclass(frozen=True, slots=True)
class StepSeed:
    """What decides a batch besides the samples: seed, stage and process."""

    seed: int
    stage: str
    rank: int = 0

    def entropy(self, step: int, *, is_validation: bool = False) -> list[int]:
        """Return the entropy of one step."""
        kind = 1 if is_validation else 0
        return [self.seed, STAGE_NAMES.index(self.stage), kind, step, self.rank]


class StepBatches(Dataset[Batch]):
    """Training batches by step number."""

    def __init__(self, samples: SampleSet, stage: StageSettings, seed: StepSeed) -> None:
        self._samples = samples
        self._stage = stage
        self._seed = seed
        self._usable = usable_samples(samples, stage)

    def __getitem__(self, step: int) -> Batch:
        """Return the batch of a step."""
        rng = np.random.default_rng(self._seed.entropy(step))
        first = int(rng.choice(self._usable))
        peers = np.intersect1d(self._usable, self._samples.of_size(first))
        indices = [first, *(int(i) for i in rng.choice(peers, self._stage.batch - 1))]
        rows = [self._row(rng, index, int(rng.choice(peers))) for index in indices]
        return stacked(rows, self._seed.stage)

    def _row(self, rng: np.random.Generator, index: int, other: int) -> Row:
        example = augmented(rng, self._samples.example(index))
        example = corrupted(rng, example, self._samples.example(other))
        weights = usable_subsets(self._stage.subsets, self._samples.available[index])
        flags = drawn_presence(rng, weights)
        return prepared_row(rng, example, flags, self._seed.stage, self._stage.crop)


class FixedBatches(Dataset[Batch]):
    """Validation batches: evenly chosen samples, subsets in turn, nothing augmented."""

    def __init__(
        self, samples: SampleSet, stage: StageSettings, seed: StepSeed, *, count: int
    ) -> None:
        self._samples = samples
        self._stage = stage
        self._seed = StepSeed(seed.seed, seed.stage)
        usable = usable_samples(samples, stage)
        chosen = np.linspace(0, len(usable) - 1, min(count, len(usable)))
        self._indices = [int(usable[int(i)]) for i in np.round(chosen)]

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, position: int) -> Batch:
        """Return a batch of one sample."""
        return stacked([self.row(position)], self._seed.stage)

    def example(self, position: int) -> Example:
        """Return the sample itself."""
        return self._samples.example(self._indices[position])

    def row(self, position: int) -> Row:
        """Return the prepared sample; its whole frame, not a crop."""
        index = self._indices[position]
        rng = np.random.default_rng(self._seed.entropy(position, is_validation=True))
        weights = usable_subsets(self._stage.subsets, self._samples.available[index])
        flags = presence(list(weights)[position % len(weights)])
        example = self._samples.example(index)
        return layout_row(
            rng,
            example,
            flags,
            _fixed_points(rng, example) if flags[2] else None,
            with_sensor_grid=self._seed.stage == 'completion',
        )


class StepOrder(Sampler[int]):
    """The steps of one epoch, counted on from where the run is."""

    def __init__(self, current_step: Callable[[], int], count: int) -> None:
        self._current_step = current_step
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        start = self._current_step()
        return iter(range(start, start + self._count))


class RankOrder(Sampler[int]):
    """Every `world`-th index from `rank` on."""

    def __init__(self, count: int, rank: int, world: int) -> None:
        self._indices = range(rank, count, world)

    def __len__(self) -> int:
        return len(self._indices)

    def __iter__(self) -> Iterator[int]:
        return iter(self._indices)


def loader(batches: Dataset[Batch], order: Sampler[int], workers: int) -> DataLoader[Batch]:
    """Return a loader that takes whole batches by number."""
    return DataLoader(
        batches,
        batch_size=None,
        sampler=order,
        num_workers=workers,
        persistent_workers=workers > 0,
        multiprocessing_context='spawn' if workers > 0 else None,
    )


def usable_samples(samples: SampleSet, stage: StageSettings) -> np.ndarray:
    """
    Return the indices of the samples that fit at least one subset of the stage.

    Raises
    ------
    SplitError
        If there is none.

    """
    usable = [i for i, has in enumerate(samples.available) if usable_subsets(stage.subsets, has)]
    if not usable:
        raise SplitError(
            f'Expected samples for one of the subsets {list(stage.subsets)}, got '
            f'{len(samples)} samples of which {samples.available.sum(axis=0).tolist()} have '
            'events, image and points.'
        )
    return np.array(usable)


def usable_subsets(weights: dict[str, float], has: Bool) -> dict[str, float]:
    """Return the subsets whose events and image are there; points can always be drawn."""
    return {
        name: weight
        for name, weight in weights.items()
        if weight > 0 and (has[0] or not SUBSETS[name][0]) and (has[1] or not SUBSETS[name][1])
    }


def prepared_row(
    rng: np.random.Generator,
    example: Example,
    flags: Float32,
    stage: str,
    crop: list[int] | None,
) -> Row:
    """Prepare one training sample, for the completion stage with a random crop."""
    points = _training_points(rng, example) if flags[2] else None
    is_completion = stage == 'completion'
    row = layout_row(rng, example, flags, points, with_sensor_grid=is_completion)
    if not is_completion or crop is None or row.box is None:
        return row
    return cropped(row, random_box(rng, row.box, (crop[0], crop[1])))


def random_box(rng: np.random.Generator, whole: Box, size: tuple[int, int]) -> Box:
    """Return a random box of `size` inside `whole`, or as much of it as there is."""
    height, width = min(size[0], whole.height), min(size[1], whole.width)
    top = int(rng.integers(whole.height - height + 1))
    left = int(rng.integers(whole.width - width + 1))
    return Box(top, left, height, width)


def stacked(rows: list[Row], stage: str) -> Batch:
    """Stack rows for a stage."""
    device = torch.device('cpu')
    return layout_batch(rows, device) if stage == 'layout' else completion_batch(rows, device)


def _training_points(rng: np.random.Generator, example: Example) -> Measurement:
    if example.sparse_m is not None and rng.random() < RECORDED_SHARE:
        return Measurement(np.isfinite(example.sparse_m), sparse_m=example.sparse_m)
    mask = random_pattern(rng, example.log_depth.shape)
    return Measurement(_on_known(rng, mask, example), random_noise(rng))


def _fixed_points(rng: np.random.Generator, example: Example) -> Measurement:
    if example.sparse_m is not None:
        return Measurement(np.isfinite(example.sparse_m), sparse_m=example.sparse_m)
    mask = rng.random(example.log_depth.shape) < VALIDATION_DENSITY
    return Measurement(_on_known(rng, mask, example))


def _on_known(rng: np.random.Generator, mask: Bool, example: Example) -> Bool:
    """Return a mask that meets known depth, also where little is known."""
    known = np.isfinite(example.log_depth)
    if (mask & known).sum() >= min(MIN_DRAWN, known.sum()):
        return mask
    places = np.flatnonzero(known)
    chosen = rng.choice(places, min(FEW_POINTS, places.size), replace=False)
    fallback = np.zeros(known.shape, dtype=np.bool_)
    fallback.flat[chosen] = True
    return fallback
