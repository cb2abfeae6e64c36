"""
One training loop for every task: AdamW, warm-up + cosine, gradient clipping, finite or skipped.

A step whose loss or gradient is not finite is skipped and counted; too many of them end the run.

"""

from collections.abc import Callable
from dataclasses import dataclass
import logging
import math
import time
from typing import Protocol, TypeVar

import torch
from torch import nn
from training.data.batches import Prefetcher

LOG = logging.getLogger(__name__)
WARM_UP_STEPS = 80
FINAL_SHARE = 0.02
MAX_SKIPPED = 50
LOG_EVERY = 100

BatchT = TypeVar('BatchT')
BatchT_contra = TypeVar('BatchT_contra', contravariant=True)


class Task(Protocol[BatchT_contra]):
    """Anything that gives a loss for a batch."""

    def loss(self, batch: BatchT_contra) -> torch.Tensor:
        """Return a scalar."""


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """Length and optimiser of one run."""

    steps: int
    learning_rate: float
    weight_decay: float = 1e-2
    max_gradient: float = 1.0
    autocast: bool = True


class TrainingDivergedError(RuntimeError):
    """Too many steps with a loss or gradient that is not finite."""


def fit(
    name: str,
    task: Task[BatchT],
    parameters: list[nn.Parameter],
    make_batch: Callable[[], BatchT],
    options: LoopOptions,
) -> float:
    """
    Train `parameters` for `options.steps` steps and return the final running loss.

    Raises
    ------
    TrainingDivergedError
        After 50 skipped steps.

    """
    optimiser = torch.optim.AdamW(
        parameters,
        options.learning_rate,
        weight_decay=options.weight_decay,
        betas=(0.9, 0.99),
    )
    batches = Prefetcher(make_batch)
    running, skipped, start = math.nan, 0, time.perf_counter()
    try:
        for step in range(options.steps):
            for group in optimiser.param_groups:
                group['lr'] = options.learning_rate * schedule(step, options.steps)
            loss = _step(task, next(batches), optimiser, options)
            if loss is None:
                skipped += 1
                if skipped > MAX_SKIPPED:
                    message = f'{name}: {skipped} steps were not finite, last at step {step}'
                    raise TrainingDivergedError(message)
                continue
            running = loss if math.isnan(running) else 0.98 * running + 0.02 * loss
            if (step + 1) % LOG_EVERY == 0:
                elapsed = time.perf_counter() - start
                LOG.info(
                    '%s step %d/%d loss %.4f skipped %d %.0f s',
                    name,
                    step + 1,
                    options.steps,
                    running,
                    skipped,
                    elapsed,
                )
    finally:
        batches.close()
    return running


def schedule(step: int, steps: int) -> float:
    """Return the share of the learning rate at `step`: linear warm-up, then cosine to 2 %."""
    warm = min(1.0, (step + 1) / WARM_UP_STEPS)
    cosine = 0.5 * (1.0 + math.cos(math.pi * step / steps))
    return warm * (cosine * (1.0 - FINAL_SHARE) + FINAL_SHARE)


def _step(
    task: Task[BatchT],
    batch: BatchT,
    optimiser: torch.optim.Optimizer,
    options: LoopOptions,
) -> float | None:
    parameters = [p for group in optimiser.param_groups for p in group['params']]
    device = parameters[0].device.type
    with torch.autocast(device, torch.bfloat16, enabled=options.autocast):
        loss = task.loss(batch)
    if not bool(torch.isfinite(loss)):
        return None
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(parameters, options.max_gradient)
    if not bool(torch.isfinite(norm)):
        return None
    optimiser.step()
    return float(loss.detach())
