"""
One stage as a Lightning module: the recipe's tasks and losses, the recipe's schedule.

A gradient that is not finite is dropped before the optimiser sees it, on all processes alike, and
counted; too many of them end the run. Law: the noise of a step is a function of (seed, stage,
step, rank).

"""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from eventdepth_core.evaluation import evaluate
from lightning.pytorch import LightningModule
import numpy as np
import torch
from torch import nn
from training.data.batches import CompletionBatch, LayoutBatch
from training.judge import Networks
from training.loop import MAX_SKIPPED, schedule, TrainingDivergedError
from training.tasks.completion import CompletionTask
from training.tasks.layout import layout_loss, LayoutTask
from training.tuning.config import StageSettings
from training.tuning.sampling import StepSeed

MAX_GRADIENT = 1.0
BatchT = TypeVar('BatchT')


class DepthModule(LightningModule):
    """Trains the layout network, or the completion head behind a frozen layout network."""

    def __init__(
        self, networks: Networks, settings: StageSettings, seed: StepSeed, *, steps: int
    ) -> None:
        super().__init__()
        self._settings = settings
        self._seed = seed
        self._steps = steps
        self.num_skipped = 0
        is_layout = seed.stage == 'layout'
        self.network: nn.Module = networks.layout if is_layout else networks.completion
        # Not a submodule: it is neither trained nor part of the checkpoint.
        self._frozen = (None if is_layout else networks.layout.eval().requires_grad_(False),)

    def training_step(
        self, batch: LayoutBatch | CompletionBatch, batch_index: int
    ) -> torch.Tensor:
        """Return the loss of one step."""
        del batch_index
        loss = self._loss(batch, self._generator())
        self.log('train/loss', loss.detach(), prog_bar=True, on_step=True, on_epoch=False)
        self.log('train/skipped', float(self.num_skipped), on_step=True, on_epoch=False)
        return loss

    def validation_step(self, batch: LayoutBatch | CompletionBatch, batch_index: int) -> None:
        """Log loss and AbsRel of one fixed sample; of a layout after alignment in scale."""
        del batch_index
        options: dict[str, Any] = {'on_epoch': True, 'sync_dist': True, 'batch_size': 1}
        self.log('val/loss', self._loss(batch, None), prog_bar=True, **options)
        profile = 'aligned_median' if isinstance(batch, LayoutBatch) else 'plain'
        predicted = torch.exp(self.predict(batch)).float().cpu().numpy()
        target = np.where(batch.valid.cpu(), torch.exp(batch.target).cpu(), np.nan)
        metrics = evaluate(predicted[:, 0], target[:, 0], profile)
        if metrics['n'] > 0:
            self.log('val/abs_rel', metrics['abs_rel'], **options)

    def predict(self, batch: LayoutBatch | CompletionBatch) -> torch.Tensor:
        """Return canonical log depth (B, 1, H, W) in eval mode."""
        if isinstance(batch, CompletionBatch):
            return self._completion().predict(batch)[0]
        inputs: list[torch.Tensor | None] = [batch.events, batch.image, batch.points]
        return self.network(inputs, batch.present).metric

    def configure_optimizers(self) -> dict[str, Any]:
        """Return AdamW and the recipe's warm-up and cosine."""
        optimiser = torch.optim.AdamW(
            self.network.parameters(),
            self._settings.learning_rate,
            weight_decay=self._settings.weight_decay,
            betas=(0.9, 0.99),
        )
        rates = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: schedule(step, self._steps)
        )
        return {'optimizer': optimiser, 'lr_scheduler': {'scheduler': rates, 'interval': 'step'}}

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip the gradient, or drop it if it is not finite."""
        del optimizer, gradient_clip_val, gradient_clip_algorithm
        parameters = list(self.network.parameters())
        norm = nn.utils.clip_grad_norm_(parameters, MAX_GRADIENT)
        if bool(torch.isfinite(norm)):
            return
        self.num_skipped += 1
        for parameter in parameters:
            parameter.grad = None
        if self.num_skipped > MAX_SKIPPED:
            message = f'{self._seed.stage}: {self.num_skipped} steps were not finite'
            raise TrainingDivergedError(message)

    def train(self, mode: bool = True) -> 'DepthModule':
        """Set the mode; norms with `is_norm_frozen` keep their statistics."""
        super().train(mode)
        if self._settings.is_norm_frozen:
            for module in self.network.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        return self

    def transfer_batch_to_device(
        self, batch: BatchT, device: torch.device, dataloader_idx: int
    ) -> BatchT:
        """Move the tensors of a frozen batch, which Lightning does not do."""
        del dataloader_idx
        return on_device(batch, device)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the number of skipped steps."""
        checkpoint['num_skipped'] = self.num_skipped

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take the number of skipped steps back."""
        self.num_skipped = int(checkpoint.get('num_skipped', 0))

    def _loss(
        self, batch: LayoutBatch | CompletionBatch, generator: torch.Generator | None
    ) -> torch.Tensor:
        if isinstance(batch, CompletionBatch):
            return self._completion().loss(batch)
        if generator is not None:
            return LayoutTask(self.network, generator).loss(batch)
        inputs: list[torch.Tensor | None] = [batch.events, batch.image, batch.points]
        return layout_loss(self.network(inputs, batch.present), batch)

    def _completion(self) -> CompletionTask:
        layout = self._frozen[0]
        return CompletionTask(self.network, None if layout is None else layout.to(self.device))

    def _generator(self) -> torch.Generator:
        entropy = self._seed.entropy(self.global_step)
        state = int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> 1)
        return torch.Generator(self.device).manual_seed(state)


def on_device(batch: BatchT, device: torch.device) -> BatchT:
    """Return a frozen dataclass with all its tensors on `device`, those of nested ones too."""
    if not is_dataclass(batch) or isinstance(batch, type):
        return batch
    moved = {}
    for each in fields(batch):
        value = getattr(batch, each.name)
        if isinstance(value, torch.Tensor):
            moved[each.name] = value.to(device)
        elif is_dataclass(value):
            moved[each.name] = on_device(value, device)
    return replace(batch, **moved)
