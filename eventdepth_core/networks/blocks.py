"""Convolution blocks: bias-free convolution + batch norm + SiLU, plain and residual."""

import torch
from torch import nn
from torch.nn import functional

BATCH_NORM_MOMENTUM = 0.03


def normalised_conv(
    in_channels: int,
    out_channels: int,
    *,
    stride: int = 1,
    kernel: int = 3,
) -> nn.Sequential:
    """Return convolution + batch norm, (B, in, H, W) -> (B, out, H/stride, W/stride)."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(out_channels, momentum=BATCH_NORM_MOMENTUM),
    )


def conv_block(
    in_channels: int,
    out_channels: int,
    *,
    stride: int = 1,
    kernel: int = 3,
) -> nn.Sequential:
    """Return convolution + batch norm + SiLU, (B, in, H, W) -> (B, out, H/stride, W/stride)."""
    block = normalised_conv(in_channels, out_channels, stride=stride, kernel=kernel)
    block.append(nn.SiLU(inplace=True))
    return block


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around an identity; starts as the identity (zero last scale)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv_block(channels, channels)
        self.second = normalised_conv(channels, channels)
        nn.init.zeros_(self.second[1].weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return functional.silu(x + self.second(self.first(x)))


def upsampled(x: torch.Tensor) -> torch.Tensor:
    """(B, C, H, W) -> (B, C, 2H, 2W), nearest."""
    return functional.interpolate(x, scale_factor=2.0, mode='nearest')
