"""
Layout task: scale-free depth on the small grid, for any subset of modalities.

Loss of a sample: scale-invariant L1 + multi-scale gradients + Laplace likelihood of the aligned
error + likelihood of the global scale + a weak pull of the posterior towards the prior.

"""

from dataclasses import dataclass

from eventdepth_core.networks.layout import Layout, LayoutNet
import torch
from training.data.batches import LayoutBatch
from training.losses.depth import (
    gradient_loss,
    INVARIANT_WEIGHT,
    laplace_nll,
    masked_mean,
    scale_nll,
)

NLL_WEIGHT = 0.3
GRADIENT_WEIGHT = 0.3
SCALE_WEIGHT = 0.1
DIVERGENCE_WEIGHT = 5e-4
MIN_VALID_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class LayoutTask:
    """A layout network and how it learns; `log_depth` errors are in canonical log units."""

    network: LayoutNet
    generator: torch.Generator

    def loss(self, batch: LayoutBatch) -> torch.Tensor:
        """Return the scalar loss of one batch."""
        inputs = [
            tensor if bool(flags.any()) else None
            for tensor, flags in zip(
                (batch.events, batch.image, batch.points), batch.present, strict=True
            )
        ]
        layout = self.network(inputs, batch.present, generator=self.generator)
        return layout_loss(layout, batch)


def layout_loss(layout: Layout, batch: LayoutBatch) -> torch.Tensor:
    """Loss of a predicted `layout` against the batch's target, a scalar."""
    usable = batch.valid.float().mean(dim=(1, 2, 3)) > MIN_VALID_SHARE
    valid = batch.valid & usable[:, None, None, None]
    error = layout.log_depth - batch.target
    offset = masked_mean(error, valid)
    aligned = error - offset[:, None, None, None]
    scale_error = (layout.log_scale + offset.detach()) * usable
    loss = (
        INVARIANT_WEIGHT * masked_mean(aligned.abs(), valid)
        + NLL_WEIGHT * laplace_nll(aligned, layout.log_variance, valid)
        + GRADIENT_WEIGHT * gradient_loss(aligned, valid)
        + SCALE_WEIGHT * scale_nll(scale_error, layout.log_scale_variance)
    )
    return loss.mean() + DIVERGENCE_WEIGHT * layout.divergence
