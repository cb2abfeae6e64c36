"""
One modality -> a Gaussian expert at each of four strides (2, 4, 8, 16).

The log-variance starts at -3, so that an untrained expert is already sharper than the prior;
started at 0 the product ignores its experts for thousands of samples.

"""

from dataclasses import dataclass

from eventdepth_core.networks.blocks import conv_block, ResidualBlock
import torch
from torch import nn

LOGVAR_START = -3.0
LOGVAR_RANGE = (-8.0, 4.0)


@dataclass(frozen=True, slots=True)
class Latent:
    """One latent of the list: its name, channels and stride on the layout grid."""

    name: str
    channels: int
    stride: int


LATENTS = (
    Latent('half', 8, 2),
    Latent('fine', 24, 4),
    Latent('mid', 48, 8),
    Latent('coarse', 64, 16),
)
WIDTHS = (16, 32, 64, 96)


class GaussianEncoder(nn.Module):
    """Encoder of one modality; sizes must be multiples of 16."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        first, second, third, fourth = WIDTHS
        self.stages = nn.ModuleList(
            [
                nn.Sequential(conv_block(in_channels, first, stride=2), conv_block(first, first)),
                nn.Sequential(conv_block(first, second, stride=2), ResidualBlock(second)),
                nn.Sequential(conv_block(second, third, stride=2), ResidualBlock(third)),
                nn.Sequential(
                    conv_block(third, fourth, stride=2),
                    ResidualBlock(fourth),
                    ResidualBlock(fourth),
                ),
            ]
        )
        self.means = nn.ModuleList(
            [
                nn.Conv2d(width, latent.channels, 1)
                for width, latent in zip(WIDTHS, LATENTS, strict=True)
            ]
        )
        self.logvars = nn.ModuleList(
            [
                _logvar_head(width, latent.channels)
                for width, latent in zip(WIDTHS, LATENTS, strict=True)
            ]
        )

    def forward(self, x: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """(B, C, H, W) -> for each latent (mu, logvar), each (B, Z, H/stride, W/stride)."""
        experts = []
        for stage, mean, logvar in zip(self.stages, self.means, self.logvars, strict=True):
            x = stage(x)
            experts.append((mean(x).float(), logvar(x).float().clamp(*LOGVAR_RANGE)))
        return experts


def _logvar_head(width: int, channels: int) -> nn.Conv2d:
    head = nn.Conv2d(width, channels, 1)
    with torch.no_grad():
        head.weight.mul_(0.3)
        head.bias.fill_(LOGVAR_START)
    return head
