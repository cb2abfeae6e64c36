"""
The stages of the flagship, each one process that reads and writes safetensors in a run folder.

layout_events, layout_image -> layout_joint; completion_points; both -> completion_joint ->
completion_motion, which sees points swept from motion as well. A stage whose file exists is not
run again.

"""

from collections.abc import Callable
from dataclasses import dataclass
import logging
from pathlib import Path
from typing import TypeVar

from eventdepth_core.networks.completion import CompletionHead
from eventdepth_core.networks.layout import LayoutNet
import numpy as np
from safetensors.torch import load_file, save_file
import torch
from torch import nn
from training.data.batches import (
    completion_batch,
    CompletionBatch,
    layout_batch,
    layout_row,
    Row,
    Samples,
    training_example,
)
from training.data.swept import sweep_measurement
from training.loop import fit, LoopOptions, Task
from training.recipe import Recipe, StageRecipe
from training.tasks.completion import CompletionTask
from training.tasks.layout import LayoutTask
from training.tasks.subsets import drawn_presence
from training.tuning.weights import normalised

NUM_NORM_BATCHES = 16
MISSED_WEIGHT = 0.2
LOG = logging.getLogger(__name__)
NetworkT = TypeVar('NetworkT', bound=nn.Module)
BatchT = TypeVar('BatchT')


@dataclass(frozen=True, slots=True, eq=False)
class StageContext:
    """
    What every stage needs: run folder, samples, recipe, device.

    `swept` are samples with swept points, for the stages that want them. `is_folded`: the weights
    of the stages before came out of a bundle, with norms folded into convolutions.

    """

    run: Path
    samples: Samples
    recipe: Recipe
    device: torch.device
    swept: Samples | None = None
    is_folded: bool = False


def run_stage(name: str, context: StageContext) -> None:
    """Run stage `name` and save its weights as `<name>.safetensors`."""
    torch.manual_seed(context.recipe.seed)
    torch.set_num_threads(context.recipe.threads)
    network = STAGES[name](name, context)
    target = context.run / f'{name}.safetensors'
    partial = target.with_suffix('.partial')
    weights = {key: value.contiguous().cpu() for key, value in network.state_dict().items()}
    save_file(weights, partial)
    partial.rename(target)
    LOG.info('%s saved %s', name, target)


def _single_layout(name: str, context: StageContext) -> nn.Module:
    return _fit_layout(name, context, _on_device(LayoutNet(), context))


def _joint_layout(name: str, context: StageContext) -> nn.Module:
    network = LayoutNet()
    events = load_file(context.run / 'layout_events.safetensors')
    image = load_file(context.run / 'layout_image.safetensors')
    start = {
        key: image[key] if key.startswith('encoders.1.') else value
        for key, value in events.items()
    }
    network.load_state_dict(start)
    return _fit_layout(name, context, _on_device(network, context))


def _fit_layout(name: str, context: StageContext, network: LayoutNet) -> nn.Module:
    stage = context.recipe.stages[name]
    generator = torch.Generator(context.device).manual_seed(context.recipe.seed)
    make = _batch_maker(name, context, layout_batch, with_sensor_grid=False)
    return _fitted(name, LayoutTask(network.train(), generator), network, make, stage)


def _points_completion(name: str, context: StageContext) -> nn.Module:
    return _fit_completion(name, context, _on_device(CompletionHead(), context), None)


def _joint_completion(name: str, context: StageContext) -> nn.Module:
    layout = LayoutNet()
    layout.load_state_dict(load_file(context.run / 'layout_joint.safetensors'))
    head = CompletionHead()
    head.load_state_dict(load_file(context.run / 'completion_points.safetensors'))
    frozen = _on_device(layout, context).eval().requires_grad_(requires_grad=False)
    return _fit_completion(name, context, _on_device(head, context), frozen)


def _motion_completion(name: str, context: StageContext) -> nn.Module:
    """
    Go on with all kinds of points; a batch holds one.

    The norms keep their statistics: those of a batch depend on its kind.

    """
    layout = LayoutNet()
    layout.load_state_dict(load_file(context.run / 'layout_joint.safetensors'))
    frozen = _on_device(layout, context).eval().requires_grad_(requires_grad=False)
    head = CompletionHead()
    head.load_state_dict(load_file(context.run / 'completion_joint.safetensors'))
    head = _on_device(head, context).eval()
    task = CompletionTask(head, frozen, missed_weight=MISSED_WEIGHT)
    make = _points_batch_maker(name, context)
    if context.is_folded:
        normalised(head, lambda: [task.loss(make()) for _ in range(NUM_NORM_BATCHES)])
    return _fitted(name, task, head, make, context.recipe.stages[name])


def _fit_completion(
    name: str,
    context: StageContext,
    head: CompletionHead,
    layout: LayoutNet | None,
) -> nn.Module:
    stage = context.recipe.stages[name]
    make = _batch_maker(name, context, completion_batch, with_sensor_grid=True)
    return _fitted(name, CompletionTask(head.train(), layout), head, make, stage)


STAGES: dict[str, Callable[[str, StageContext], nn.Module]] = {
    'layout_events': _single_layout,
    'layout_image': _single_layout,
    'layout_joint': _joint_layout,
    'completion_points': _points_completion,
    'completion_joint': _joint_completion,
    'completion_motion': _motion_completion,
}


def _batch_maker(
    name: str,
    context: StageContext,
    stack: Callable[[list[Row], torch.device], BatchT],
    *,
    with_sensor_grid: bool,
) -> Callable[[], BatchT]:
    stage = context.recipe.stages[name]
    rng = np.random.default_rng([context.recipe.seed, list(STAGES).index(name)])

    def make() -> BatchT:
        rows = [
            layout_row(
                rng,
                training_example(rng, context.samples),
                drawn_presence(rng, stage.subsets),
                None,
                with_sensor_grid=with_sensor_grid,
            )
            for _ in range(stage.batch)
        ]
        return stack(rows, context.device)

    return make


def _points_batch_maker(name: str, context: StageContext) -> Callable[[], CompletionBatch]:
    """Return a maker of batches of one kind of points each, drawn by the recipe's shares."""
    stage = context.recipe.stages[name]
    rng = np.random.default_rng([context.recipe.seed, list(STAGES).index(name)])
    kinds, shares = list(stage.points), np.array(list(stage.points.values()))

    def make() -> CompletionBatch:
        kind = kinds[rng.choice(len(kinds), p=shares / shares.sum())]
        is_large, samples = kind == 'swept', context.samples
        if is_large:
            samples = _swept_samples(name, context)
        rows = []
        for _ in range(max(1, stage.batch // 2) if is_large else stage.batch):
            example = training_example(rng, samples)
            subsets = stage.subsets if kind == 'lidar' else stage.swept_subsets
            present = drawn_presence(rng, subsets)
            measurement = None if kind == 'lidar' else sweep_measurement(rng, example)
            rows.append(layout_row(rng, example, present, measurement, with_sensor_grid=True))
        return completion_batch(rows, context.device)

    return make


def _swept_samples(name: str, context: StageContext) -> Samples:
    if context.swept is None:
        message = f'Expected samples with swept points for stage {name}, got none.'
        raise ValueError(message)
    return context.swept


def _fitted(
    name: str,
    task: Task[BatchT],
    network: NetworkT,
    make: Callable[[], BatchT],
    stage: StageRecipe,
) -> NetworkT:
    # The completion head's residuals span six orders of magnitude: bf16 gave non-finite gradients.
    options = LoopOptions(
        steps=stage.steps,
        learning_rate=stage.learning_rate,
        autocast=name.startswith('layout'),
    )
    fit(name, task, list(network.parameters()), make, options)
    return network


def _on_device(network: NetworkT, context: StageContext) -> NetworkT:
    return network.to(context.device, memory_format=torch.channels_last)
