"""Batches are functions of seed, stage, step and rank; absent sensors are left out."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from training.data.batches import CompletionBatch
from training.data.placement import Box
from training.errors import SplitError
from training.tuning.sampling import (
    FixedBatches,
    random_box,
    RankOrder,
    StepBatches,
    StepOrder,
    StepSeed,
    usable_samples,
    usable_subsets,
)


def test_a_step_gives_the_same_batch_in_any_order_and_another_to_another_rank(sets, settings):
    seed = StepSeed(5, 'layout')
    forward = StepBatches(sets['train'], settings.layout, seed)
    backward = StepBatches(sets['train'], settings.layout, seed)
    other = StepBatches(sets['train'], settings.layout, replace(seed, rank=1))

    first = [forward[step] for step in (0, 1)]
    second = [backward[step] for step in (1, 0)]

    for one, two in zip(first, reversed(second), strict=True):
        assert torch.equal(one.events, two.events)
        assert torch.equal(one.points, two.points)
        assert torch.equal(one.target, two.target)
    assert not torch.equal(first[0].target, other[0].target)
    assert not torch.equal(first[0].target, first[1].target)


def test_a_crop_is_a_part_of_the_whole_frame(sets, settings):
    whole = StepBatches(
        sets['train'], replace(settings.completion, crop=None), StepSeed(5, 'completion')
    )[0]
    assert isinstance(whole, CompletionBatch)
    assert whole.prefill.shape[2:] == (48, 64)
    batch = StepBatches(sets['train'], settings.completion, StepSeed(5, 'completion'))[0]

    assert isinstance(batch, CompletionBatch)
    assert batch.prefill.shape == (2, 4, 32, 48)
    planes = torch.arange(2 * 2 * 64 * 80, dtype=torch.float32).reshape(2, 2, 64, 80)
    grid = batch.placement.grid
    planes = planes[..., : grid.height, : grid.width]
    everything = whole.placement.on_sensor(planes)
    for i, box in enumerate(batch.placement.boxes):
        part = everything[i, :, box.top : box.top + 32, box.left : box.left + 48]
        assert torch.equal(batch.placement.on_sensor(planes)[i], part)


def test_validation_samples_are_fixed_and_cover_the_set(sets, settings):
    fixed = FixedBatches(sets['val'], settings.layout, StepSeed(0, 'layout', rank=1), count=3)
    again = FixedBatches(sets['val'], settings.layout, StepSeed(0, 'layout'), count=3)

    assert len(fixed) == 3
    assert all(torch.equal(fixed[i].events, again[i].events) for i in range(3))
    shares = [list(RankOrder(5, rank, 2)) for rank in (0, 1)]
    assert sorted([*shares[0], *shares[1]]) == [0, 1, 2, 3, 4]


def test_steps_go_on_from_where_the_run_is():
    assert list(StepOrder(lambda: 6, 3)) == [6, 7, 8]


@pytest.mark.parametrize(
    ('has', 'expected'),
    [
        ((True, True, False), ['E', 'I', 'P']),
        ((True, False, False), ['E', 'P']),
        ((False, True, True), ['I', 'P']),
    ],
)
def test_a_sample_takes_part_in_the_subsets_it_has(has, expected):
    weights = {'E': 1.0, 'I': 1.0, 'P': 0.5, 'EIP': 0.0}

    assert list(usable_subsets(weights, np.array(has))) == expected


def test_a_stage_that_no_sample_fits_is_refused(sets, settings):
    class Blind:
        available = np.zeros((3, 3), dtype=np.bool_)

        def __len__(self) -> int:
            return 3

    with pytest.raises(SplitError, match='one of the subsets'):
        usable_samples(Blind(), replace(settings.layout, subsets={'E': 1.0}))


def test_a_box_never_leaves_the_frame():
    rng = np.random.default_rng(0)
    for _ in range(50):
        box = random_box(rng, Box(0, 0, 48, 64), (32, 80))
        assert (box.height, box.width) == (32, 64)
        assert box.top + box.height <= 48
