"""
Losses on canonical log depth; every one takes `valid` and ignores the rest.

Laws: a perfect prediction with the smallest admitted variance has the smallest loss; a sample
without a valid pixel contributes zero and no gradient; scale-invariant terms do not change when a
constant is added to a sample's prediction.

"""

import math

import torch
from torch.nn import functional

NUM_SCALES = 3
INVARIANT_WEIGHT = 1.5
MAX_LOG_ERROR = 1.5
HALF_MISSED_LOG = 0.2


def masked_mean(values: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    """Mean of `values` where `valid`, per sample: (B, 1, H, W) -> (B,), 0 without any."""
    count = valid.sum(dim=(1, 2, 3)).clamp_min(1)
    return (values * valid).sum(dim=(1, 2, 3)) / count


def missed_share(
    error: torch.Tensor, valid: torch.Tensor, half: float = HALF_MISSED_LOG
) -> torch.Tensor:
    """
    Return a smooth share of pixels that are far off, (B,): |e| / (|e| + half).

    It saturates, so where either of two depths may be right it favours one of them over their
    mean, which is neither.

    """
    away = error.abs()
    return masked_mean(away / (away + half), valid)


def relative_error(error: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    """
    Mean |predicted / target - 1| per sample (B,), from `error` = log predicted - log target.

    At a depth edge this prefers the nearer side, as AbsRel does; errors above a factor of 4.5
    count as that factor.

    """
    return masked_mean(torch.expm1(error.clamp(max=MAX_LOG_ERROR)).abs(), valid)


def laplace_nll(
    error: torch.Tensor,
    log_variance: torch.Tensor,
    valid: torch.Tensor,
) -> torch.Tensor:
    """
    Negative log-likelihood of a Laplace density with the given log-variance, per sample (B,).

    With scale b the variance is 2 b^2, so log b = (log_variance - log 2) / 2; nats up to log 2.

    """
    log_b = 0.5 * (log_variance - math.log(2.0))
    return masked_mean(error.abs() * torch.exp(-log_b) + log_b, valid)


def gradient_loss(error: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    """
    Mean absolute difference of neighbouring errors over three scales, per sample (B,).

    Both neighbours must be valid; each scale halves the resolution by a mean over 2x2.

    """
    total = error.new_zeros(error.shape[0])
    weight = valid.to(error.dtype)
    error = error * weight
    for _ in range(NUM_SCALES):
        across = (error[..., 1:] - error[..., :-1]).abs()
        down = (error[..., 1:, :] - error[..., :-1, :]).abs()
        total = total + masked_mean(across, weight[..., 1:] * weight[..., :-1])
        total = total + masked_mean(down, weight[..., 1:, :] * weight[..., :-1, :])
        error = functional.avg_pool2d(error, 2)
        weight = (functional.avg_pool2d(weight, 2) > 0.99).to(error.dtype)
    return total


def scale_nll(
    scale_error: torch.Tensor,
    log_scale_variance: torch.Tensor,
) -> torch.Tensor:
    """Gaussian negative log-likelihood of the global log-scale, per sample (B,), nats."""
    return 0.5 * (scale_error.square() * torch.exp(-log_scale_variance) + log_scale_variance)
