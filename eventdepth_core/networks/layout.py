"""
Fused posterior -> scale-free log depth, its log-variance, and a separate global log-scale.

Layout and scale are kept apart because without points or motion the scale is a prior, not a
measurement: the map has zero mean over the grid, the scale has its own (large) variance.

"""

from dataclasses import dataclass

from eventdepth_core.networks.blocks import conv_block, ResidualBlock, upsampled
from eventdepth_core.networks.encoder import GaussianEncoder, LATENTS
from eventdepth_core.networks.fusion import divergence_from_prior, product_of_experts
import torch
from torch import nn
from torch.nn import functional

HEAD_WIDTHS = (24, 48, 80, 112)
LOG_VARIANCE_RANGE = (-8.0, 4.0)
SCALE_RANGE = (-4.0, 4.0)
EVENT_BINS = 5
IMAGE_CHANNELS = 3
POINT_CHANNELS = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """
    Layout of a batch on the grid: all canonical logs.

    `log_depth` (B, 1, H, W) with zero mean, `log_variance` (B, 1, H, W), `log_scale` (B,),
    `log_scale_variance` (B,): log of the scale's variance; `divergence` scalar KL in nats.

    """

    log_depth: torch.Tensor
    log_variance: torch.Tensor
    log_scale: torch.Tensor
    log_scale_variance: torch.Tensor
    divergence: torch.Tensor

    @property
    def metric(self) -> torch.Tensor:
        """Map plus scale, (B, 1, H, W)."""
        return self.log_depth + self.log_scale[:, None, None, None]


class LayoutHead(nn.Module):
    """U-Net upsampling half over the four latents; predicts at full grid by pixel shuffle."""

    def __init__(self) -> None:
        super().__init__()
        half, fine, mid, coarse = (latent.channels for latent in LATENTS)
        first, second, third, fourth = HEAD_WIDTHS
        self.bottom = nn.Sequential(conv_block(coarse, fourth), ResidualBlock(fourth))
        self.context = nn.Linear(fourth, fourth)
        self.up_mid = nn.Sequential(conv_block(fourth + mid, third), ResidualBlock(third))
        self.up_fine = nn.Sequential(conv_block(third + fine, second), ResidualBlock(second))
        self.up_half = nn.Sequential(conv_block(second + half, first), conv_block(first, first))
        self.out = nn.Conv2d(first, 2 * 4, 3, 1, 1)
        self.scale = nn.Sequential(nn.Linear(fourth, 64), nn.SiLU(), nn.Linear(64, 2))
        nn.init.normal_(self.out.weight, 0.0, 0.01)
        nn.init.zeros_(self.out.bias)

    def forward(self, latents: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """
        Latents fine to coarse -> planes (B, 2, H, W) [map, log-variance], scale (B, 2).

        `scale` holds the log-scale and the log of its variance.

        """
        half, fine, mid, coarse = latents
        x = self.bottom(coarse)  # (B, 112, H/16, W/16)
        pooled = x.mean(dim=(2, 3))  # (B, 112)
        x = x + self.context(pooled)[:, :, None, None]
        x = self.up_mid(torch.cat([upsampled(x), mid], dim=1))  # (B, 80, H/8, W/8)
        x = self.up_fine(torch.cat([upsampled(x), fine], dim=1))  # (B, 48, H/4, W/4)
        x = self.up_half(torch.cat([upsampled(x), half], dim=1))  # (B, 24, H/2, W/2)
        planes = functional.pixel_shuffle(self.out(x), 2)  # (B, 2, H, W)
        return planes.float(), self.scale(pooled).float()


class LayoutNet(nn.Module):
    """Three encoders, product of experts, one head: any subset of {events, image, points}."""

    def __init__(self) -> None:
        super().__init__()
        self.encoders = nn.ModuleList(
            [
                GaussianEncoder(EVENT_BINS),
                GaussianEncoder(IMAGE_CHANNELS),
                GaussianEncoder(POINT_CHANNELS),
            ]
        )
        self.head = LayoutHead()

    def forward(
        self,
        inputs: list[torch.Tensor | None],
        present: torch.Tensor,
        *,
        generator: torch.Generator | None = None,
    ) -> Layout:
        """
        Predict the layout of a batch.

        `inputs` are events (B, 5, H, W), image (B, 3, H, W) and points (B, 4, H, W), None for
        a modality that no sample has; `present` (3, B) says which sample uses which. With a
        `generator` the latents are sampled (training), without the mean is used.

        """
        rows = [index for index, x in enumerate(inputs) if x is not None]
        experts = [self.encoders[index](inputs[index]) for index in rows]
        return self.fuse(experts, present[rows], generator=generator)

    def fuse(
        self,
        experts: list[list[tuple[torch.Tensor, torch.Tensor]]],
        present: torch.Tensor,
        *,
        generator: torch.Generator | None = None,
    ) -> Layout:
        """Fuse `experts` [K][latent] (mu, logvar) with `present` (K, B) and run the head."""
        latents = []
        divergence = present.new_zeros(())
        for level in range(len(LATENTS)):
            mu = torch.stack([expert[level][0] for expert in experts])  # (K, B, Z, h, w)
            logvar = torch.stack([expert[level][1] for expert in experts])
            mean, variance = product_of_experts(mu, logvar, present)
            divergence = divergence + divergence_from_prior(mean, variance)
            latents.append(_sampled(mean, variance, generator))
        planes, scale = self.head(latents)
        return as_layout(planes, scale, divergence)


def as_layout(planes: torch.Tensor, scale: torch.Tensor, divergence: torch.Tensor) -> Layout:
    """Split the head's planes (B, 2, H, W) and scale (B, 2) into a `Layout`."""
    raw = planes[:, :1]
    return Layout(
        log_depth=raw - raw.mean(dim=(2, 3), keepdim=True),
        log_variance=planes[:, 1:].clamp(*LOG_VARIANCE_RANGE),
        log_scale=scale[:, 0],
        log_scale_variance=scale[:, 1].clamp(*SCALE_RANGE),
        divergence=divergence,
    )


def _sampled(
    mean: torch.Tensor,
    variance: torch.Tensor,
    generator: torch.Generator | None,
) -> torch.Tensor:
    if generator is None:
        return mean
    noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
    return mean + variance.sqrt() * noise
