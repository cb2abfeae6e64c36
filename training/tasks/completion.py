"""
Completion task: choose between measurements at sensor resolution.

Loss of a sample: relative error and L1 of log depth + multi-scale gradients + Laplace likelihood,
and, for points that leave large interiors empty, the share of pixels that are far off. The layout
network is frozen here and gives a third candidate; before it is trained, the linear fill stands
in.

"""

from dataclasses import dataclass

from eventdepth_core.networks.completion import CompletionHead
from eventdepth_core.networks.layout import LayoutNet
import torch
from training.data.batches import CompletionBatch
from training.losses.depth import (
    gradient_loss,
    laplace_nll,
    masked_mean,
    missed_share,
    relative_error,
)

NLL_WEIGHT = 0.1
RELATIVE_WEIGHT = 0.7
GRADIENT_WEIGHT = 0.3
NO_LAYOUT_LOG_VARIANCE = 4.0


@dataclass(frozen=True, slots=True)
class CompletionTask:
    """
    A completion head, with or without a frozen layout network before it.

    `missed_weight` is that of the share of pixels that are far off.

    """

    head: CompletionHead
    layout_network: LayoutNet | None = None
    missed_weight: float = 0.0

    def loss(self, batch: CompletionBatch) -> torch.Tensor:
        """Return the scalar loss of one batch."""
        log_depth, log_variance = self.predict(batch)
        error = log_depth - batch.target
        valid = batch.valid
        return (
            RELATIVE_WEIGHT * relative_error(error, valid)
            + (1.0 - RELATIVE_WEIGHT) * masked_mean(error.abs(), valid)
            + GRADIENT_WEIGHT * gradient_loss(error, valid)
            + NLL_WEIGHT * laplace_nll(error, log_variance, valid)
            + self.missed_weight * missed_share(error, valid)
        ).mean()

    def predict(self, batch: CompletionBatch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return log depth and log-variance, each (B, 1, H, W)."""
        return self.head(
            batch.prefill,
            self.layout_planes(batch),
            batch.events,
            batch.image,
            batch.present,
        )

    def layout_planes(self, batch: CompletionBatch) -> torch.Tensor:
        """Layout [log depth, log-variance] at sensor resolution, (B, 2, H, W)."""
        if self.layout_network is None:
            linear = batch.prefill[:, 1:2]
            return torch.cat([linear, torch.full_like(linear, NO_LAYOUT_LOG_VARIANCE)], dim=1)
        grid = batch.layout
        with torch.no_grad():
            layout = self.layout_network([grid.events, grid.image, grid.points], grid.present)
        planes = torch.cat([layout.metric, layout.log_variance], dim=1)
        return batch.placement.on_sensor(planes)
