"""The loop learns, skips what is not finite, and gives up in the end."""

import itertools
import math

import pytest
import torch
from torch import nn
from training.loop import fit, LoopOptions, schedule, TrainingDivergedError

OPTIONS = LoopOptions(steps=150, learning_rate=0.2, weight_decay=0.0, autocast=False)


class Parabola:
    """(x - batch)^2; a NaN batch gives a NaN loss."""

    def __init__(self) -> None:
        self.x = nn.Parameter(torch.zeros(()))

    def loss(self, batch: float) -> torch.Tensor:
        return (self.x - batch).square()


def test_fit_finds_the_minimum() -> None:
    task = Parabola()

    fit('parabola', task, [task.x], lambda: 3.0, OPTIONS)

    assert float(task.x.detach()) == pytest.approx(3.0, abs=0.05)


def test_steps_that_are_not_finite_are_skipped() -> None:
    task = Parabola()
    batches = itertools.cycle([3.0, 3.0, 3.0, 3.0, 3.0, math.nan])

    fit('parabola', task, [task.x], lambda: next(batches), OPTIONS)

    assert math.isfinite(float(task.x.detach()))


def test_a_run_that_is_never_finite_ends_with_an_error() -> None:
    task = Parabola()

    with pytest.raises(TrainingDivergedError, match='51 steps were not finite'):
        fit('parabola', task, [task.x], lambda: math.nan, OPTIONS)


def test_an_error_of_the_batch_maker_reaches_the_caller() -> None:
    task = Parabola()

    def broken() -> float:
        message = 'no shard'
        raise OSError(message)

    with pytest.raises(OSError, match='no shard'):
        fit('parabola', task, [task.x], broken, OPTIONS)


def test_schedule_warms_up_and_ends_at_two_percent() -> None:
    assert schedule(0, 1000) < 0.02
    assert schedule(80, 1000) > 0.95
    assert schedule(999, 1000) == pytest.approx(0.02, abs=1e-3)
