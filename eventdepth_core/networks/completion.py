"""
Measured points + guides at sensor resolution -> dense log depth and its log-variance.

The head never invents depth from nothing: its output is a per-pixel convex blend of the nearest
fill, the 1/z-linear fill and the layout shifted onto the points, plus a bounded residual. All
inputs are differences, so a common factor on all depths only moves the output by that factor.

Law: adding c to every log depth of the prefill and the layout adds c to the output.

"""

from eventdepth_core.networks.blocks import conv_block, ResidualBlock, upsampled
import torch
from torch import nn
from torch.nn import functional

WIDTHS = (20, 32, 48)
NUM_FEATURES = 13
NUM_CANDIDATES = 3
MAX_RESIDUAL = 0.5
LOG_VARIANCE_RANGE = (-12.0, 3.0)
CANDIDATE_BIAS = (0.0, 1.0, -4.0)
LOG_VARIANCE_START = -4.0


class CompletionHead(nn.Module):
    """A narrow U-Net on 2x2 pixel blocks; sizes must be multiples of 8."""

    def __init__(self) -> None:
        super().__init__()
        half, quarter, eighth = WIDTHS
        self.stem = nn.Sequential(
            conv_block(4 * NUM_FEATURES, half, kernel=1),
            conv_block(half, half),
        )
        self.down_quarter = nn.Sequential(
            conv_block(half, quarter, stride=2),
            ResidualBlock(quarter),
        )
        self.down_eighth = nn.Sequential(
            conv_block(quarter, eighth, stride=2),
            ResidualBlock(eighth),
        )
        self.narrow = conv_block(eighth, quarter, kernel=1)
        self.up_quarter = conv_block(2 * quarter, quarter)
        self.narrow_half = conv_block(quarter, half, kernel=1)
        self.up_half = conv_block(2 * half, half)
        self.out = nn.Conv2d(half, (NUM_CANDIDATES + 2) * 4, 3, 1, 1)
        nn.init.normal_(self.out.weight, 0.0, 0.01)
        start = torch.tensor([*CANDIDATE_BIAS, 0.0, LOG_VARIANCE_START])
        with torch.no_grad():
            self.out.bias.copy_(start.repeat_interleave(4))

    def forward(
        self,
        prefill: torch.Tensor,
        layout: torch.Tensor,
        events: torch.Tensor,
        image: torch.Tensor,
        present: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """
        Complete a batch.

        Parameters
        ----------
        prefill : torch.Tensor
            (B, 4, H, W): log nearest, log linear, spread, distance code.
        layout : torch.Tensor
            (B, 2, H, W): log depth of the layout and its log-variance.
        events, image : torch.Tensor
            Guides (B, 2, H, W) and (B, 3, H, W).
        present : torch.Tensor
            (3, B): events, image, points taking part.

        Returns
        -------
        tuple of torch.Tensor
            Log depth and its log-variance, each (B, 1, H, W).

        """
        nearest, linear = prefill[:, :1], prefill[:, 1:2]
        shifted = shifted_onto_points(layout[:, :1], prefill)
        features = self._features(prefill, shifted, layout[:, 1:], events, image, present)
        planes = self._planes(features).float()  # (B, 5, H, W)
        weights = planes[:, :NUM_CANDIDATES].softmax(dim=1)
        candidates = torch.cat([nearest, linear, shifted], dim=1)  # (B, 3, H, W)
        blend = (weights * candidates).sum(dim=1, keepdim=True)
        residual = MAX_RESIDUAL * torch.tanh(planes[:, NUM_CANDIDATES : NUM_CANDIDATES + 1])
        return blend + residual, planes[:, NUM_CANDIDATES + 1 :].clamp(*LOG_VARIANCE_RANGE)

    def _features(
        self,
        prefill: torch.Tensor,
        shifted: torch.Tensor,
        layout_log_variance: torch.Tensor,
        events: torch.Tensor,
        image: torch.Tensor,
        present: torch.Tensor,
    ) -> torch.Tensor:
        nearest, linear = prefill[:, :1], prefill[:, 1:2]
        level = linear.mean(dim=(2, 3), keepdim=True)
        has_events, has_image = (
            flag[:, None, None, None].expand_as(nearest) for flag in (present[0], present[1])
        )
        return torch.cat(
            [
                nearest - level,
                linear - level,
                nearest - linear,
                shifted - linear,
                prefill[:, 2:],
                0.25 * layout_log_variance,
                events * has_events,
                image * has_image,
                has_image,
            ],
            dim=1,
        )  # (B, 13, H, W)

    def _planes(self, features: torch.Tensor) -> torch.Tensor:
        half = self.stem(functional.pixel_unshuffle(features, 2))  # (B, 20, H/2, W/2)
        quarter = self.down_quarter(half)  # (B, 32, H/4, W/4)
        x = self.narrow(self.down_eighth(quarter))  # (B, 32, H/8, W/8)
        x = self.up_quarter(torch.cat([upsampled(x), quarter], dim=1))
        x = self.narrow_half(x)  # (B, 20, H/4, W/4)
        x = self.up_half(torch.cat([upsampled(x), half], dim=1))
        return functional.pixel_shuffle(self.out(x), 2)


def shifted_onto_points(layout: torch.Tensor, prefill: torch.Tensor) -> torch.Tensor:
    """
    Move a layout (B, 1, H, W) by one offset a sample so that its mean error at points is zero.

    Measured pixels are those whose distance code, `prefill[:, 3]`, is zero.

    """
    measured = (prefill[:, 3:] <= 0).to(layout.dtype)  # (B, 1, H, W)
    count = measured.sum(dim=(2, 3), keepdim=True).clamp_min(1.0)
    error = ((prefill[:, :1] - layout) * measured).sum(dim=(2, 3), keepdim=True)
    return layout + error / count
